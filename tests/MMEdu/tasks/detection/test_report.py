"""The report of a detector: hits, misses and false alarms, numbers of each class, and what is not written."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT import image
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import CocoImage
from BaseDT.preprocess import Preprocess
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
    return report.evaluated_boxes(pictures, CLASSES, answers, np.arange(3))


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


def test_a_class_in_the_table_is_no_formula(evaluated: report.EvaluatedBoxes) -> None:
    renamed = replace(evaluated, classes=("=1+1", "@a", "+b"))
    rows = list(csv.reader(report.per_class_table(renamed).splitlines()))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@a", "'+b"]
