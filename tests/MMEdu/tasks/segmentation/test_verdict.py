"""What a training came to, in a sentence, and only where something is to be mended."""

from __future__ import annotations

import numpy as np

from BaseDT.language import use_language
from MMEdu.tasks.segmentation.verdict import verdict

CLASSES = ("背景", "方块", "圆")


def counts(*rows: tuple[int, ...]) -> list[np.ndarray]:
    return [np.array(rows, np.int64)]


def test_a_good_training_needs_no_word():
    assert verdict(counts((90, 5, 5, 0), (5, 90, 5, 0), (0, 30, 70, 0)), CLASSES, starts_fresh=True) == ""


def test_all_of_one_class_is_nothing_learnt():
    with use_language("en"):
        text = verdict(counts((90, 0, 0, 0), (10, 0, 0, 0), (8, 0, 0, 0)), CLASSES, starts_fresh=True)
    assert text.startswith("Nothing was learnt: every pixel is said to be 背景.")
    assert "pretrained=True" in text


def test_a_class_that_is_never_found_is_named_with_what_helps():
    missed = counts((90, 5, 0, 0), (5, 90, 0, 0), (40, 30, 1, 0))
    with use_language("zh"):
        assert "始终没有找到：圆" in verdict(missed, CLASSES, starts_fresh=False)
    with use_language("en"):
        text = verdict(missed, CLASSES, starts_fresh=False)
    assert text.startswith("Never found: 圆.")
    assert "pretrained" not in text


def test_of_one_class_in_the_truth_or_of_no_picture_nothing_is_said():
    assert verdict(counts((90, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0)), CLASSES, starts_fresh=True) == ""
    assert verdict([], CLASSES, starts_fresh=True) == ""
