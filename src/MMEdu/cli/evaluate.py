"""``mmedu eval``: how good a model is on labelled pictures, with a table and a report. Exported ones need no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from MMEdu.cli.options import (
    classes_option,
    device_option,
    json_option,
    option,
    positional,
    threshold_option,
    threshold_value,
)
from MMEdu.cli.output import echo, lines_on_stderr, print_json


def evaluate(
    model: Annotated[Path, positional("A .pth file, or an exported model.", "权重文件（.pth），或转换后的模型。")],
    data: Annotated[
        Path,
        positional(
            "Labelled pictures: class folders, or a data set (its test pictures, else those for validation).",
            "已标注的图片：按类别分的文件夹，或数据集（取测试图片，没有则取验证图片）。",
        ),
    ],
    out: Annotated[
        Path | None,
        option(
            "Folder of the report, not there yet; one in eval_result by default.",
            "报告文件夹（尚不存在）；默认在 eval_result 中新建。",
        ),
    ] = None,
    thr: Annotated[str | None, threshold_option()] = None,
    device: Annotated[str, device_option()] = "cpu",
    classes: Annotated[Path | None, classes_option()] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Tell how good a model is on labelled pictures (评估模型)."""
    from MMEdu.actions.evaluate import evaluate_file

    with lines_on_stderr(as_json):
        content, lines = evaluate_file(
            model, data, thr=threshold_value(thr), save_fold=out, device=device, classes=classes
        )
    if as_json:
        print_json(content)
        return
    for line in lines:
        echo(line)
