"""Small real data sets in the formats of other tools, and a context that expects an error of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT.errors import XEduError

Refused = Callable[..., AbstractContextManager[pytest.ExceptionInfo[XEduError]]]
Corners = tuple[float, float, float, float]
Objects = Mapping[str, Sequence[tuple[str, Corners]]]

WIDTH, HEIGHT = 40, 30


@pytest.fixture
def refused() -> Refused:
    """A context that expects an error of ours: its code in front, one line of message, a hint."""

    @contextmanager
    def expect(kind: type[XEduError], match: str = ".") -> Iterator[pytest.ExceptionInfo[XEduError]]:
        with pytest.raises(kind, match=match) as caught:
            yield caught
        error = caught.value
        assert str(error).startswith(f"Error Code: {kind.code}. {error.message}")
        assert "\n" not in error.message.strip()
        assert error.hint, "an error says what to do"

    return expect


@pytest.fixture
def picture() -> Callable[..., Path]:
    """A function that writes a picture of its own noise; ``orientation`` is the EXIF note of a camera."""

    def write(path: Path, width: int = WIDTH, height: int = HEIGHT, orientation: int = 1) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(list(path.name.encode()))
        exif = Image.Exif()
        exif[0x0112] = orientation
        saved = Image.fromarray(rng.integers(0, 255, (height, width, 3), np.uint8))
        saved.save(path, **({"exif": exif} if orientation != 1 else {}))
        return path

    return write


@pytest.fixture
def make_voc(picture: Callable[..., Path]) -> Callable[..., Path]:
    """A function that writes ``images/``, ``annotations/*.xml``: for each picture its (class, VOC corners)."""

    def make(root: Path, objects: Objects, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
        (root / "annotations").mkdir(parents=True, exist_ok=True)
        for name, found in objects.items():
            picture(root / "images" / name)
            boxes = "".join(
                f"<object><name>{cls}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax>"
                f"<ymax>{y2}</ymax></bndbox></object>"
                for cls, (x1, y1, x2, y2) in found
            )
            text = (
                f"<annotation><filename>{name}</filename><size><width>{size[1]}</width><height>{size[0]}</height>"
                f"<depth>3</depth></size>{boxes}</annotation>"
            )
            (root / "annotations" / Path(name).with_suffix(".xml").name).write_text(text, encoding="utf-8")
        return root

    return make


@pytest.fixture
def coco_json() -> Callable[..., dict[str, list[dict[str, object]]]]:
    """A function that gives a COCO document: for each picture its (category id, x, y, width, height)."""

    def make(
        boxes: Mapping[str, Sequence[tuple[int, float, float, float, float]]],
        categories: Mapping[int, str] | None = None,
    ) -> dict[str, list[dict[str, object]]]:
        names = {7: "猫", 3: "狗"} if categories is None else categories
        images: list[dict[str, object]] = []
        annotations: list[dict[str, object]] = []
        for number, (name, found) in enumerate(boxes.items(), 10):
            images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
            for category, *box in found:
                annotations.append(
                    {"id": len(annotations), "image_id": number, "category_id": category, "bbox": box, "iscrowd": 0}
                )
        listed: list[dict[str, object]] = [{"id": i, "name": n, "supercategory": "宠物"} for i, n in names.items()]
        return {"images": images, "annotations": annotations, "categories": listed}

    return make


@pytest.fixture
def make_coco(picture: Callable[..., Path], coco_json: Callable[..., object]) -> Callable[..., Path]:
    """A function that writes a set in COCO's layout: for each split (train, valid, test) its pictures and boxes."""

    def make(root: Path, **splits: Mapping[str, Sequence[tuple[int, float, float, float, float]]]) -> Path:
        (root / "annotations").mkdir(parents=True, exist_ok=True)
        for split, boxes in splits.items():
            for name in boxes:
                picture(root / "images" / split / name)
            text = json.dumps(coco_json(boxes), ensure_ascii=False)
            (root / "annotations" / f"{split}.json").write_text(text, encoding="utf-8")
        return root

    return make


@pytest.fixture
def posed_json() -> Callable[..., dict[str, Any]]:
    """A function that gives a COCO document with keypoints: for each picture its persons, each a list of (x, y, v)."""

    def make(
        people: Mapping[str, Sequence[Sequence[tuple[float, float, int]]]],
        names: Sequence[str] = ("nose", "left_eye", "right_eye"),
        skeleton: Sequence[tuple[int, int]] = ((1, 2), (1, 3)),
        *,
        boxes: bool = True,
    ) -> dict[str, Any]:
        images: list[dict[str, object]] = []
        annotations: list[dict[str, object]] = []
        for number, (name, persons) in enumerate(people.items(), 10):
            images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
            for points in persons:
                annotation: dict[str, object] = {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": 1,
                    "keypoints": [value for point in points for value in point],
                    "iscrowd": 0,
                }
                annotations.append(annotation | ({"bbox": [2, 3, 20, 24], "area": 300.5} if boxes else {}))
        category = {"id": 1, "name": "person", "keypoints": list(names), "skeleton": [list(pair) for pair in skeleton]}
        return {"images": images, "annotations": annotations, "categories": [category]}

    return make


@pytest.fixture
def make_posed(picture: Callable[..., Path], posed_json: Callable[..., object]) -> Callable[..., Path]:
    """A function that writes a set in the documented layout: ``images/``, ``train.json``, ``val.json``."""

    def make(root: Path, *, names: Sequence[str] | None = None, boxes: bool = True, **splits: Any) -> Path:
        root.mkdir(parents=True, exist_ok=True)
        for split, people in splits.items():
            for name in people:
                picture(root / "images" / name)
            document = posed_json(people, boxes=boxes, **({} if names is None else {"names": names}))
            (root / f"{split}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return root

    return make
