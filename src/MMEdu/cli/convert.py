"""``mmedu convert``: a checkpoint becomes a file that runs without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say
from MMEdu.cli.checkpoints import model_of
from MMEdu.cli.output import AsJson, lines_on_stderr, print_json


def convert(
    checkpoint: Annotated[Path, typer.Argument(help="A .pth file (权重文件).")],
    # As text: a path would lose the slash at its end, by which a folder is known.
    out_file: Annotated[
        str, typer.Argument(help="The file to write; its suffix is completed (输出文件).")
    ] = "convert_model.onnx",
    backend: Annotated[str, typer.Option(help="ONNX, NCNN, OpenVINO or TensorRT (目标格式).")] = "ONNX",
    opset_version: Annotated[int, typer.Option(help="Version of ONNX' operators (算子版本).")] = 11,
    ir_version: Annotated[int, typer.Option(help="Version of ONNX' file format (文件格式版本).")] = 6,
    classes: Annotated[
        Path | None,
        typer.Option(
            "--classes",
            "--class-path",
            help="What the classes are called: a classes.txt, or a data set's folder (类别名称).",
        ),
    ] = None,
    dynamic: Annotated[
        bool, typer.Option("--dynamic", help="Take any number of pictures at once (批大小可变).")
    ] = False,
    standalone: Annotated[
        bool, typer.Option("--standalone", help="Also write a script that needs no library of ours (独立运行的脚本).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Convert a trained model for other machines (模型转换)."""
    _check_not_converted(checkpoint)
    with lines_on_stderr(as_json):
        file = model_of(checkpoint).convert(
            checkpoint,
            backend,
            out_file,
            opset_version,
            ir_version,
            classes,
            dynamic=dynamic,
            standalone=standalone,
        )
    if as_json:
        print_json({"model": str(file)})


def _check_not_converted(file: Path) -> None:
    from MMEdu.info import is_exported

    if is_exported(file) and file.exists():
        hint = say(
            "It runs as it is (mmedu infer). For another format, convert the .pth file that it was made of.",
            "它可以直接运行（mmedu infer）。如需其他格式，请转换原来的 .pth 文件。",
        )
        raise CheckpointInvalid(f"{file} is converted already.", hint=hint)
