"""INT8: a checkpoint or a finished ONNX file becomes a file of a quarter of the size, measured before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.arguments import PathLike, checked_flag, checked_path
from BaseDT.errors import BackboneUnknown, CheckpointInvalid, ParameterInvalid, TaskMismatch
from BaseDT.files import check_writable
from BaseDT.language import say
from BaseDT.pasted import as_meant
from MMEdu.engine.events import Listener, silent
from MMEdu.models import registry as models
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_for_checkpoint
from MMEdu.tasks import registry as tasks

if TYPE_CHECKING:
    from MMEdu.export.int8.options import QuantizeOptions
    from MMEdu.export.int8.search import Quantized
    from MMEdu.export.measurement import EvaluationSet
    from MMEdu.export.target import Target
    from MMEdu.weights.loaded_model import LoadedModel


def quantize(
    entry: ModelEntry,
    source: PathLike,
    load: Callable[[], LoadedModel],
    examples: Callable[[], EvaluationSet],
    listener: Listener,
    *,
    out_file: PathLike | None,
    max_drop: float,
    reduce_range: bool,
    calibration: str,
    images: int,
    class_path: PathLike | None,
    standalone: bool,
    check_classes: Callable[[Sequence[str]], None],
) -> Path:
    """Make an INT8 model.

    Args:
        entry: The model that the file must be of.
        source: A ``.pth``, or an ``.onnx`` file that ``convert`` wrote.
        load: Loads the checkpoint; called for a ``.pth`` alone.
        examples: Reads the data set to find ranges and to measure with.
        listener: Called with progress and the result.
        out_file: The file to write; None names it after the source.
        max_drop: Points of the task's first metric that it may cost.
        reduce_range: Weights of 7 bits.
        calibration: How the ranges of activations are found.
        images: How many training pictures find them.
        class_path: Names of the classes of a ``.pth``.
        standalone: Whether a script that needs no library of ours is written, too.
        check_classes: Compares the classes of a finished file with what the user says.

    Returns:
        The INT8 model's file.

    Raises:
        XEduError: It costs too much, or cannot be made; then nothing is written.
    """
    require_for_checkpoint()
    from MMEdu.export import sample
    from MMEdu.export.int8.options import QuantizeOptions

    options = QuantizeOptions(max_drop, reduce_range, calibration, images)  # type: ignore[arg-type]
    script = tasks.find(entry.task).standalone_script() if checked_flag("standalone", standalone) else None
    if script is not None:
        sample.check_standalone(script, "ONNX")
    file = checked_path("checkpoint", source)
    if (classes := check_belongs(file, entry)) is not None:
        check_classes(classes)
    evaluation_set = examples()
    target = int8_target(file, out_file)
    check_names(file, class_path)
    quantize_model(file, load, target, evaluation_set, options, listener, standalone=script)
    return target.files[0]


def quantize_model(
    source: Path,
    load: Callable[[], LoadedModel],
    target: Target,
    evaluation_set: EvaluationSet,
    options: QuantizeOptions,
    listener: Listener,
    *,
    standalone: str | None = None,
) -> Quantized:
    """Quantise a checkpoint or a finished ONNX file; the latter needs no torch.

    Args:
        source: A ``.pth`` or ``.onnx`` file.
        load: Loads the checkpoint on the CPU; called for a ``.pth`` alone.
        target: Where the result goes.
        evaluation_set: To find the ranges and to measure with.
        options: How.
        listener: Called with progress and the result.
        standalone: As in ``export.convert.Options``.

    Raises:
        XEduError: See ``export.int8.search``; then nothing is written.
    """
    from MMEdu.export.int8.conversion import quantize_file
    from MMEdu.export.temporary_folder import TemporaryFolder

    check_writable(target.files)
    if is_onnx(source):
        file = checked_path("checkpoint", source)
        return quantize_file(file, target, evaluation_set, options, listener, standalone=standalone)
    loaded = load()
    with TemporaryFolder() as folder:
        file = _float_onnx(loaded, folder, evaluation_set)
        return quantize_file(file, target, evaluation_set, options, listener, standalone=standalone)


def _float_onnx(loaded: LoadedModel, folder: Path, evaluation_set: EvaluationSet) -> Path:
    """Write a loaded model as the float ONNX file that is quantised, checked against it."""
    from MMEdu.export.convert import Options, convert
    from MMEdu.export.int8.quantizer import IR, OPSET
    from MMEdu.export.onnx import Version
    from MMEdu.export.target import target_of

    target = target_of(folder / "model", "ONNX")
    signature = tasks.find(loaded.entry.task).part("signature")(loaded.entry, target.format)
    convert(loaded, target, Options(Version(OPSET, IR)), signature, evaluation_set.pictures(), silent)
    return target.files[0]


def is_onnx(file: PathLike) -> bool:
    """Return whether a file is a finished ONNX model, by its name."""
    return as_meant(file).suffix.lower() == ".onnx"


def int8_target(source: PathLike, out_file: PathLike | None) -> Target:
    """Return where the result goes: never over the float model."""
    from MMEdu.export.target import target_of

    if out_file is not None:
        target = target_of(out_file, "ONNX")
        if not (is_onnx(source) and target.files[0].resolve() == as_meant(source).resolve()):
            return target
    stem = as_meant(source).with_suffix("") if is_onnx(source) else Path("convert_model")
    return target_of(stem.with_name(f"{stem.name}_int8"), "ONNX")


def check_names(source: PathLike, class_path: PathLike | None) -> None:
    """Raise where class names are given for a finished ONNX file, which has its own (-305)."""
    if class_path is not None and is_onnx(source):
        hint = say("Leave the names out, or convert it with them.", "请去掉类别名称，或在转换时给出。")
        raise ParameterInvalid(
            say(
                f"class_path cannot be used with {source}: the file names its classes.",
                f"{source} 不能使用 class_path：该文件自带类别名称。",
            ),
            hint=hint,
        )


def check_belongs(source: PathLike, entry: ModelEntry) -> tuple[str, ...] | None:
    """Make sure that a finished ONNX file is of the chosen model; a checkpoint is checked when it is loaded.

    Returns:
        Its classes; None where it has no metadata.

    Raises:
        TaskMismatch: It was made for another task (-311).
        CheckpointInvalid: It is of another backbone (-202).
    """
    if not is_onnx(source):
        return None
    from XEdu.runtime.model import Model

    info = Model.load(source).info
    if info is None:
        return None
    if info.task != entry.task:
        hint = say("Choose the module that it was trained with.", "请使用训练它时所用的模块。")
        raise TaskMismatch(
            say(
                f"{source} was made for {info.task}, not for {entry.task}.",
                f"{source} 是为 {info.task} 制作的，不适用于 {entry.task}。",
            ),
            hint=hint,
        )
    if _registered_name(info.backbone, entry) != entry.name:
        right = f"{tasks.class_name(entry.task)}({info.backbone!r})"
        hint = say(f"Write {right}.", f"请写 {right}。")
        raise CheckpointInvalid(
            say(
                f"{source} holds a {info.backbone}, but the model is a {entry.name}.",
                f"{source} 是 {info.backbone}，而当前模型是 {entry.name}。",
            ),
            hint=hint,
        )
    return info.classes


def _registered_name(backbone: str, entry: ModelEntry) -> str:
    """Return the registry's name of a file's backbone; a foreign file may name one that no entry has."""
    try:
        return models.find(backbone, entry.task).name
    except BackboneUnknown:
        return entry.name
