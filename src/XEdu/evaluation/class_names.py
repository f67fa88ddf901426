"""Which class of a model a class of a folder is: by name, as people write names. Both kinds of evaluation ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from BaseDT.errors import ClassCountMismatch
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.names import composed

_SHOWN = 8


@dataclass(frozen=True)
class MatchedNames:
    """The classes of a folder beside those of a model.

    Attributes:
        labels: The model's label for each label of the folder; None where the model does not know the class.
        unknown: Names of the folder that the model does not know.
        missing: Names of the model that the folder has no pictures of.
    """

    labels: tuple[int | None, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


def matched(folder: Sequence[str], model: Sequence[str], present: Sequence[bool]) -> MatchedNames:
    """Match names: the same ones first, then those that differ in letter case, blanks, ``_`` and ``-`` alone.

    Args:
        folder: Names of the folder's classes.
        model: Names of the model's.
        present: Whether the folder has something of each of its classes.
    """
    exact = {composed(name): label for label, name in reversed(list(enumerate(model)))}
    plain = _unambiguous(model)
    folder_plain = _unambiguous(folder)
    labels = []
    for label, name in enumerate(folder):
        found = exact.get(composed(name))
        if found is None and folder_plain.get(_plain(name)) == label:
            found = plain.get(_plain(name))
        labels.append(found)
    of_pictures = {label for label, there in zip(labels, present, strict=True) if there}
    return MatchedNames(
        tuple(labels),
        tuple(name for name, label, there in zip(folder, labels, present, strict=True) if there and label is None),
        tuple(name for label, name in enumerate(model) if label not in of_pictures),
    )


def _unambiguous(names: Sequence[str]) -> dict[str, int]:
    """Return labels by plain name; names that only letter case or blanks tell apart have none."""
    plain = [_plain(name) for name in names]
    return {name: label for label, name in enumerate(plain) if plain.count(name) == 1}


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", composed(name).casefold()).strip()


def listed(names: Sequence[str]) -> str:
    """Name a few classes in a sentence."""
    return say(", ", "、").join(map(one_line, names[:_SHOWN])) + (" …" if len(names) > _SHOWN else "")


def nothing_in_common(model: str, folder: Sequence[str], classes: Sequence[str]) -> ClassCountMismatch:
    """Make the error of a folder whose classes are all unknown to a model (-306)."""
    return ClassCountMismatch(
        say(
            f"{model} knows none of the classes of this set ({listed(folder)}).",
            f"{model} 不认识该数据集中的任何类别（{listed(folder)}）。",
        ),
        hint=say(
            f"It knows: {listed(classes)}. Give a set with these names.",
            f"它认识的类别：{listed(classes)}。请给出使用这些类别名称的数据集。",
        ),
    )


def unknown_text(names: Sequence[str], *, rejected: bool) -> str:
    """Say which classes the model does not know, and what that means for the result."""
    few = listed(names)
    if rejected:
        return say(
            f"The model does not know: {few}. It is right where it says that such a picture is none of its classes.",
            f"模型不认识：{few}。对这些图片回答“都不是”才算正确。",
        )
    return say(f"Not judged, as the model does not know them: {few}.", f"模型不认识以下类别，未参与评估：{few}。")


def missing_text(names: Sequence[str]) -> str:
    """Say which classes could not be judged."""
    few = listed(names)
    return say(f"Without pictures here, and so not judged: {few}.", f"数据集中没有以下类别，无法评估：{few}。")
