"""Detectors on labelled sets of every format, by boxes that are known in advance."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import models_on_disk
from BaseDT import image
from BaseDT.errors import AnnotationMissing, ClassCountMismatch, DatasetInvalid
from XEdu.evaluation import boxed_pictures
from XEdu.hub import Workflow

# The model finds these on every picture of 16 × 16; what is there: one of the two is hit, one object is missed.
FOUND = ((2, 4, 8, 12, 0.9), (0, 0, 4, 4, 0.5), (4, 4, 16, 16, 0.2))
LABELS = (1, 0, 2)
OBJECTS = (("绿色", (2, 4, 8, 12)), ("红色", (8, 8, 16, 16)))


def coco(objects=OBJECTS, names=models_on_disk.CLASSES, count: int = 3) -> dict:
    """Return a document of some pictures with the same objects each."""
    boxes = [(name, [x1, y1, x2 - x1, y2 - y1]) for name, (x1, y1, x2, y2) in objects]
    numbered = [(image_id, name, box) for image_id in range(1, count + 1) for name, box in boxes]
    return {
        "images": [{"id": n, "file_name": f"图 {n}.png", "width": 16, "height": 16} for n in range(1, count + 1)],
        "categories": [{"id": n, "name": name} for n, name in enumerate(names, 1)],
        "annotations": [
            {"id": n, "image_id": image_id, "category_id": names.index(name) + 1, "bbox": box, "area": 1, "iscrowd": 0}
            for n, (image_id, name, box) in enumerate(numbered, 1)
        ],
    }


def pictures(folder: Path, count: int = 3) -> None:
    for number in range(1, count + 1):
        image.write(folder / f"图 {number}.png", models_on_disk.picture(size=(16, 16)))


def documented(root: Path, splits=("train", "valid"), **options) -> Path:
    for split in splits:
        pictures(root / "images" / split)
        (root / "annotations").mkdir(exist_ok=True)
        (root / "annotations" / f"{split}.json").write_text(json.dumps(coco(**options)), encoding="utf-8")
    return root


def voc(root: Path) -> Path:
    pictures(root / "images")
    (root / "annotations").mkdir()
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox>"
        "</object>"
        for name, (a, b, c, d) in OBJECTS
    )
    for number in range(1, 4):
        size = "<size><width>16</width><height>16</height></size>"
        (root / "annotations" / f"图 {number}.xml").write_text(
            f"<annotation>{size}{objects}</annotation>", encoding="utf-8"
        )
    return root


def labelme(root: Path, beside: bool = True) -> Path:
    pictures(root)
    shapes = [{"label": name, "shape_type": "rectangle", "points": [[a, b], [c, d]]} for name, (a, b, c, d) in OBJECTS]
    for number in range(1, 4):
        document = {"shapes": shapes, "imagePath": f"图 {number}.png", "imageWidth": 16, "imageHeight": 16}
        (root / f"图 {number}.json").write_text(json.dumps(document), encoding="utf-8")
    return root


def yolo(root: Path, split: str = "") -> Path:
    names = models_on_disk.CLASSES
    for part in ("train", "test") if split else ("",):
        pictures(root / part / "images")
        (root / part / "labels").mkdir(parents=True)
        for number in range(1, 4):
            lines = [
                f"{names.index(name)} {(a + c) / 32} {(b + d) / 32} {(c - a) / 16} {(d - b) / 16}"
                for name, (a, b, c, d) in OBJECTS
            ]
            (root / part / "labels" / f"图 {number}.txt").write_text("\n".join(lines), encoding="utf-8")
    if split:
        listed = "\n".join(f"  {number}: {name}" for number, name in enumerate(names))
        (root / "data.yaml").write_text(f"train: train/images\nnames:\n{listed}\n", encoding="utf-8")
    else:
        (root / "classes.txt").write_text("\n".join(names), encoding="utf-8")
    return root


def roboflow(root: Path) -> Path:
    for part in ("train", "test"):
        pictures(root / part)
        (root / part / "_annotations.coco.json").write_text(json.dumps(coco()), encoding="utf-8")
    return root


SETS = {
    "documented": (documented, "val"),
    "test only": (lambda root: documented(root, splits=("test",)), "all"),
    "voc": (voc, "all"),
    "labelme": (labelme, "all"),
    "yolo": (yolo, "all"),
    "ultralytics": (lambda root: yolo(root, "split"), "test"),
    "roboflow": (roboflow, "test"),
}


@pytest.fixture
def flow(folder: Path) -> Workflow:
    return Workflow(task="mmedu", checkpoint=models_on_disk.detector(folder / "m.onnx", FOUND, LABELS))


@pytest.mark.parametrize("form", SETS)
def test_every_format_gives_the_same_numbers(form: str, flow: Workflow, tmp_path: Path) -> None:
    make, part = SETS[form]
    root = make(tmp_path / "数据 集")
    before = sorted(root.rglob("*"))
    result = flow.evaluate(root, isprint=False)
    assert sorted(root.rglob("*")) == before
    assert (result["part"], result["pictures"], result["objects"]) == (part, 3, 6)
    assert (result["found"], result["missed"], result["false_alarms"]) == (3, 3, 3)
    assert (result["recall"], result["precision"], result["f1"], result["thr"]) == (0.5, 0.5, 0.5, 0.3)
    green = result["per_class"][1]
    assert (green["AP50"], green["objects"], green["found"], green["recall"]) == (1.0, 3, 3, 1.0)
    assert result["mAP_50"] == 0.5
    assert (result["mAP_l"], result["per_class"][2]["AP"]) == (None, None)
    assert result["missing_classes"] == ["蓝色"]
    assert json.loads(json.dumps(result)) == result


def test_the_report_is_that_of_a_training(flow: Workflow, tmp_path: Path, capsys) -> None:
    result = flow.evaluate(documented(tmp_path / "x"), save_fold=tmp_path / "报 告")
    assert sorted(path.name for path in (tmp_path / "报 告").iterdir()) == sorted(result["files"])
    assert {"detections.png", "precision_recall.png", "per_class.csv", "evaluation.json"} < set(result["files"])
    assert "Found with thr=0.3: 3 of 6, 50.0 %" in capsys.readouterr().out


def test_a_threshold_moves_hits_and_not_map(flow: Workflow, tmp_path: Path) -> None:
    root = documented(tmp_path / "x")
    low, high = (flow.evaluate(root, thr=thr, isprint=False) for thr in (0.0, 0.95))
    assert (low["false_alarms"], high["false_alarms"], high["found"]) == (6, 0, 0)
    assert low["mAP"] == high["mAP"]
    assert high["precision"] is None


def test_a_part_of_a_set_may_be_named_itself(tmp_path: Path) -> None:
    assert boxed_pictures.read(roboflow(tmp_path / "x") / "train").part == "train"


def test_boxes_of_unknown_classes_are_left_out_and_counted(flow: Workflow, tmp_path: Path, refused) -> None:
    objects = (("绿色", (2, 4, 8, 12)), ("狐狸", (8, 8, 16, 16)))
    names = ("狐狸", "绿色")
    result = flow.evaluate(documented(tmp_path / "x", objects=objects, names=names), isprint=False)
    assert (result["objects"], result["found"], result["unknown_objects"]) == (3, 3, 3)
    assert result["unknown_classes"] == ["狐狸"]
    with refused(ClassCountMismatch, "狐狸"):
        flow.evaluate(documented(tmp_path / "y", objects=(("狐狸", (0, 0, 8, 8)),), names=("狐狸",)))


def test_pictures_without_objects_show_false_alarms_alone(flow: Workflow, tmp_path: Path) -> None:
    result = flow.evaluate(documented(tmp_path / "x", objects=()), isprint=False)
    assert (result["objects"], result["mAP"], result["recall"], result["false_alarms"]) == (0, None, None, 6)
    assert any("only false alarms" in note for note in result["notes"])


def test_damaged_pictures_are_named(flow: Workflow, tmp_path: Path) -> None:
    root = documented(tmp_path / "x")
    (root / "images" / "valid" / "图 2.png").write_bytes(b"broken")
    result = flow.evaluate(root, isprint=False)
    assert (result["pictures"], len(result["damaged"])) == (2, 1)


def test_without_the_library_of_map_the_rest_is_told(flow: Workflow, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("XEdu.evaluation.detection.find_spec", lambda _: None)
    monkeypatch.setattr("XEdu.evaluation.box_files.find_spec", lambda _: None)
    result = flow.evaluate(documented(tmp_path / "x"))
    assert (result["mAP"], result["found"]) == (None, 3)
    assert {"detections.png", "per_class.csv"} < set(result["files"])
    out = capsys.readouterr().out
    assert "faster-coco-eval" in out
    assert "matplotlib" in out


@pytest.mark.parametrize("what", ["empty", "classes", "pictures"])
def test_what_has_no_boxes_is_refused(what: str, flow: Workflow, tmp_path: Path, refused) -> None:
    root = tmp_path / "x"
    root.mkdir()
    if what != "empty":
        pictures(root / "猫" if what == "classes" else root)
    with refused(DatasetInvalid):
        flow.evaluate(root)


def test_a_set_without_its_annotations_is_refused(flow: Workflow, tmp_path: Path) -> None:
    root = documented(tmp_path / "x")
    shutil.rmtree(root / "annotations")
    (root / "annotations").mkdir()
    with pytest.raises((AnnotationMissing, DatasetInvalid)):
        flow.evaluate(root)


def test_a_picture_of_another_size_than_the_input(flow: Workflow, tmp_path: Path) -> None:
    root = documented(tmp_path / "x")
    document = coco(objects=tuple((name, tuple(2 * value for value in box)) for name, box in OBJECTS))
    for entry in document["images"]:
        entry |= {"width": 32, "height": 32}
        image.write(root / "images" / "valid" / entry["file_name"], np.zeros((32, 32, 3), np.uint8))
    (root / "annotations" / "valid.json").write_text(json.dumps(document), encoding="utf-8")
    assert flow.evaluate(root, isprint=False)["found"] == 3
