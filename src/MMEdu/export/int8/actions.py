"""What ``quantize`` needs around the quantiser: the data set, the model's file, the name of the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.arguments import PathLike, checked_path
from BaseDT.errors import BackboneUnknown, CheckpointInvalid, ParameterInvalid, TaskMismatch
from BaseDT.files import check_writable, write_whole
from BaseDT.language import say
from MMEdu.engine.events import Listener
from MMEdu.export import sample
from MMEdu.export import temporary_folder as scratch
from MMEdu.export.int8 import quantize as quantizer
from MMEdu.export.int8.measurement import Examples
from MMEdu.export.int8.quantize import Quantized, QuantizeOptions
from MMEdu.export.int8.workshop import IR, OPSET, checked_info
from MMEdu.export.target import Target, target_of
from MMEdu.models import registry
from MMEdu.models.registry import ModelEntry
from XEdu.runtime.model import Model

if TYPE_CHECKING:
    from MMEdu.weights.loaded_model import LoadedModel


def is_onnx(file: PathLike) -> bool:
    """Tell by its name whether a file is a finished ONNX model."""
    return Path(file).suffix.lower() == ".onnx"


def place(source: PathLike, out_file: PathLike | None) -> Target:
    """Return where the result goes: never over the float model."""
    if out_file is not None:
        target = target_of(out_file, "ONNX")
        if not (is_onnx(source) and target.files[0].resolve() == Path(source).resolve()):
            return target
    stem = Path(source).with_suffix("") if is_onnx(source) else Path("convert_model")
    return target_of(stem.with_name(f"{stem.name}_int8"), "ONNX")


def check_names(source: PathLike, class_path: PathLike | None) -> None:
    """Raise where class names are given for a finished ONNX file, which has its own (-305)."""
    if class_path is not None and is_onnx(source):
        hint = say("Leave the names out, or convert it with them.", "请去掉类别名称，或在转换时给出。")
        raise ParameterInvalid(f"class_path cannot be used with {source}: the file names its classes.", hint=hint)


def check_belongs(source: PathLike, entry: ModelEntry) -> tuple[str, ...] | None:
    """Make sure that a finished ONNX file is of the chosen model; a checkpoint is asked when it is loaded.

    Returns:
        Its classes; None where it does not tell.

    Raises:
        TaskMismatch: It was made for another task (-311).
        CheckpointInvalid: It is of another backbone (-202).
    """
    if not is_onnx(source):
        return None
    info = Model.load(source).info
    if info is None:
        return None
    if info.task != entry.task:
        hint = say("Choose the module that it was trained with.", "请使用训练它时所用的模块。")
        raise TaskMismatch(f"{source} was made for {info.task}, not for {entry.task}.", hint=hint)
    if _known_name(info.backbone, entry) != entry.name:
        call = registry.constructor_call(info.backbone, entry.task)
        hint = say(f"Write {call}.", f"请写 {call}。")
        raise CheckpointInvalid(f"{source} holds a {info.backbone}, but the model is a {entry.name}.", hint=hint)
    return info.classes


def _known_name(backbone: str, entry: ModelEntry) -> str:
    """Return our name of a file's backbone; a foreign file may have one that no model of ours could be chosen by."""
    try:
        return registry.find(backbone, entry.task).name
    except BackboneUnknown:
        return entry.name


def quantize(
    source: PathLike,
    load_checkpoint: Callable[[], LoadedModel],
    target: Target,
    examples: Examples,
    options: QuantizeOptions,
    emit: Listener,
    *,
    standalone: bool = False,
) -> Quantized:
    """Quantise a checkpoint or a finished ONNX file; the latter needs no torch.

    Args:
        source: A ``.pth`` or ``.onnx`` file.
        load_checkpoint: Called where it is no ONNX file.
        target: Where the result goes.
        examples: To find the ranges and to measure with.
        options: How.
        emit: Told of progress and of the result.
        standalone: As in ``convert.Options``.

    Raises:
        XEduError: See ``quantize.quantize``; then nothing is written.
    """
    check_writable(target.files)
    if is_onnx(source):
        return _quantize_file(checked_path("checkpoint", source), target, examples, options, emit, standalone)
    from MMEdu.export.convert import Options, convert
    from MMEdu.export.onnx import Version

    predictor = load_checkpoint()
    with scratch.Folder() as folder:
        between = target_of(folder / "model", "ONNX")
        convert(predictor, between, Options(Version(OPSET, IR)), examples.pictures(), lambda _: None)
        return _quantize_file(between.files[0], target, examples, options, emit, standalone)


def _quantize_file(
    model_file: Path, target: Target, examples: Examples, options: QuantizeOptions, emit: Listener, standalone: bool
) -> Quantized:
    info, _ = checked_info(Model.load(model_file), model_file)
    if standalone:
        sample.check_standalone(info.task, target.format)
    judge = examples.judge(info, options.images, emit)
    result = quantizer.quantize(model_file, judge, options, emit)
    write_whole(target.files[0], result.data)
    quantizer.tell(result, examples.name, target.files[0], emit)
    sample.tell(sample.write(target, replace(info, precision="int8"), standalone=standalone), emit)
    return result
