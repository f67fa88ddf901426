"""``VisionModel``: what the documented classes share. They keep a user's settings and call ``MMEdu.actions``.

Importing this module does not import torch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from BaseDT.arguments import PathLike, checked_path, documented, invalid, unknown_parameter
from BaseDT.errors import NothingToShow, ParameterInvalid
from BaseDT.image import ImageSource
from BaseDT.language import say
from BaseDT.misplaced import not_callable, refuse_misplaced
from MMEdu.actions import convert as conversion
from MMEdu.actions import evaluate as evaluation
from MMEdu.actions import predict as prediction
from MMEdu.actions import quantize as quantization
from MMEdu.actions.checkpoints import LoadedModelCache, check_class_count, choose_checkpoint
from MMEdu.actions.train import TrainingSession, checked_arguments
from MMEdu.actions.training_result import TrainingLog, TrainingResult
from MMEdu.engine.events import Listener, LogLine, silent
from MMEdu.engine.listeners.console import console
from MMEdu.models import recipe_file, registry
from MMEdu.tasks import registry as task_registry

if TYPE_CHECKING:
    from MMEdu.engine.prediction_loop import Predictions
    from MMEdu.export.measurement import EvaluationSet
    from MMEdu.weights.loaded_model import LoadedModel


class VisionModel:
    """A documented class: one model of one task, from data to the file that leaves the machine.

    Attributes a user sets: ``num_classes`` (found in the data when left out), ``save_fold`` (where a training writes),
    ``checkpoint`` (what inference loads), ``listener`` (told of everything that happens, in place of the console).
    """

    TASK: ClassVar[str]
    _ATTRIBUTES = ("backbone", "num_classes", "save_fold", "checkpoint", "dataset_path", "listener")

    def __init__(self, backbone: str, num_classes: int, dataset_path: PathLike | None, unknown: Sequence[str]) -> None:
        for name in unknown:
            raise unknown_parameter(f"{type(self).__name__}()", name, ("backbone", "num_classes", "dataset_path"))
        refuse_misplaced(type(self).__name__, {"backbone": backbone}, ("backbone", "num_classes", "dataset_path"))
        self._spec = task_registry.find(self.TASK)
        self._entry = recipe_file.entry_of(backbone, self.TASK)
        self._session = TrainingSession(self._spec, backbone, self._entry)
        self._cache = LoadedModelCache(self._entry)
        self._predictions: Predictions[Any] | None = None
        self._files: list[str] = []
        self._preloaded: tuple[PathLike, PathLike | None] | None = None
        # Under torchrun the leading process alone speaks.
        self.listener: Listener = console() if os.environ.get("RANK", "0") == "0" else silent
        self.backbone = self._entry.name
        self.num_classes = num_classes
        self.save_fold: PathLike | None = None
        self.checkpoint: PathLike | None = None
        self.dataset_path = dataset_path

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute; one that does not exist is a misspelling, and would be ignored silently."""
        if not name.startswith("_") and name not in self._ATTRIBUTES:
            raise unknown_parameter(type(self).__name__, name, self._ATTRIBUTES)
        super().__setattr__(name, value)
        if name == "checkpoint":
            self._preloaded = None

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Say how a picture is predicted: a model of PyTorch is called, this one is not (-305)."""
        raise not_callable(type(self).__name__, "inference(image='cat.jpg')")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(backbone={self.backbone!r}, num_classes={self.num_classes})"

    @property
    def trained(self) -> TrainingResult | None:
        """What the last training left: log, checkpoints, report (上一次训练的结果); None before the first."""
        return self._session.result

    @property
    def files(self) -> list[str]:
        """Names of the pictures of the last inference, in the order of its results (图片文件名)."""
        return list(self._files)

    @classmethod
    @documented
    def sota(cls) -> list[str]:
        """List the names of the models (列出所有可用的模型)."""
        return registry.names(cls.TASK)

    @documented
    def convert(
        self,
        checkpoint: PathLike | None = None,
        backend: str = "ONNX",
        out_file: PathLike = "convert_model.onnx",
        opset_version: int = 11,
        ir_version: int = 6,
        class_path: PathLike | None = None,
        *,
        dynamic: bool = False,
        standalone: bool = False,
        features: bool = False,
    ) -> Path:
        """Convert a trained model for other machines, check it, and write a sample script beside it (模型转换).

        Args:
            checkpoint: As in ``inference``.
            backend: ``ONNX``, ``NCNN``, ``OpenVINO`` or ``TensorRT``.
            out_file: The file to write; its folder is made, its suffix completed.
            opset_version: Version of ONNX' operators.
            ir_version: Version of ONNX' file format.
            class_path: A ``classes.txt``, a folder of class folders or a detection set, to name the classes by.
            dynamic: The file takes any number of pictures at once (ONNX, OpenVINO); one otherwise.
            standalone: Also write a ``BaseData.py`` and a script that need onnxruntime, numpy and OpenCV alone
                (ONNX files of classifiers).
            features: The file also gives what the last layer sees, so that ``XEdu.teach`` can teach it other classes
                without torch (ONNX files of classifiers).

        Returns:
            The model's file, the one to open.

        Raises:
            ParameterInvalid: No such backend, or opset and IR that cannot be (-305).
            DependencyMissing: The backend is not installed (-502).
            ExportFailed, ExportDiffers: It cannot be written (-806), or says something else (-807).
            PathNotWritable, DiskFull: ``out_file`` cannot be written (-104, -803).
            ClassCountMismatch: ``num_classes`` was set, and the checkpoint has another number (-306).
        """
        return conversion.convert(
            self._entry,
            lambda: self._load_for_export(self._checkpoint(checkpoint), self._names(checkpoint, class_path)),
            lambda: [] if self._session.dataset is None else self._spec.part("pictures")(self._session.dataset.data),
            self.listener,
            backend=backend,
            out_file=out_file,
            opset_version=opset_version,
            ir_version=ir_version,
            dynamic=dynamic,
            standalone=standalone,
            features=features,
        )

    @documented
    def quantize(
        self,
        checkpoint: PathLike | None = None,
        out_file: PathLike | None = None,
        dataset_path: PathLike | None = None,
        *,
        max_drop: float = 1.0,
        reduce_range: bool = True,
        calibration: str = "auto",
        images: int = 100,
        class_path: PathLike | None = None,
        standalone: bool = False,
    ) -> Path:
        """Make an INT8 model, a quarter of the size, and measure before and after (模型量化).

        Args:
            checkpoint: A ``.pth`` as in ``inference``, or an ``.onnx`` file that ``convert`` wrote.
            out_file: The file to write; ``<name>_int8.onnx`` beside the ``.onnx``, or in the working directory.
            dataset_path: The set whose training pictures find the ranges and whose validation pictures measure; None
                takes the one that was loaded.
            max_drop: Points of top-1, or of mAP, that it may cost; more, and nothing is written.
            reduce_range: Weights of 7 bits, right on every PC; False is finer on processors with VNNI and on Arm.
            calibration: How the ranges of activations are found: ``minmax``, ``average`` (the mean of the pictures'),
                ``percentile``; ``auto`` takes the first that is good enough.
            images: How many training pictures find the ranges.
            class_path: As in ``convert``; for a ``.pth`` alone.
            standalone: As in ``convert``.

        Returns:
            The INT8 model's file.

        Raises:
            AccuracyLost: It would cost more than ``max_drop`` (-808).
            DatasetNotLoaded: There is no data set to measure with (-603).
            TaskMismatch, CheckpointInvalid: The file was made for another task, or is of another backbone (-311, -202).
        """
        source = self._checkpoint(checkpoint)
        return quantization.quantize(
            self._entry,
            source,
            lambda: self._load_for_export(source, self._names(checkpoint, class_path)),
            lambda: self._examples(dataset_path if dataset_path is not None else self.dataset_path),
            self.listener,
            out_file=out_file,
            max_drop=max_drop,
            reduce_range=reduce_range,
            calibration=calibration,
            images=images,
            class_path=class_path,
            standalone=standalone,
            check_classes=lambda classes: check_class_count(self.num_classes, classes, source),
        )

    @documented
    def evaluate(
        self,
        path: PathLike | None = None,
        *,
        checkpoint: PathLike | None = None,
        device: str = "cpu",
        thr: float | str | None = None,
        save_fold: PathLike | None = None,
        class_path: PathLike | None = None,
    ) -> dict[str, Any]:
        """Tell how good a trained model is on pictures whose content is known (评估模型).

        Args:
            path: A labelled folder: class folders or an ImageNet-style set for a classifier; for a detector a set in
                COCO's layout, VOC, YOLO or LabelMe. Of a set that is divided the test pictures are taken, else those
                for validation. None takes these of the data set that is loaded.
            checkpoint: As in ``inference``.
            device: As in ``inference``.
            thr: As in ``inference``.
            save_fold: Where the report is written, a folder that is not there yet; None makes one in ``eval_result``.
            class_path: As in ``inference``.

        Returns:
            Everything as plain data: shares are from 0 to 1, None where nothing can be said. docs/evaluate.md lists it.

        Raises:
            CheckpointNotFound: There is no checkpoint (-102).
            DatasetNotLoaded: No folder is given, and no data set is loaded (-603).
            DatasetNotFound, DatasetInvalid, AnnotationMissing: The folder cannot be used (-101, -201, -701).
            ClassCountMismatch: The model knows none of its classes (-306).
            PathExists: There is something in ``save_fold`` (-105).
            ModelUnsupported: Models of this task cannot be evaluated (-206).
        """
        if path is None:
            loaded = self._session.dataset
            data: Any = evaluation.loaded_pictures(self._spec, None if loaded is None else loaded.data)
        else:
            data = checked_path("path", path)
        file = self._checkpoint(checkpoint)
        request = evaluation.Request(data, thr, save_fold)
        return evaluation.evaluate(lambda: (self._cache.load(file, device, class_path), file), request, self.listener)

    # What the documented classes call.

    def _load_dataset(self, path: PathLike, check: bool | str, **paths: PathLike | None) -> None:
        self._session.load_dataset(path, check, self.listener, **paths)
        self.dataset_path = path

    def _train(self, values: dict[str, Any]) -> list[LogLine]:
        """Train with the documented arguments; returns the lines of the log."""
        listener = self.listener if values["listener"] is None else values["listener"]
        del values["listener"]
        _check_callbacks(listener, values["stop"])
        arguments, stop = checked_arguments(self._spec, values), values["stop"]
        self._cache.clear()
        self._preloaded = None
        choices = (arguments.save_fold, self.save_fold, self._spec.default_folder)
        folder = checked_path("save_fold", next(choice for choice in choices if choice is not None))
        before = self._session.folder
        try:
            result = self._session.train(arguments, folder, listener, num_classes=self.num_classes, stop=stop)
        finally:
            if self._session.folder is not before:  # it began, and left something there
                self.save_fold = folder
        return TrainingLog(result.log)

    def _load(self, checkpoint: PathLike | None, device: str, class_path: PathLike | None) -> LoadedModel:
        return self._cache.load(self._checkpoint(checkpoint), device, self._names(checkpoint, class_path))

    def _preload(self, checkpoint: PathLike | None, device: str, class_path: PathLike | None) -> None:
        """Load a checkpoint, which is then meant where none is named."""
        self._preloaded = None
        file = self._checkpoint(checkpoint)
        self._cache.load(file, device, class_path)
        self._preloaded = file, class_path

    def _names(self, checkpoint: PathLike | None, class_path: PathLike | None) -> PathLike | None:
        """Return what names the classes of a checkpoint: those that it was loaded with, where it is that one."""
        preloaded = self._preloaded if checkpoint is None and class_path is None else None
        return class_path if preloaded is None else preloaded[1]

    def _load_for_export(self, file: PathLike, class_path: PathLike | None) -> LoadedModel:
        """Load a checkpoint on the CPU, of as many classes as the user says that there are."""
        model = self._cache.load(file, "cpu", class_path)
        check_class_count(self.num_classes, model.classes, file)
        return model

    def _checkpoint(self, argument: PathLike | None) -> PathLike:
        if argument is None and self._preloaded is not None:
            return self._preloaded[0]
        return choose_checkpoint(argument, self.checkpoint, self._session.result, self.save_fold)

    def _examples(self, dataset_path: PathLike | None) -> EvaluationSet:
        dataset = self._session.dataset
        data = None if dataset is None else dataset.data
        folder = None if dataset_path is None else checked_path("dataset_path", dataset_path)
        evaluation_set: EvaluationSet = self._spec.part("evaluation_set")(folder, data)
        return evaluation_set

    def _predict(
        self,
        model: LoadedModel,
        arguments: Any,
        image: ImageSource | Sequence[ImageSource] | None,
        *,
        show: bool,
        save_fold: PathLike,
        listener: Listener,
    ) -> Predictions[Any]:
        """Predict pictures; results and file names are kept for ``print_result`` and ``files``."""
        if show is True:
            self._session.refuse_mixing(checked_path("save_fold", save_fold))
        self._files = []
        predictions = prediction.predict(
            self._spec, model, arguments, image, show=show, save_fold=save_fold, listener=listener
        )
        self._files, self._predictions = predictions.files, predictions
        return predictions

    def _to_print(
        self, res: Sequence[Any] | None, keys: Collection[str], documented: Callable[[Predictions[Any]], Any]
    ) -> list[Any]:
        """Return what ``print_result`` prints: results that were given, else those of the last inference.

        Args:
            res: What a user gave as results of ``inference``, or None.
            keys: What each entry of such results has.
            documented: Brings predictions into the documented shape.

        Raises:
            NothingToShow: Nothing was predicted yet (-601).
            ParameterInvalid: These are no results (-305).
        """
        if res is not None:
            return _checked_results(res, keys)
        entries: list[Any] = documented(self._last_predictions())
        return entries

    def _last_predictions(self) -> Predictions[Any]:
        """Return the predictions of the last inference.

        Raises:
            NothingToShow: Nothing was predicted yet (-601).
        """
        if self._predictions is None:
            hint = say("Call inference(image=...) first.", "请先调用 inference(image=...)。")
            raise NothingToShow(say("There is no result to print yet.", "还没有可以输出的结果。"), hint=hint)
        return self._predictions


def _checked_results(res: Sequence[Any], keys: Collection[str]) -> list[Any]:
    """Make sure that these are results of ``inference``: entries with these keys, or lists of such."""
    items = list(res) if isinstance(res, (list, tuple)) else None
    flat = [] if items is None else [entry for item in items for entry in (item if isinstance(item, list) else [item])]
    if items is None or not all(isinstance(entry, dict) and entry.keys() >= set(keys) for entry in flat):
        hint = say("Give what inference() returned.", "请传入 inference() 的返回值。")
        raise ParameterInvalid(say("This is no result of inference().", "这不是 inference() 的结果。"), hint=hint)
    return items


def _check_callbacks(listener: object, stop: object) -> None:
    """Raise for what can neither be told of a run nor end it (-305)."""
    if not callable(listener):
        raise invalid("listener", listener, "a function of one event", "接收一个事件的函数")
    if stop is not None and not callable(getattr(stop, "is_set", None)):
        raise invalid("stop", stop, "an object with is_set()", "带有 is_set() 的对象")
