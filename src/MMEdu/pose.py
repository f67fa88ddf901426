"""MMPose, the documented class (关键点检测): signatures and docstrings; ``MMEdu.actions`` does the work.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT import argument_schema
from BaseDT.arguments import PathLike, checked_flag, checked_path, documented, invalid
from BaseDT.errors import BackboneUnknown, ParameterInvalid
from BaseDT.image import ImageSource
from BaseDT.language import say
from BaseDT.results.lines import as_lines
from BaseDT.terminal import write_line
from MMEdu.engine.events import Listener, LogLine, silent
from MMEdu.tasks.pose.arguments import PosePrediction
from MMEdu.vision_model import VisionModel

if TYPE_CHECKING:
    from MMEdu.engine.loop import StopSignal
    from MMEdu.engine.prediction_loop import Predictions
    from MMEdu.weights.loaded_model import LoadedModel

Found = dict[str, Any]
_KEYS = {"置信度", "坐标", "关键点坐标"}
_NEAREST = {
    "hrnet": "SimpleBaseline_MobileNet",
    "hrnet32": "SimpleBaseline_MobileNet",
    "scnet": "SimpleBaseline_MobileNet",
    "rtmpose": "SimCC_MobileNet",
}
"""What comes nearest to the original's networks."""


class MMPose(VisionModel):
    """Train a model of keypoints, look at how it learns, say where the points are (关键点：训练、观察、推理).

    Attributes a user sets: ``num_classes`` (the number of points, found in the data when left out), ``save_fold``
    (where a training writes), ``checkpoint`` (what inference loads).

    Args:
        backbone: A model's name, letter case ignored (``MMPose.sota()`` lists them), or the path of a recipe file (TOML
            or JSON).
        num_classes: How many points there are; -1 leaves it to the data.
        dataset_path: A dataset to load at once, as ``load_dataset`` does.

    Raises:
        BackboneUnknown: No model of this name; the original's are answered with what comes nearest (-302).
        ParameterUnknown: No such parameter (-501).
    """

    TASK = "pose"

    def __init__(
        self,
        backbone: str = "SimpleBaseline_MobileNet",
        num_classes: int = -1,
        dataset_path: PathLike | None = None,
        **unknown: object,
    ) -> None:
        _refuse_the_original_s(backbone, unknown)
        super().__init__(backbone, num_classes, dataset_path, tuple(unknown))
        self._arguments = PosePrediction()
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
        """Load a folder of keypoints in COCO's form (加载数据集).

        Args:
            path: The folder with ``images``, ``train.json`` and ``val.json``, or another known layout.
            check: True decodes every picture once and names all damaged ones in one error; ``"skip"`` leaves them out;
                False trusts the folder.
            train_json: For folders of another shape: the annotation file, relative to ``path`` or absolute.
            train_images: Likewise: the folder of the pictures.
            val_json: Likewise, for validation.
            val_images: Likewise.

        Raises:
            DatasetNotFound: No such folder (-101).
            DatasetInvalid: Its layout or a file is wrong, or pictures are damaged (-201).
            AnnotationMissing: There are no keypoints, or an annotation belongs to nothing (-701).
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
        metric: str = "PCK",
        save_best: str = "PCK",
        optimizer: str = "Adam",
        epochs: int = 100,
        lr: float = 5e-4,
        weight_decay: float = 0.0,
        resume_from: PathLike | None = None,
        eval_interval: int = 10,
        log_interval: int = 5,
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
            save_fold: Where everything is written; the attribute of this name, or ``./checkpoints/pose_model``.
            distributed: Train in several processes of this machine; under ``torchrun`` they are joined anyway.
            validate: Whether validations follow the epochs.
            device: ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``auto``.
            metric: ``PCK``: the share of points that lie within a fifth of the larger side of their person's box.
            save_best: The metric that chooses the best checkpoint: ``PCK``, or ``PCK_0.05``, within a twentieth.
            optimizer: ``SGD`` (momentum 0.9), ``Adam``, ``Adagrad`` or ``AdamW``.
            epochs: How many, in total when a run is resumed.
            lr: Base learning rate; the recipe's schedule moves it.
            weight_decay: L2 penalty (decoupled for AdamW).
            resume_from: The ``latest.pth`` of an interrupted run, which goes on in its folder: the same as
                ``save_fold`` and ``resume=True``.
            eval_interval: Validate after so many epochs; at least ten times in a run, and after the last.
            log_interval: A line of the log after so many steps.
            checkpoint: A file of weights to start from: ours, or of a backbone.
            batch_size: Persons per step and process; None is the recipe's.
            resume: Go on with the interrupted run in ``save_fold``.
            precision: ``auto``, ``float32``, ``bfloat16`` or ``float16`` (CUDA).
            image_size: Side of the square input in pixels; None is the model's own.
            flip: Whether training shows persons mirrored, too, left and right exchanged; None is the recipe's.
            early_stop: Stop after so many epochs without a better result.
            max_keep_ckpts: Keep so many ``epoch_N.pth``.
            pretrained: True starts with a backbone that knows ImageNet, fetched once (``mmedu weights list``); None
                does so where the file is here. It then learns with Adam, lr 0.002, where ``optimizer`` and ``lr`` are
                left as they are.
            devices: Processes of ``distributed=True``: GPUs, or processes on a CPU (two by default).
            listener: Called with every event (``MMEdu.engine.events``) in place of the console.
            stop: An object with ``is_set()``, such as a ``threading.Event``: ends the training between two steps, as
                Ctrl-C does.

        Returns:
            The lines of the log file: the environment first, then ``train`` and ``val`` lines (PCK from 0 to 1).

        Raises:
            WeightsUnavailable: ``pretrained`` weights are not here and cannot be downloaded (-107).
            XEduError: Named by its code; a run that ends early keeps its last checkpoint and says where it is.
        """
        values = {name: value for name, value in locals().items() if name != "self"}
        if resume_from is not None:
            values |= {"save_fold": _folder_of(resume_from, save_fold), "resume": True, "resume_from": None}
        return self._train(values)

    @documented
    def inference(
        self,
        device: str = "cpu",
        checkpoint: PathLike | None = None,
        image: ImageSource | Sequence[ImageSource] | None = None,
        show: bool = True,
        save_fold: PathLike = "pose_result",
        class_path: PathLike | None = None,
        *,
        boxes: Any = None,
        thr: float | None = None,
        img: ImageSource | Sequence[ImageSource] | None = None,
        data: ImageSource | Sequence[ImageSource] | None = None,
    ) -> list[Found] | list[list[Found]]:
        """Load a checkpoint and find the points of a picture, a list of pictures or a folder (推理).

        Args:
            device: As in ``train``.
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            image: Path, folder, array (BGR or gray), PIL image, or a list of these.
            show: Draw the result into ``save_fold`` under the picture's name, and show a single one where there is a
                screen.
            save_fold: Where pictures are drawn.
            class_path: A text with the names of the points, one a line, in place of those in the checkpoint.
            boxes: Where the persons of one picture are: x1, y1, x2, y2 in pixels, a detector's result, or a list of
                these. None: the whole picture is the person.
            thr: Least score of a person, the mean of its points; None is 0.2.
            img: What earlier versions called ``image``.
            data: Likewise.

        Returns:
            ``[{'标签': int, '置信度': float, '坐标': {'x1', 'y1', 'x2', 'y2'}, '预测结果': str, '关键点坐标': [[x, y],
            …], '分数': [float, …]}]``, a person each; of several pictures a list of these.

        Raises:
            CheckpointNotFound: There is none (-102).
            ParameterInvalid: ``boxes`` are none, or belong to several pictures (-305).
            ImageNotFound, ImageUnsupported, ImageDamaged, ImageTypeUnsupported: The picture cannot be read.
        """
        arguments = argument_schema.check(PosePrediction(thr=thr, boxes=boxes))
        source = _one_of({"image": image, "img": img, "data": data})
        model = self._load(checkpoint, device, class_path)
        return self._find(model, arguments, source, show=show, save_fold=save_fold, listener=self.listener)

    @documented
    def load_checkpoint(
        self,
        checkpoint: PathLike | None = None,
        device: str = "cpu",
        *,
        thr: float | None = None,
        class_path: PathLike | None = None,
    ) -> None:
        """Load a checkpoint once, for many calls of ``fast_inference`` (预先加载权重).

        Until another is named, ``inference``, ``convert`` and the others take it, too.

        Args:
            checkpoint: As in ``train``; None takes ``self.checkpoint``, else the run's best or latest.
            device: As in ``train``.
            thr: As in ``inference``.
            class_path: As in ``inference``.
        """
        self._arguments = argument_schema.check(PosePrediction(thr=thr))
        self._preload(checkpoint, device, class_path)

    @documented
    def fast_inference(
        self,
        image: ImageSource | Sequence[ImageSource] | None = None,
        show: bool = True,
        save_fold: PathLike = "pose_result",
        verbose: bool = True,
        *,
        boxes: Any = None,
    ) -> list[Found] | list[list[Found]]:
        """Find points with what ``load_checkpoint`` loaded (快速推理).

        Args:
            image: As in ``inference``.
            show: As in ``inference``.
            save_fold: As in ``inference``.
            verbose: Whether progress and remarks are shown.
            boxes: As in ``inference``.

        Raises:
            NothingLoaded: ``load_checkpoint`` comes first (-602).
        """
        listener = self.listener if checked_flag("verbose", verbose) else silent
        arguments = PosePrediction(thr=self._arguments.thr, boxes=boxes)
        return self._find(self._cache.loaded(), arguments, image, show=show, save_fold=save_fold, listener=listener)

    @documented
    def print_result(self, res: Sequence[Any] | None = None) -> list[Any]:
        """Print results under their heading and return them (输出结果).

        Args:
            res: What ``inference`` returned; None prints the last one.

        Returns:
            As ``inference``.

        Raises:
            NothingToShow: Nothing was predicted yet (-601).
        """
        entries = self._to_print(res, _KEYS, _documented)
        write_line(f"关键点检测结果如下：\n{as_lines(entries)}")
        return entries

    def _find(
        self,
        model: LoadedModel,
        arguments: PosePrediction,
        image: ImageSource | Sequence[ImageSource] | None,
        *,
        show: bool,
        save_fold: PathLike,
        listener: Listener,
    ) -> list[Found] | list[list[Found]]:
        return _documented(self._predict(model, arguments, image, show=show, save_fold=save_fold, listener=listener))


def _refuse_the_original_s(backbone: object, unknown: dict[str, object]) -> None:
    """Answer what the original's versions took: ready-made models, a detector, networks that are not here."""
    if "task" in unknown:
        task = unknown["task"]
        raise ParameterInvalid(
            say(
                f"MMPose(task={task!r}): ready-made models need no training.",
                f"MMPose(task={task!r})：现成的模型不需要训练。",
            ),
            hint=say(
                "Write from XEdu.hub import Workflow; Workflow(task='pose_body17').inference(data='a.jpg').",
                "请写 from XEdu.hub import Workflow，然后 Workflow(task='pose_body17').inference(data='a.jpg')。",
            ),
        )
    if "backbone_det" in unknown:
        raise ParameterInvalid(
            say("MMPose(backbone_det=…): persons are not detected here.", "MMPose(backbone_det=…)：这里不检测人体。"),
            hint=say(
                "Leave it out and give the boxes of a detector: inference(image=…, boxes=…).",
                "请去掉它，并把检测结果传给 inference(image=…, boxes=…)。",
            ),
        )
    nearest = _NEAREST.get(backbone.lower()) if isinstance(backbone, str) else None
    if nearest is not None:
        raise BackboneUnknown(
            say(f"There is no {backbone} here.", f"这里没有 {backbone}。"),
            hint=say(f"Nearest to it is MMPose('{nearest}').", f"最接近的是 MMPose('{nearest}')。"),
        )


def _one_of(named: dict[str, Any]) -> Any:
    """Return the pictures, which have had several names.

    Raises:
        ParameterInvalid: Two of them are given (-305).
    """
    given = [name for name, value in named.items() if value is not None]
    if len(given) > 1:
        raise ParameterInvalid(
            say(f"{given[0]}= and {given[1]}= are the same.", f"{given[0]}= 与 {given[1]}= 是同一个参数。"),
            hint=say("Give image= alone.", "请只写 image=。"),
        )
    return named[given[0]] if given else None


def _folder_of(file: PathLike, save_fold: PathLike | None) -> Path:
    """Return the folder whose run goes on from a file.

    Raises:
        ParameterInvalid: It is no latest.pth, or save_fold is another folder (-305).
    """
    path = checked_path("resume_from", file)
    if path.name != "latest.pth" or (save_fold is not None and Path(save_fold) != path.parent):
        raise invalid(
            "resume_from",
            str(path),
            "the latest.pth of an interrupted run, without another save_fold",
            "被中断训练的 latest.pth，且 save_fold 不能是其他文件夹",
        )
    return path.parent


def _documented(predictions: Predictions[Any]) -> list[Any]:
    """Return results in the documented shape: of one picture its persons, of several a list of these."""
    entries = [[person.to_chinese() for person in people] for people in predictions.results]
    return entries if predictions.many else entries[0]
