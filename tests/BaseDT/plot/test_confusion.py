"""The confusion matrix is readable from two classes to hundreds."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT import metrics
from BaseDT.plot import confusion

DARKEST, LIGHTEST = (107, 48, 8), (255, 251, 247)  # the ends of the colour scale, as BGR


def _draw(labels: list[int], predictions: list[int], names: tuple[str, ...]) -> np.ndarray:
    matrix = metrics.confusion_matrix(np.array(labels), np.array(predictions), len(names))
    return confusion.draw(matrix, names)


def _share(pixels: np.ndarray, colour: tuple[int, int, int]) -> float:
    return float((pixels == np.array(colour)).all(axis=2).mean())


@pytest.mark.parametrize("classes", [1, 2, 10, 25, 26, 100, 101])
def test_every_number_of_classes_fits_a_picture(classes: int) -> None:
    every = list(range(classes))
    pixels = _draw(every, every, tuple(f"class number {n}" for n in every))
    assert min(pixels.shape[:2]) >= 450
    assert max(pixels.shape[:2]) <= 2600
    assert abs(pixels.shape[0] - pixels.shape[1]) < 500
    assert _share(pixels, DARKEST) > 0.1 / classes


def test_rows_are_the_true_classes_and_colour_is_the_share_of_a_row() -> None:
    # Everything was taken for b: the right column is dark, the left one light.
    pixels = _draw([0, 0, 1, 1, 1], [1, 1, 1, 1, 1], ("a", "b"))
    pixels = pixels[:, : int(pixels.shape[1] * 0.82)]  # without the colour bar
    dark = np.argwhere((pixels == np.array(DARKEST)).all(axis=2))
    light = np.argwhere((pixels == np.array(LIGHTEST)).all(axis=2))
    assert dark[:, 1].min() > light[:, 1].max() - 2
    assert abs(dark[:, 0].mean() - light[:, 0].mean()) < 20


def test_counts_are_written_up_to_25_classes() -> None:
    def differs(classes: int) -> bool:
        every = list(range(classes))
        names = tuple(str(n) for n in every)
        one, three = _draw(every, every, names), _draw(every * 3, every * 3, names)
        middle = slice(one.shape[0] // 4, one.shape[0] // 2)  # the title differs anyway
        return not np.array_equal(one[middle], three[middle])

    assert differs(25)
    assert not differs(26)


def test_a_class_without_pictures_is_an_empty_row() -> None:
    pixels = _draw([0, 0], [0, 2], ("a", "b", "c"))
    assert _share(pixels, LIGHTEST) > 0.3


@pytest.mark.parametrize(
    "name", ["$x_1$ and $y", "$\\frac$", "50%", "a_b^c", "\\frac", "n" * 300, " ", "two\nlines", "🐱"]
)
def test_any_name_of_a_class_can_be_drawn(name: str) -> None:
    assert _draw([0, 1], [0, 1], (name, "b")).shape[0] > 400
