"""A small segmentation set: bright squares and dark discs on noise, with masks; the last picture shows nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

CLASSES = ("背景", "方块", "圆")


def picture(kind: int | None, seed: int, size: tuple[int, int] = (90, 120)) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture (H, W, 3) RGB and its mask (H, W) of 0, 1 for a square and 2 for a disc."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(90, 130, (*size, 3)).astype(np.uint8)
    mask = np.zeros(size, np.uint8)
    side = int(rng.integers(40, 60))
    x, y = int(rng.integers(0, size[1] - side)), int(rng.integers(0, size[0] - side))
    if kind == 0:
        mask[y : y + side, x : x + side] = 1
        pixels[mask == 1] = (250, 220, 40)
    elif kind == 1:
        cv2.circle(mask, (x + side // 2, y + side // 2), side // 2, 2, -1)
        pixels[mask == 2] = (20, 20, 160)
    return pixels, mask


def write(root: Path, train: int = 8, valid: int = 4, suffix: str = ".png") -> Path:
    """Write the set in the documented layout; every picture but the last of a split shows one object."""
    for folder in ("images", "labels", "splits"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for number, (split, count) in enumerate({"train": train, "val": valid}.items()):
        names = [f"{split} 图 {index:02}" for index in range(count)]
        for index, name in enumerate(names):
            kind = index % 2 if index < count - 1 else None
            pixels, mask = picture(kind, 1000 * number + index)
            Image.fromarray(pixels).save(root / "images" / f"{name}{suffix}")
            Image.fromarray(mask).save(root / "labels" / f"{name}.png")
        (root / "splits" / f"{split}.txt").write_text("\n".join(names), encoding="utf-8")
    (root / "classes.txt").write_text("\n".join(CLASSES), encoding="utf-8")
    return root
