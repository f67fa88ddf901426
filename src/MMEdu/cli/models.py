"""``mmedu models``: the models there are. Works without torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from BaseDT.language import say
from BaseDT.terminal import table
from MMEdu.actions.arguments import task_name
from MMEdu.cli.options import json_option
from MMEdu.cli.output import echo, print_json


def models(as_json: Annotated[bool, json_option()] = False) -> None:
    """List the models (列出可用的模型)."""
    from MMEdu.actions.models import table as model_table

    described = model_table()
    if as_json:
        print_json({"models": described})
        return
    head = (say("name", "名称"), say("task", "任务"), say("input", "输入"), say("batch", "批大小"))
    rows: list[tuple[str | int, ...]] = [(*head, say("reference", "出处")), *map(_row, described)]
    for line in table(rows):
        echo(line)
    echo(
        say(
            "Any classifier of torchvision works too, by its own name.", "也可以使用 torchvision 中任一分类模型的名称。"
        )
    )


def _row(model: Mapping[str, Any]) -> tuple[str | int, ...]:
    shape = model["input"]
    return (
        model["name"],
        say(*task_name(model["task"])),
        f"{shape['color']} {shape['height']}x{shape['width']}",
        model["batch_size"],
        model["reference"],
    )
