"""The cells of a table of labels: which labels one names, and whether it marks one. ``label_table`` calls it.

People write ``cat;dog``, ``cat|dog``, ``cat, dog``, ``猫、狗``, ``['cat', 'dog']`` or ``cat dog``; exports of
Roboflow have a column of 0 and 1 for every label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from BaseDT.names import composed

_SEPARATORS = re.compile(r"[;|,；、，\n]")
_LIST = re.compile(r"\s*[\[({](.*)[\])}]\s*", re.DOTALL)
_QUOTES = "\"'"
_MARKS = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y", "x", "√", "✓", "是"), True),
    **dict.fromkeys(("", "0", "0.0", "false", "no", "n", "-", "否"), False),
}


def plain(cell: str) -> str:
    """Return a cell without blanks around it, its letters composed."""
    return composed(cell.strip().strip("\ufeff").strip())


def mark(cell: str) -> bool | None:
    """Return whether a cell says that a picture has the label of its column; None where it says neither."""
    return _MARKS.get(plain(cell).casefold())


def separated(cells: Sequence[str]) -> tuple[list[tuple[str, ...]], bool]:
    """Return the labels that each cell of one column names, and whether blanks part them.

    A separator that is used anywhere counts; blanks are then parts of names (``traffic light``). Where none is used,
    blanks part labels if that leaves no more different labels than there are different cells: ``cat dog``, ``cat``,
    ``dog`` are two labels, ``traffic light``, ``car`` are two as well.
    """
    bare = [_without_brackets(plain(cell)) for cell in cells]
    if any(_SEPARATORS.search(cell) for cell in bare):
        return [_names(_SEPARATORS.split(cell)) for cell in bare], False
    wholes = {cell for cell in bare if cell}
    words = {word for cell in wholes for word in cell.split()}
    if len(words) <= len(wholes) and any(" " in cell for cell in wholes):
        return [_names(cell.split()) for cell in bare], True
    return [_names([cell]) for cell in bare], False


def _without_brackets(cell: str) -> str:
    """Return what stands in a list as Python or JSON writes it; another cell as it is."""
    match = _LIST.fullmatch(cell)
    return match[1] if match else cell


def _names(parts: Iterable[str]) -> tuple[str, ...]:
    names = (part.strip().strip(_QUOTES).strip() for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))
