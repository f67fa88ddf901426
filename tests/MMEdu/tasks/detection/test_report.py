"""The report of a detector: hits, misses and false alarms, numbers of each class, and what is not written."""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT import image
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import CocoImage
from BaseDT.errors import ParameterInvalid
from BaseDT.metrics import BoxTruth
from BaseDT.preprocess import Preprocess
from MMEdu.tasks.detection import hits_and_misses as detections
from MMEdu.tasks.detection import report
from MMEdu.tasks.detection.samples import BoxedPictures
from MMEdu.tasks.detection.targets import Detections

LOG = [
    {"mode": "env"},
    {"mode": "train", "epoch": 1, "iter": 10, "lr": 0.01, "loss": 3.0, "loss_cls": 2.0, "loss_bbox": 1.0},
    {"mode": "val", "epoch": 1, "iter": 10, "lr": 0.01, "bbox_mAP": 0.5, "bbox_mAP_s": -1.0},
]
ALL = ["curves.png", "detections.png", "per_class.csv", "precision_recall.png"]
CLASSES = ("猫", "a, b", "没 有")


def found(*rows: tuple[float, ...]) -> Detections:
    return Detections(np.array(rows, dtype=np.float32).reshape(-1, 6))


@pytest.fixture
def evaluated(tmp_path: Path) -> report.EvaluatedBoxes:
    images = []
    for number in range(3):
        path = image.write(tmp_path / "数据 集" / f"图 {number}.jpg", np.full((60, 80, 3), 99, dtype=np.uint8))
        boxes = (Box(0, (5, 5, 30, 30)), Box(1, (40, 10, 70, 50))) if number else ()
        images.append(CocoImage(path, number, 80, 60, boxes))
    pictures = BoxedPictures(images, Preprocess((32, 32)))
    answers = np.empty(3, dtype=object)
    answers[0] = found((1, 1, 20, 20, 0.9, 0))
    answers[1] = found((5, 5, 30, 30, 0.8, 0), (40, 10, 70, 50, 0.7, 1))
    answers[2] = found((5, 5, 30, 30, 0.8, 0), (40, 10, 70, 50, 0.2, 1))
    return report.EvaluatedBoxes.of(pictures, CLASSES, answers, np.arange(3))


def test_a_run_leaves_four_files(tmp_path: Path, evaluated: report.EvaluatedBoxes) -> None:
    folder = tmp_path / "我的 模型"
    written = report.write(folder, LOG, evaluated)
    assert sorted(path.name for path in written) == sorted(path.name for path in folder.iterdir()) == ALL
    for name in ALL:
        if name.endswith(".png"):
            assert image.decode((folder / name).read_bytes(), strict=True).ndim == 3


def test_the_table_has_every_class(tmp_path: Path, evaluated: report.EvaluatedBoxes) -> None:
    report.write(tmp_path, LOG, evaluated)
    with (tmp_path / "per_class.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.reader(table))
    assert rows[0] == ["class", "AP", "AP50", "objects"]
    assert rows[2] == ["a, b", "1.0000", "1.0000", "2"]
    assert rows[1][0] == "猫"
    assert float(rows[1][1]) < 1
    assert rows[3] == ["没 有", "", "", "0"]


@pytest.mark.parametrize("nothing", [None, report.EvaluatedBoxes(CLASSES, (), (), ())])
def test_what_has_nothing_to_show_is_removed(tmp_path: Path, evaluated: report.EvaluatedBoxes, nothing: Any) -> None:
    report.write(tmp_path / "模 型", LOG, evaluated)
    assert report.write(tmp_path / "模 型", LOG, nothing) == (tmp_path / "模 型" / "curves.png",)
    assert report.write(tmp_path / "模 型", [], nothing) == ()
    assert list((tmp_path / "模 型").iterdir()) == []


def test_the_worst_picture_comes_first_and_gone_ones_are_left_out(evaluated: report.EvaluatedBoxes) -> None:
    judged = [detections.judge(f, t) for f, t in zip(evaluated.detections, evaluated.truth, strict=True)]
    assert [(len(one.hits), len(one.missed), len(one.false_alarms)) for one in judged] == [
        (0, 0, 1),
        (2, 0, 0),
        (1, 1, 0),
    ]
    assert judged[2].badness > judged[0].badness > judged[1].badness == 0
    whole = detections.draw(evaluated)
    assert whole is not None
    for colour in (detections.HIT, detections.MISS, detections.FALSE_ALARM):
        assert (whole == np.array(colour)).all(axis=2).sum() > 20
    for one in evaluated.images[:2]:
        one.path.unlink()
    assert detections.draw(evaluated) is not None
    evaluated.images[2].path.write_bytes(b"broken")
    assert detections.draw(evaluated) is None


def test_the_sheet_names_files_and_classes(evaluated: report.EvaluatedBoxes) -> None:
    whole = detections.draw(evaluated)
    assert whole is not None
    # Chinese names are numbers where there is no font: another Latin one.
    others = dataclasses.replace(evaluated, classes=("猫", "b, a", "没 有"))
    assert not np.array_equal(detections.draw(others), whole)
    evaluated.images[2].path.rename(moved := evaluated.images[2].path.with_name("另 一.jpg"))
    images = (*evaluated.images[:2], dataclasses.replace(evaluated.images[2], path=moved))
    assert not np.array_equal(detections.draw(dataclasses.replace(evaluated, images=images)), whole)


def test_each_object_is_hit_once_by_the_surest_of_its_class() -> None:
    truth = BoxTruth(np.array([[0.0, 0, 10, 10]]), np.array([1]))
    one = detections.judge(found((0, 0, 10, 10, 0.5, 1), (0, 0, 10, 10, 0.9, 1), (0, 0, 10, 10, 0.8, 0)), truth)
    assert one.hits[:, 4].tolist() == pytest.approx([0.9])
    assert one.false_alarms[:, 4].tolist() == pytest.approx([0.8, 0.5])
    assert len(one.missed) == 0
    assert len(detections.judge(found((0, 0, 10, 3, 0.9, 1)), truth).missed) == 1


def test_a_box_on_a_crowd_is_no_false_alarm() -> None:
    truth = BoxTruth(np.array([[0.0, 0, 100, 100]]), np.array([0]), crowd=np.array([True]))
    one = detections.judge(found((10, 10, 30, 30, 0.9, 0), (200, 200, 230, 230, 0.9, 0)), truth)
    assert (len(one.hits), len(one.missed), len(one.false_alarms)) == (0, 0, 1)


def test_what_does_not_belong_together_is_refused(evaluated: report.EvaluatedBoxes) -> None:
    with pytest.raises(ParameterInvalid):
        report.EvaluatedBoxes(CLASSES, evaluated.images, evaluated.detections[:1], evaluated.truth)


def test_a_class_in_the_table_is_no_formula(evaluated: report.EvaluatedBoxes) -> None:
    renamed = replace(evaluated, classes=("=1+1", "@a", "+b"))
    rows = list(csv.reader(report.per_class_table(renamed).splitlines()))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@a", "'+b"]
