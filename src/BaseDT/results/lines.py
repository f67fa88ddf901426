"""Results of several pictures as lines for a person: one picture a line, scores of four digits. The values stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_DIGITS = 4


def as_lines(results: Sequence[Any]) -> str:
    """Return a documented list of results as text: a list that Python reads, with an entry a line.

    Args:
        results: Entries, or lists of entries, as ``print_result`` returns them.
    """
    if not results:
        return "[]"
    return "[" + ",\n ".join(_text(result) for result in results) + "]"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return repr(round(value, _DIGITS))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name!r}: {_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        separator = ",\n  " if any(isinstance(item, Mapping) for item in value) else ", "  # things, or mere numbers
        return "[" + separator.join(map(_text, value)) + "]"
    return repr(value)
