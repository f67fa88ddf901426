"""Pictures that look like something: smooth patches of colour, and what people do to copies of them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def photo(seed: int, shape: tuple[int, int] = (120, 160)) -> Pixels:
    """A picture of its own, (H, W, 3): smooth noise of several octaves."""
    rng = np.random.default_rng(seed)
    total = np.full((*shape, 3), 128, np.float32)
    for cells, strength in ((3, 70), (8, 45), (24, 25)):
        grid = rng.standard_normal((cells, cells, 3), np.float32)
        total += strength * cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)


def _jpeg(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1), np.uint8)


def _scaled(pixels: Pixels, factor: float) -> Pixels:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def _light(pixels: Pixels, factor: float, more: float) -> Pixels:
    return np.clip(pixels * factor + more, 0, 255).astype(np.uint8)


DISGUISES: dict[str, Callable[[Pixels], Pixels]] = {
    "jpeg": _jpeg,
    "half": lambda p: _scaled(p, 0.5),
    "larger": lambda p: _scaled(p, 1.7),
    "brighter": lambda p: _light(p, 1.15, 8),
    "darker": lambda p: _light(p, 0.8, 0),
    "all": lambda p: _jpeg(_light(_scaled(p, 0.7), 1.1, 5)),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
}
