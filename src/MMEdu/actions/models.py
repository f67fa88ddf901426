"""The models there are, of every task. Works without torch."""

from __future__ import annotations

from typing import Any

from MMEdu.models import registry as models
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks import registry


def entries() -> list[ModelEntry]:
    """List the models of all tasks by their order."""
    return [entry for task in registry.all_tasks() for entry in models.entries(task)]


def table() -> list[dict[str, Any]]:
    """Describe the models as plain data."""
    return [_row(entry) for entry in entries()]


def _row(entry: ModelEntry) -> dict[str, Any]:
    height, width = entry.preprocess.size
    return {
        "name": entry.name,
        "task": entry.task,
        "input": {"height": height, "width": width, "color": entry.preprocess.color},
        "batch_size": entry.recipe.batch_size,
        "reference": entry.reference,
    }
