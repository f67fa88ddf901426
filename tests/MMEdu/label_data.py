"""Made pictures with several labels: real handwritten digits of scikit-learn, two or three in a picture, or none."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits


def make_digits(
    root: Path, count: int = 120, classes: int = 3, size: int = 32, seed: int = 0, without: float = 0.1
) -> Path:
    """Write ``root/images/…`` and ``root/labels.csv``; a digit has a quarter of the picture for itself.

    Args:
        root: The new set's folder.
        count: Of pictures.
        classes: Digits 0 to so many.
        size: Side of the pictures.
        seed: Another number gives other pictures.
        without: Share of pictures without any digit.
    """
    digits = load_digits()
    images = {label: digits.images[digits.target == label] for label in range(classes)}
    random = np.random.default_rng(seed)
    (root / "images").mkdir(parents=True)
    rows = []
    for number in range(count):
        some = (
            [] if random.random() < without else random.choice(classes, random.integers(1, min(4, classes + 1)), False)
        )
        picture = random.uniform(0, 40, (size, size))
        half = size // 2
        for place, label in zip(random.permutation(4), some, strict=False):
            digit = images[int(label)][random.integers(len(images[int(label)]))] * 13
            patch = np.asarray(Image.fromarray(digit.astype(np.uint8)).resize((half, half)))
            y, x = divmod(int(place), 2)
            picture[y * half : (y + 1) * half, x * half : (x + 1) * half] += patch
        name = f"图 片{number:04}.png"
        Image.fromarray(np.minimum(picture, 255).astype(np.uint8)).save(root / "images" / name)
        rows.append([name, ";".join(f"digit {label}" for label in sorted(map(int, some)))])
    with (root / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "labels"], *rows])
    return root
