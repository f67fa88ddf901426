"""Generates the pictures: small gray digit-like PNGs and photo-like JPEGs, from fixed seeds.

Called by the benches where the user gives no folder. numpy and OpenCV only.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bench._cases import Kind

CLASSES = 10
_PHOTO_SHAPES = ((375, 500), (333, 500), (500, 375), (400, 500), (375, 500), (360, 480))


def make(root: Path, kind: Kind, images: int) -> Path:
    """Writes an ImageNet-style folder with ``images`` training and 20 validation pictures and gives it back.

    There is a validation set so that no tool has to hold out a part of the training set: all train on the same number.
    """
    for split, count, first in (("training_set", images, 0), ("val_set", 20, 1_000_000)):
        for label in range(CLASSES):
            (root / split / f"class_{label}").mkdir(parents=True, exist_ok=True)
        for index in range(count):
            label = index % CLASSES
            folder = root / split / f"class_{label}"
            rng = np.random.default_rng(first + index)
            if kind == "digits":
                _save(folder / f"{index:05d}.png", _digit(label, rng), [])
            else:
                _save(
                    folder / f"{index:05d}.jpg",
                    _photo(rng, _PHOTO_SHAPES[index % len(_PHOTO_SHAPES)]),
                    [cv2.IMWRITE_JPEG_QUALITY, 90],
                )
    return root


def _digit(label: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A white blob on black, 28×28: the class gives the shape, the picture its place and noise."""
    shape = np.random.default_rng(label).random((5, 5), np.float32)
    field = cv2.resize(shape, (20, 20), interpolation=cv2.INTER_CUBIC)
    canvas = np.zeros((28, 28), np.float32)
    top, left = rng.integers(1, 8, size=2)
    canvas[top : top + 20, left : left + 20] = np.where(field > 0.55, 225, 0)
    canvas = cv2.GaussianBlur(canvas, (3, 3), 0.8)
    inked = canvas > 8
    canvas[inked] += rng.normal(0, 12, int(inked.sum()))
    return np.clip(canvas, 0, 255).astype(np.uint8)


def camera(root: Path, images: int) -> Path:
    """Writes JPEGs of 640×480, as a board's camera gives them, into a folder and gives it back."""
    root.mkdir(parents=True, exist_ok=True)
    for index in range(images):
        pixels = _photo(np.random.default_rng(2_000_000 + index), (480, 640))
        _save(root / f"{index:05d}.jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return root


def _photo(rng: np.random.Generator, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Smooth colour noise of several octaves, H×W×3: a JPEG of it weighs about what a photo's does."""
    height, width = shape
    total = np.full((height, width, 3), 128, np.float32)
    for cells, strength in ((3, 140), (8, 90), (24, 50), (70, 26), (180, 12)):
        grid = rng.standard_normal((cells, cells, 3), np.float32)
        total += (strength / 2) * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)


def _save(path: Path, pixels: npt.NDArray[np.uint8], options: list[int]) -> None:
    done, data = cv2.imencode(path.suffix, pixels, options)
    if not done:
        raise OSError(f"{path} could not be encoded")
    path.write_bytes(data.tobytes())
