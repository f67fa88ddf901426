"""``mmedu quantize``: an INT8 model of a checkpoint or of an ONNX file, measured before and after."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from BaseDT.errors import CheckpointInvalid, DependencyMissing
from BaseDT.language import say
from MMEdu.cli.checkpoints import examples_for, predictor_of, standalone_script
from MMEdu.cli.output import AsJson, lines_on_stderr, print_json

if TYPE_CHECKING:
    from MMEdu.export.int8.measurement import Measurement


def quantize(
    model: Annotated[Path, typer.Argument(help="A .pth file, or an .onnx file that convert wrote (模型文件).")],
    data: Annotated[Path, typer.Option(help="The data set to find ranges with and to measure with (数据集).")],
    # As text: a path would lose the slash at its end, by which a folder is known.
    out_file: Annotated[
        str | None, typer.Option(metavar="<path>", help="The file to write; <name>_int8.onnx by default (输出文件).")
    ] = None,
    max_drop: Annotated[
        float, typer.Option(help="Points of top-1, or of mAP, that it may cost (允许下降的百分点).")
    ] = 1.0,
    full_range: Annotated[
        bool,
        typer.Option("--full-range", help="Weights of 8 bits, not 7: for Arm, and for PCs with VNNI (权重用满 8 位)."),
    ] = False,
    calibration: Annotated[str, typer.Option(help="auto, minmax, average or percentile (校准方法).")] = "auto",
    images: Annotated[int, typer.Option(help="Training pictures that find the ranges (校准图片数).")] = 100,
    classes: Annotated[
        Path | None,
        typer.Option(help="What the classes of a .pth are called: a classes.txt, or a data set's folder (类别名称)."),
    ] = None,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Also write a script that needs no library of ours (独立运行的脚本).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an INT8 model of a quarter of the size (模型量化).

    It is measured before and after; where it would lose more than --max-drop, nothing is written.
    """
    from MMEdu.engine.listeners.console import console

    with lines_on_stderr(as_json):
        _check_kind(model)
        _require_quantizer(model)
        from MMEdu.actions import quantize as action
        from MMEdu.export.int8.options import QuantizeOptions

        options = QuantizeOptions(max_drop, not full_range, calibration, images)  # type: ignore[arg-type]
        target = action.int8_target(model, out_file)
        action.check_names(model, classes)
        result = action.quantize_model(
            model,
            lambda: predictor_of(model, classes),
            target,
            examples_for(model, data),
            options,
            console(),
            standalone=standalone_script(model) if standalone else None,
        )
    if as_json:
        print_json(
            {
                "model": str(target.files[0]),
                "fp32": _figures(result.before),
                "int8": _figures(result.after),
                "calibration": result.scheme.method,
                "left_in_float": list(result.scheme.float_layers),
            }
        )


def _check_kind(file: Path) -> None:
    from MMEdu.info import is_exported

    if is_exported(file) and file.suffix.lower() != ".onnx":
        hint = say("Give the .onnx or the .pth file of the model.", "请给出该模型的 .onnx 或 .pth 文件。")
        raise CheckpointInvalid(f"{file} is of a format that is not quantised.", hint=hint)


def _require_quantizer(file: Path) -> None:
    """Make sure that the quantiser can be imported: all of training for a checkpoint, little for a finished ONNX file.

    Raises:
        DependencyMissing: Something is not installed; the hint holds the command that mends it (-502).
    """
    from MMEdu.requirements import INSTALL_TRAIN, require_train

    if file.suffix.lower() != ".onnx":
        require_train()
    try:
        importlib.import_module("MMEdu.export.int8.conversion")
    except ModuleNotFoundError as error:
        command = "pip install onnx" if error.name == "onnx" else INSTALL_TRAIN
        hint = say(f"Install it with: {command}", f"请安装：{command}")
        message = f"Quantising needs {error.name}, which this Python does not have."
        raise DependencyMissing(message, hint=hint) from error


def _figures(measured: Measurement) -> dict[str, object]:
    return {
        "size": measured.size,
        **dict(measured.quality),
        "images_per_second": measured.speed,
        "images": measured.count,
    }
