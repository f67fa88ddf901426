"""Names in messages: what is cut off has a sign."""

from __future__ import annotations

import pytest

from BaseDT.language import english, use_language
from BaseDT.listing import shortened


@pytest.mark.parametrize(
    ("count", "en", "zh"), [(2, "0, 1", "0、1"), (3, "0, 1, 2", "0、1、2"), (4, "0, 1, 2, …", "0、1、2……"), (0, "", "")]
)
def test_what_is_cut_off_has_a_sign(count: int, en: str, zh: str) -> None:
    with use_language("zh"):
        names = shortened(range(count), 3)
    assert (names, english(names)) == (zh, en)
