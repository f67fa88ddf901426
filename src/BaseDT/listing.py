"""Names in a message: the first few, and a sign where there are more."""

from __future__ import annotations

from collections.abc import Iterable

from BaseDT.language import say


def shortened(names: Iterable[object], most: int = 8) -> str:
    """Return names side by side, in both languages; what is cut off ends in "…".

    Args:
        names: In their order; escaped already where they come out of a file.
        most: How many are shown.
    """
    every = [str(name) for name in names]
    few, is_cut = every[:most], len(every) > most
    return say(", ".join([*few, "…"] if is_cut else few), "、".join(few) + ("……" if is_cut else ""))
