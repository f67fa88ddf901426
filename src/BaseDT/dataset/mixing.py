"""Whether what is written into a folder would be read as part of a data set next time. Who draws pictures asks here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from BaseDT.dataset.dividing import split_named

_PARTS = frozenset({"images", "annotations", "labels"})


def would_mix(folder: Path, root: Path, pictures: Iterable[Path]) -> bool:
    """Tell whether pictures that are drawn into a folder would lie among those of a data set.

    That is the set's own folder, one of its classes or parts, and, where the classes lie directly in it, every folder
    beside them: with pictures it is a class. A folder beside ``training_set`` is nobody's.

    Args:
        folder: Where something is to be written; it need not be there.
        root: The data set's folder.
        pictures: Its pictures.
    """
    target, home = _resolved(folder), _resolved(root)
    if target == home:
        return True
    if home not in target.parents:
        return False
    within, *deeper = target.relative_to(home).parts
    parts = {path.relative_to(root).parts[0] for path in pictures if root in path.parents}
    if within in parts:
        return True
    return not deeper and any(split_named(name) is None and name.lower() not in _PARTS for name in parts)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return path.absolute()
