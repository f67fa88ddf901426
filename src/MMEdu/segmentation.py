"""MMSegmentation, the documented class (图像分割): signatures and docstrings; ``MMEdu.actions`` does the work.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from BaseDT import argument_schema
from BaseDT.arguments import PathLike, checked_flag, documented
from BaseDT.errors import ParameterInvalid
from BaseDT.image import ImageSource
from BaseDT.language import say
from BaseDT.results.lines import as_lines
from BaseDT.terminal import write_line
from MMEdu.engine.events import Listener, LogLine, silent
from MMEdu.tasks.segmentation.arguments import SegmentationPrediction
from MMEdu.vision_model import VisionModel

if TYPE_CHECKING:
    from BaseDT.results.segmentation import Regions, TargetClass
    from MMEdu.engine.loop import StopSignal
    from MMEdu.engine.prediction_loop import Predictions
    from MMEdu.weights.loaded_model import LoadedModel

_KEYS = {"标签", "预测结果", "面积", "占比"}


class MMSegmentation(VisionModel):
    """Train a segmenter, look at how it learns, say of each pixel what it shows (图像分割：训练、观察、推理).

    Attributes a user sets: ``num_classes`` (found in the data when left out), ``save_fold`` (where a training writes),
    ``checkpoint`` (what inference loads).

    Args:
        backbone: A model's name, letter case ignored (``MMSegmentation.sota()`` lists them), or the path of a recipe
            file (TOML or JSON).
        num_classes: How many classes there are; -1 leaves it to the data.
        dataset_path: A dataset to load at once, as ``load_dataset`` does.

    Raises:
        BackboneUnknown: No model of this name (-302).
        ParameterUnknown: No such parameter (-501).
    """

    TASK = "segmentation"

    def __init__(
        self,
        backbone: str = "FPN_MobileNet",
        num_classes: int = -1,
        dataset_path: PathLike | None = None,
        **unknown: object,
    ) -> None:
        super().__init__(backbone, num_classes, dataset_path, tuple(unknown))
        self._drawing = SegmentationPrediction()
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
        *,
        dataset_type: str | None = None,
    ) -> None:
        """Load a folder of pictures with masks (加载数据集).

        Args:
            path: The folder with ``images`` and ``labels`` (PNG files of class numbers), ``splits/train.txt``,
                ``splits/val.txt`` and ``classes.txt``; or VOC, masks beside pictures, COCO, YOLO or labelme with
                outlines.
            check: True decodes every picture and mask once and names all damaged ones in one error; ``"skip"`` leaves
                them out; False trusts the folder.
            train_json: For COCO's folders of another shape: the annotation file, relative to ``path`` or absolute.
            train_images: Likewise: the folder of the pictures.
            val_json: Likewise, for validation.
            val_images: Likewise.
            dataset_type: The name of a layout in older programs; layouts are recognised, whatever it says.

        Raises:
            DatasetNotFound: No such folder (-101).
            DatasetInvalid: Its layout or a file is wrong, or pictures are damaged (-201).
            AnnotationMissing: There are no masks (-701).
        """
        if dataset_type is not None and not isinstance(dataset_type, str):
            raise ParameterInvalid(
                say(f"dataset_type={dataset_type!r:.80} is no name.", f"dataset_type={dataset_type!r:.80} 不是名称。"),
                hint=say("Leave dataset_type out.", "请去掉 dataset_type。"),
            )
        self._load_dataset(
            path, check, train_json=train_json, train_images=train_images, val_json=val_json, val_images=val_images
        )

    @documented
    def train(
        self,
        random_seed: int = 0,
        save_fold: PathLike | None = None,
        distributed: bool = False,
        validate: bool = True,
        device: str = "cpu",
        metric: str = "mIoU",
        save_best: str = "mIoU",
        optimizer: str = "SGD",
        epochs: int = 50,
        lr: float = 0.01,
        weight_decay: float = 0.0005,
        checkpoint: PathLike | None = None,
        batch_size: int | None = None,
        *,
        log_interval: int = 10,
        eval_interval: int = 1,
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
            save_fold: Where everything is written; the attribute of this name, or ``./checkpoints/seg_model``.
            distributed: Train in several processes of this machine; under ``torchrun`` they are joined anyway.
            validate: Whether epochs are followed by a validation.
            device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
            metric: ``mIoU``; the mean recall of the classes (mAcc) and the share of right pixels (aAcc) come with it.
            save_best: The metric that chooses the best checkpoint: ``mIoU``, ``mAcc`` or ``aAcc``.
            optimizer: ``SGD`` (momentum 0.9), ``Adam``, ``Adagrad`` or ``AdamW``.
            epochs: How many, in total when a run is resumed. Each shows all pictures once; older programs counted
                steps.
            lr: Base learning rate; the recipe's schedule moves it. Where ``optimizer`` and ``lr`` are left as they are,
                and no ``checkpoint`` is given, the recipe's are taken: from scratch AdamW, lr 0.003.
            weight_decay: L2 penalty (decoupled for AdamW).
            checkpoint: A file of weights to start from: ours, or of the backbone.
            batch_size: Pictures per step and process; None is the recipe's.
            log_interval: A line of the log after so many steps.
            eval_interval: Validate after so many epochs, and after the last.
            resume: Go on with the interrupted run in ``save_fold``.
            precision: ``auto``, ``float32``, ``bfloat16`` or ``float16`` (CUDA).
            image_size: Side of the square input in pixels, a multiple of 32; None is the model's own.
            flip: Whether training shows pictures mirrored (left-right), too, with their masks; None is the recipe's.
            early_stop: Stop after so many epochs without a better result.
            max_keep_ckpts: Keep so many ``epoch_N.pth``.
            pretrained: True starts with a backbone that knows ImageNet, fetched once (``mmedu weights list``). None
                does so for FPN_MobileNet where the file is here. It then learns with AdamW, lr 0.001, where
                ``optimizer`` and ``lr`` are left as they are.
            devices: Processes of ``distributed=True``: GPUs, or processes on a CPU (two by default).
            listener: Called with every event (``MMEdu.engine.events``) in place of the console.
            stop: An object with ``is_set()``, such as a ``threading.Event``: ends the training between two steps, as
                Ctrl-C does.

        Returns:
            The lines of the log file: the environment first, then ``train`` and ``val`` lines (mIoU from 0 to 1).

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
        save_fold: PathLike = "seg_result",
        class_path: PathLike | None = None,
        *,
        thr: float | None = None,
        target_class: TargetClass = None,
        cut_out: bool = False,
        erase: bool = False,
        pretrain_model: PathLike | None = None,
        is_trained: bool = False,
        work_dir: PathLike | None = None,
    ) -> Regions | list[Regions]:
        """Load a checkpoint and say of each pixel what it shows, of a picture, a list of pictures or a folder (推理).

        Args:
            device: As in ``train``.
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            image: Path, folder, array (BGR or gray), PIL image, or a list of these.
            show: Draw the result into ``save_fold`` under the picture's name, and show a single one where there is a
                screen.
            save_fold: Where pictures are drawn.
            class_path: A ``classes.txt``, or the folder of a set with masks, to name the classes by.
            thr: Pixels whose class has a lower probability have none.
            target_class: A class by its name or number, or several: only these are told and drawn. None: all but the
                background.
            cut_out: Draw these classes alone, on a transparent ground (PNG).
            erase: Draw the picture without these classes, painted out from what lies around them.
            pretrain_model: What older programs call ``checkpoint``.
            is_trained: Of older programs; the checkpoint says it.
            work_dir: What older programs call ``save_fold``.

        Returns:
            ``[{'标签': int, '预测结果': str, '面积': int, '占比': float, '置信度': float, '轮廓': [...]}]``:
            of each class, the largest first, its pixels, their share of the picture, and its outlines. ``.mask`` has
            the class of each pixel. Of several pictures a list of these.

        Raises:
            CheckpointNotFound: There is none (-102).
            ImageNotFound, ImageUnsupported, ImageDamaged, ImageTypeUnsupported: The picture cannot be read.
            ParameterInvalid: There is no such class (-305).
        """
        checked_flag("is_trained", is_trained)
        file = _one_of(("checkpoint", checkpoint), ("pretrain_model", pretrain_model))
        folder = save_fold if work_dir is None else work_dir
        arguments = _checked(thr=thr, target_class=target_class, cut_out=cut_out, erase=erase)
        model = self._load(file, device, class_path)
        return self._segment(model, arguments, image, show=show, save_fold=folder, listener=self.listener)

    @documented
    def load_checkpoint(
        self,
        checkpoint: PathLike | None = None,
        device: str = "cpu",
        *,
        thr: float | None = None,
        target_class: TargetClass = None,
        cut_out: bool = False,
        erase: bool = False,
        class_path: PathLike | None = None,
    ) -> None:
        """Load a checkpoint once, for many calls of ``fast_inference`` (预先加载权重).

        Until another is named, ``inference``, ``convert`` and the others take it, too.

        Args:
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            device: As in ``train``.
            thr: As in ``inference``.
            target_class: As in ``inference``.
            cut_out: As in ``inference``.
            erase: As in ``inference``.
            class_path: As in ``inference``.
        """
        self._drawing = _checked(thr=thr, target_class=target_class, cut_out=cut_out, erase=erase)
        self._preload(checkpoint, device, class_path)

    @documented
    def fast_inference(
        self,
        image: ImageSource | Sequence[ImageSource] | None = None,
        show: bool = True,
        save_fold: PathLike = "seg_result",
        verbose: bool = True,
    ) -> Regions | list[Regions]:
        """Segment pictures with what ``load_checkpoint`` loaded (快速推理).

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
        return self._segment(model, self._drawing, image, show=show, save_fold=save_fold, listener=listener)

    @documented
    def print_result(self, res: Sequence[Any] | None = None) -> list[Any]:
        """Print results under their heading and return them (输出结果).

        Args:
            res: What ``inference`` returned; None prints the last one.

        Returns:
            As ``inference``; outlines are returned, but not printed.

        Raises:
            NothingToShow: Nothing was predicted yet (-601).
        """
        entries = self._to_print(res, _KEYS, _documented)
        write_line(f"分割结果如下：\n{as_lines(_without_outlines(entries))}")
        return entries

    def _segment(
        self,
        model: LoadedModel,
        arguments: SegmentationPrediction,
        image: ImageSource | Sequence[ImageSource] | None,
        *,
        show: bool,
        save_fold: PathLike,
        listener: Listener,
    ) -> Regions | list[Regions]:
        return _documented(self._predict(model, arguments, image, show=show, save_fold=save_fold, listener=listener))


def _checked(**values: Any) -> SegmentationPrediction:
    return argument_schema.check(SegmentationPrediction(**values))


def _one_of(usual: tuple[str, Any], older: tuple[str, Any]) -> Any:
    """Return the one of two spellings that is given.

    Raises:
        ParameterInvalid: Both are (-305).
    """
    if usual[1] is None or older[1] is None:
        return older[1] if usual[1] is None else usual[1]
    raise ParameterInvalid(
        say(f"{usual[0]} and {older[0]} are both given.", f"同时给出了 {usual[0]} 和 {older[0]}。"),
        hint=say(f"They mean the same: leave {older[0]} out.", f"两者含义相同：请去掉 {older[0]}。"),
    )


def _documented(predictions: Predictions[Any]) -> Regions | list[Regions]:
    """Return results in the documented shape: of one picture its classes, of several a list of these."""
    from XEdu.outputs.segmentation import KIND

    entries: list[Regions] = [KIND.documented(result) for result in predictions.results]
    return entries if predictions.many else entries[0]


def _without_outlines(entries: Any) -> Any:
    if isinstance(entries, list):
        return [_without_outlines(entry) for entry in entries]
    return {name: value for name, value in entries.items() if name != "轮廓"}
