"""``mmedu benchmark``: what exported models cost on this machine. What it does lives in ``XEdu.benchmark``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.cli.options import json_option, option, positional
from MMEdu.cli.output import echo, print_json_text


def benchmark(
    models: Annotated[list[Path], positional("Exported models.", "转换后的模型。")],
    images: Annotated[
        Path | None,
        option(
            "Pictures; class folders or an ImageNet-style or COCO set give the accuracy.",
            "图片；按类别分文件夹、ImageNet 或 COCO 格式的数据集还可测准确率。",
        ),
    ] = None,
    threads: Annotated[
        str, option("E.g. 1,2; one and all cores by default.", "线程数，例如 1,2；默认测单核与全部核。")
    ] = "",
    seconds: Annotated[float, option("How long each timing lasts.", "每次计时的秒数。")] = 3.0,
    out: Annotated[
        list[Path] | None,
        option(
            "Also write the report to this file, .md or .json; may come twice.",
            "同时把报告写入文件（.md 或 .json），可写两次。",
        ),
    ] = None,
    as_json: Annotated[bool, json_option()] = False,
) -> None:
    """Measure accuracy, speed, memory of exported models (模型测速)."""
    from MMEdu.actions import benchmark as action

    def notify(line: str) -> None:
        echo(line, err=True)

    report = action.benchmark(
        models, images=images, threads=_counts(threads), seconds=seconds, files=out or [], notify=notify
    )
    if as_json:
        print_json_text(report.json)
    else:
        echo(report.markdown, nl=False)
    report.write()
    if report.failed:
        raise typer.Exit(1)


def _counts(text: str) -> list[int]:
    """Read ``1,2``."""
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        hint = say("Expected whole numbers, such as 1,2.", "应为整数，例如 1,2。")
        raise ParameterInvalid(say(f"--threads is {text!r}.", f"--threads 是 {text!r}。"), hint=hint) from error
