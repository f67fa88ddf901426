"""Sets of keypoints made from those of other tools: the documented layout, the same persons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.keypoints import KeypointsDataset, load
from BaseDT.errors import AnnotationMissing, DatasetInvalid, ParameterInvalid

Refused = Callable[..., Any]
ONE = [(5, 6, 2), (8, 5, 2), (3, 5, 1)]
OTHER = [(15, 16, 2), (18, 15, 2), (0, 0, 0)]


def everybody(data: KeypointsDataset) -> dict[tuple[str, int], tuple[Any, ...]]:
    people = (*data.train, *data.val, *data.test)
    return {(p.path.name, p.number): (p.box, p.points.round(3).tolist(), p.area, p.label) for p in people}


@pytest.fixture
def posed(tmp_path: Path, make_posed: Callable[..., Path]) -> Path:
    return make_posed(tmp_path / "旧 集", train={f"{n} 图.png": [ONE, OTHER] if n else [] for n in range(10)})


def labelme(root: Path, picture: Callable[..., Path], *, x: float = 5.25) -> Path:
    for number in range(6):
        path = picture(root / f"{number} 图.png")
        points = [("nose", x, 6.0), ("left_eye", x + 3, 5.0), ("right_eye", x - 2, 5.0)]
        shapes = [{"label": name, "points": [[a, b]], "shape_type": "point"} for name, a, b in points]
        document = {"shapes": shapes, "imagePath": path.name, "imageHeight": 30, "imageWidth": 40}
        path.with_suffix(".json").write_text(json.dumps(document), encoding="utf-8")
    return root


def test_a_set_with_points_is_made_in_the_documented_layout(posed: Path, tmp_path: Path) -> None:
    target = tmp_path / "新 集"
    report = DataSet(target).make_dataset(posed, src_format="COCO")
    assert sorted(path.name for path in target.iterdir()) == ["images", "test.json", "train.json", "val.json"]
    assert len(list((target / "images").iterdir())) == 10
    assert report.type == "KEYPOINTS"
    assert dict(report.pictures) == {"train": 7, "val": 2, "test": 1}
    before, after = load(posed), load(target)
    assert everybody(after) == everybody(before)
    assert (after.names, after.skeleton, after.flip_pairs) == (before.names, before.skeleton, before.flip_pairs)
    assert not after.holds_out
    first = json.loads((target / "train.json").read_text(encoding="utf-8"))
    assert "info" not in first
    assert all(isinstance(value, int) for value in first["annotations"][0]["keypoints"])


def test_labelme_s_points_are_made_into_one(tmp_path: Path, picture: Callable[..., Path]) -> None:
    target = tmp_path / "新 集"
    source = labelme(tmp_path / "标注", picture)
    DataSet(target, type="pose").make_dataset(
        source, src_format="LABELME", train_ratio=0.5, val_ratio=0.5, test_ratio=0
    )
    data = load(target)
    assert (len(data.train), len(data.val)) == (3, 3)
    assert data.whole_pictures
    np.testing.assert_allclose(data.train[0].points, [(5.25, 6, 2), (8.25, 5, 2), (3.25, 5, 2)])


def test_places_that_are_whole_by_chance_stay_where_they_are(tmp_path: Path, picture: Callable[..., Path]) -> None:
    target = tmp_path / "新 集"
    DataSet(target).make_dataset(labelme(tmp_path / "标注", picture, x=6.0), src_format="LABELME")
    np.testing.assert_allclose(load(target).train[0].points, [(6, 6, 2), (9, 5, 2), (4, 5, 2)])


def test_pairs_that_names_do_not_tell_are_kept(tmp_path: Path, picture: Callable[..., Path]) -> None:
    root = tmp_path / "姿态"
    for number in range(4):
        picture(root / "images" / f"{number}.png")
        (root / "labels").mkdir(exist_ok=True)
        line = "0 0.5 0.5 0.5 0.8 0.5 0.25 2 0.25 0.5 1 0 0 0\n"
        (root / "labels" / f"{number}.txt").write_text(line, encoding="utf-8")
    (root / "data.yaml").write_text("kpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\nnames: ['人']\n", encoding="utf-8")
    DataSet(tmp_path / "新").make_dataset(root, src_format="YOLO")
    data = load(tmp_path / "新")
    assert (data.classes, data.flip_pairs, data.mirrors) == (("人",), ((1, 2),), True)
    assert everybody(data)["0.png", 0][:2] == ((10, 3, 30, 27), [[20, 7.5, 2], [10, 15, 1], [0, 0, 0]])


def test_turned_pictures_are_upright_in_the_new_set(posed: Path, tmp_path: Path, picture: Callable[..., Path]) -> None:
    document = json.loads((posed / "train.json").read_text(encoding="utf-8"))
    document["annotations"][0]["keypoints"] = [38, 25, 2, 3, 5, 2, 0, 0, 0]
    (posed / "train.json").write_text(json.dumps(document), encoding="utf-8")
    picture(posed / "images" / "1 图.png", orientation=6)
    DataSet(tmp_path / "新").make_dataset(posed, src_format="COCO")
    assert everybody(load(tmp_path / "新")) == everybody(load(posed))


def test_a_division_of_the_owner_stays(tmp_path: Path, make_posed: Callable[..., Path]) -> None:
    source = make_posed(tmp_path / "旧", train={"1.png": [ONE]}, val={"2.png": [ONE], "3.png": [ONE]})
    DataSet(tmp_path / "新").make_dataset(source, src_format="COCO")
    data = load(tmp_path / "新")
    assert [len(part) for part in (data.train, data.val)] == [1, 2]


def test_the_type_coco_takes_the_boxes_alone(tmp_path: Path, make_posed: Callable[..., Path]) -> None:
    source = make_posed(tmp_path / "旧", train={f"{n}.png": [ONE] for n in range(4)})
    (source / "annotations").mkdir()
    (source / "train.json").rename(source / "annotations" / "train.json")
    report = DataSet(tmp_path / "新", type="COCO").make_dataset(source, src_format="COCO")
    assert report.type == "COCO"


def test_damaged_pictures_and_empty_sets_make_nothing(posed: Path, tmp_path: Path, refused: Refused) -> None:
    (posed / "images" / "3 图.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    target = tmp_path / "新"
    with refused(DatasetInvalid, "1 picture is damaged"):
        DataSet(target).make_dataset(posed, src_format="COCO")
    document = json.loads((posed / "train.json").read_text(encoding="utf-8"))
    for annotation in document["annotations"]:
        annotation["keypoints"][2::3] = [0, 0, 0]
    document["images"].pop(3)
    document["annotations"] = [a for a in document["annotations"] if a["image_id"] != 13]
    (posed / "train.json").write_text(json.dumps(document), encoding="utf-8")
    with refused(AnnotationMissing, "No person has a labelled point"):
        DataSet(target).make_dataset(posed, src_format="COCO")
    assert not target.exists()


def test_formats_without_points_are_refused(tmp_path: Path, refused: Refused) -> None:
    with refused(ParameterInvalid, "KEYPOINTS cannot be made from VOC"):
        DataSet(tmp_path / "新", type="KEYPOINTS").make_dataset(tmp_path, src_format="VOC")


def test_the_check_counts_persons(posed: Path) -> None:
    report = DataSet(posed).check()
    assert (report.type, report.classes) == ("KEYPOINTS", ("person",))
    assert sum(report.pictures.values()) == 9
    assert sum(numbers[0] for numbers in report.counts.values()) == 18
    assert "number of persons" in str(report)


def test_the_check_names_damaged_pictures_once(posed: Path, refused: Refused) -> None:
    (posed / "images" / "3 图.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with refused(DatasetInvalid, "1 picture is damaged"):
        DataSet(posed).check()
