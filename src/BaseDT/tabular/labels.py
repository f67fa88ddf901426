"""``Labels``: which class each row is of; words get numbers, numbers stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say
from BaseDT.tabular.cells import is_missing, numbers


@dataclass(frozen=True)
class Labels:
    """The class of each row.

    Attributes:
        values: (N,) int64.
        classes: Names by label, where labels were words (``values`` then count from 0); otherwise empty.
    """

    values: npt.NDArray[np.int64]
    classes: tuple[str, ...] = ()

    def counted_from_zero(self) -> Labels:
        """Return the labels so that the least is 0: others get new numbers, and their old ones as names of classes.

        Labels that begin with 0 stay, also where some between have no row.
        """
        if self.classes or not len(self.values) or int(self.values.min()) == 0:
            return self
        known, values = np.unique(self.values, return_inverse=True)
        return Labels(values.reshape(-1).astype(np.int64), tuple(str(value) for value in known))

    def names(self, values: npt.NDArray[np.int64]) -> list[str]:
        """Return the names of labels; the numbers themselves, as text, where there are none."""
        return [self.classes[value] if self.classes else str(value) for value in values]


def labels_of(cells: Sequence[str], column: str, where: Callable[[int], str]) -> Labels:
    """Return texts as labels.

    Args:
        cells: (N,).
        column: What a message calls the column; empty for nothing.
        where: What a message calls a row.

    Raises:
        DatasetInvalid: One is missing, or they are numbers with fractions (-201).
    """
    texts = [cell.strip() for cell in cells]
    missing = next((row for row, text in enumerate(texts) if is_missing(text)), None)
    if missing is not None:
        raise _invalid(where(missing), column, say("the label is missing", "缺少标签"), _FILL)
    values = numbers(texts, parted_by_commas=False)
    if bool(np.isnan(values).any()):
        known, inverse = np.unique(np.array(texts), return_inverse=True)
        return Labels(inverse.reshape(-1).astype(np.int64), tuple(map(str, known)))
    return whole_labels(values, column, where)


def whole_labels(values: npt.NDArray[np.float64], column: str, where: Callable[[int], str]) -> Labels:
    """Return numbers as labels.

    Raises:
        DatasetInvalid: One is no whole number (-201).
    """
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(~(np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 2**53)))
    if len(bad):
        value = float(values[bad[0]])
        found = say(f"the label {value!r} is no whole number", f"标签 {value!r} 不是整数")
        raise _invalid(where(int(bad[0])), column, found, _WHOLE)
    return Labels(values.astype(np.int64))


_FILL = (
    "Fill the gaps, or delete these rows.",
    "请补全缺失的标签，或删除这些行。",
)
_WHOLE = (
    "Labels are whole numbers or words, one for each class; numbers with fractions are estimated by a regression.",
    "标签应当是整数或文字，每个类别一个；如果要预测小数，请使用回归（Regression、task='reg'）。",
)


def _invalid(place: str, column: str, fault: str, hint: tuple[str, str]) -> DatasetInvalid:
    en, zh = (f", {english(column)}", f"，{column}") if column else ("", "")
    return DatasetInvalid(say(f"{place}{en}: {english(fault)}.", f"{place}{zh}：{fault}。"), hint=say(*hint))
