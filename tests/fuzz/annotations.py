"""Broken annotations of every format: read as a data set, checked, made into another."""

from __future__ import annotations

import copy
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from BaseDT.dataset import DataSet, split_tab_dataset
from BaseDT.dataset import coco as coco_set
from fuzz.mutate import Rng, json_text, odd, pick, spoiled, spoiled_values

_VOC = (
    "<annotation><filename>a.png</filename><size><width>36</width><height>24</height><depth>3</depth></size>"
    "<object><name>猫</name><bndbox><xmin>3</xmin><ymin>4</ymin><xmax>20</xmax><ymax>18</ymax></bndbox></object>"
    "</annotation>"
)
_COCO: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "a.png", "width": 36, "height": 24}],
    "annotations": [
        {
            "id": 1, "image_id": 1, "category_id": 3, "bbox": [4, 6, 18, 12], "area": 216, "iscrowd": 0,
            "segmentation": [[4, 6, 22, 6, 22, 18, 4, 18]],
        },
        {
            "id": 2, "image_id": 1, "category_id": 7, "bbox": [0, 0, 36, 24], "area": 864, "iscrowd": 1,
            "segmentation": {"counts": [10, 100, 754], "size": [24, 36]},
        },
    ],
    "categories": [{"id": 3, "name": "猫"}, {"id": 7, "name": "狗", "supercategory": "x"}],
}  # fmt: skip
_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAAAAABawyK/AAAAEklEQVR4nGNg+P+fgYHhPwMDABH4Av5CN+xQAAAAAElFTkSuQmCC"
_LABELME: dict[str, Any] = {
    "version": "5.0.1", "flags": {}, "imagePath": "a.png", "imageData": None, "imageHeight": 24, "imageWidth": 36,
    "shapes": [
        {"label": "猫", "points": [[3, 4], [20, 18]], "group_id": None, "shape_type": "rectangle", "flags": {}},
        {"label": "狗", "points": [[3, 4], [20, 18], [2, 20]], "group_id": 1, "shape_type": "polygon", "flags": {}},
        {"label": "狗", "points": [[9, 9], [12, 12]], "group_id": 1, "shape_type": "circle", "flags": {}},
        {"label": "狗", "points": [[9, 9], [12, 10]], "group_id": 2, "shape_type": "mask", "flags": {}, "mask": _PNG},
    ],
}  # fmt: skip
_INNOLAB: dict[str, Any] = {
    "labels.json": [{"id": 1, "name": "猫"}, {"id": 2, "name": "狗"}],
    "used_labels.json": [{"filePath": "a.png"}],
    "a.json": {
        "rectTool": json.dumps(
            {
                "width": 36,
                "height": 24,
                "step_1": {"result": [{"x": 1, "y": 2, "width": 9, "height": 9, "attribute": 1}]},
            }
        )
    },
}


class Annotations:
    """Sets of two pictures, with a spoiled file among those that describe them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._picture = folder / "seed.png"
        Image.new("RGB", (36, 24), (90, 120, 30)).save(self._picture)
        self._formats: tuple[Callable[[Rng, Path], None], ...] = (
            self._coco, self._coco, self._voc, self._yolo, self._labelme, self._labelme, self._innolab,
            self._imagenet, self._table, self._masks, self._masks, self._outlines,
        )  # fmt: skip
        self.thrown: bytes | str = b""

    def __call__(self, rng: Rng) -> None:
        place = self._folder / "数据 集"
        for old in (place, self._folder / "made"):
            shutil.rmtree(old, ignore_errors=True)
        place.mkdir()
        pick(rng, self._formats)(rng, place)

    def _write(self, file: Path, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.thrown = data if len(data) > 2 else self.thrown

    def _pictures(self, *places: Path) -> None:
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._picture, place)

    def _make(self, src: Path, kind: str) -> None:
        DataSet(self._folder / "made").make_dataset(src=src, src_format=kind)

    def _coco(self, rng: Rng, src: Path) -> None:
        document = spoiled_values(rng, copy.deepcopy(_COCO))
        self._pictures(src / "images" / "train" / "a.png", src / "images" / "valid" / "a.png")
        whole = json.dumps(_COCO).encode()
        self._write(src / "annotations" / "valid.json", whole)
        self._write(src / "annotations" / "train.json", json_text(rng, document))
        if rng.integers(3):
            DataSet(src).check()
            coco_set.load(src, with_masks=True)
        else:
            (src / "images" / "valid" / "a.png").rename(src / "images" / "valid" / "b.png")
            self._make(src, "COCO")

    def _voc(self, rng: Rng, src: Path) -> None:
        self._pictures(src / "images" / "a.png")
        text = _VOC
        for _ in range(int(rng.integers(1, 3))):
            number = str(pick(rng, ("3", "4", "20", "18", "36", "24", "猫", "name", "object", "bndbox")))
            text = text.replace(number, text_of(odd(rng)) if rng.integers(2) else f"<x>{number}", 1)
        data = text.encode(str(pick(rng, ("utf-8", "gbk", "utf-16"))), "replace")
        self._write(src / "annotations" / "a.xml", spoiled(rng, data) if rng.integers(2) else data)
        self._make(src, "VOC")

    def _yolo(self, rng: Rng, src: Path) -> None:
        self._pictures(src / "images" / "a.png")
        parts = ["0 0.5 0.5 0.2 0.2", "1 0.1 0.1 0.3 0.1 0.2 0.9", "1 .5 .5 1 1"]
        words = " \n".join(parts).split(" ")
        words[int(rng.integers(len(words)))] = str(text_of(odd(rng)))
        data = " ".join(words).encode("utf-8", "surrogatepass")
        self._write(src / "labels" / "a.txt", spoiled(rng, data) if rng.integers(2) else data)
        if rng.integers(2):
            self._write(src / "classes.txt", spoiled(rng, "猫\n狗\n".encode()) if rng.integers(2) else b"a\nb")
        else:
            yaml = b"names:\n  0: cat\n  1: dog\nnc: 2\ntrain: ../train\n"
            self._write(src / "data.yaml", spoiled(rng, yaml) if rng.integers(2) else yaml)
        self._make(src, "YOLO")

    def _labelme(self, rng: Rng, src: Path) -> None:
        self._pictures(src / "a.png")
        document = spoiled_values(rng, copy.deepcopy(_LABELME))
        self._write(src / "a.json", json_text(rng, document))
        self._make(src, "LABELME")

    def _innolab(self, rng: Rng, src: Path) -> None:
        self._pictures(src / "a.png")
        chosen = pick(rng, sorted(_INNOLAB))
        for name, document in _INNOLAB.items():
            if name == chosen == "a.json" and rng.integers(4):
                inner = spoiled_values(rng, json.loads(document["rectTool"]))
                data = json.dumps({"rectTool": json_text(rng, inner).decode("utf-8", "replace")}).encode()
            elif name == chosen:
                data = json_text(rng, spoiled_values(rng, document))
            else:
                data = json.dumps(document).encode()
            self._write(src / name, data)
        self._make(src, "INNOLAB")

    def _imagenet(self, rng: Rng, src: Path) -> None:
        for split in ("training_set", "val_set"):
            self._pictures(src / split / "猫" / "a.png", src / split / "狗" / "b.png")
        files = {"classes.txt": "狗\n猫\n", "val.txt": "猫/a.png 1\n狗/b.png 0\n"}
        for name in ("classes.txt", "val.txt"):
            data = files[name].encode(str(pick(rng, ("utf-8", "gbk", "utf-8-sig", "utf-16"))))
            if rng.integers(2):
                self._write(src / name, spoiled(rng, data))
        if rng.integers(2):
            DataSet(src).check()
        else:
            self._make(src / "training_set", "IMAGENET")

    def _masks(self, rng: Rng, src: Path) -> None:
        """Masks of every kind of file, with bytes or a list that are spoiled."""
        self._pictures(src / "images" / "a.png", src / "images" / "b.png")
        values = np.zeros((24, 36), np.uint8)
        values[4:18, 3:20] = int(pick(rng, (1, 2, 7, 255)))
        drawn = Image.fromarray(values).convert(str(pick(rng, ("L", "P", "1", "RGB", "RGBA", "I;16", "LA"))))
        for name in ("a.png", "b.png"):
            buffer = io.BytesIO()
            drawn.save(buffer, "PNG")
            data = buffer.getvalue()
            self._write(src / "labels" / name, spoiled(rng, data) if rng.integers(2) else data)
        listed = str(pick(rng, ("背景\n猫\n狗\n", "背景 0 0 0\n猫 2 2 2\n", "人\n"))).encode()
        if rng.integers(3):
            self._write(src / "classes.txt", spoiled(rng, listed) if rng.integers(2) else listed)
        if rng.integers(2):
            lists = b"a\nb.png\n"
            self._write(src / "splits" / "train.txt", spoiled(rng, lists) if rng.integers(2) else lists)
        if rng.integers(2):
            DataSet(src, type="SEGMENTATION").check()
        else:
            self._make(src, "MASKS")

    def _outlines(self, rng: Rng, src: Path) -> None:
        """Spoiled outlines of COCO and labelme, drawn as masks."""
        of_coco = bool(rng.integers(2))
        self._pictures(src / "images" / "a.png")
        document = spoiled_values(rng, copy.deepcopy(_COCO if of_coco else _LABELME))
        self._write(src / "annotations" / ("all.json" if of_coco else "a.json"), json_text(rng, document))
        form = "COCO" if of_coco else "LABELME"
        DataSet(self._folder / "made", type="SEGMENTATION").make_dataset(src=src, src_format=form)

    def _table(self, rng: Rng, src: Path) -> None:
        rows = [["a", "b", "label"], *([f"{i}.5", str(-i), str(i % 2)] for i in range(8))]
        for _ in range(int(rng.integers(1, 4))):
            row = pick(rng, rows)
            row[int(rng.integers(len(row)))] = str(text_of(odd(rng)))
        data = "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
        self._write(src / "t.csv", spoiled(rng, data) if rng.integers(2) else data)
        split_tab_dataset(
            src / "t.csv", data_column=[0, 1], label_column=2, normalize=bool(rng.integers(2)), overwrite=True
        )


def text_of(value: object) -> str:
    try:
        return str(value)[:5000]
    except (ValueError, RecursionError):
        return "9" * 5000
