"""A report prints as a table that lines up, Chinese names included."""

from __future__ import annotations

from pathlib import Path

import pytest

from BaseDT.dataset.report import Report


def test_prints_a_table_and_the_notes() -> None:
    counts = {"train": (7, 100), "val": (2, 20), "test": (0, 0)}
    report = Report(Path("pets"), "COCO", ("猫", "dog"), {"train": 55, "val": 9, "test": 0}, counts, ("a note",))
    assert str(report).splitlines() == [
        "pets: COCO, 2 classes, number of boxes:",
        "            train  val  test",
        "  猫            7    2     0",
        "  dog         100   20     0",
        "  pictures     55    9     0",
        "a note",
    ]
    assert repr(report) == str(report)


def test_is_chinese_where_the_user_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    report = Report(Path("pets"), "IMAGENET", ("猫",), {"train": 5}, {"train": (5,)})
    assert str(report).splitlines()[0] == "pets：IMAGENET，1 个类别，图片数量："


def test_many_classes_are_cut_short() -> None:
    classes = tuple(f"class {index}" for index in range(1000))
    text = str(Report(Path("x"), "COCO", classes, {"train": 1}, {"train": (0,) * 1000}))
    assert len(text.splitlines()) == 44
