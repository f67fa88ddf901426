"""MMClassification, the documented class (图像分类): signatures and docstrings; ``MMEdu.actions`` does the work.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from BaseDT import argument_schema
from BaseDT.arguments import PathLike, checked_flag, checked_path, documented
from BaseDT.errors import ParameterInvalid
from BaseDT.image import ImageSource
from BaseDT.language import say
from BaseDT.results import ClassificationResult, MultiLabelResult
from BaseDT.results.lines import as_lines
from BaseDT.terminal import write_line
from MMEdu.engine.events import Listener, LogLine, silent
from MMEdu.requirements import require_for_checkpoint
from MMEdu.tasks.classification.arguments import ClassificationPrediction
from MMEdu.vision_model import VisionModel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from MMEdu.engine.loop import StopSignal
    from MMEdu.tasks.classification.explain import Explanation
    from MMEdu.tasks.classification.feature_map import FeatureMap
    from MMEdu.weights.loaded_model import LoadedModel

Prediction = dict[str, "int | float | str | list[int] | list[float] | list[str]"]
_KEYS = ("pred_label", "pred_score", "pred_class")


class MMClassification(VisionModel):
    """Train an image classifier, look at how it learns, predict (图像分类：训练、观察、推理).

    Attributes a user sets: ``num_classes`` (found in the data when left out), ``save_fold`` (where a training writes),
    ``checkpoint`` (what inference loads).

    Args:
        backbone: A model's name, letter case ignored (``MMClassification.sota()`` lists them; any classifier of
            torchvision by its own name), or the path of a recipe file (TOML or JSON).
        num_classes: How many classes there are; -1 leaves it to the data.
        dataset_path: A dataset to load at once, as ``load_dataset`` does.

    Raises:
        BackboneUnknown: No model of this name (-302).
        ParameterUnknown: No such parameter (-501).
    """

    TASK = "classification"

    def __init__(
        self,
        backbone: str = "LeNet",
        num_classes: int = -1,
        dataset_path: PathLike | None = None,
        **unknown: object,
    ) -> None:
        super().__init__(backbone, num_classes, dataset_path, tuple(unknown))
        if dataset_path is not None:
            self.load_dataset(dataset_path)

    @documented
    def load_dataset(self, path: PathLike, check: bool | str = True) -> None:
        """Load an ImageNet-style folder, or pictures with a table of labels (加载数据集).

        Pictures may have several labels: where a table ``labels.csv`` (``file,labels``, or a column of 0 and 1 for
        every label) says so, or where links put one picture into several class folders. Each label is then learned for
        itself.

        Args:
            path: The folder with ``training_set`` and, if there is one, ``val_set`` and ``test_set``; or that of the
                pictures and their table.
            check: True decodes every picture once and names all damaged ones in one error; ``"skip"`` leaves them out;
                False trusts the folder.

        Raises:
            DatasetNotFound: No such folder (-101).
            DatasetInvalid: Its layout is wrong, or pictures are damaged (-201).
        """
        self._load_dataset(path, check)

    @documented
    def train(
        self,
        random_seed: int = 0,
        save_fold: PathLike | None = None,
        distributed: bool = False,
        validate: bool = True,
        device: str = "cpu",
        metric: str = "accuracy",
        save_best: str = "auto",
        optimizer: str = "SGD",
        epochs: int = 100,
        lr: float = 0.01,
        weight_decay: float = 0.001,
        checkpoint: PathLike | None = None,
        batch_size: int | None = None,
        topk: int | Sequence[int] | None = None,
        *,
        resume: bool = False,
        precision: str = "auto",
        image_size: int | None = None,
        fit: str | None = None,
        flip: bool | None = None,
        balance: str | None = None,
        early_stop: int | None = None,
        max_keep_ckpts: int | None = None,
        pretrained: bool | str | None = None,
        freeze: str | int | None = None,
        backbone_lr: float | None = None,
        views: int | None = None,
        devices: int | None = None,
        listener: Listener | None = None,
        stop: StopSignal | None = None,
    ) -> list[LogLine]:
        """Train (训练).

        Args:
            random_seed: 0 fixes none: one is drawn and logged.
            save_fold: Where everything is written; the attribute of this name, or ``./checkpoints/cls_model``.
            distributed: Train in several processes of this machine; under ``torchrun`` they are joined anyway.
            validate: Whether every epoch is followed by a validation.
            device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
            metric: ``accuracy``, ``precision``, ``recall`` or ``f1_score`` (macro means, percent). Where pictures have
                several labels, mAP is measured in place of the accuracy, with ``CF1`` and ``OF1``.
            save_best: The metric that chooses the best checkpoint; ``auto`` takes the first that is reported.
            optimizer: ``SGD`` (momentum 0.9), ``Adam``, ``Adagrad`` or ``AdamW``.
            epochs: How many, in total when a run is resumed.
            lr: Base learning rate; the recipe's schedule moves it.
            weight_decay: L2 penalty (decoupled for AdamW).
            checkpoint: A file of weights to start from: ours, torchvision's, OpenMMLab's, or ``.safetensors``.
            batch_size: Pictures per step and process; None is the recipe's.
            topk: The k of the accuracies; None is 1 up to five classes and 5 above. Top-1 is always logged.
            resume: Go on with the interrupted run in ``save_fold``.
            precision: ``auto``, ``float32``, ``bfloat16`` or ``float16`` (CUDA).
            image_size: Side of the square input in pixels; None is the model's own.
            fit: How pictures get into the square input: ``"crop"`` takes the middle and cuts off the rest,
                ``"letterbox"`` shows the whole with its ratio on a plain ground, ``"stretch"`` the whole in the square.
                With the last two training cuts nothing away, either. None is the recipe's: the middle, of LeNet the
                whole stretched. It travels in the checkpoint and in exported files.
            flip: Whether training shows pictures mirrored (left-right), too: wrong for arrows and letters. None is the
                recipe's: yes for photographs, no for LeNet.
            balance: ``"auto"`` weighs rare classes up in the loss.
            early_stop: Stop after so many epochs without a better result.
            max_keep_ckpts: Keep so many ``epoch_N.pth``.
            pretrained: True starts from weights for ImageNet, fetched once (``mmedu weights list`` shows them); or
                their tag, e.g. ``"IMAGENET1K_V2"``. None does so for EfficientNet_Lite where the file is here.
            freeze: ``"backbone"`` lets the last layer alone learn, from features that are computed once (epochs of less
                than two seconds share a saving); a number keeps so many stages from the input as they were loaded.
                ``"auto"`` begins as ``"backbone"`` and lets the whole network learn at small rates in the second half
                of the epochs, where the pictures leave something to learn and the time allows. Acts only with
                ``checkpoint`` or ``pretrained``. None is ``"auto"`` with ``pretrained``, unless ``backbone_lr`` is
                given; 0 lets the whole network learn from the first epoch.
            backbone_lr: The backbone's learning rate as a share of ``lr``, e.g. 0.1; None is the same.
            views: With ``freeze="backbone"`` or ``"auto"``: views of each training picture, the first as prediction
                sees it and the others varied; None is up to five for a small set, and one from 1,000 pictures on.
            devices: Processes of ``distributed=True``: GPUs, or processes on a CPU (two by default).
            listener: Called with every event (``MMEdu.engine.events``) in place of the console.
            stop: An object with ``is_set()``, such as a ``threading.Event``: ends the training between two steps, as
                Ctrl-C does.

        Returns:
            The lines of the log file: the environment first, then ``train`` and ``val`` lines.

        Raises:
            WeightsUnavailable: ``pretrained`` weights are not here and cannot be downloaded (-107).
            XEduError: Named by its code; a run that ends early keeps its last checkpoint and says where it is.
        """
        return self._train({name: value for name, value in locals().items() if name != "self"})

    @documented
    def inference(
        self,
        device: str = "cpu",
        checkpoint: PathLike | None = None,
        image: ImageSource | Sequence[ImageSource] | None = None,
        show: bool = True,
        save_fold: PathLike = "cls_result",
        class_path: PathLike | None = None,
        *,
        thr: float | str | None = None,
    ) -> Prediction | list[Prediction]:
        """Load a checkpoint and predict a picture, a list of pictures or a folder (推理).

        Args:
            device: As in ``train``.
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            image: Path, folder, array (BGR or gray), PIL image, or a list of these.
            show: Draw the result into ``save_fold`` under the picture's name, and show a single one where there is a
                screen.
            save_fold: Where pictures are drawn.
            class_path: A ``classes.txt``, or a folder of class folders, to name the classes by.
            thr: A lower score is answered with label -1, "none of these" (都不是); ``"auto"`` is the score that the
                validation after the training suggests. None: a class is always reported. Where there are several labels
                a picture: the least score of each; None is what the validation suggests, or 0.5.

        Returns:
            ``{'pred_label': int, 'pred_score': float, 'pred_class': str}``; of several pictures a list of these. Where
            there are several labels a picture, each of the three is a list, the surest label first.

        Raises:
            ParameterInvalid: ``thr`` cannot be used, or is ``"auto"`` and the checkpoint suggests none (-305).
            CheckpointNotFound: There is none (-102).
            ImageNotFound, ImageUnsupported, ImageDamaged, ImageTypeUnsupported: The picture cannot be read.
        """
        arguments = _checked(thr)
        model = self._load(checkpoint, device, class_path)
        return self._classify(model, arguments, image, show=show, save_fold=save_fold, listener=self.listener)

    @documented
    def load_checkpoint(
        self, checkpoint: PathLike | None = None, device: str = "cpu", *, class_path: PathLike | None = None
    ) -> None:
        """Load a checkpoint once, for many calls of ``fast_inference`` (预先加载权重).

        Until another is named, ``inference``, ``convert`` and the others take it, too.

        Args:
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            device: As in ``train``.
            class_path: As in ``inference``.
        """
        self._preload(checkpoint, device, class_path)

    @documented
    def fast_inference(
        self,
        image: ImageSource | Sequence[ImageSource] | None = None,
        show: bool = True,
        save_fold: PathLike = "cls_result",
        verbose: bool = True,
        *,
        thr: float | str | None = None,
    ) -> Prediction | list[Prediction]:
        """Predict with what ``load_checkpoint`` loaded (快速推理).

        Args:
            image: As in ``inference``.
            show: As in ``inference``.
            save_fold: As in ``inference``.
            verbose: Whether progress and remarks are shown.
            thr: As in ``inference``.

        Raises:
            NothingLoaded: ``load_checkpoint`` comes first (-602).
            ParameterInvalid: As in ``inference`` (-305).
        """
        listener, arguments = self.listener if checked_flag("verbose", verbose) else silent, _checked(thr)
        return self._classify(self._cache.loaded(), arguments, image, show=show, save_fold=save_fold, listener=listener)

    @documented
    def print_result(self, res: Prediction | Sequence[Prediction] | None = None) -> list[Prediction]:
        """Print results under their heading and return them (输出结果).

        Args:
            res: What ``inference`` returned; None prints the last one.

        Returns:
            ``[{'标签': int, '置信度': float, '预测结果': str}]``, one entry a picture; lists in place of the values
            where there are several labels a picture.

        Raises:
            NothingToShow: Nothing was predicted yet (-601).
        """
        results = _results_of(res) if res is not None else self._last_predictions().results
        entries: list[Prediction] = [dict(result.to_chinese()) for result in results]
        write_line(f"分类结果如下：\n{as_lines(entries)}")
        return entries

    @documented
    def explain(
        self,
        image: ImageSource,
        label: int | None = None,
        checkpoint: PathLike | None = None,
        device: str = "cpu",
        show: bool = True,
        save_fold: PathLike = "cls_result",
        *,
        class_path: PathLike | None = None,
    ) -> Explanation:
        """Show where the model looks: a Grad-CAM heat map over the picture (查看模型关注的区域).

        Args:
            image: Path, array or PIL image.
            label: The class to explain; None is the predicted one.
            checkpoint: As in ``inference``.
            device: As in ``inference``.
            show: Draw it into ``save_fold`` as ``<name>_explain.<suffix>``, and show it where there is a screen.
            save_fold: Where it is drawn.
            class_path: As in ``inference``; where nothing names the classes, the loaded data set does, or numbers do.
        """
        require_for_checkpoint()
        from MMEdu.tasks.classification import explain
        from MMEdu.weights.class_names import names_from
        from MMEdu.weights.loaded_model import identity, load_model

        folder = checked_path("save_fold", save_fold) if checked_flag("show", show) else None
        if folder is not None:
            self._session.refuse_mixing(folder)
        file, names = self._checkpoint(checkpoint), names_from(class_path)
        otherwise = self._cache.names_for(identity(file, device), self._dataset_classes())
        # Branches stay unfused: the layer that is explained is one of them.
        model = load_model(self._entry, file, device, fuse=False, names=names, otherwise=otherwise)
        if names is None:
            self._cache.announce_names(model, file, self.listener)
        return explain.explain(model, image, label, folder)

    @documented
    def embed(
        self,
        image: ImageSource | Sequence[ImageSource],
        checkpoint: PathLike | None = None,
        device: str = "cpu",
    ) -> npt.NDArray[np.float32]:
        """Turn pictures into numbers: what the last layer gets to see of them (提取图片特征).

        Args:
            image: As in ``inference``; those of several that cannot be read are left out; ``files`` names the rest.
            checkpoint: As in ``inference``.
            device: As in ``inference``.

        Returns:
            (N, D) float32, a row for each picture: alike pictures have rows that point in about the same direction.
        """
        model = self._load_nameless(self._checkpoint(checkpoint), device, None)
        from MMEdu.tasks.classification.embedding import embed

        self._files = []
        features, predictions = embed(model, image, self.listener)
        self._files = predictions.files
        return features

    @documented
    def feature_map(
        self,
        path: ImageSource | Sequence[ImageSource] | None = None,
        checkpoint: PathLike | None = None,
        device: str = "cpu",
        method: str = "pca",
        split: str | None = None,
        images: int = 2000,
        show: bool = True,
        save_fold: PathLike = "map_result",
        *,
        class_path: PathLike | None = None,
    ) -> FeatureMap:
        """Draw pictures as the model sees them: alike ones lie near each other (特征图).

        Those that lie among another class are numbered and shown: a wrong label, or classes that look alike.

        Args:
            path: A data set, a folder or a list of pictures; None is the loaded data set. Pictures without labels are
                coloured by what the model says.
            checkpoint: As in ``inference``.
            device: As in ``inference``.
            method: ``"pca"`` (the two directions with the most differences) or ``"tsne"`` (keeps neighbours together).
            split: ``"train"``, ``"val"``, ``"test"`` or ``"all"`` of a data set; None is ``"val"``, or ``"train"``
                where there is none.
            images: How many pictures at most, evenly of all classes.
            show: Draw it into ``save_fold`` as ``feature_map.png``, and show it where there is a screen.
            save_fold: Where it is drawn.
            class_path: As in ``explain``.

        Raises:
            DatasetNotLoaded: There are no pictures to map (-603).
        """
        require_for_checkpoint()
        from MMEdu.tasks.classification import feature_map

        folder = checked_path("save_fold", save_fold) if checked_flag("show", show) else None
        if folder is not None:
            self._session.refuse_mixing(folder)
        options = feature_map.Options.of(method, split, images, folder)
        dataset = None if self._session.dataset is None else self._session.dataset.data
        feature_map.check_source(path, dataset)
        file = self._checkpoint(checkpoint)
        model = self._load_nameless(file, device, class_path)
        if not feature_map.is_dataset(path):  # a data set names the classes itself
            self._cache.announce_names(model, file, self.listener)
        result = feature_map.make(model, path, getattr(dataset, "dataset", None), options, self.listener)
        self._files = list(result.files)
        return result

    def _dataset_classes(self) -> Sequence[str]:
        return () if self._session.dataset is None else getattr(self._session.dataset.data, "classes", ())

    def _load_nameless(self, file: PathLike, device: str, class_path: PathLike | None) -> LoadedModel:
        """Load a checkpoint, be it one whose classes nothing names."""
        require_for_checkpoint()
        from MMEdu.weights.loaded_model import identity

        otherwise = self._cache.names_for(identity(file, device), self._dataset_classes())
        return self._cache.load(file, device, class_path, otherwise=otherwise)

    def _classify(
        self,
        model: LoadedModel,
        arguments: ClassificationPrediction,
        image: ImageSource | Sequence[ImageSource] | None,
        *,
        show: bool,
        save_fold: PathLike,
        listener: Listener,
    ) -> Prediction | list[Prediction]:
        predictions = self._predict(model, arguments, image, show=show, save_fold=save_fold, listener=listener)
        results = [result.to_prediction() for result in predictions.results]
        return results if predictions.many else results[0]


def _checked(thr: object) -> ClassificationPrediction:
    return argument_schema.check(ClassificationPrediction(thr=thr))  # type: ignore[arg-type]


def _results_of(res: Prediction | Sequence[Prediction]) -> list[ClassificationResult | MultiLabelResult]:
    """Turn what ``inference`` returned back into results."""
    items = [res] if isinstance(res, dict) else res
    if not isinstance(items, Sequence) or not all(isinstance(r, dict) and set(_KEYS) <= r.keys() for r in items):
        hint = say("Give what inference() returned.", "请传入 inference() 的返回值。")
        raise ParameterInvalid(say("This is no result of inference().", "这不是 inference() 的结果。"), hint=hint)
    return [_result_of(r) for r in items]


def _result_of(prediction: Any) -> ClassificationResult | MultiLabelResult:
    label, score, name = (prediction[key] for key in _KEYS)
    if all(isinstance(value, list) for value in (label, score, name)):
        return MultiLabelResult(tuple(label), tuple(score), tuple(name), prediction.get("file_name"))
    return ClassificationResult(label, score, name, prediction.get("file_name"))
