"""Events with numbers: what was missed comes again, and a page that was away too long is told so."""

from __future__ import annotations

from MMEdu.studio.live import Channel


def test_what_came_after_a_number_is_given_in_order():
    channel = Channel()
    for number in range(3):
        channel.tell("changed", {"revision": number})
    assert [(told.number, told.data) for told in channel.after(1)] == [(2, {"revision": 1}), (3, {"revision": 2})]
    assert channel.after(3) == []


def test_who_was_away_too_long_is_told_to_read_everything_anew():
    channel = Channel(kept=2)
    for _ in range(5):
        channel.tell("changed", {})
    assert [told.name for told in channel.after(1)] == ["missed"]
    assert [told.name for told in channel.after(3)] == ["changed", "changed"]


def test_a_number_of_an_older_server_is_answered_by_missed():
    channel = Channel()
    channel.tell("changed", {})
    assert [told.name for told in channel.after(17)] == ["missed"]


def test_an_event_is_one_line_of_data_whatever_stands_in_it():
    channel = Channel()
    channel.tell("changed", {"name": "a\nb\u2028\ud800猫"})
    lines = channel.after(0)[0].encoded().decode("utf-8").split("\n")
    assert [line.split(":")[0] for line in lines] == ["id", "event", "data", "", ""]
