"""Generates pictures of coloured shapes in COCO's layout, from fixed seeds: four classes, one to five objects each.

Called by ``detect.py`` where the user gives no folder. numpy and OpenCV only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from bench._data import _photo, _save

CLASSES = ("circle", "square", "triangle", "star")
SHAPE = (375, 500)
_MOST = 5
_TRIES = 40
Box = tuple[int, int, int, int]


def make(root: Path, train: int, val: int = 16) -> Path:
    """Write a folder with ``train`` and ``val`` pictures and give it back."""
    for split, count, first in (("train", train, 0), ("valid", val, 1_000_000)):
        folder = root / "images" / split
        folder.mkdir(parents=True, exist_ok=True)
        images: list[dict[str, Any]] = []
        boxes: list[dict[str, Any]] = []
        for index in range(count):
            pixels, objects = picture(np.random.default_rng(3_000_000 + first + index), SHAPE)
            name = f"{index:05d}.jpg"
            _save(folder / name, pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
            images.append({"id": index + 1, "file_name": name, "width": SHAPE[1], "height": SHAPE[0]})
            boxes += [_annotation(len(boxes) + n, index + 1, *one) for n, one in enumerate(objects, start=1)]
        categories = [{"id": label + 1, "name": name} for label, name in enumerate(CLASSES)]
        content = {"images": images, "annotations": boxes, "categories": categories}
        (root / "annotations").mkdir(exist_ok=True)
        (root / "annotations" / f"{split}.json").write_text(json.dumps(content), encoding="utf-8")
    return root


def _annotation(number: int, image: int, label: int, box: Box) -> dict[str, Any]:
    place = {"id": number, "image_id": image, "category_id": label + 1, "bbox": list(box)}
    outline = _corners(label, box).round(1).ravel().tolist()
    return {**place, "area": box[2] * box[3], "iscrowd": 0, "segmentation": [outline]}


def camera(root: Path, images: int) -> Path:
    """Write JPEGs of 640×480 with shapes, as a board's camera would give them, into a folder and give it back."""
    root.mkdir(parents=True, exist_ok=True)
    for index in range(images):
        pixels, _ = picture(np.random.default_rng(4_000_000 + index), (480, 640))
        _save(root / f"{index:05d}.jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return root


def picture(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[npt.NDArray[np.uint8], list[tuple[int, Box]]]:
    """Shapes on soft noise, H×W×3, and for each its label and x, y, width, height; they do not overlap."""
    pixels = _photo(rng, shape)
    objects: list[tuple[int, Box]] = []
    for _ in range(int(rng.integers(1, _MOST + 1))):
        box = _free(rng, shape, [box for _, box in objects])
        if box is not None:
            label = int(rng.integers(len(CLASSES)))
            _draw(pixels, label, box, rng.integers(0, 256, 3).tolist())
            objects.append((label, box))
    return pixels, objects


def _free(rng: np.random.Generator, shape: tuple[int, int], taken: list[Box]) -> Box | None:
    """A place that overlaps nothing; None where it is not found soon."""
    for _ in range(_TRIES):
        width, height = (int(side) for side in rng.integers(min(shape) // 8, min(shape) // 2, 2))
        x, y = int(rng.integers(shape[1] - width)), int(rng.integers(shape[0] - height))
        if all(x + width < a or a + c < x or y + height < b or b + d < y for a, b, c, d in taken):
            return x, y, width, height
    return None


def _draw(pixels: npt.NDArray[np.uint8], label: int, box: Box, colour: list[int]) -> None:
    """Fill a shape that touches all four sides of its box."""
    x, y, width, height = box
    if label == 0:
        cv2.ellipse(pixels, (x + width // 2, y + height // 2), (width // 2, height // 2), 0, 0, 360, colour, cv2.FILLED)
    else:
        cv2.fillPoly(pixels, [np.rint(_corners(label, box)).astype(np.int32)], colour)


def _corners(label: int, box: Box) -> npt.NDArray[np.float64]:
    """The corners of a shape's outline, (n, 2) of x, y in pixels; the circle has many."""
    x, y, width, height = box
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    corners = {
        0: [(0.5 + 0.5 * np.cos(turn), 0.5 + 0.5 * np.sin(turn)) for turn in turns],
        1: [(0, 0), (1, 0), (1, 1), (0, 1)],
        2: [(0.5, 0), (1, 1), (0, 1)],
        3: [(0.5, 0), (0.65, 0.35), (1, 0.5), (0.65, 0.65), (0.5, 1), (0.35, 0.65), (0, 0.5), (0.35, 0.35)],
    }[label]
    return np.array([(x + a * (width - 1), y + b * (height - 1)) for a, b in corners])
