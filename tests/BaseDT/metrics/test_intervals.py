"""Wilson's interval, against published values and at its ends."""

from __future__ import annotations

import pytest

from BaseDT.errors import ParameterInvalid
from BaseDT.metrics import wilson


@pytest.mark.parametrize(
    ("hits", "total", "expected"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_it_is_wilsons(hits: int, total: int, expected: tuple[float, float]) -> None:
    assert wilson(hits, total) == pytest.approx(expected, abs=5e-5)
    low, high = wilson(total - hits, total)
    assert (1 - high, 1 - low) == pytest.approx(expected, abs=5e-5)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("total", [1, 3, 1000])
def test_it_ends_exactly_where_all_or_none_are_hits(total: int) -> None:
    assert wilson(0, total)[0] == 0.0
    assert wilson(total, total)[1] == 1.0
    assert 0 < wilson(0, total)[1] < 1


@pytest.mark.parametrize(("hits", "total"), [(-1, 3), (4, 3), (0, -1)])
def test_what_is_no_share_is_refused(hits: int, total: int, refused) -> None:
    with refused(ParameterInvalid):
        wilson(hits, total)
