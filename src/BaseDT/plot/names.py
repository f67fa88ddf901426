"""Class names as pictures can show them: drawable, and no longer than there is room for."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from BaseDT import draw, fonts


def display_names(classes: Sequence[str], columns: int) -> tuple[str, ...]:
    """Return what a picture shows for each class: its name, or its number where the font lacks a character.

    Args:
        classes: The names.
        columns: Room, in Latin letters; a Chinese character takes two.
    """
    return tuple(_cut(draw.shown_name(name, label), columns) for label, name in enumerate(classes))


def font_note(classes: Sequence[str]) -> str:
    """Return the line that says how to get a Chinese font, where a class is shown by its number for want of one."""
    return fonts.font_hint(plain=True) if fonts.lacking_for(classes) else ""


def _cut(name: str, columns: int) -> str:
    if _columns(name) <= columns:
        return name
    mark = "…" if fonts.can_draw("…") else "."
    while name and _columns(name) > columns - 1:
        name = name[:-1]
    return name.rstrip() + mark


def _columns(name: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in name)
