"""``mmedu check``: read a dataset as training would, decode every picture, say what is wrong. Works without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from BaseDT.terminal import table
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import echo, lines_on_stderr, print_json


def check(
    data: Annotated[Path, positional("The dataset's folder.", "数据集文件夹。")],
    backbone: Annotated[str | None, option("Say how its pictures suit this model.", "说明图片是否适合该模型。")] = None,
    sheet: Annotated[
        Path | None,
        option(
            "Where pictures are drawn as the network sees them, or with their boxes (detection); in check_result.",
            "把图片按网络看到的样子（检测：连同标注框）画到此文件；默认在 check_result 中。",
        ),
    ] = None,
    fix: Annotated[
        bool,
        option(
            "Write the missing classes.txt, val.txt and test.txt; without it nothing is written into the data.",
            "补写缺少的 classes.txt、val.txt、test.txt；不加此项则不会改动数据集。",
            "--fix",
        ),
    ] = False,
    deep: Annotated[
        bool,
        option(
            "Look for near duplicates and suspicious labels or boxes, too: check_result/deep.html shows them.",
            "深入检查：找出几乎相同的图片、可疑的标签或标注框，画在 check_result/deep.html。",
            "--deep",
        ),
    ] = False,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Check a dataset: layout, annotations, pictures (检查数据集)."""
    from MMEdu.actions.check import check as check_dataset

    with lines_on_stderr(as_json):
        report = check_dataset(data, backbone, sheet, fix=fix, deep=deep)
    if as_json:
        print_json(report.content)
    else:
        for line in [*table(report.table), *report.lines]:
            echo(line)
    if not report.ok:
        raise typer.Exit(1)
