"""``mmedu convert``: a checkpoint becomes a file that runs without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say
from MMEdu.cli.checkpoints import model_of
from MMEdu.cli.options import classes_option, json_option, option, positional
from MMEdu.cli.output import lines_on_stderr, print_json


def convert(
    checkpoint: Annotated[Path, positional("A .pth file.", "权重文件（.pth）。")],
    # As text: a path would lose the slash at its end, by which a folder is known.
    out_file: Annotated[
        str, positional("The file to write; its suffix is completed.", "输出文件；扩展名自动补全。")
    ] = "convert_model.onnx",
    backend: Annotated[
        str, option("ONNX, NCNN, OpenVINO or TensorRT.", "目标格式：ONNX、NCNN、OpenVINO 或 TensorRT。")
    ] = "ONNX",
    opset_version: Annotated[int, option("Version of ONNX' operators.", "ONNX 算子版本。")] = 11,
    ir_version: Annotated[int, option("Version of ONNX' file format.", "ONNX 文件格式版本。")] = 6,
    classes: Annotated[Path | None, classes_option("--classes", "--class-path")] = None,
    dynamic: Annotated[
        bool, option("Take any number of pictures at once.", "一次可输入任意多张图片（批大小可变）。", "--dynamic")
    ] = False,
    standalone: Annotated[
        bool,
        option("Also write a script that needs no library of ours.", "同时写入不依赖本库的独立脚本。", "--standalone"),
    ] = False,
    features: Annotated[
        bool,
        option(
            "Also give features: XEdu.teach then teaches the file other classes.",
            "同时输出特征，便于用 XEdu.teach 教它识别其他类别。",
            "--features",
        ),
    ] = False,
    as_json: Annotated[bool, json_option()] = False,
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
            features=features,
        )
    if as_json:
        print_json({"model": str(file)})


def _check_not_converted(file: Path) -> None:
    from MMEdu.actions.info import is_exported

    if is_exported(file) and file.exists():
        hint = say(
            "It runs as it is (mmedu infer). For another format, convert the .pth file that it was made of.",
            "它可以直接运行（mmedu infer）。如需其他格式，请转换原来的 .pth 文件。",
        )
        raise CheckpointInvalid(say(f"{file} is converted already.", f"{file} 已经是转换后的模型。"), hint=hint)
