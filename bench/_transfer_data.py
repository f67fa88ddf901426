"""Generates pictures whose class is a grating: its angle and period, whatever its colours, place and background.

Called by ``bench.transfer`` where the user gives no folder: what a network learns of some gratings helps with others.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench._data import _photo, _save

_SHAPE = (300, 360)
BASE = tuple((angle, period) for angle in (0, 45, 90, 135) for period in (10, 24))
NEW = ((22, 14), (67, 14), (112, 14), (157, 14), (22, 34), (112, 34))
"""Degrees and pixels of the classes to start from, and of those to transfer to."""


def make(root: Path, classes: tuple[tuple[int, int], ...], images: int, validation: int, seed: int) -> Path:
    """Writes an ImageNet-style folder with so many training and validation pictures and gives it back."""
    for split, count, first in (("training_set", images, seed), ("val_set", validation, seed + 500_000)):
        for index in range(count):
            angle, period = classes[index % len(classes)]
            folder = root / split / f"grating_{angle:03d}_{period:02d}"
            folder.mkdir(parents=True, exist_ok=True)
            pixels = picture(angle, period, np.random.default_rng(first + index))
            _save(folder / f"{index:05d}.jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return root


def picture(angle: float, period: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One picture, H×W×3: a photo-like ground, and in an ellipse on it a grating of a random colour."""
    height, width = _SHAPE
    turned = np.deg2rad(angle + rng.uniform(-6, 6))
    scaled = period * rng.uniform(0.9, 1.1)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wave = np.sin(2 * np.pi * (x * np.cos(turned) + y * np.sin(turned)) / scaled + rng.uniform(0, 6.28))
    mask = np.zeros((height, width), np.float32)
    centre = (int(rng.integers(width // 4, 3 * width // 4)), int(rng.integers(height // 4, 3 * height // 4)))
    axes = (int(rng.integers(width // 4, width // 2)), int(rng.integers(height // 4, height // 2)))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
    colour = rng.uniform(20, 70, 3) * rng.choice((-1, 1), 3)
    total = _photo(rng, _SHAPE) + (wave * mask)[:, :, None] * colour
    return np.clip(total, 0, 255).astype(np.uint8)
