"""Measurements of detectors: speed as of any model, mAP on a set in COCO's layout, and what becomes of bad sets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import models_on_disk
from BaseDT import image
from BaseDT.errors import AnnotationMissing
from XEdu import benchmark
from XEdu.benchmark import conduct
from XEdu.benchmark.report import Report, Row, as_markdown
from XEdu.outputs import detection
from XEdu.runtime.model import Model

QUICK = {"threads": [1], "seconds": 0.05}
CLASSES = models_on_disk.CLASSES
# What the detector finds on 16×16, on a picture of 32 (height) × 64.
THERE = [((8, 8, 32, 24), CLASSES[1]), ((0, 0, 16, 8), CLASSES[0])]


@pytest.fixture
def detector(tmp_path: Path) -> Path:
    (tmp_path / "模 型").mkdir()
    return models_on_disk.detector(tmp_path / "模 型" / "检测.onnx")


def coco(root: Path, objects: list[tuple[tuple[int, int, int, int], str]], split: str = "valid") -> Path:
    """Write two pictures with the same objects into a split of a set."""
    names = list(dict.fromkeys([*CLASSES, *(name for _, name in objects)]))
    boxes = [
        {"id": n * 100 + i, "image_id": n, "category_id": names.index(name), "bbox": [x1, y1, x2 - x1, y2 - y1]}
        for n in (1, 2)
        for i, ((x1, y1, x2, y2), name) in enumerate(objects, 1)
    ]
    for box in boxes:
        box.update(area=box["bbox"][2] * box["bbox"][3], iscrowd=0)
    content = {
        "images": [{"id": n, "file_name": f"图 {n}.png", "width": 64, "height": 32} for n in (1, 2)],
        "annotations": boxes,
        "categories": [{"id": label, "name": name} for label, name in enumerate(names)],
    }
    (root / "annotations").mkdir(parents=True, exist_ok=True)
    (root / "annotations" / f"{split}.json").write_text(json.dumps(content), encoding="utf-8")
    for n in (1, 2):
        image.write(root / "images" / split / f"图 {n}.png", np.full((32, 64, 3), 40 * n, np.uint8))
    return root


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    root = tmp_path / "数据 集"
    coco(root, [((0, 0, 2, 2), CLASSES[2])], "train")
    return coco(root, THERE)


def only(report: Report) -> Row:
    (row,) = report.rows
    assert row.error == ""
    return row


def test_a_detector_is_timed_from_the_file_to_the_boxes(detector: Path) -> None:
    report = benchmark.run([detector], **QUICK)
    row = only(report)
    assert row.task == "detection"
    assert row.model_per_s > row.images_per_s > 0
    assert 0 < row.p50_ms <= row.p95_ms
    assert 20 < row.peak_mb < 500
    assert row.metrics == {}


def test_of_a_set_in_cocos_layout_the_validation_pictures_are_judged(detector: Path, dataset: Path) -> None:
    report = benchmark.run([detector], images=dataset, **QUICK)
    row = only(report)
    assert (row.judged, row.metrics) == (2, pytest.approx({"map": 100, "map50": 100}))
    assert "数据 集" in report.pictures
    assert report.notes == ()


def test_a_detector_that_gives_boxes_of_all_anchors_is_judged_likewise(dataset: Path, tmp_path: Path) -> None:
    model = Model.load(models_on_disk.raw_detector(tmp_path / "全部.onnx"))
    score = detection.KIND.score(model, detection.KIND.labelled(dataset))
    assert (score.judged, score.metrics) == (2, pytest.approx({"map": 100, "map50": 100}))


def test_boxes_that_are_beside_the_truth_are_worth_less(detector: Path, dataset: Path) -> None:
    coco(dataset, [((8, 8, 32, 24), CLASSES[1]), ((2, 0, 18, 8), CLASSES[0])])
    row = only(benchmark.run([detector], images=dataset, **QUICK))
    assert row.metrics["map50"] == pytest.approx(100)
    assert 50 < row.metrics["map"] < 100


def test_without_validation_pictures_those_of_training_are_judged(detector: Path, tmp_path: Path) -> None:
    row = only(benchmark.run([detector], images=coco(tmp_path / "仅 训练", THERE, "train"), **QUICK))
    assert (row.judged, row.metrics["map"]) == (2, pytest.approx(100))


def test_boxes_of_a_class_that_the_model_does_not_know_are_counted(detector: Path, tmp_path: Path) -> None:
    root = coco(tmp_path / "别", [*THERE, ((0, 0, 8, 8), "黄色")], "train")
    report = benchmark.run([detector], images=root, **QUICK)
    assert only(report).metrics["map"] == pytest.approx(100)
    assert "they belong to none of its classes: 2 boxes." in report.notes[0]


def test_where_no_box_is_of_its_classes_nothing_is_judged(detector: Path, tmp_path: Path) -> None:
    row = only(benchmark.run([detector], images=coco(tmp_path / "别", [((0, 0, 8, 8), "黄色")], "train"), **QUICK))
    assert (row.judged, row.metrics) == (0, {})


def test_damaged_pictures_are_counted(detector: Path, dataset: Path) -> None:
    path = dataset / "images" / "valid" / "图 2.png"
    path.write_bytes(path.read_bytes()[:60])
    report = benchmark.run([detector], images=dataset, **QUICK)
    assert (only(report).judged, only(report).metrics["map"]) == (1, pytest.approx(100))
    assert any("cannot be read: 1 picture." in note for note in report.notes)


def test_each_number_of_threads_has_the_same_map(detector: Path, dataset: Path) -> None:
    report = benchmark.run([detector], images=dataset, threads=[1, 2], seconds=0.05)
    assert [row.metrics["map50"] for row in report.rows] == [pytest.approx(100)] * 2


def test_the_light_install_judges_nothing(detector: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "_MAP_PACKAGE", "there_is_no_such_package")
    score = detection.KIND.score(Model.load(detector), detection.KIND.labelled(dataset))
    assert (score.metrics, score.judged) == ({}, 0)
    (note,) = conduct._notes("检测.onnx", {"whole": True, "kind": "detection", "counts": score.counts})
    assert "pip install faster-coco-eval" in note


def test_a_classifier_is_not_judged_by_boxes(dataset: Path, tmp_path: Path) -> None:
    model = models_on_disk.classifier(tmp_path / "分类.onnx")
    report = benchmark.run([model], images=dataset, threads=[1, 2], seconds=0.05)
    for row in report.rows:
        assert (row.metrics, row.judged) == ({}, 0)
        assert row.images_per_s > 0
    (note,) = report.notes
    assert note.startswith("分类.onnx classifies whole pictures")


def test_a_detector_is_not_judged_by_folders_of_classes_and_it_is_said(detector: Path, tmp_path: Path) -> None:
    for name in CLASSES:
        image.write(tmp_path / "图 片" / name / "图.png", np.full((32, 64, 3), 40, np.uint8))
    report = benchmark.run([detector], images=tmp_path / "图 片", **QUICK)
    assert (only(report).metrics, only(report).judged) == ({}, 0)
    (note,) = report.notes
    assert note.startswith("检测.onnx finds boxes")


def test_annotations_that_are_missing_are_named_before_anything_is_measured(detector: Path, dataset: Path) -> None:
    (dataset / "annotations" / "valid.json").unlink()
    with pytest.raises(AnnotationMissing):
        benchmark.run([detector], images=dataset, **QUICK)


# --- tables --------------------------------------------------------------------------------------------------------

MACHINE: dict[str, str | int] = {"cpu": "Cortex-A35", "cores": 4, "system": "Linux", "python": "3.11.7"}
FLOAT = Row(
    "plates.onnx", 1, 12.0, "FP32", "onnxruntime", (1, 3, 320, 320), {"map": 41.0, "map50": 70.5}, kind="detection"
)
SMALL = Row("plates_int8.onnx", 1, 3.1, "INT8", "onnxruntime", (1, 3, 320, 320), kind="detection")
OTHER = Row("cats.onnx", 1, 13.3, "FP32", "onnxruntime", (1, 3, 224, 224), {"top1": 70.94}, kind="classification")
BROKEN = Row("x.onnx", 1, 1.0, error="broken")


def lines(*rows: Row) -> list[str]:
    return [line for line in as_markdown(Report(MACHINE, "plates", rows, ())).splitlines() if line.startswith("|")]


def test_detectors_have_columns_of_their_own() -> None:
    head, _, first, broken = lines(FLOAT, BROKEN)
    assert "| input | mAP | mAP50 | images/s |" in head
    assert "| 1×3×320×320 | 41.00% | 70.50% | – |" in first
    assert first.count("|") == head.count("|") == broken.count("|")


def test_beside_a_classifier_each_has_a_dash_in_the_others_columns() -> None:
    head, _, detects, classifies = lines(FLOAT, OTHER)
    assert "| top-1 | top-5 | mAP | mAP50 |" in head
    assert "| – | – | 41.00% | 70.50% |" in detects
    assert "| 70.94% | – | – | – |" in classifies


def test_fp32_and_int8_of_a_detector_stand_side_by_side() -> None:
    head, _, row = lines(FLOAT, SMALL)[-3:]
    assert "| mAP FP32 | mAP INT8 | mAP50 FP32 | mAP50 INT8 |" in head
    assert "| 41.00% | – | 70.50% | – |" in row
