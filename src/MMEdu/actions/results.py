"""Documented results for a terminal and for programs: each kind of output knows its own form."""

from __future__ import annotations

from typing import Any

from MMEdu.tasks import registry
from XEdu.outputs import kind as kinds


def kind_of_task(task: str) -> str:
    """Return what kind of output the models of a task give."""
    return registry.find(task).output_kind


def row(kind: str, result: Any) -> dict[str, Any]:
    """Return the result of one picture as plain JSON data with English keys."""
    return kinds.find(kind).row(result)


def summary(kind: str, result: Any) -> str:
    """Return the result of one picture in a few words."""
    return kinds.find(kind).summary(result)
