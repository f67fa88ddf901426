"""Names of classes, as users give them: a list, ``{0: 'cat'}`` or ``{'cat': 0}``. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from BaseDT.arguments import invalid, is_integer
from BaseDT.errors import ClassCountMismatch
from BaseDT.language import say


def checked_classes(classes: object) -> tuple[str, ...]:
    """Return names by label; empty where none are given.

    Raises:
        ParameterInvalid: They are no names (-305).
    """
    if classes is None:
        return ()
    if isinstance(classes, Mapping):
        classes = _listed(classes)
    if isinstance(classes, np.ndarray):
        classes = classes.tolist()
    is_list = isinstance(classes, Sequence) and not isinstance(classes, (str, bytes))
    if not is_list or not classes or not all(isinstance(name, (str, int)) for name in classes):  # type: ignore[attr-defined]
        raise _no_names(classes)
    return tuple(str(name) for name in classes)  # type: ignore[attr-defined]


def _listed(classes: Mapping[Any, Any]) -> list[Any]:
    """Return names in the order of their labels, whichever of the two is the key."""
    pairs = [(label, name) if is_integer(label) else (name, label) for label, name in classes.items()]
    if not all(is_integer(label) and isinstance(name, str) for label, name in pairs):
        raise _no_names(classes)
    ordered = sorted(pairs)
    if [label for label, _ in ordered] != list(range(len(ordered))):
        raise _no_names(classes)
    return [name for _, name in ordered]


def _no_names(classes: object) -> Exception:
    return invalid(
        "classes",
        classes,
        "a list of names, or a dictionary with the labels from 0 on, e.g. {0: 'cat', 1: 'dog'}",
        "名称的列表，或标签从 0 开始的字典，例如 {0: 'cat', 1: 'dog'}",
    )


def check_enough(classes: Sequence[str], highest: int) -> None:
    """Refuse fewer names than there are labels.

    Raises:
        ClassCountMismatch: There are (-306).
    """
    if not classes or highest < len(classes):
        return
    raise ClassCountMismatch(
        say(
            f"classes names {len(classes)} classes, but the data have the label {highest}.",
            f"classes 给出了 {len(classes)} 个类别，但数据中有标签 {highest}。",
        ),
        hint=say("Labels count from 0: name one class for each.", "标签从 0 开始计数：请为每个标签给出一个类别名称。"),
    )
