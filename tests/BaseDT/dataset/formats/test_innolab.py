"""OpenInnoLab: the lists and files of its labelling tool, and exports that are VOC or COCO in truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.formats import innolab
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Refused = Callable[..., Any]


def box(attribute: object = "k2", **changes: object) -> dict[str, object]:
    return {"x": 1.5, "y": 2, "width": 10, "height": 20, "attribute": attribute} | changes


def write(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def annotate(src: Path, name: str, *boxes: object, **changes: object) -> None:
    tool = {"width": 40, "height": 30, "step_1": {"toolName": "rectTool", "result": list(boxes)}} | changes
    write(src / "images" / name, {"rectTool": json.dumps(tool)})


@pytest.fixture
def src(tmp_path: Path, picture: Callable[..., Path]) -> Path:
    root = tmp_path / "数据 集"
    for name in ("图 片.jpg", "b.c.png", "没标.jpg", "空.jpg"):
        picture(root / "images" / name)
    write(root / "labels.json", [{"id": "k1", "name": "猫"}, {"id": "k2", "name": "狗"}])
    paths = [{"filePath": f"/images/{name}"} for name in ("图 片.jpg", "b.c.png", "没标.jpg", "空.jpg")]
    write(root / "used_labels.json", paths)
    annotate(root, "图 片.json", box(), box("k1", x=0))
    annotate(root, "b.c.json", box("k1"))
    annotate(root, "空.json")
    return root


def test_reads_classes_boxes_and_sizes(src: Path) -> None:
    source = innolab.read(src)
    assert [(c.id, c.name) for c in source.categories] == [(1, "猫"), (2, "狗")]
    assert [p.key for p in source.pictures] == ["images/b.c.png", "images/图 片.jpg", "images/空.jpg"]
    assert source.pictures[1].boxes == (Box(1, (1.5, 2, 11.5, 22)), Box(0, (0, 2, 10, 22)))
    assert source.pictures[1].size == (30, 40)
    assert source.pictures[2].boxes == ()
    assert source.notes == ("1 pictures are in used_labels.json, but not labelled: not used.",)


def test_a_class_that_is_not_listed_is_named(src: Path, refused: Refused) -> None:
    annotate(src, "图 片.json", box("k9"))
    with refused(AnnotationMissing, r"图 片\.json has a box of the class 'k9', which is not in labels\.json"):
        innolab.read(src)


@pytest.mark.parametrize(
    ("file", "value", "message"),
    [
        ("labels.json", {}, r"labels\.json is not as the platform writes it: expected a list"),
        ("labels.json", [5], r"labels\.json is not as the platform writes it: expected an object, found 5"),
        (
            "labels.json",
            [{"id": 1, "name": "猫"}, {"id": 2, "name": "猫"}],
            "a class has no name, or the name of another",
        ),
        ("labels.json", [{"id": 1}], "a class has no name"),
        (
            "used_labels.json",
            [{"filePath": "/images/丢.jpg"}],
            "names a picture that is not in 数据 集: '/images/丢.jpg'",
        ),
        ("used_labels.json", [{}], "names a picture that is not in"),
        ("images/图 片.json", {}, r"图 片\.json is not as the platform writes it: expected an object, found None"),
        ("images/图 片.json", {"rectTool": "{"}, r"图 片\.json is no whole JSON"),
        ("images/图 片.json", {"rectTool": {"step_1": {"result": [box(x="?")]}}}, r"'x' is no number: '\?'"),
        ("images/图 片.json", {"rectTool": {"width": "a", "height": 1}}, "'width' is no number"),
    ],
)
def test_a_broken_file_is_named(src: Path, refused: Refused, file: str, value: object, message: str) -> None:
    write(src / file, value)
    with refused(DatasetInvalid, message):
        innolab.read(src)


def test_nothing_labelled(src: Path, refused: Refused) -> None:
    write(src / "used_labels.json", [])
    with refused(AnnotationMissing, "There is no annotation"):
        innolab.read(src)


def test_an_export_as_voc_or_coco_is_read_as_such(
    tmp_path: Path, make_voc: Callable[..., Path], make_coco: Callable[..., Path]
) -> None:
    assert len(innolab.read(make_voc(tmp_path / "一", {"a.jpg": [("猫", (1, 1, 9, 9))]})).pictures) == 1
    assert len(innolab.read(make_coco(tmp_path / "二", train={"a.jpg": [(7, 1, 1, 9, 9)]})).pictures) == 1


def test_a_folder_that_is_neither_is_named(src: Path, refused: Refused) -> None:
    (src / "labels.json").unlink()
    with refused(AnnotationMissing, r"There is no labels\.json in"):
        innolab.read(src)
