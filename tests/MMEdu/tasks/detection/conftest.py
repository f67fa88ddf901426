"""Pictures with one bright box each on a dark ground, as files and as ``CocoImage``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import CocoImage

MakeImages = Callable[..., tuple[CocoImage, ...]]


@pytest.fixture
def make_images(tmp_path: Path) -> MakeImages:
    """A function that writes pictures of (height, width), each with a white box whose place its number decides."""

    def make(
        count: int = 4, size: tuple[int, int] = (90, 120), *, masks: bool = False, suffix: str = ".png"
    ) -> tuple[CocoImage, ...]:
        folder = tmp_path / "数据 集"
        folder.mkdir(exist_ok=True)
        images = []
        for number in range(count):
            rng = np.random.default_rng(number)
            x, y = (int(rng.integers(0, side // 2)) for side in size[::-1])
            w, h = (int(rng.integers(side // 6, side // 3)) for side in size[::-1])
            pixels = np.full((*size, 3), 20, np.uint8)
            pixels[y : y + h, x : x + w] = 240
            path = folder / f"图 {number}{suffix}"
            Image.fromarray(pixels).save(path)
            outline = [[x, y, x + w, y, x + w, y + h, x, y + h]] if masks else None
            box = Box(number % 2, (x, y, x + w, y + h), segmentation=outline)
            images.append(CocoImage(path, number + 1, size[1], size[0], (box,)))
        return tuple(images)

    return make
