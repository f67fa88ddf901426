"""What the commands say of the files that a training leaves."""

from __future__ import annotations

import pytest

from MMEdu.cli.output import meaning

CLASSIFICATION = ("curves.png", "confusion_matrix.png", "worst_mistakes.png", "per_class.csv")
DETECTION = ("curves.png", "precision_recall.png", "detections.png", "per_class.csv")


@pytest.mark.parametrize(("task", "words"), [("classification", "loss and accuracy"), ("detection", "loss and mAP")])
def test_curves_are_those_of_the_task(task, words):
    assert meaning("curves.png", task) == words


def test_a_detectors_table_holds_average_precision():
    assert meaning("per_class.csv", "detection") == "average precision of each class"
    assert meaning("per_class.csv", "classification") == "precision and recall of each class"


@pytest.mark.parametrize(("task", "names"), [("classification", CLASSIFICATION), ("detection", DETECTION)])
def test_every_file_of_a_report_has_its_meaning(task, names, monkeypatch):
    english = [meaning(name, task) for name in names]
    monkeypatch.setenv("MMEDU_LANG", "zh")
    chinese = [meaning(name, task) for name in names]
    assert len(set(english)) == len(set(chinese)) == len(names)
    assert all(chinese)
    assert not any(text.isascii() for text in chinese)
