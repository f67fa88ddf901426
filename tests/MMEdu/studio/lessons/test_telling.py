"""Sentences made of the numbers, in both languages."""

from __future__ import annotations

import re

import numpy as np
import pytest

from BaseDT.language import use_language
from MMEdu.actions.teach import Collection
from MMEdu.studio.lessons.telling import percent, sentences
from XEdu.teach.judgement import Judgement, judgement

NAMES = {"r": "rock", "p": "paper", "s": "剪刀"}
TWO = {"r": "rock", "p": "paper"}


def told(matrix: list[list[int]], *, steps: float = 1.0) -> tuple[dict[str, int], Judgement]:
    """A judgement with this matrix, and the number of pictures of each class."""
    classes = {
        f"{row}{number}": row for row, counts in zip("rps", matrix, strict=False) for number in range(sum(counts))
    }
    collection = Collection(2)
    collection.put(list(classes), np.random.default_rng(0).normal(size=(len(classes), 2)).astype(np.float32))
    table = collection.table(classes, list("rps")[: len(matrix)])
    said = [np.eye(len(matrix))[column] for counts in matrix for column, n in enumerate(counts) for _ in range(n)]
    found = judgement(table, np.array(said, np.float32))
    counts = {row: sum(numbers) for row, numbers in zip("rps", matrix, strict=False)}
    return counts, Judgement(found.classes, found.cells, found.mistakes, found.unjudged, steps)


def test_which_is_taken_for_which_and_why():
    counts, found = told([[30, 0, 0], [0, 30, 0], [0, 6, 14]])
    said = sentences(NAMES, counts, found)
    assert said[0] == "“剪刀” is taken for “paper” 6 times in 20; “剪刀” has the fewest pictures."
    with use_language("zh"):
        assert sentences(NAMES, counts, found)[0] == "20 张“剪刀”中有 6 张被认成“paper”；“剪刀”的图片最少。"


def test_all_right_says_so():
    counts, found = told([[9, 0], [0, 9]])
    assert sentences(TWO, counts, found) == ["Each of the 18 pictures is told rightly when it is left out."]


def test_three_times_as_many_pictures_are_named():
    counts, found = told([[30, 0], [0, 10]])
    assert "“rock” has 30 pictures, “paper” only 10: add some to “paper”." in sentences(NAMES, counts, found)
    counts, found = told([[29, 0], [0, 10]])
    assert not any("only" in one for one in sentences(NAMES, counts, found))


def test_what_was_recorded_in_one_go_flatters():
    counts, found = told([[20, 0], [1, 19]], steps=0.2)
    assert any(one.startswith("98 % may flatter") for one in sentences(NAMES, counts, found))


@pytest.mark.parametrize("matrix", [[[4, 0], [0, 30]], [[1, 0], [0, 1]]])
def test_too_few_pictures_are_no_ground_for_a_sentence(matrix):
    counts, found = told(matrix)
    assert "cannot be said yet" in sentences(NAMES, counts, found)[0]


def test_while_it_looks_nothing_is_said_of_how_good_it_is():
    assert sentences(TWO, {"r": 9, "p": 9}, None) == ["It is still looking at the pictures."]


@pytest.mark.parametrize(
    ("counts", "text"),
    [({}, "No class has a picture"), ({"r": 0, "p": 0}, "No class has a picture"), ({"r": 3, "p": 0}, "Only “rock”")],
)
def test_nothing_to_tell_apart(counts, text):
    assert text in sentences(NAMES, counts, None)[0]


def test_at_most_three_and_each_in_both_languages():
    for matrix in (
        [[40, 8, 2], [3, 30, 0], [0, 6, 5]],
        [[9, 0, 0], [0, 9, 0], [0, 0, 9]],
        [[2, 0, 0], [0, 2, 0], [0, 0, 9]],
    ):
        counts, found = told(matrix, steps=0.1)
        english = sentences(NAMES, counts, found)
        with use_language("zh"):
            chinese = sentences(NAMES, counts, found)
        assert 1 <= len(english) == len(chinese) <= 3
        assert all(one.endswith("。") and re.search("[\u4e00-\u9fff]", one.replace("剪刀", "")) for one in chinese)
        assert all(one.endswith(".") for one in english)


def test_a_class_that_has_gone_is_not_spoken_of():
    counts, found = told([[20, 0, 0], [0, 20, 0], [0, 9, 11]])
    assert not any("剪刀" in one for one in sentences(TWO, counts, found))


@pytest.mark.parametrize("matrix", [[[6, 18], [18, 6]], [[6, 6], [5, 7]], [[4, 3, 3], [3, 4, 3], [3, 3, 4]]])
def test_what_is_no_better_than_guessing_says_so_and_gives_no_advice_made_of_noise(matrix):
    counts, found = told(matrix, steps=0.1)
    names = NAMES if len(matrix) == 3 else TWO
    said = sentences(names, counts, found)
    assert len(said) == 1
    assert said[0].startswith("No better than guessing")
    assert "show the same?" in said[0]
    with use_language("zh"):
        assert "瞎猜" in sentences(names, counts, found)[0]


@pytest.mark.parametrize("matrix", [[[8, 2], [3, 7]], [[4, 1], [0, 5]], [[12, 3], [4, 11]]])
def test_what_is_better_than_guessing_is_told_what_helps(matrix):
    counts, found = told(matrix)
    assert not any("guessing" in one for one in sentences(NAMES, counts, found))


def test_classes_without_pictures_are_named():
    counts, found = told([[9, 0], [0, 9]])
    assert "“剪刀” has no pictures yet and is left out." in sentences(NAMES, counts, found)
    said = sentences({**NAMES, "x": "x"}, counts | {"s": 0, "x": 0}, found)
    assert "2 classes have no pictures yet and are left out." in said


@pytest.mark.parametrize(
    ("right", "judged", "shown"),
    [(83, 84, 99), (249, 250, 99), (250, 250, 100), (0, 300, 0), (1, 300, 1), (7, 8, 88), (7, 9, 78)],
)
def test_percents_are_rounded_and_only_all_are_a_hundred(right, judged, shown):
    assert percent(right, judged) == shown
