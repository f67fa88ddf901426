"""``mmedu quantize``: an INT8 model of a checkpoint or of an ONNX file, measured before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import lines_on_stderr, print_json


def quantize(
    model: Annotated[
        Path,
        positional(
            "A .pth file, or an .onnx file that convert wrote.", "权重文件（.pth），或由 convert 得到的 .onnx 文件。"
        ),
    ],
    data: Annotated[Path, option("The data set to find ranges with and to measure with.", "用于校准和评测的数据集。")],
    # As text: a path would lose the slash at its end, by which a folder is known.
    out_file: Annotated[
        str | None,
        option(
            "The file to write; <name>_int8.onnx by default.", "输出文件；默认 <名称>_int8.onnx。", metavar="<path>"
        ),
    ] = None,
    max_drop: Annotated[
        float, option("Points of top-1, or of mAP, that it may cost.", "允许 top-1 或 mAP 下降的百分点。")
    ] = 1.0,
    full_range: Annotated[
        bool,
        option(
            "Weights of 8 bits, not 7: for Arm, and for PCs with VNNI.",
            "权重用满 8 位（而非 7 位）：适用于 Arm 和支持 VNNI 的电脑。",
            "--full-range",
        ),
    ] = False,
    calibration: Annotated[
        str, option("auto, minmax, average or percentile.", "校准方法：auto、minmax、average 或 percentile。")
    ] = "auto",
    images: Annotated[int, option("Training pictures that find the ranges.", "用于校准的训练图片数。")] = 100,
    classes: Annotated[
        Path | None,
        option(
            "What the classes of a .pth are called: a classes.txt, or a data set's folder.",
            ".pth 的类别名称：classes.txt 文件，或数据集文件夹。",
        ),
    ] = None,
    standalone: Annotated[
        bool,
        option("Also write a script that needs no library of ours.", "同时写入不依赖本库的独立脚本。", "--standalone"),
    ] = False,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Make an INT8 model of a quarter of the size (模型量化).

    It is measured before and after; where it would lose more than --max-drop, nothing is written.
    """
    from MMEdu.actions.quantize_file import quantize_file

    with lines_on_stderr(as_json):
        content = quantize_file(
            model,
            data,
            out_file=out_file,
            max_drop=max_drop,
            reduce_range=not full_range,
            calibration=calibration,
            images=images,
            classes=classes,
            standalone=standalone,
        )
    if as_json:
        print_json(content)
