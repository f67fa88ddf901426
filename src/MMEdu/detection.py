"""MMDetection, the documented class (目标检测): signatures and docstrings; ``MMEdu.actions`` does the work.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from BaseDT import argument_schema
from BaseDT.arguments import PathLike, checked_flag, documented
from BaseDT.image import ImageSource
from BaseDT.results.lines import as_lines
from BaseDT.terminal import write_line
from MMEdu.engine.events import Listener, LogLine, Notice, silent
from MMEdu.tasks.detection.arguments import DetectionPrediction, one_stage_ignores
from MMEdu.vision_model import VisionModel

if TYPE_CHECKING:
    from MMEdu.engine.loop import StopSignal
    from MMEdu.engine.prediction_loop import Predictions
    from MMEdu.weights.loaded_model import LoadedModel

Found = dict[str, Any]
_KEYS = {"类别标签", "置信度", "坐标"}


class MMDetection(VisionModel):
    """Train a detector, look at how it learns, say what is where (目标检测：训练、观察、推理).

    Attributes a user sets: ``num_classes`` (found in the data when left out), ``save_fold`` (where a training writes),
    ``checkpoint`` (what inference loads).

    Args:
        backbone: A model's name, letter case ignored (``MMDetection.sota()`` lists them), or the path of a recipe file
            (TOML or JSON).
        num_classes: How many classes there are; -1 leaves it to the data.
        dataset_path: A dataset to load at once, as ``load_dataset`` does.

    Raises:
        BackboneUnknown: No model of this name (-302).
        ParameterUnknown: No such parameter (-501).
    """

    TASK = "detection"

    def __init__(
        self,
        backbone: str = "FasterRCNN",
        num_classes: int = -1,
        dataset_path: PathLike | None = None,
        **unknown: object,
    ) -> None:
        super().__init__(backbone, num_classes, dataset_path, tuple(unknown))
        self._thresholds = DetectionPrediction()
        self._announced_stages = False
        if dataset_path is not None:
            self.load_dataset(dataset_path)

    @documented
    def load_dataset(
        self,
        path: PathLike,
        check: bool | str = True,
        train_json: PathLike | None = None,
        train_images: PathLike | None = None,
        val_json: PathLike | None = None,
        val_images: PathLike | None = None,
    ) -> None:
        """Load a folder in COCO's layout (加载数据集).

        Args:
            path: The folder with ``annotations/train.json``, ``valid.json`` and ``images/train``, ``valid``.
            check: True decodes every picture once and names all damaged ones in one error; ``"skip"`` leaves them out;
                False trusts the folder.
            train_json: For folders of another shape: the annotation file, relative to ``path`` or absolute.
            train_images: Likewise: the folder of the pictures.
            val_json: Likewise, for validation.
            val_images: Likewise.

        Raises:
            DatasetNotFound: No such folder (-101).
            DatasetInvalid: Its layout or a file is wrong, pictures are damaged, or masks that the model needs (-201).
            AnnotationMissing: An annotation file is missing, or what an annotation belongs to (-701).
        """
        self._load_dataset(
            path,
            check,
            train_json=train_json,
            train_images=train_images,
            val_json=val_json,
            val_images=val_images,
        )

    @documented
    def train(
        self,
        random_seed: int = 0,
        save_fold: PathLike | None = None,
        distributed: bool = False,
        validate: bool = True,
        device: str = "cpu",
        metric: str = "bbox",
        save_best: str = "bbox_mAP",
        optimizer: str = "SGD",
        epochs: int = 100,
        lr: float = 0.001,
        weight_decay: float = 0.001,
        Frozen_stages: int = 1,  # noqa: N803 (the documented name)
        checkpoint: PathLike | None = None,
        batch_size: int | None = None,
        *,
        resume: bool = False,
        precision: str = "auto",
        image_size: int | None = None,
        flip: bool | None = None,
        early_stop: int | None = None,
        max_keep_ckpts: int | None = None,
        pretrained: bool | str | None = None,
        devices: int | None = None,
        listener: Listener | None = None,
        stop: StopSignal | None = None,
    ) -> list[LogLine]:
        """Train (训练).

        Args:
            random_seed: 0 fixes none: one is drawn and logged.
            save_fold: Where everything is written; the attribute of this name, or ``./checkpoints/det_model``.
            distributed: Train in several processes of this machine; under ``torchrun`` they are joined anyway.
            validate: Whether every epoch is followed by a validation.
            device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
            metric: ``bbox``, or ``segm`` of a model that has masks.
            save_best: The metric that chooses the best checkpoint; the default, and ``auto``, is the mAP of ``metric``.
            optimizer: ``SGD`` (momentum 0.9), ``Adam``, ``Adagrad`` or ``AdamW``.
            epochs: How many, in total when a run is resumed.
            lr: Base learning rate; the recipe's schedule moves it.
            weight_decay: L2 penalty (decoupled for AdamW).
            Frozen_stages: So many stages of the backbone stay as they were loaded by ``checkpoint`` or ``pretrained``.
            checkpoint: A file of weights to start from: ours, torchvision's, OpenMMLab's, or ``.safetensors``.
            batch_size: Pictures per step and process; None is the recipe's.
            resume: Go on with the interrupted run in ``save_fold``.
            precision: ``auto``, ``float32``, ``bfloat16`` or ``float16`` (CUDA).
            image_size: Side of the square input in pixels; None is the model's own.
            flip: Whether training shows pictures mirrored (left-right), too, with their boxes; None is the recipe's.
            early_stop: Stop after so many epochs without a better result.
            max_keep_ckpts: Keep so many ``epoch_N.pth``.
            pretrained: True starts with a backbone that knows ImageNet, fetched once (``mmedu weights list``); or the
                weights' tag, e.g. ``"COCO_V1"`` of the two-stage models: head and all. None does so for SSD_Lite and
                SSD_EfficientNet_Lite0 where the file is here. These two then learn with AdamW, lr 0.001, where
                ``optimizer`` and ``lr`` are left as they are.
            devices: Processes of ``distributed=True``: GPUs, or processes on a CPU (two by default).
            listener: Called with every event (``MMEdu.engine.events``) in place of the console.
            stop: An object with ``is_set()``, such as a ``threading.Event``: ends the training between two steps, as
                Ctrl-C does.

        Returns:
            The lines of the log file: the environment first, then ``train`` and ``val`` lines (mAP from 0 to 1).

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
        rpn_threshold: float = 0.7,
        rcnn_threshold: float = 0.7,
        save_fold: PathLike = "det_result",
        class_path: PathLike | None = None,
        *,
        thr: float | str | None = None,
    ) -> list[Found] | list[list[Found]]:
        """Load a checkpoint and find the objects of a picture, a list of pictures or a folder (推理).

        Args:
            device: As in ``train``.
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            image: Path, folder, array (BGR or gray), PIL image, or a list of these.
            show: Draw the result into ``save_fold`` under the picture's name, and show a single one where there is a
                screen.
            rpn_threshold: Least objectness of a proposal (two-stage models); higher is fewer boxes. Left at 0.7 it is
                never above the least score of a box.
            rcnn_threshold: Least score of a box (two-stage models).
            save_fold: Where pictures are drawn.
            class_path: A ``classes.txt``, or the folder of a detection set, to name the classes by.
            thr: Least score of a box, of any model; None is 0.3, or ``rcnn_threshold`` of a two-stage model; ``"auto"``
                is what the validation after the training suggests.

        Returns:
            ``[{'类别标签': int, '置信度': float, '坐标': {'x1', 'y1', 'x2', 'y2'}, '预测结果': str}]``, best first; of
            several pictures a list of these.

        Raises:
            CheckpointNotFound: There is none (-102).
            ImageNotFound, ImageUnsupported, ImageDamaged, ImageTypeUnsupported: The picture cannot be read.
        """
        thresholds = self._checked_thresholds(rpn_threshold, rcnn_threshold, thr)
        model = self._load(checkpoint, device, class_path)
        return self._detect(model, thresholds, image, show=show, save_fold=save_fold, listener=self.listener)

    @documented
    def load_checkpoint(
        self,
        checkpoint: PathLike | None = None,
        device: str = "cpu",
        rpn_threshold: float = 0.7,
        rcnn_threshold: float = 0.7,
        *,
        thr: float | str | None = None,
        class_path: PathLike | None = None,
    ) -> None:
        """Load a checkpoint once, for many calls of ``fast_inference`` (预先加载权重).

        Until another is named, ``inference``, ``convert`` and the others take it, too.

        Args:
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            device: As in ``train``.
            rpn_threshold: As in ``inference``.
            rcnn_threshold: As in ``inference``.
            thr: As in ``inference``.
            class_path: As in ``inference``.
        """
        self._thresholds = self._checked_thresholds(rpn_threshold, rcnn_threshold, thr)
        self._preload(checkpoint, device, class_path)

    @documented
    def fast_inference(
        self,
        image: ImageSource | Sequence[ImageSource] | None = None,
        show: bool = True,
        save_fold: PathLike = "det_result",
        verbose: bool = True,
    ) -> list[Found] | list[list[Found]]:
        """Find objects with what ``load_checkpoint`` loaded (快速推理).

        Args:
            image: As in ``inference``.
            show: As in ``inference``.
            save_fold: As in ``inference``.
            verbose: Whether progress and remarks are shown.

        Raises:
            NothingLoaded: ``load_checkpoint`` comes first (-602).
        """
        listener = self.listener if checked_flag("verbose", verbose) else silent
        model = self._cache.loaded()
        return self._detect(model, self._thresholds, image, show=show, save_fold=save_fold, listener=listener)

    @documented
    def print_result(self, res: Sequence[Any] | None = None) -> list[Any]:
        """Print results under their heading and return them (输出结果).

        Args:
            res: What ``inference`` returned; None prints the last one.

        Returns:
            ``[{'类别标签': int, '置信度': float, '坐标': {...}, '预测结果': str}]``; of several a list of these.

        Raises:
            NothingToShow: Nothing was predicted yet (-601).
        """
        entries = self._to_print(res, _KEYS, _documented)
        write_line(f"检测结果如下：\n{as_lines(entries)}")
        return entries

    def _checked_thresholds(self, rpn: float, rcnn: float, thr: float | str | None) -> DetectionPrediction:
        thresholds = argument_schema.check(DetectionPrediction(rpn_threshold=rpn, rcnn_threshold=rcnn, thr=thr))
        changed = (thresholds.rpn_threshold, thresholds.rcnn_threshold) != (0.7, 0.7)
        if changed and not self._entry.options.two_stage and not self._announced_stages:
            self._announced_stages = True
            self.listener(Notice(one_stage_ignores(self._entry)))
        return thresholds

    def _detect(
        self,
        model: LoadedModel,
        thresholds: DetectionPrediction,
        image: ImageSource | Sequence[ImageSource] | None,
        *,
        show: bool,
        save_fold: PathLike,
        listener: Listener,
    ) -> list[Found] | list[list[Found]]:
        return _documented(self._predict(model, thresholds, image, show=show, save_fold=save_fold, listener=listener))


def _documented(predictions: Predictions[Any]) -> list[Any]:
    """Return results in the documented shape: of one picture its list of boxes, of several a list of these."""
    entries = [[box.to_prediction() for box in boxes] for boxes in predictions.results]
    return entries if predictions.many else entries[0]
