"""INT8 of a file that knows its own model, with the figures before and after."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from BaseDT.errors import CheckpointInvalid, DependencyMissing
from BaseDT.language import say
from MMEdu.actions import origin
from MMEdu.engine.events import Listener

if TYPE_CHECKING:
    from MMEdu.export.measurement import Measurement


def quantize_file(
    model: Path,
    data: Path,
    *,
    out_file: str | None,
    max_drop: float,
    reduce_range: bool,
    calibration: str,
    images: int,
    classes: Path | None,
    standalone: bool,
    listener: Listener | None = None,
) -> dict[str, Any]:
    """Make an INT8 model; arguments as in ``quantize``.

    Returns:
        The file and the figures of both models, as plain JSON data.

    Raises:
        XEduError: It costs too much, or cannot be made; then nothing is written.
    """
    from MMEdu.engine.listeners.console import console

    _check_kind(model)
    _require_quantizer(model)
    from MMEdu.actions import quantize as action
    from MMEdu.export.int8.options import QuantizeOptions

    options = QuantizeOptions(max_drop, reduce_range, calibration, images)  # type: ignore[arg-type]
    target = action.int8_target(model, out_file)
    action.check_names(model, classes)
    result = action.quantize_model(
        model,
        lambda: origin.load(model, classes),
        target,
        origin.evaluation_set_for(model, data),
        options,
        listener or console(),
        standalone=origin.standalone_script(model) if standalone else None,
    )
    return {
        "model": str(target.files[0]),
        "fp32": _figures(result.before),
        "int8": _figures(result.after),
        "calibration": result.scheme.method,
        "left_in_float": list(result.scheme.float_layers),
    }


def _check_kind(file: Path) -> None:
    from MMEdu.actions.info import is_exported

    if is_exported(file) and file.suffix.lower() != ".onnx":
        hint = say("Give the .onnx or the .pth file of the model.", "请给出该模型的 .onnx 或 .pth 文件。")
        raise CheckpointInvalid(
            say(f"{file} is of a format that is not quantised.", f"{file} 的格式不能量化。"), hint=hint
        )


def _require_quantizer(file: Path) -> None:
    """Make sure that the quantiser can be imported: all of training for a checkpoint, little for a finished ONNX file.

    Raises:
        DependencyMissing: Something is not installed; the hint holds the command that mends it (-502).
    """
    from MMEdu.requirements import INSTALL_TRAIN, require_for_checkpoint

    if file.suffix.lower() != ".onnx":
        require_for_checkpoint()
    try:
        importlib.import_module("MMEdu.export.int8.conversion")
    except ModuleNotFoundError as error:
        command = "pip install onnx" if error.name == "onnx" else INSTALL_TRAIN
        hint = say(f"Install it with: {command}", f"请安装：{command}")
        message = say(
            f"Quantising needs {error.name}, which this Python does not have.",
            f"量化需要 {error.name}，而当前 Python 没有安装。",
        )
        raise DependencyMissing(message, hint=hint) from error


def _figures(measurement: Measurement) -> dict[str, object]:
    return {
        "size": measurement.size,
        **dict(measurement.quality),
        "images_per_second": measurement.speed,
        "images": measurement.count,
    }
