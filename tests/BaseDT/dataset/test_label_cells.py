"""Cells of a table of labels: the ways in which people part labels, and mark them."""

from __future__ import annotations

import unicodedata

import pytest

from BaseDT.dataset.label_cells import mark, separated


@pytest.mark.parametrize(
    "cell",
    [
        "cat;dog",
        "cat; dog",
        "cat|dog",
        "cat,dog",
        "cat；dog",
        "cat、dog",
        "['cat', 'dog']",
        '["cat","dog"]',
        "cat;;dog;cat",
    ],
)
def test_every_usual_separator_parts_labels(cell):
    assert separated([cell]) == ([("cat", "dog")], False)


def test_a_separator_anywhere_makes_blanks_parts_of_names():
    cells, by_blanks = separated(["traffic light;car", "traffic light", ""])
    assert cells == [("traffic light", "car"), ("traffic light",), ()]
    assert not by_blanks


def test_blanks_part_labels_where_that_leaves_fewer_of_them():
    assert separated(["clear primary", "clear", "primary road", "road"]) == (
        [("clear", "primary"), ("clear",), ("primary", "road"), ("road",)],
        True,
    )


def test_names_of_two_words_stay_whole_without_any_separator():
    assert separated(["traffic light", "stop sign", "car"]) == ([("traffic light",), ("stop sign",), ("car",)], False)


def test_labels_are_compared_composed():
    both = [unicodedata.normalize(form, "café") for form in ("NFC", "NFD")]
    assert len(set(separated(both)[0])) == 1


@pytest.mark.parametrize(("cell", "meant"), [("1", True), (" 1 ", True), ("TRUE", True), ("x", True), ("是", True)])
def test_marks(cell, meant):
    assert mark(cell) is meant


@pytest.mark.parametrize("cell", ["0", "", "0.0", "False", "否"])
def test_marks_of_absence(cell):
    assert mark(cell) is False


@pytest.mark.parametrize("cell", ["2", "-1", "cat", "0.5"])
def test_what_is_neither_is_no_mark(cell):
    assert mark(cell) is None
