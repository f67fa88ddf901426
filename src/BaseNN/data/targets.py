"""What a network is to say of each sample: labels of classes, shares of each, or numbers. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.tabular.arrays import as_array, as_labels, as_rows
from BaseDT.tabular.labels import Labels
from BaseNN.data.class_names import check_enough

_NAMED = 8
"""Labels that a message lists."""


@dataclass(frozen=True)
class Targets:
    """What a network is to say.

    Attributes:
        values: (N,) int64 of labels from 0 on, or (N, K) float32.
        classes: Names by label; empty where there are none.
        notes: What the user should know.
    """

    values: npt.NDArray[Any]
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def as_targets(parameter: str, values: object, task: str, classes: Sequence[str]) -> Targets:
    """Return targets and the names of classes.

    Args:
        parameter: Who asks, for messages.
        values: (N,) labels, whole numbers or words; (N, K) shares of classes (one-hot); (N,) or (N, K) numbers where
            numbers are learnt.
        task: ``cls``, ``reg`` or ``gen``.
        classes: Names by label; empty where none are given.

    Raises:
        DatasetInvalid: They cannot be meant (-201).
        ClassCountMismatch: There are more labels than names (-306).
    """
    array = as_array(parameter, values)
    if not array.size:
        raise DatasetInvalid(say(f"{parameter} is empty.", f"{parameter} 为空。"))
    if task == "reg" or (array.ndim > 1 and array.size != len(array)):
        return Targets(as_rows(parameter, array).values.astype(np.float32), tuple(classes))
    return of_classes(as_labels(parameter, array), parameter, classes)


def of_classes(labels: Labels, parameter: str, classes: Sequence[str]) -> Targets:
    """Return labels that count from 0, and names of classes.

    Args:
        labels: As they were read.
        parameter: Who asks, for messages.
        classes: Names by label; empty takes those of the labels where they were words, or did not count from 0.
    """
    counted = labels.counted_from_zero()
    if int(counted.values.min()) < 0:
        raise DatasetInvalid(
            say(f"{parameter}: a label is below 0.", f"{parameter}：标签小于 0。"),
            hint=say("Number the classes 0, 1, 2 …", "请把类别编号为 0、1、2……"),
        )
    check_enough(classes, int(counted.values.max()))
    if labels.classes and set(classes) == set(labels.classes):  # words: the user's order counts
        order = np.array([list(classes).index(name) for name in labels.classes], dtype=np.int64)
        return Targets(order[counted.values], tuple(classes))
    notes = () if counted is labels else (_recounted(counted.classes),)
    return Targets(counted.values, tuple(classes) or counted.classes, notes)


def _recounted(names: Sequence[str]) -> str:
    """Say that labels that do not begin with 0 have another number from now on."""
    few = [*names[:_NAMED], "…"] if len(names) > _NAMED else list(names)
    last = len(names) - 1
    return say(
        f"The labels {', '.join(few)} are counted from 0 here, as 0 to {last}; their old numbers are the names of the "
        "classes.",
        f"标签 {'、'.join(few)} 在这里从 0 开始计数，即 0 到 {last}；原来的数字作为类别名称。",
    )
