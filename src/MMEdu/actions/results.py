"""Documented results for a terminal and for programs: each task's kind of output knows its own form."""

from __future__ import annotations

from typing import Any

from MMEdu.tasks import registry
from XEdu.outputs import kind as kinds


def row(task: str, result: Any) -> dict[str, Any]:
    """Return the result of one picture as plain JSON data with English keys."""
    return kinds.find(registry.find(task).output_kind).row(result)


def summary(task: str, result: Any) -> str:
    """Return the result of one picture in a few words."""
    return kinds.find(registry.find(task).output_kind).summary(result)
