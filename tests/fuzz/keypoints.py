"""Broken keypoints of every format: read as a data set, checked, made into another."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from BaseDT.dataset import DataSet
from BaseDT.dataset.keypoints import load, looks_like_keypoints
from fuzz.annotations import text_of
from fuzz.mutate import Rng, json_text, odd, pick, spoiled, spoiled_values

_COCO: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "a.png", "width": 36, "height": 24}, {"id": 2, "file_name": "b.png"}],
    "annotations": [
        {
            "id": 1, "image_id": 1, "category_id": 3, "bbox": [4, 6, 18, 12], "area": 216, "iscrowd": 0,
            "keypoints": [5, 7, 2, 9, 8, 1, 0, 0, 0], "num_keypoints": 2,
        },
        {"id": 2, "image_id": 2, "category_id": 3, "keypoints": [15.5, 7, 2, 19, 8, 1, 3, 9, 2]},
    ],
    "categories": [
        {
            "id": 3, "name": "人", "keypoints": ["鼻", "左眼", "右眼"], "skeleton": [[1, 2], [1, 3]],
            "flip_pairs": [[2, 3]],
        },
    ],
}  # fmt: skip
_LABELME: dict[str, Any] = {
    "version": "5.0.1", "flags": {}, "imagePath": "a.png", "imageData": None, "imageHeight": 24, "imageWidth": 36,
    "shapes": [
        {"label": "人", "points": [[3, 4], [20, 18]], "group_id": 1, "shape_type": "rectangle", "flags": {}},
        {"label": "鼻", "points": [[5, 9]], "group_id": 1, "shape_type": "point", "flags": {"occluded": True}},
        {"label": "左眼", "points": [[7, 9]], "group_id": 1, "shape_type": "point", "description": "1"},
        {"label": "鼻", "points": [[25, 9]], "group_id": None, "shape_type": "point"},
    ],
}  # fmt: skip
_YAML = b"kpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\nkpt_names:\n  0:\n  - a\n  - b\n  - c\nnames:\n  0: x\n"


class Keypoints:
    """Sets of two pictures, with a spoiled file among those that describe their points."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._picture = folder / "seed.png"
        Image.new("RGB", (36, 24), (90, 120, 30)).save(self._picture)
        self._formats: tuple[Callable[[Rng, Path], str], ...] = (
            self._coco, self._coco, self._labelme, self._yolo, self._table,
        )  # fmt: skip
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        place = self._folder / "数据 集"
        for old in (place, self._folder / "made"):
            shutil.rmtree(old, ignore_errors=True)
        (place / "images").mkdir(parents=True)
        for name in ("a.png", "b.png"):
            shutil.copyfile(self._picture, place / "images" / name)
        kind = pick(rng, self._formats)(rng, place)
        looks_like_keypoints(place)
        match int(rng.integers(3)) if kind else 0:
            case 0:
                load(place).without_validation().fingerprint()
            case 1:
                DataSet(place, type="KEYPOINTS").check()
            case _:
                DataSet(self._folder / "made", type="KEYPOINTS").make_dataset(src=place, src_format=kind)

    def _write(self, file: Path, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.thrown = data if len(data) > 2 else self.thrown

    def _coco(self, rng: Rng, src: Path) -> str:
        document = spoiled_values(rng, copy.deepcopy(_COCO))
        if rng.integers(2):
            self._write(src / "val.json", json.dumps(_COCO).encode())
        self._write(src / "train.json", json_text(rng, document))
        return "COCO"

    def _labelme(self, rng: Rng, src: Path) -> str:
        self._write(src / "annotations" / "a.json", json_text(rng, spoiled_values(rng, copy.deepcopy(_LABELME))))
        return "LABELME"

    def _yolo(self, rng: Rng, src: Path) -> str:
        lines = ["0 0.5 0.5 0.2 0.2 0.1 0.2 2 0.3 0.4 1 0 0 0", "0 .5 .5 1 1 .1 .1 2 .2 .2 2 .3 .3 2"]
        words = " \n".join(lines).split(" ")
        words[int(rng.integers(len(words)))] = str(text_of(odd(rng)))
        data = " ".join(words).encode("utf-8", "surrogatepass")
        self._write(src / "labels" / "a.txt", spoiled(rng, data) if rng.integers(2) else data)
        self._write(src / "data.yaml", spoiled(rng, _YAML) if rng.integers(2) else _YAML)
        return "YOLO"

    def _table(self, rng: Rng, src: Path) -> str:
        head = ["file", "split", "xmin", "ymin", "xmax", "ymax", "鼻_x", "鼻_y", "鼻_v", "x1", "y1"]
        rows = [head, *([f"{name}.png", "train", "1", "2", "20", "22", "5.5", "6", "1", "", "9"] for name in "aab")]
        for _ in range(int(rng.integers(1, 4))):
            row = pick(rng, rows)
            row[int(rng.integers(len(row)))] = str(text_of(odd(rng)))
        data = "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
        self._write(src / "t.csv", spoiled(rng, data) if rng.integers(2) else data)
        return ""
