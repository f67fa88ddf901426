"""``mmedu models``: the models there are."""

from __future__ import annotations

import typer

from MMEdu.cli.output import AsJson, print_json


def models(as_json: AsJson = False) -> None:
    """List the models. (列出可用的模型)"""
    from MMEdu.models import registry

    entries = [registry.find(name, "classification") for name in registry.names("classification")]
    rows = [
        {
            "name": entry.name,
            "task": entry.task,
            "input": [*entry.preprocess.size, entry.preprocess.channels],
            "batch_size": entry.recipe.batch_size,
            "reference": entry.reference,
        }
        for entry in entries
    ]
    if as_json:
        print_json(rows)
        return
    for entry in entries:
        height, width = entry.preprocess.size
        size = f"{height}x{width} {entry.preprocess.color}"
        typer.echo(f"{entry.name:14} {size:14} batch {entry.recipe.batch_size:<4} {entry.reference}")
