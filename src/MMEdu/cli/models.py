"""``mmedu models``: the models there are. Works without torch."""

from __future__ import annotations

from typing import Annotated

import typer

from BaseDT.language import say
from MMEdu.cli.options import json_option
from MMEdu.cli.output import print_json, table


def models(as_json: Annotated[bool, json_option()] = False) -> None:
    """List the models (列出可用的模型)."""
    from MMEdu.models import registry

    tasks = ("classification", "detection")
    entries = [registry.find(name, task) for task in tasks for name in registry.names(task)]
    if as_json:
        print_json(
            {
                "models": [
                    {
                        "name": entry.name,
                        "task": entry.task,
                        "input": {
                            "height": entry.preprocess.size[0],
                            "width": entry.preprocess.size[1],
                            "color": entry.preprocess.color,
                        },
                        "batch_size": entry.recipe.batch_size,
                        "reference": entry.reference,
                    }
                    for entry in entries
                ]
            }
        )
        return
    rows: list[tuple[str | int, ...]] = [
        (
            say("name", "名称"),
            say("task", "任务"),
            say("input", "输入"),
            say("batch", "批大小"),
            say("reference", "出处"),
        )
    ]
    for entry in entries:
        height, width = entry.preprocess.size
        rows.append(
            (
                entry.name,
                say(entry.task, {"classification": "分类", "detection": "检测"}[entry.task]),
                f"{entry.preprocess.color} {height}x{width}",
                entry.recipe.batch_size,
                entry.reference,
            )
        )
    for line in table(rows):
        typer.echo(line)
    typer.echo(
        say(
            "Any classifier of torchvision works too, by its own name.", "也可以使用 torchvision 中任一分类模型的名称。"
        )
    )
