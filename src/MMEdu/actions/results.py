"""Documented results for a terminal and for programs: each task's kind of output knows its own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from MMEdu.tasks import registry

if TYPE_CHECKING:
    from XEdu.outputs.kind import OutputKind


def row(task: str, result: Any) -> dict[str, Any]:
    """Return the result of one picture as plain JSON data with English keys."""
    return _kind_of(task).row(result)


def summary(task: str, result: Any) -> str:
    """Return the result of one picture in a few words."""
    return _kind_of(task).summary(result)


def _kind_of(task: str) -> OutputKind:
    from XEdu.outputs import kind  # late: it needs numpy, which mmedu --help does not

    return kind.find(registry.find(task).output_kind)
