"""Who comes in by a token, a PIN, a cookie; and that guessing a PIN is slow."""

from __future__ import annotations

import pytest

from XEdu.serve import door as doors
from XEdu.serve.door import Door

TOKEN = "a" * 43


def test_the_token_opens_and_a_cookie_is_not_the_token():
    door = Door(TOKEN)
    assert door.opens_to_token(TOKEN)
    assert not door.opens_to_token(TOKEN[:-1])
    assert door.knows(door.cookie_value)
    assert TOKEN not in door.cookie_value


@pytest.mark.parametrize("cookie", [None, "", TOKEN, "é" * 64, "\udcff", "0" * 64])
def test_another_cookie_is_not_known(cookie):
    assert not Door(TOKEN).knows(cookie)


def test_without_a_pin_none_opens():
    door = Door(TOKEN)
    assert not door.takes_pin
    assert not door.opens_to_pin("")
    assert not door.opens_to_pin("None")


def test_after_some_wrong_pins_the_right_one_has_to_wait(monkeypatch):
    door = Door(TOKEN, "4821")
    assert door.opens_to_pin(" 4821 ")
    while not door.seconds_to_wait():
        assert not door.opens_to_pin("0000")
    assert 0 < door.seconds_to_wait() <= 60
    now = doors.time.monotonic()
    monkeypatch.setattr(doors.time, "monotonic", lambda: now + 61)
    assert door.seconds_to_wait() == 0
