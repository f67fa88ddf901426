"""Data in memory become rows of numbers and labels: arrays, lists, frames by what they can do; mistakes are named."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT.errors import DatasetInvalid
from BaseDT.tabular.arrays import as_labels, as_numbers, as_rows
from BaseDT.tabular.dividing import divided
from BaseDT.tabular.labels import Labels


class Frame:
    """As much of a frame as is asked for."""

    def __init__(self, columns: list[object], values: list[list[object]]) -> None:
        self.columns, self._values = columns, values

    def to_numpy(self) -> np.ndarray:
        return np.array(self._values, object)


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        (((1, 2), (3, 4)), [[1, 2], [3, 4]]),
        ([1, 2], [[1], [2]]),
        (range(2), [[0], [1]]),
        (np.array([[1, 0]], bool), [[1, 0]]),
        (np.arange(4).reshape(1, 2, 2), [[0, 1, 2, 3]]),
        ([["1", "2,5"]], [[1, 2.5]]),
        (Frame(["长", "宽"], [[1, 2.5]]), [[1, 2.5]]),
        (Frame([0, 1], [[True, np.float32(2)]]), [[1, 2]]),
    ],
)
def test_rows_of_numbers_have_many_forms(value, rows) -> None:
    found = as_rows("X", value)
    assert found.values.tolist() == rows
    assert found.values.dtype == np.float64


def test_a_frame_names_its_columns_and_one_of_mere_numbers_does_not() -> None:
    assert as_rows("X", Frame(["长", "宽"], [[1, 2]])).names == ("长", "宽")
    assert as_rows("X", Frame([0, 1], [[1, 2]])).names == ()


@pytest.mark.parametrize(
    "value", [[[1, 2], [3]], "abc", None, 5, [], [[]], {}, {1, 2}, np.array([1j]), [[1, None]], [["a", 1]],
              [[1, float("nan")]], [[float("inf"), 1]], [object()], np.empty((0, 3)), object()]
)  # fmt: skip
def test_what_holds_no_numbers_is_refused(value) -> None:
    with pytest.raises(DatasetInvalid, match="X") as caught:
        as_rows("X", value)
    assert caught.value.hint


def test_the_place_of_a_missing_number_is_named() -> None:
    with pytest.raises(DatasetInvalid, match=r"X\[1, 0\] is missing. So are 1 more."):
        as_rows("X", [[1.0, 2.0], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("value", "labels", "classes"),
    [
        ([0, 1, 2], [0, 1, 2], ()),
        ([[3], [1]], [3, 1], ()),
        (np.array([1.0, 2.0]), [1, 2], ()),
        (["1", "2"], [1, 2], ()),
        (["狗", "猫", "狗"], [0, 1, 0], ("狗", "猫")),
        ([True, False], [1, 0], ()),
        (np.array(["1", "x"], object), [0, 1], ("1", "x")),
    ],
)
def test_labels_are_whole_numbers_or_words(value, labels, classes) -> None:
    found = as_labels("y", value)
    assert (found.values.tolist(), found.classes, found.values.dtype) == (labels, classes, np.int64)


@pytest.mark.parametrize("value", [[1.5, 2], [[1, 0], [0, 1]], [None, "a"], ["", "a"], [np.nan, 1], "01", [1e300]])
def test_labels_that_are_none_are_refused(value) -> None:
    with pytest.raises(DatasetInvalid, match="y"):
        as_labels("y", value)


def test_labels_from_one_get_numbers_from_zero_and_keep_their_names() -> None:
    found = Labels(np.array([1, 3, 1])).counted_from_zero()
    assert (found.values.tolist(), found.classes) == ([0, 1, 0], ("1", "3"))
    assert Labels(np.array([0, 2])).counted_from_zero().values.tolist() == [0, 2]
    assert found.names(found.values) == ["1", "3", "1"]


def test_what_is_estimated_has_one_axis_for_one_number_a_row() -> None:
    assert as_numbers("y", [[1], [2]]).shape == (2,)
    assert as_numbers("y", [[1, 2]]).shape == (1, 2)


def test_of_every_class_the_same_share_is_held_out() -> None:
    labels = np.repeat([0, 1, 2], [50, 50, 5])
    train, held = divided(105, 0.2, 42, labels=labels)
    assert np.bincount(labels[held]).tolist() == [10, 10, 1]
    assert sorted([*train, *held]) == list(range(105))
    assert held.tolist() == divided(105, 0.2, 42, labels=labels)[1].tolist()
    assert held.tolist() != divided(105, 0.2, 43, labels=labels)[1].tolist()


def test_a_class_of_one_row_is_trained_with() -> None:
    train, held = divided(6, 0.5, 0, labels=np.array([0, 0, 0, 0, 0, 7]))
    assert 5 in train
    assert len(held) == 3


@pytest.mark.parametrize(("rows", "share", "held"), [(1, 0.5, 0), (2, 0.1, 1), (10, 0.2, 2), (11, 0.2, 3), (4, 0, 0)])
def test_something_is_always_left_to_train_with(rows, share, held) -> None:
    assert [len(part) for part in divided(rows, share, 1)] == [rows - held, held]


def test_without_shuffling_the_last_rows_are_held_out() -> None:
    train, held = divided(5, 0.4, 0, shuffle=False)
    assert (train.tolist(), held.tolist()) == ([0, 1, 2], [3, 4])
