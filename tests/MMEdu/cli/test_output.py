"""What the commands say of the files that a training leaves."""

from __future__ import annotations

import io
import json
import sys

import pytest

from MMEdu.cli.output import meaning, print_json


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "猫 é"), ("UTF8", "猫 é"), ("ascii", r"\u732b \u00e9"), ("gbk", r"\u732b \u00e9")]
)
def test_json_keeps_its_letters_where_the_output_has_them(monkeypatch, encoding, shown):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding, newline=""))
    content = {"猫 é": ["\x1b[31m\u202e\x9b\ud800", 1.5, None]}
    print_json(content)
    sys.stdout.flush()
    text = written.getvalue().decode(encoding)
    assert shown in text
    assert json.loads(text) == content
    assert not {"\x1b", "\u202e", "\x9b"} & set(text)


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
