"""scikit-learn's handwritten digits as an ImageNet-style folder of pictures. The demo calls ``write``; no network.

1,797 real digits of 8×8 pixels (Alpaydin & Kaynak 1998, the test part of "Optical Recognition of Handwritten Digits").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import image
from BaseDT.image import Pixels

Split = Literal["training_set", "val_set", "test_set"]

HEIGHT = 20
"""How high a digit is in its picture, pixels."""

_SIDE = 28
_SEED = 0
# A digit that trains is shown at five places, (down, right) in pixels: where it stands does not matter.
_PLACES = {"": (0, 0), "_up": (-2, 0), "_down": (2, 0), "_left": (0, -2), "_right": (0, 2)}
_BRIGHTEST = 16  # the data's white


def write(folder: Path) -> Path:
    """Write the digits as ``folder/<split>/<digit>/<digit>_<number>.png``, gray, white on black, 28×28.

    Digits that train come at five places: as they are, and moved up, down, left and right.

    The same files with the same bytes each time; files of others in the folder stay.

    Returns:
        The folder.

    Raises:
        PathNotWritable: It cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    for split, digit, number, pixels in originals():
        for name, (down, right) in _PLACES.items() if split == "training_set" else [("", (0, 0))]:
            moved = np.roll(pixels, (down, right), (0, 1))  # only the margin comes in on the other side
            image.write(folder / split / str(digit) / f"{digit}_{number:03}{name}.png", moved)
    return folder


def splits_of(count: int, random: np.random.Generator) -> list[Split]:
    """Deal ``count`` pictures of a digit out at random: 70 % train, 15 % validate, 15 % test."""
    splits: list[Split] = ["training_set"] * count
    order, share = random.permutation(count), round(0.15 * count)
    for position, index in enumerate(order[: 2 * share]):
        splits[index] = "val_set" if position < share else "test_set"
    return splits


def originals() -> Iterator[tuple[Split, int, int, Pixels]]:
    """Yield (split, digit, its running number within the digit, picture of 28×28 as ``write`` shows it)."""
    from sklearn.datasets import load_digits

    data = load_digits()
    random = np.random.default_rng(_SEED)
    for digit in range(10):
        pictures = data.images[data.target == digit]
        for number, (split, small) in enumerate(zip(splits_of(len(pictures), random), pictures, strict=True)):
            yield split, digit, number, _enlarged(small)


def _enlarged(small: npt.NDArray[np.float64]) -> Pixels:
    """Turn 8×8 values from 0 to 16 into a gray picture, the digit in the middle with a margin, as MNIST has it."""
    large = cv2.resize(small * (255 / _BRIGHTEST), (HEIGHT, HEIGHT), interpolation=cv2.INTER_CUBIC)
    margin = (_SIDE - HEIGHT) // 2
    return np.pad(np.clip(np.rint(large), 0, 255).astype(np.uint8), margin)
