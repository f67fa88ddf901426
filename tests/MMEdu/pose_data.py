"""Small sets of keypoints: a red, a green and a blue disc on noise are nose, left and right eye."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from MMEdu import MMPose
from MMEdu.engine.events import Event

NAMES = ("nose", "left_eye", "right_eye")
COLOURS = ((250, 60, 40), (40, 220, 60), (60, 80, 250))


def face(seed: int, size: tuple[int, int] = (90, 120)) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture (H, W, 3) RGB and its points (3, 2): a red, a green and a blue disc."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(90, 130, (*size, 3)).astype(np.uint8)
    middle = np.array([rng.uniform(45, size[1] - 45), rng.uniform(35, size[0] - 35)])
    points = middle + np.array([[0, 12], [20, -8], [-20, -8]])
    for (x, y), colour in zip(points, COLOURS, strict=True):
        cv2.circle(pixels, (round(x - 0.5), round(y - 0.5)), 7, colour, -1)
    return pixels, points


def write_faces(root: Path, *, boxes: bool = True, suffix: str = ".png", names: Any = NAMES, **counts: int) -> Path:
    """Write a set in the documented layout: ``images``, ``train.json``, ``val.json``; a face on each picture."""
    (root / "images").mkdir(parents=True, exist_ok=True)
    for number, (split, count) in enumerate((counts or {"train": 8, "val": 4}).items()):
        pictures, annotations = [], []
        for index in range(count):
            pixels, points = face(1000 * number + index)
            name = f"{split} 图 片 {index:02}{suffix}"
            Image.fromarray(pixels).save(root / "images" / name)
            pictures.append({"id": index, "file_name": name, "width": 120, "height": 90})
            low, high = points.min(axis=0) - 12, points.max(axis=0) + 12
            box = {"bbox": [*low, *(high - low)], "area": float(np.prod(high - low))} if boxes else {}
            keypoints = [value for x, y in points.tolist() for value in (x + 0.01, y, 2)]
            annotations.append({"id": index, "image_id": index, "category_id": 1, "keypoints": keypoints, **box})
        category = {"id": 1, "name": "脸", "keypoints": list(names), "skeleton": [[1, 2], [1, 3]]}
        document = {"images": pictures, "annotations": annotations, "categories": [category]}
        (root / f"{split}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return root


def quiet(model: MMPose) -> list[Event]:
    """Collect what a model tells."""
    events: list[Event] = []
    model.listener = events.append
    return events
