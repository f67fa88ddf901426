"""Which class a picture belongs to that comes in a folder: by the folder's name."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

# What a data set's parts are called; the folders within are the classes.
_PARTS = frozenset({"training_set", "trainning_set", "val_set", "test_set"})
_ALSO_PARTS = frozenset({"train", "val", "valid", "validation", "test"})


def classes_of(paths: Sequence[str]) -> list[str]:
    """Return the name of the class of each picture; empty where it lies in no folder.

    What all have in common is the name of the whole; the first folder after it is the class. Where nothing comes after
    it, the whole is one class.

    Args:
        paths: Posix paths, as a browser or a zip tells them.
    """
    folders = [[part for part in path.split("/")[:-1] if part not in ("", ".")] for path in paths]
    folders = [[part for part in parts if part.lower() not in _PARTS] for parts in folders]
    inner = {parts[at] for parts in folders for at in range(len(parts) - 1)}
    divided = {part for part in inner if part.lower() in _ALSO_PARTS}  # train/cat/1.jpg, not train/1.jpg
    folders = [[part for part in parts[:-1] if part not in divided] + parts[-1:] for parts in folders]
    common = _common(folders)
    if all(len(parts) == common for parts in folders):
        return [parts[-1] if parts else "" for parts in folders]
    return [parts[common] if len(parts) > common else "" for parts in folders]


def _common(folders: list[list[str]]) -> int:
    """Return how many parts all begin with."""
    first, last = min(folders, default=[]), max(folders, default=[])
    pairs = zip(first, last, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
