"""``Solution``: what the documented classes share. Checkpoints, conversion and INT8 know no task.

Importing this module does not import torch.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from BaseDT.arguments import PathLike, checked_flag, checked_path, documented, unknown_parameter
from BaseDT.dataset.check import damaged_error
from BaseDT.errors import CheckpointNotFound, ClassCountMismatch, DatasetNotLoaded, NothingLoaded, ParameterInvalid
from BaseDT.image import ImageSource, Pixels
from BaseDT.language import say
from BaseDT.terminal import write_line
from MMEdu.engine.events import Listener, LogLine, Notice
from MMEdu.engine.listeners.console import console
from MMEdu.models import recipe_file, registry
from MMEdu.requirements import require_train

if TYPE_CHECKING:
    from MMEdu.engine.prediction_loop import Answered, Answers, R
    from MMEdu.engine.settings import Settings
    from MMEdu.export.int8.measurement import Examples
    from MMEdu.models.registry import ModelEntry
    from MMEdu.predictor import Predictor
    from MMEdu.training import TrainingResult
    from MMEdu.weights.start import Start


class Solution(ABC):
    """A documented class: one model of one task, from data to the file that leaves the machine.

    Attributes a user sets: ``num_classes`` (found in the data when left out), ``save_fold`` (where a training writes),
    ``checkpoint`` (what inference loads).
    """

    TASK: ClassVar[str]
    DEFAULT_FOLDER: ClassVar[str]
    # Each task documents its own arguments.
    load_dataset: Callable[..., None]
    train: Callable[..., list[LogLine]]
    _ATTRIBUTES = ("backbone", "num_classes", "save_fold", "checkpoint", "dataset_path")

    def __init__(self, backbone: str, num_classes: int, dataset_path: PathLike | None, unknown: Sequence[str]) -> None:
        for name in unknown:
            known = ("backbone", "num_classes", "dataset_path")
            raise unknown_parameter(f"{type(self).__name__}()", name, known)
        self._backbone = backbone
        self._entry = recipe_file.entry_of(backbone, self.TASK)
        self._data: Any = None
        self._places: dict[str, Path] = {}
        self._emit: Listener = console() if os.environ.get("RANK", "0") == "0" else silent
        self._predictor: Predictor | None = None
        self._loaded: tuple[tuple[object, ...], tuple[str, ...] | None] = ((), None)
        self._told_names: tuple[str, ...] = ()
        self._trained: TrainingResult | None = None
        self._files: list[str] = []
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

    def __repr__(self) -> str:
        return f"{type(self).__name__}(backbone={self.backbone!r}, num_classes={self.num_classes})"

    def _take(self, data: Any, path: PathLike, check: bool | str, places: dict[str, Path]) -> None:
        """Take what ``load_dataset`` read: tell its notes, and check its pictures if so asked.

        Args:
            data: The task's data, with ``dataset``, ``check`` and ``without``.
            path: What the user gave.
            check: As in ``load_dataset``.
            places: The arguments of ``load_dataset`` that lead here again, for other processes.
        """
        for note in data.dataset.notes:
            self._emit(Notice(note))
        self._data = self._checked(data, skip=check == "skip") if check else data
        self.dataset_path = path
        self._places = places

    def _checked(self, data: Any, *, skip: bool) -> Any:
        damaged = data.check(self._emit)
        if damaged and not skip:
            raise damaged_error(damaged)
        if damaged:
            names = ", ".join(str(item.path) for item in damaged[:5])
            count = len(damaged)
            self._emit(Notice(say(f"Left out {count} damaged files: {names}", f"已跳过 {count} 个损坏的文件：{names}")))
            return data.without([item.path for item in damaged])
        return data

    def _run(self, arguments: dict[str, Any]) -> list[LogLine]:
        """Train with checked arguments; returns the lines of the log."""
        if self._data is None:
            raise _no_dataset()
        self._predictor = None
        given = arguments["save_fold"] if arguments["save_fold"] is not None else self.save_fold
        folder = checked_path("save_fold", self.DEFAULT_FOLDER if given is None else given)
        self._trained = self._train(arguments, folder)
        return self._trained.log

    def _train(self, arguments: dict[str, Any], folder: Path) -> TrainingResult:
        require_train()
        from MMEdu.actions import distributed_job as launch
        from MMEdu.engine.device import resolve
        from MMEdu.engine.saving import read_interrupted
        from MMEdu.training import as_interrupted, check_class_count, sized
        from MMEdu.weights import home, pretrained
        from MMEdu.weights.start import Start

        weights = pretrained.wanted(self._entry, arguments)
        entry = pretrained.suited(sized(self._entry, arguments["image_size"]), weights)
        check_class_count(self.num_classes, self._data.dataset.classes)
        resolve(arguments["device"])
        launches = arguments["distributed"] and not launch.is_launched()
        interrupted = read_interrupted(folder)["meta"] if arguments["resume"] else None
        file = arguments["checkpoint"] if weights is None else home.place_of(weights)
        settings = self._settings({**arguments, "checkpoint": file}, entry, interrupted)
        start = None if file is None else Start(file)
        if interrupted is not None:  # an interrupted run reads its own file
            entry = as_interrupted(entry, interrupted)
        elif weights is not None:
            home.obtain(weights, self._emit)
        elif start is not None and not launches:  # each process reads for itself
            entry = self._suited(entry, start)
        data = self._data = self._data.prepared_for(entry.preprocess, entry.recipe.augment)
        self._trained, self.save_fold = None, folder  # an interrupted run leaves something there, too
        if launches:
            left_out = data.left_out
            job = launch.Job.of(self.TASK, self._backbone, self._places, left_out, arguments, settings.seed, folder)
            return launch.run(job, write_line)
        return self._train_here(entry, settings, folder, start)

    def _suited(self, entry: ModelEntry, start: Start) -> ModelEntry:
        """Return the entry with the colours that the weights of a file know; tells where they are not the usual."""
        entry, lines = start.suited(entry)
        for line in lines:
            self._emit(Notice(line))
        return entry

    def train_as_worker(
        self, dataset: dict[str, str], left_out: Sequence[str], arguments: dict[str, Any]
    ) -> TrainingResult | None:
        """Train as one of the processes of a job; the parent has checked and told everything already."""
        emit, self._emit = self._emit, silent
        self.load_dataset(**dataset, check=False)
        if left_out:
            self._data = self._data.without([Path(path) for path in left_out])
        self._emit = emit
        self.train(**arguments)
        return self._trained

    @property
    def trained(self) -> TrainingResult | None:
        """What the last training left: log, checkpoints, report (上一次训练的结果); None before the first."""
        return self._trained

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

        Returns:
            The model's file, the one to open.

        Raises:
            ParameterInvalid: No such backend, or opset and IR that cannot be (-305).
            DependencyMissing: The backend is not installed (-502).
            ExportFailed, ExportDiffers: It cannot be written (-806), or says something else (-807).
            PathNotWritable, DiskFull: ``out_file`` cannot be written (-104, -803).
            ClassCountMismatch: ``num_classes`` was set, and the checkpoint has another number (-306).
        """
        require_train()
        from MMEdu.export.convert import Options, check, convert
        from MMEdu.export.onnx import Version
        from MMEdu.export.target import target_of

        target = target_of(out_file, backend)
        version = Version(opset_version, ir_version)
        options = Options(version, checked_flag("dynamic", dynamic), checked_flag("standalone", standalone))
        check(self._entry, target, options)
        loaded = self._counted(checkpoint, class_path)
        return convert(loaded, target, options, self._some_pictures(), self._emit).files[0]

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
        require_train()
        from MMEdu.export import sample
        from MMEdu.export.int8 import actions as int8
        from MMEdu.export.int8.quantize import QuantizeOptions

        options = QuantizeOptions(max_drop, reduce_range, calibration, images)  # type: ignore[arg-type]
        if checked_flag("standalone", standalone):
            sample.check_standalone(self.TASK, "ONNX")
        source = checked_path("checkpoint", self._checkpoint(checkpoint))
        if (classes := int8.check_belongs(source, self._entry)) is not None:
            check_count(self.num_classes, classes, source)
        examples = self._examples(dataset_path if dataset_path is not None else self.dataset_path)
        target = int8.place(source, out_file)
        int8.check_names(source, class_path)

        def load() -> Predictor:
            return self._counted(source, class_path)

        int8.quantize(source, load, target, examples, options, self._emit, standalone=standalone)
        return target.files[0]

    @abstractmethod
    def _settings(
        self, arguments: dict[str, Any], entry: ModelEntry, interrupted: Mapping[str, Any] | None
    ) -> Settings:
        """Make checked settings of the arguments of ``train``, and of what the run says that is to go on."""

    @abstractmethod
    def _train_here(self, entry: ModelEntry, settings: Settings, folder: Path, start: Start | None) -> TrainingResult:
        """Train in this process."""

    @abstractmethod
    def _some_pictures(self) -> list[Pixels]:
        """Some pictures of the loaded set, to check an export with; none where nothing is loaded."""

    @abstractmethod
    def _examples(self, dataset_path: PathLike | None) -> Examples:
        """Pictures to calibrate and measure with."""

    def _load(
        self, checkpoint: PathLike | None, device: str, class_path: PathLike | None, *, nameless: bool = False
    ) -> Predictor:
        """Load a checkpoint, unless it is loaded; ``nameless`` takes one whose classes nothing names."""
        require_train()
        from MMEdu import predictor

        file = self._checkpoint(checkpoint)
        names = predictor.given_names(class_path)
        key = predictor.identity(file, device)
        otherwise = self._known_names(key) if nameless else None
        loaded = self._predictor
        if loaded is None or not key or not self._holds(loaded, key, names, otherwise):  # a loop loads once
            loaded = predictor.load(self._entry, file, device, names=names, otherwise=otherwise)
            self._predictor, self._loaded = loaded, (key, names)
        return loaded

    def _counted(self, checkpoint: PathLike | None, class_path: PathLike | None) -> Predictor:
        """Load a checkpoint on the CPU, of as many classes as the user says that there are."""
        loaded = self._load(checkpoint, "cpu", class_path)
        check_count(self.num_classes, loaded.classes, self._checkpoint(checkpoint))
        return loaded

    def _holds(
        self, loaded: Predictor, key: object, names: tuple[str, ...] | None, otherwise: Sequence[str] | None
    ) -> bool:
        """Tell whether what is loaded is this file, with these names."""
        from MMEdu import predictor

        known, given = self._loaded
        if known != key:
            return False
        if loaded.named or names is not None:
            return names == given
        return otherwise is not None and loaded.classes == predictor.stand_ins(otherwise, len(loaded.classes))

    def _known_names(self, key: tuple[object, ...]) -> tuple[str, ...]:
        """Names for a file without any: those that it was loaded with, else those of the loaded data set."""
        known, given = self._loaded
        if key and known == key and given is not None:
            return given
        return () if self._data is None else tuple(self._data.dataset.classes)

    def _tell_names(self, loaded: Predictor, checkpoint: PathLike | None) -> None:
        """Say, once in a row, how classes are called that neither the file nor the user names."""
        from MMEdu import predictor

        if loaded.named or loaded.classes in (self._loaded[1], self._told_names):
            return
        self._told_names = loaded.classes
        self._emit(Notice(predictor.stand_ins_told(self._checkpoint(checkpoint), loaded.classes)))

    def _checkpoint(self, given: PathLike | None) -> PathLike:
        """Choose the checkpoint: the argument, the attribute, the run's best, its latest."""
        if given is not None or self.checkpoint is not None:
            return given if given is not None else self.checkpoint  # type: ignore[return-value]
        if self._trained is not None:
            return self._trained.best_file or self._trained.latest_file
        if self.save_fold is not None:
            folder = checked_path("save_fold", self.save_fold)
            best = max(folder.glob("best_*.pth"), key=lambda file: file.stat().st_mtime_ns, default=None)
            if best is not None or (folder / "latest.pth").exists():
                return best or folder / "latest.pth"
        hint = say("Train first, or set model.checkpoint = '....pth'.", "请先训练，或设置 model.checkpoint = '….pth'。")
        raise CheckpointNotFound("No checkpoint was given, and this model has not been trained.", hint=hint)

    def _preloaded(self) -> Predictor:
        """What ``load_checkpoint`` loaded.

        Raises:
            NothingLoaded: It was not called (-602).
        """
        if self._predictor is None:
            hint = say("Call load_checkpoint(checkpoint=...) first.", "请先调用 load_checkpoint(checkpoint=...)。")
            raise NothingLoaded("Nothing is loaded yet.", hint=hint)
        return self._predictor

    def _predict(
        self,
        answers: Answers[R],
        image: ImageSource | Sequence[ImageSource] | None,
        *,
        show: bool,
        save_fold: PathLike,
        emit: Listener,
    ) -> Answered[R]:
        from MMEdu.engine import prediction_loop as inference

        output = inference.Output(checked_path("save_fold", save_fold), display=True) if show else None
        self._files = []
        answered = inference.predict(answers, image, output, emit)  # type: ignore[arg-type]
        self._files = answered.files
        return answered


def silent(event: object) -> None:
    """Listen to nothing."""
    del event


def _no_dataset() -> DatasetNotLoaded:
    """Make the error of a training without data (-603)."""
    hint = say("Call load_dataset(path=...) first.", "请先调用 load_dataset(path=...)。")
    return DatasetNotLoaded("There is no dataset to train on.", hint=hint)


def check_count(num_classes: int, classes: Sequence[str], source: PathLike) -> None:
    """Raise where the user's ``num_classes`` disagrees with a finished model (-306); -1 leaves it to the model."""
    found = len(classes)
    if num_classes in (-1, found):
        return
    names = ", ".join(classes[:8])
    hint = say(f"Leave num_classes out, or set {found}.", f"可以不写 num_classes，或设为 {found}。")
    raise ClassCountMismatch(f"num_classes is {num_classes!r}, but {source} has {found} classes: {names}.", hint=hint)


def checked_check(check: Any) -> None:
    """Raise unless ``check`` of ``load_dataset`` is True, False or ``"skip"`` (-305)."""
    if check not in (True, False, "skip"):
        hint = say("check must be True, False or 'skip'.", "check 应当是 True、False 或 'skip'。")
        raise ParameterInvalid(f"check={check!r} cannot be used.", hint=hint)
