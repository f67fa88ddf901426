"""Hits, misses and false alarms: how boxes are matched, and the sheet that shows the worst pictures first."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from BaseDT import image
from BaseDT.errors import ParameterInvalid
from BaseDT.metrics import BoxTruth
from XEdu.evaluation import hits_and_misses
from XEdu.evaluation.evaluated_boxes import EvaluatedBoxes

CLASSES = ("猫", "a, b", "没 有")
OBJECTS = BoxTruth(np.array([[5.0, 5, 30, 30], [40, 10, 70, 50]]), np.array([0, 1]))
NOTHING = BoxTruth(np.empty((0, 4)), np.empty(0, np.int64))


def found(*rows: tuple[float, ...]) -> npt.NDArray[Any]:
    return np.array(rows, dtype=np.float32).reshape(-1, 6)


@pytest.fixture
def evaluated(tmp_path: Path) -> EvaluatedBoxes:
    paths = tuple(tmp_path / "数据 集" / f"图 {number}.jpg" for number in range(3))
    for path in paths:
        image.write(path, np.full((60, 80, 3), 99, dtype=np.uint8))
    answers = (
        found((1, 1, 20, 20, 0.9, 0)),
        found((5, 5, 30, 30, 0.8, 0), (40, 10, 70, 50, 0.7, 1)),
        found((5, 5, 30, 30, 0.8, 0), (40, 10, 70, 50, 0.2, 1)),
    )
    return EvaluatedBoxes(CLASSES, paths, answers, (NOTHING, OBJECTS, OBJECTS))


def test_the_worst_picture_comes_first_and_gone_ones_are_left_out(evaluated: EvaluatedBoxes) -> None:
    judged = [hits_and_misses.judge(f, t) for f, t in zip(evaluated.found, evaluated.truth, strict=True)]
    assert [(len(one.hits), len(one.missed), len(one.false_alarms)) for one in judged] == [
        (0, 0, 1),
        (2, 0, 0),
        (1, 1, 0),
    ]
    assert judged[2].badness > judged[0].badness > judged[1].badness == 0
    whole = hits_and_misses.draw(evaluated)
    assert whole is not None
    for colour in (hits_and_misses.HIT, hits_and_misses.MISS, hits_and_misses.FALSE_ALARM):
        assert (whole == np.array(colour)).all(axis=2).sum() > 20
    for path in evaluated.paths[:2]:
        path.unlink()
    assert hits_and_misses.draw(evaluated) is not None
    evaluated.paths[2].write_bytes(b"broken")
    assert hits_and_misses.draw(evaluated) is None


def test_the_sheet_names_files_and_classes(evaluated: EvaluatedBoxes) -> None:
    whole = hits_and_misses.draw(evaluated)
    assert whole is not None
    # Chinese names are numbers where there is no font: another Latin one.
    others = dataclasses.replace(evaluated, classes=("猫", "b, a", "没 有"))
    assert not np.array_equal(hits_and_misses.draw(others), whole)
    evaluated.paths[2].rename(moved := evaluated.paths[2].with_name("另 一.jpg"))
    paths = (*evaluated.paths[:2], moved)
    assert not np.array_equal(hits_and_misses.draw(dataclasses.replace(evaluated, paths=paths)), whole)


def test_each_object_is_hit_once_by_the_surest_of_its_class() -> None:
    truth = BoxTruth(np.array([[0.0, 0, 10, 10]]), np.array([1]))
    one = hits_and_misses.judge(found((0, 0, 10, 10, 0.5, 1), (0, 0, 10, 10, 0.9, 1), (0, 0, 10, 10, 0.8, 0)), truth)
    assert one.hits[:, 4].tolist() == pytest.approx([0.9])
    assert one.false_alarms[:, 4].tolist() == pytest.approx([0.8, 0.5])
    assert len(one.missed) == 0
    assert len(hits_and_misses.judge(found((0, 0, 10, 3, 0.9, 1)), truth).missed) == 1


def test_a_box_on_a_crowd_is_no_false_alarm() -> None:
    truth = BoxTruth(np.array([[0.0, 0, 100, 100]]), np.array([0]), crowd=np.array([True]))
    one = hits_and_misses.judge(found((10, 10, 30, 30, 0.9, 0), (200, 200, 230, 230, 0.9, 0)), truth)
    assert (len(one.hits), len(one.missed), len(one.false_alarms)) == (0, 0, 1)


def test_what_does_not_belong_together_is_refused(evaluated: EvaluatedBoxes) -> None:
    with pytest.raises(ParameterInvalid):
        EvaluatedBoxes(CLASSES, evaluated.paths, evaluated.found[:1], evaluated.truth)
