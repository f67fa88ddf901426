"""Variation of pictures with boxes: pure functions of pixels, boxes and a generator of random numbers. Torch-free.

Everything geometric is one ``View``: which window of a picture is shown where in the network's input. So a picture is
resized once, whatever is done to it, and boxes and masks follow by the same four numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.geometry.boxes import iou
from BaseDT.image import Pixels
from MMEdu.tasks.photometric import photometric

Boxes = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Window = tuple[float, float, float, float]

# Liu et al. 2016, the authors' configuration of SSD.
_TRIES = 50
_LEAST_CROP = 0.3
_CROP_RATIO = (0.5, 2.0)
# Of a mosaic's picture, this share of a box must be left, and so many pixels on each side.
_LEAST_SHARE, _LEAST_SIDE = 0.25, 2.0


@dataclass(frozen=True)
class View:
    """A window of a picture, shown in a rectangle of the network's input.

    Attributes:
        window: x1, y1, x2, y2 in the picture's pixels; may reach beyond the picture.
        rectangle: x1, y1, x2, y2 in pixels of the input, within it: where the window is shown. Whole numbers.
    """

    window: Window
    rectangle: tuple[int, int, int, int]

    @property
    def scale(self) -> tuple[float, float]:
        """How many pixels of the input a pixel of the picture takes, (x, y)."""
        (x1, y1, x2, y2), (left, top, right, bottom) = self.window, self.rectangle
        return (right - left) / (x2 - x1), (bottom - top) / (y2 - y1)

    @property
    def shift(self) -> tuple[float, float]:
        """Where the picture's upper left corner lies in the input, (x, y)."""
        scale = self.scale
        return self.rectangle[0] - self.window[0] * scale[0], self.rectangle[1] - self.window[1] * scale[1]

    def boxes(self, boxes: Boxes) -> Boxes:
        """Map boxes (n, 4) of the picture into the input, cut at the edges of the rectangle."""
        left, top, right, bottom = self.rectangle
        moved = boxes * _floats([*self.scale, *self.scale]) + _floats([*self.shift, *self.shift])
        low, high = _floats([left, top, left, top]), _floats([right, bottom, right, bottom])
        return np.asarray(np.clip(moved, low, high), dtype=np.float32)

    def shows_centre_of(self, boxes: Boxes) -> Flags:
        """Tell of which boxes (n, 4) of the picture the centre is in the window."""
        return np.asarray(_centres_in(boxes, _floats(self.window)[None])[0], dtype=np.bool_)


def _floats(numbers: Sequence[float]) -> npt.NDArray[np.float32]:
    return np.array(numbers, dtype=np.float32)


def expanded(window: Window, most: float, random: np.random.Generator) -> Window:
    """Return the window, or, every second time, one up to ``most`` times as wide and high that has it within."""
    if most <= 1 or random.random() < 0.5:
        return window
    x1, y1, x2, y2 = window
    ratio = random.uniform(1, most)
    width, height = (x2 - x1) * ratio, (y2 - y1) * ratio
    left = x1 - random.uniform(0, width - (x2 - x1))
    top = y1 - random.uniform(0, height - (y2 - y1))
    return left, top, left + width, top + height


def cropped(window: Window, boxes: Boxes, overlaps: Sequence[float], random: np.random.Generator) -> Window:
    """Return a random part of the window that overlaps an object as much as is asked, and shows an object's centre.

    SSD, section 2.2: the whole picture, any part, or a part with a least overlap (Jaccard), each as often; ten to fifty
    parts are tried, the whole window is what is left.

    Args:
        window: In pixels of the picture.
        boxes: (n, 4), likewise; without any, every part will do.
        overlaps: Least overlaps to choose from; empty for no crop.
        random: Where chance comes from.
    """
    if not overlaps:
        return window
    mode = int(random.integers(len(overlaps) + 2))  # 0: the whole window, 1: any part, from 2: a least overlap
    if mode == 0:
        return window
    # All tries are drawn at once, and the first that fits is taken: one pass of numpy in place of fifty.
    parts = _parts(window, random)
    ratios = (parts[:, 2] - parts[:, 0]) / (parts[:, 3] - parts[:, 1])
    fits = (ratios >= _CROP_RATIO[0]) & (ratios <= _CROP_RATIO[1])
    if len(boxes):
        fits &= _centres_in(boxes, parts).any(axis=1)
        if mode >= 2:
            fits &= iou(parts, boxes).max(axis=1) >= overlaps[mode - 2]
    fitting = np.flatnonzero(fits)
    if not fitting.size:
        return window
    x1, y1, x2, y2 = parts[fitting[0]].tolist()
    return x1, y1, x2, y2


def _parts(window: Window, random: np.random.Generator) -> Boxes:
    """Draw parts of a window, (tries, 4)."""
    x1, y1, x2, y2 = window
    sides = random.uniform(_LEAST_CROP, 1, (_TRIES, 2)) * (x2 - x1, y2 - y1)
    corners = random.random((_TRIES, 2)) * ((x2 - x1, y2 - y1) - sides) + (x1, y1)
    return np.concatenate([corners, corners + sides], axis=1).astype(np.float32)


def _centres_in(boxes: Boxes, windows: Boxes) -> Flags:
    """Tell which windows (m, 4) have the centres of which boxes (n, 4) within: (m, n)."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    across = (x > windows[:, 0:1]) & (x < windows[:, 2:3])
    return np.asarray(across & (y > windows[:, 1:2]) & (y < windows[:, 3:4]), dtype=np.bool_)


def paint(canvas: Pixels, pixels: Pixels, view: View, random: np.random.Generator, photometric_share: float) -> None:
    """Show a window of a picture on a canvas; what of the window lies beyond the picture stays as it is.

    Args:
        canvas: (H, W, C), written to.
        pixels: (h, w, C), the picture.
        view: What is shown where.
        random: Where chance comes from.
        photometric_share: Probability of each change of colours; on the small picture, where it is cheap.
    """
    (x1, y1, x2, y2), (sx, sy), (tx, ty) = view.window, view.scale, view.shift
    height, width = pixels.shape[:2]
    # Whole pixels of the picture, and whole pixels of the canvas for them: the error is below half a pixel of each, and
    # slicing and one resize are several times as fast as an affine warp of the whole canvas.
    left, top = max(0, round(x1)), max(0, round(y1))
    right, bottom = min(width, max(left + 1, round(x2))), min(height, max(top + 1, round(y2)))
    x_min, y_min, x_max, y_max = view.rectangle
    out_left, out_right = (min(max(round(x * sx + tx), x_min), x_max) for x in (left, right))
    out_top, out_bottom = (min(max(round(y * sy + ty), y_min), y_max) for y in (top, bottom))
    if right <= left or bottom <= top or out_right <= out_left or out_bottom <= out_top:
        return
    patch = resized(pixels[top:bottom, left:right], (out_bottom - out_top, out_right - out_left))
    canvas[out_top:out_bottom, out_left:out_right] = photometric(patch, random, photometric_share)


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Resize to (height, width), keeping the channel axis; averaging where it shrinks much."""
    height, width = size
    shrinks = min(pixels.shape[0] / height, pixels.shape[1] / width) >= 2
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(pixels, (width, height), interpolation=interpolation).reshape(height, width, -1)  # type: ignore[return-value]


def mosaic_views(
    sizes: Sequence[tuple[int, int]], size: tuple[int, int], random: np.random.Generator
) -> tuple[View, View, View, View]:
    """Choose how four pictures share an input: each touches a random centre with the corner that is next to it.

    YOLOv4 (Bochkovskiy et al. 2020), section 3.4.

    Args:
        sizes: (height, width) of the four pictures.
        size: (height, width) of the input.
        random: Where chance comes from.
    """
    height, width = size
    cx, cy = round(random.uniform(0.3, 0.7) * width), round(random.uniform(0.3, 0.7) * height)
    views = []
    for number, (h, w) in enumerate(sizes):
        scale = random.uniform(0.4, 1.0) * min(height / h, width / w)
        left, top = number % 2 == 0, number < 2
        free_x, free_y = (cx if left else width - cx), (cy if top else height - cy)
        visible_x, visible_y = max(1, min(free_x, round(w * scale))), max(1, min(free_y, round(h * scale)))
        # What does not fit is cut off at the outer edge: the inner corner is what touches the others.
        x1 = w - visible_x / scale if left else 0.0
        y1 = h - visible_y / scale if top else 0.0
        x, y = (cx - visible_x if left else cx), (cy - visible_y if top else cy)
        window = (x1, y1, x1 + visible_x / scale, y1 + visible_y / scale)
        views.append(View(window, (x, y, x + visible_x, y + visible_y)))
    return views[0], views[1], views[2], views[3]


def still_visible(before: Boxes, after: Boxes, scale: tuple[float, float]) -> Flags:
    """Tell which boxes are still to be seen after they were cut: a quarter of them, and two pixels on each side.

    Args:
        before: (n, 4) in the picture.
        after: (n, 4) in the input.
        scale: From the one to the other, (x, y).
    """
    sides = after[:, 2:] - after[:, :2]
    whole = (before[:, 2:] - before[:, :2]) * _floats(scale)
    share = np.prod(sides, axis=1) / np.maximum(np.prod(whole, axis=1), 1e-9)
    return np.asarray((share >= _LEAST_SHARE) & (sides >= _LEAST_SIDE).all(axis=1), dtype=np.bool_)


def flipped(boxes: Boxes, width: int) -> Boxes:
    """Mirror boxes (n, 4) in an input of this width."""
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1).astype(np.float32)
