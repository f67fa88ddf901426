"""Where columns stood, out of a file: it comes back as it was, and what no table has is refused."""

from __future__ import annotations

from typing import Any

import pytest

from BaseML.files import columns
from BaseML.files.nodes import Damaged
from BaseML.trained import UNKNOWN, Columns


@pytest.mark.parametrize("known", [UNKNOWN, Columns(5, (0, 2), (4,), ("类",)), Columns(3, (0, 1), (2,))])
def test_it_comes_back_as_it_was(known: Columns) -> None:
    assert columns.from_plain(columns.to_plain(known)) == known
    assert columns.from_plain(None) == UNKNOWN


@pytest.mark.parametrize(
    "change",
    [{"width": -1}, {"width": "5"}, {"width": True}, {"width": 10**12}, {"given": [5]}, {"given": [-1]},
     {"told": [0.0]}, {"told": None}, {"told_names": "类"}, {"told_names": [1]}],
)  # fmt: skip
def test_what_no_table_has_is_refused(change: dict[str, Any]) -> None:
    plain = {"width": 5, "given": [0], "told": [4], "told_names": []}
    with pytest.raises(Damaged):
        columns.from_plain(plain | change)


@pytest.mark.parametrize("value", [[], "x", 3])
def test_what_is_no_table_at_all_is_refused(value: Any) -> None:
    with pytest.raises(Damaged):
        columns.from_plain(value)
