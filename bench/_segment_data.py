"""Generates pictures of coloured shapes with masks, from fixed seeds: those of ``_detect_data``, and the ground.

Called by ``segment.py`` where the user gives no folder. numpy and OpenCV only.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench import _detect_data
from bench._data import _save
from bench._detect_data import SHAPE

CLASSES = ("background", *_detect_data.CLASSES)


def make(root: Path, train: int, val: int = 16) -> Path:
    """Write a folder with ``train`` and ``val`` pictures and give it back."""
    for folder in ("images", "labels", "splits"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for split, count, first in (("train", train, 0), ("val", val, 1_000_000)):
        names = [f"{split}{index:05d}" for index in range(count)]
        for index, name in enumerate(names):
            pixels, mask = picture(np.random.default_rng(3_000_000 + first + index), SHAPE)
            _save(root / "images" / f"{name}.jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
            _save(root / "labels" / f"{name}.png", mask, [])
        (root / "splits" / f"{split}.txt").write_text("\n".join(names), encoding="utf-8")
    (root / "classes.txt").write_text("\n".join(CLASSES), encoding="utf-8")
    return root


def picture(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Shapes on soft noise, H×W×3, and the class of each pixel."""
    pixels, objects = _detect_data.picture(rng, shape)
    mask = np.zeros((*shape, 3), np.uint8)
    for label, box in objects:
        _detect_data._draw(mask, label, box, [label + 1] * 3)
    return pixels, np.ascontiguousarray(mask[:, :, 0])
