"""Sets of objects with outlines as sets for segmentation: COCO, YOLO, labelme."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from BaseDT import image
from BaseDT.dataset.segmentation import load, looks_like_segmentation
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.geometry import masks

Refused = Callable[..., Any]
Make = Callable[..., Path]
WIDTH, HEIGHT = 40, 30  # of the fixture's pictures


def square(x1: int, y1: int, x2: int, y2: int) -> list[list[int]]:
    return [[x1, y1, x2, y1, x2, y2, x1, y2]]


def thing(category: int, segmentation: Any, box: tuple[int, int, int, int], **more: Any) -> dict[str, Any]:
    x1, y1, x2, y2 = box
    return {"category_id": category, "segmentation": segmentation, "bbox": [x1, y1, x2 - x1, y2 - y1], **more}


@pytest.fixture
def coco(tmp_path: Path, picture: Make) -> Callable[..., Path]:
    """A function that writes a set in COCO's layout whose pictures all have the same objects."""

    def make(*things: dict[str, Any], names: tuple[str, ...] = ("猫", "狗"), pictures: int = 5, **splits: int) -> Path:
        root = tmp_path / "数据 集"
        (root / "annotations").mkdir(parents=True)
        for split, count in (splits or {"train": pictures}).items():
            images, annotations = [], []
            for number in range(count):
                name = f"{split} {number}.jpg"
                picture(root / "images" / split / name)
                images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
                annotations += [{"image_id": number, **one} for one in things]
            annotations = [{"id": i, **one} for i, one in enumerate(annotations)]
            categories = [{"id": 7 + 2 * i, "name": name} for i, name in enumerate(names)]
            document = {"images": images, "annotations": annotations, "categories": categories}
            (root / "annotations" / f"{split}.json").write_text(json.dumps(document), encoding="utf-8")
        return root

    return make


LARGE = thing(7, square(2, 2, 22, 22), (2, 2, 22, 22), area=400)
SMALL = thing(9, square(4, 4, 10, 10), (4, 4, 10, 10), area=36)


class TestCoco:
    def test_the_background_is_class_0_and_small_objects_lie_on_top(self, coco: Callable[..., Path]) -> None:
        data = load(coco(SMALL, LARGE))
        assert data.classes == ("background", "猫", "狗")
        expected = np.zeros((HEIGHT, WIDTH), np.uint8)
        expected[2:22, 2:22], expected[4:10, 4:10] = 1, 2
        assert (data.train[0].read_mask() == expected).all()

    def test_of_equal_objects_the_later_lies_on_top(self, coco: Callable[..., Path]) -> None:
        first, second = (thing(c, square(2, 2, 12, 12), (2, 2, 12, 12), area=100) for c in (9, 7))
        assert set(np.unique(load(coco(first, second)).train[0].read_mask())) == {0, 1}

    def test_run_length_codes_and_crowds(self, coco: Callable[..., Path]) -> None:
        filled = np.zeros((HEIGHT, WIDTH), np.uint8)
        filled[5:25, 5:35] = 1
        crowd = thing(7, masks.encoded(filled), (5, 5, 35, 25), iscrowd=1, area=600)
        mask = load(coco(SMALL, crowd)).train[0].read_mask()
        assert mask[8, 8] == 2
        assert mask[20, 20] == 255
        assert mask[0, 0] == 0

    def test_an_object_without_outline_is_ignored(self, coco: Callable[..., Path]) -> None:
        data = load(coco(SMALL, thing(7, [], (20, 5, 30, 15))))
        mask = data.train[0].read_mask()
        assert (mask[5:15, 20:30] == 255).all()
        assert mask[8, 8] == 2
        assert any("5 of 10 objects have no outline" in note for note in data.notes)

    def test_boxes_alone_are_no_masks(self, coco: Callable[..., Path], refused: Refused) -> None:
        with refused(AnnotationMissing, "5 boxes"):
            load(coco(thing(7, [], (20, 5, 30, 15))))

    def test_a_category_that_is_the_background(self, coco: Callable[..., Path]) -> None:
        data = load(coco(LARGE, SMALL, names=("background", "狗")))
        assert data.classes == ("background", "狗")
        assert set(np.unique(data.train[0].read_mask())) == {0, 1}

    def test_parts_stay_and_nothing_is_held_out(self, coco: Callable[..., Path]) -> None:
        data = load(coco(LARGE, SMALL, train=4, valid=2))
        assert [len(data.train), len(data.val)] == [4, 2]
        assert data.notes == ()

    def test_without_validation_a_part_is_held_out(self, coco: Callable[..., Path]) -> None:
        data = load(coco(LARGE, SMALL))
        assert [len(data.train), len(data.val), data.holds_out] == [4, 1, True]
        assert [note for note in data.notes if "alidation" in note] == [
            "No validation pictures: 1 of the 5 training pictures, chosen by name, are kept for it."
        ]

    def test_a_class_without_objects_is_named(self, coco: Callable[..., Path]) -> None:
        assert any("No picture shows: 狗" in note for note in load(coco(LARGE)).notes)

    def test_stays_a_set_for_detection(self, coco: Callable[..., Path]) -> None:
        assert not looks_like_segmentation(coco(LARGE))

    def test_outlines_of_the_stored_picture_are_turned(self, coco: Callable[..., Path], picture: Make) -> None:
        root = coco(LARGE)
        for path in (root / "images" / "train").iterdir():
            picture(path, orientation=6)
        one = load(root).train[0]
        assert (one.height, one.width) == (WIDTH, HEIGHT)
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[2:22, 2:22] = 1
        assert (one.read_mask() == np.rot90(mask, -1)).all()

    def test_the_fingerprint_knows_the_outlines(self, coco: Callable[..., Path]) -> None:
        root = coco(LARGE)
        before = load(root).fingerprint()
        file = root / "annotations" / "train.json"
        file.write_text(file.read_text().replace("22, 22", "22, 21"))
        assert load(root).fingerprint() != before

    def test_a_broken_outline_is_refused(self, coco: Callable[..., Path], refused: Refused) -> None:
        with refused(DatasetInvalid, "segmentation"):
            load(coco(thing(7, [[1, 2, "x"]], (1, 1, 5, 5))))


class TestYolo:
    def test_outlines(self, tmp_path: Path, picture: Make) -> None:
        root = tmp_path / "数据 集"
        for part, count in (("train", 3), ("val", 2)):
            for number in range(count):
                picture(root / "images" / part / f"{number}.jpg")
                (root / "labels" / part).mkdir(parents=True, exist_ok=True)
                line = "1 0.25 0.2 0.75 0.2 0.75 0.8 0.25 0.8\n"
                (root / "labels" / part / f"{number}.txt").write_text(line)
        (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames: ['猫', '狗']\n", encoding="utf-8")
        data = load(root)
        expected = np.zeros((HEIGHT, WIDTH), np.uint8)
        expected[6:24, 10:30] = 2
        assert (data.train[0].read_mask() == expected).all()
        assert [len(data.train), len(data.val)] == [3, 2]
        assert not looks_like_segmentation(root)


class TestLabelme:
    def make(self, root: Path, picture: Make, kind: str, points: list[list[float]], folder: str = "") -> Path:
        for number in range(5):
            picture(root / ("images" if folder else "") / f"图 {number}.jpg")
            shape = {"label": "猫", "points": points, "shape_type": kind, "group_id": None}
            document = {"shapes": [shape], "imageHeight": HEIGHT, "imageWidth": WIDTH, "imagePath": f"图 {number}.jpg"}
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / f"图 {number}.json").write_text(json.dumps(document), encoding="utf-8")
        return root

    @pytest.mark.parametrize("folder", ["", "annotations"])
    def test_polygons(self, tmp_path: Path, picture: Make, folder: str) -> None:
        corners = [[2, 2], [12, 2], [12, 12], [2, 12]]
        data = load(self.make(tmp_path / "数据 集", picture, "polygon", corners, folder))
        assert data.classes == ("background", "猫")
        assert data.train[0].read_mask().sum() == 100
        assert [len(data.train), len(data.val)] == [4, 1]
        assert not looks_like_segmentation(data.root)

    def test_rectangles_and_circles_are_shapes(self, tmp_path: Path, picture: Make) -> None:
        rectangle = load(self.make(tmp_path / "甲", picture, "rectangle", [[2, 2], [12, 12]]))
        assert rectangle.train[0].read_mask().sum() == 100
        circle = load(self.make(tmp_path / "乙", picture, "circle", [[15, 15], [25, 15]]))
        assert circle.train[0].read_mask().sum() == pytest.approx(np.pi * 100, rel=0.05)

    def test_masks_of_labelmes_tools(self, tmp_path: Path, picture: Make, refused: Refused) -> None:
        root = self.make(tmp_path / "数据 集", picture, "mask", [[4, 6], [13, 10]])
        drawn = np.zeros((5, 10), np.uint8)
        drawn[1:4, 2:8] = 255
        buffer = io.BytesIO()
        Image.fromarray(drawn).save(buffer, "PNG")
        for file in root.glob("*.json"):
            document = json.loads(file.read_text(encoding="utf-8"))
            document["shapes"][0]["mask"] = base64.b64encode(buffer.getvalue()).decode()
            file.write_text(json.dumps(document), encoding="utf-8")
        mask = load(root).train[0].read_mask()
        assert mask.sum() == 18
        assert (mask[7:10, 6:12] == 1).all()
        document["shapes"][0]["mask"] = "no picture"
        file.write_text(json.dumps(document), encoding="utf-8")
        with refused(DatasetInvalid, "mask is not as labelme writes it"):
            load(root)

    def test_pictures_within_the_files_stay_as_long_as_the_set(self, tmp_path: Path, picture: Make) -> None:
        root = self.make(tmp_path / "数据 集", picture, "polygon", [[2, 2], [12, 2], [12, 12]])
        for file in root.glob("*.json"):
            document = json.loads(file.read_text(encoding="utf-8"))
            path = file.with_suffix(".jpg")
            document["imageData"] = base64.b64encode(path.read_bytes()).decode()
            file.write_text(json.dumps(document), encoding="utf-8")
            path.unlink()
        data = load(root)
        assert all(image.read(picture.path).shape[:2] == (HEIGHT, WIDTH) for picture in data.train)
