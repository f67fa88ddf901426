"""A small detection set in COCO's layout: bright squares and dark discs on noise; the last picture shows nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

CLASSES = ("方块", "圆")
IDS = (3, 7)  # with holes, as in COCO


def picture(kind: int | None, seed: int, size: tuple[int, int] = (90, 120)) -> tuple[np.ndarray, list[int]]:
    """Return a picture (H, W, 3) RGB and the box x, y, width, height of its object."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(90, 130, (*size, 3)).astype(np.uint8)
    side = int(rng.integers(40, 60))
    x, y = int(rng.integers(0, size[1] - side)), int(rng.integers(0, size[0] - side))
    if kind == 0:
        pixels[y : y + side, x : x + side] = (250, 220, 40)
    elif kind == 1:
        cv2.circle(pixels, (x + side // 2, y + side // 2), side // 2, (20, 20, 160), -1)
    return pixels, [x, y, side, side]


def write(root: Path, train: int = 8, valid: int = 4, suffix: str = ".png") -> Path:
    """Write the set; every picture but the last of a split shows one object, of both classes in turn."""
    for number, (split, count) in enumerate({"train": train, "valid": valid}.items()):
        document: dict[str, Any] = {
            "images": [],
            "annotations": [],
            "categories": [{"id": i, "name": name} for i, name in zip(IDS, CLASSES, strict=True)],
        }
        folder = root / "images" / split
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            kind = index % 2 if index < count - 1 else None
            pixels, box = picture(kind, 1000 * number + index)
            name = f"图 片 {index:02}{suffix}"
            Image.fromarray(pixels).save(folder / name)
            document["images"].append({"id": index, "file_name": name, "width": 120, "height": 90})
            if kind is not None:
                x, y, w, h = box
                outline = [x, y, x + w, y, x + w, y + h, x, y + h]
                document["annotations"].append(
                    {
                        "id": index,
                        "image_id": index,
                        "category_id": IDS[kind],
                        "bbox": box,
                        "area": w * h,
                        "iscrowd": 0,
                        "segmentation": [outline],
                    }
                )
        place = root / "annotations" / f"{split}.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return root
