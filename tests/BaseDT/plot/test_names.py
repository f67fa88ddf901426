"""Names in pictures fit their room and are never boxes of missing characters."""

from __future__ import annotations

import pytest

from BaseDT import fonts
from BaseDT.plot import names


def test_short_names_stay_and_long_ones_are_cut() -> None:
    cat, long = names.display_names(["cat", "siberian husky"], 8)
    assert cat == "cat"
    assert long.startswith("siberia")
    assert len(long) == 8


def test_a_chinese_character_takes_the_room_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "can_draw", lambda text: True)
    assert names.display_names(["阿拉斯加"], 8) == ("阿拉斯加",)
    assert names.display_names(["阿拉斯加雪橇犬"], 8) == ("阿拉斯…",)


def test_a_name_that_cannot_be_drawn_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    assert names.display_names(["cat", "猫"], 8) == ("cat", "#1")


def test_the_note_says_what_to_install_only_where_a_font_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    monkeypatch.setenv("MMEDU_LANG", "zh")
    note = names.font_note(["cat", "猫"])
    assert "MMEDU_FONT" in note
    assert note.isascii()
    assert names.font_note(["cat", "dog"]) == ""


@pytest.mark.skipif(fonts.cjk_font() is None, reason="no font with Chinese characters on this machine")
def test_where_a_chinese_font_is_installed_there_is_no_note() -> None:
    assert names.font_note(["猫", "🐱"]) == ""
