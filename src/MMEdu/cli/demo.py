"""``mmedu demo``: a main job on real data, and where everything that it made lies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.options import option, positional
from MMEdu.cli.output import display_path, echo
from MMEdu.demo.registry import demos, load


def _shown() -> tuple[str, str]:
    """Return what the demos do, in English and in Chinese."""
    shows = [(entry.name, *entry.shows) for entry in demos().values()]
    en, zh = "; ".join(f"{name}: {en}" for name, en, _ in shows), "；".join(f"{name}：{zh}" for name, _, zh in shows)
    return f"{en}.", f"{zh}。"


def demo(
    which: Annotated[str, positional(*_shown())] = next(iter(demos())),
    out: Annotated[Path, option("Where everything is written.", "输出文件夹。")] = Path("mmedu_demo"),
    epochs: Annotated[
        int | None, option("How long to train; the demo's own by default.", "训练轮数；默认由演示决定。", min=1)
    ] = None,
) -> None:
    """Train on real data, and look at the result (演示)."""
    entry = demos().get(which)
    if entry is None:
        listed = ", ".join(map(repr, demos()))
        text = say(f"{which!r} is not one of {listed}.", f"{which!r} 不是 {listed} 之一。")
        raise typer.BadParameter(text, param_hint="'which'")
    ending = load(entry)(out, echo, epochs)
    echo(say("Where everything lies:", "文件位置："))
    for text, path in ending.files:
        echo(f"  {text}: {display_path(path)}")
    for line in ending.failed:
        echo(line, err=True)
    if ending.failed:
        raise typer.Exit(1)
