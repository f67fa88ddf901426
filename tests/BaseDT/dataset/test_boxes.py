"""Boxes are fitted into their picture; what is lost is counted."""

from __future__ import annotations

import pytest

from BaseDT.dataset.boxes import Box, BoxTally, fitted


@pytest.mark.parametrize(
    ("corners", "expected", "tally"),
    [
        ((1, 2, 30, 20), (1, 2, 30, 20), BoxTally()),
        ((0, 0, 40, 30), (0, 0, 40, 30), BoxTally()),
        ((-5, -5, 10, 10), (0, 0, 10, 10), BoxTally(clipped=1)),
        ((30, 20, 90, 90), (30, 20, 40, 30), BoxTally(clipped=1)),
        ((-1, 0, 40.6, 30), (0, 0, 40, 30), BoxTally()),
        ((5, 5, 5, 9), None, BoxTally(flat=1)),
        ((5, 9, 8, 5), None, BoxTally(flat=1)),
        ((41, 0, 50, 9), None, BoxTally(outside=1)),
        ((-9, -9, 0, 0), None, BoxTally(outside=1)),
    ],
)
def test_a_box_is_kept_cut_or_dropped(
    corners: tuple[float, float, float, float], expected: tuple[float, float, float, float] | None, tally: BoxTally
) -> None:
    counted = BoxTally()
    found = fitted([Box(1, corners)], 40, 30, counted)
    assert found == (() if expected is None else (Box(1, expected),))
    assert counted == tally
    assert len(list(counted.notes())) == tally.flat + tally.outside + tally.clipped


def test_a_cut_box_keeps_what_else_is_known_of_it() -> None:
    box = Box(2, (-9.0, 1.0, 9.0, 9.0), crowd=True, area=7.0, segmentation=[[1, 2, 3, 4, 5, 6]])
    (cut,) = fitted([box], 40, 30, BoxTally())
    assert (cut.label, cut.crowd, cut.area, cut.segmentation) == (2, True, 7.0, [[1, 2, 3, 4, 5, 6]])
    assert cut.size() == (9.0, 8.0)
