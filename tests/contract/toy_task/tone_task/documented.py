"""The class that users import."""

from MMEdu.vision_model import VisionModel


class MMTone(VisionModel):
    TASK = "tone"

    def __init__(self, backbone="ToneNet", num_classes=-1, dataset_path=None, **unknown):
        super().__init__(backbone, num_classes, dataset_path, tuple(unknown))

    def load_dataset(self, path, check=True):
        self._load_dataset(path, check)

    def train(
        self, random_seed=0, save_fold=None, distributed=False, validate=True, device="cpu", optimizer="SGD",
        epochs=100, lr=0.01, weight_decay=0.001, checkpoint=None, batch_size=None, *, resume=False, precision="auto",
        image_size=None, early_stop=None, max_keep_ckpts=None, pretrained=None, devices=None, sharpness=1.0,
        listener=None, stop=None,
    ):  # fmt: skip
        return self._train({name: value for name, value in locals().items() if name != "self"})

    def inference(self, device="cpu", checkpoint=None, image=None, show=True, save_fold="tone_result", class_path=None):
        model = self._load(checkpoint, device, class_path)
        listener = self.listener
        predictions = self._predict(model, None, image, show=show, save_fold=save_fold, listener=listener)
        results = [{"tone": result.value} for result in predictions.results]
        return results if predictions.many else results[0]
