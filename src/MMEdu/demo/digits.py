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

_SIDE = 28
_BRIGHTEST = 16  # the data's white


def write(folder: Path) -> Path:
    """Write the digits as ``folder/<split>/<digit>/<digit>_<number>.png``, gray, white on black, 28×28.

    The same files with the same bytes each time; files of others in the folder stay.

    Returns:
        The folder.

    Raises:
        PathNotWritable: It cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    for digit, number, pixels in _digits():
        image.write(folder / split_of(number) / str(digit) / f"{digit}_{number:03}.png", pixels)
    return folder


def split_of(number: int) -> Split:
    """Return where the ``number``-th picture of a digit belongs: of five, three train, one validates, one tests.

    The data is ordered by writer: taking turns gives each split a share of each hand.
    """
    turn = number % 5
    return "test_set" if turn == 1 else "val_set" if turn == 2 else "training_set"


def _digits() -> Iterator[tuple[int, int, Pixels]]:
    """Yield (digit, its running number within the digit, picture)."""
    from sklearn.datasets import load_digits

    data = load_digits()
    numbers = [0] * 10
    for digit, small in zip(data.target.tolist(), data.images, strict=True):
        yield digit, numbers[digit], _enlarged(small)
        numbers[digit] += 1


def _enlarged(small: npt.NDArray[np.float64]) -> Pixels:
    """Turn 8×8 values from 0 to 16 into a gray picture."""
    large = cv2.resize(small * (255 / _BRIGHTEST), (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)
