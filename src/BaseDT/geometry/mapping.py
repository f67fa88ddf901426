"""Where a picture lies in the input of a network: the arithmetic of ``BaseDT.preprocess``, forth and back.

``Preprocess`` calls it. Sizes are (height, width) and positions (y, x), in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Pair: TypeAlias = tuple[int, int]

# A longer strip loses its ends before it is resized, since the whole of it might not fit into memory.
_MAX_RATIO = 32
_HAIR = 1e-6


@dataclass(frozen=True)
class Placement:
    """How one picture gets into the input: a window of it is scaled, and of that a part is taken, or it is padded.

    Attributes:
        picture: Size of the whole picture.
        start: Upper left corner of the window in the picture.
        window: Size of the window.
        scaled: Size to which the window is resized.
        shift: Upper left corner of the input in the resized window; the rest of it is cropped, or padded.
    """

    picture: Pair
    start: Pair
    window: Pair
    scaled: Pair
    shift: Pair

    def to_picture(self, boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Map boxes, (N, 4) of x1, y1, x2, y2, from the input onto the picture; clipped to it."""
        order = [1, 0, 1, 0]
        shift, start = np.array(self.shift)[order], np.array(self.start)[order]
        window, scaled = np.array(self.window)[order], np.array(self.scaled)[order]
        # Resizing takes edges to edges; the centres of pixels are half a pixel off on both sides, so it cancels out.
        mapped = (boxes + shift) * window / scaled + start
        return np.asarray(np.clip(mapped, 0.0, np.array(self.picture)[order]), dtype=np.float64)

    def to_input(self, boxes: npt.NDArray[np.float64], size: Pair) -> npt.NDArray[np.float64]:
        """Map boxes from the picture into the input of this size; clipped to it, and to the picture within."""
        order = [1, 0, 1, 0]
        shift, start = np.array(self.shift)[order], np.array(self.start)[order]
        window, scaled = np.array(self.window)[order], np.array(self.scaled)[order]
        mapped = (boxes - start) * scaled / window - shift
        # A letterbox fills only a part of the input: nothing of the picture lies in the padding.
        return np.asarray(np.clip(mapped, 0.0, np.minimum(np.array(size)[order], scaled - shift)), dtype=np.float64)

    def points_to_picture(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Map points, (…, 2) of x, y, from the input onto the picture; not clipped. Edges of pixels are whole."""
        shift, start, window, scaled = self._xy()
        return np.asarray((points + shift) * window / scaled + start, dtype=np.float64)

    def points_to_input(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Map points, (…, 2) of x, y, from the picture into the input; not clipped. Edges of pixels are whole."""
        shift, start, window, scaled = self._xy()
        return np.asarray((points - start) * scaled / window - shift, dtype=np.float64)

    def map_to_picture(self, values: npt.NDArray[Any], size: Pair, fill: float, how: int) -> npt.NDArray[Any]:
        """Lay a map over the input, such as the probability of a class, over the picture.

        Args:
            values: (H, W) or (H, W, C), of any size: it covers the whole input.
            size: Height and width of the input.
            fill: The value where the input shows nothing of the picture.
            how: OpenCV's interpolation, ``cv2.INTER_LINEAR`` or ``cv2.INTER_NEAREST``.

        Returns:
            (height, width) of the picture, or (height, width, C).
        """
        return self._laid(values, size, self.picture, fill, how, back=False)

    def map_to_input(self, values: npt.NDArray[Any], size: Pair, fill: float, how: int) -> npt.NDArray[Any]:
        """Lay a map over the picture, such as its mask, over an input of this size: ``map_to_picture`` backwards."""
        return self._laid(values, self.picture, size, fill, how, back=True)

    def _laid(
        self, values: npt.NDArray[Any], of: Pair, onto: Pair, fill: float, how: int, *, back: bool
    ) -> npt.NDArray[Any]:
        shift, start, window, scaled = self._xy()
        scale, offset = scaled / window, -start * scaled / window - shift  # from the picture into the input
        if not back:
            scale, offset = 1 / scale, -offset / scale
        first, last = offset, np.array(of[::-1]) * scale + offset  # where the corners of what is covered lie
        step = np.array(of[::-1]) / np.array(values.shape[1::-1])  # one value may stand for several pixels
        begin, end = -offset / scale / step, (np.array(onto[::-1]) - offset) / scale / step
        if how == cv2.INTER_LINEAR and (part := _whole_part(values, begin, end)) is not None:
            # The same positions, and several times faster: resizing steps along them, warping looks each up.
            return cv2.resize(part, onto[::-1], interpolation=how)
        scale, offset = scale * step, offset + (scale * step - 1) / 2  # middles of pixels lie half a pixel within
        matrix = np.array([[scale[0], 0, offset[0]], [0, scale[1], offset[1]]])
        laid = cv2.warpAffine(values, matrix, onto[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)
        (left, top), (right, bottom) = (np.ceil(corner - 0.5).clip(0).astype(int) for corner in (first, last))
        laid[:top], laid[bottom:], laid[:, :left], laid[:, right:] = fill, fill, fill, fill
        return laid

    def _xy(self) -> tuple[npt.NDArray[np.float64], ...]:
        pairs = (self.shift, self.start, self.window, self.scaled)
        return tuple(np.array(pair[::-1], dtype=np.float64) for pair in pairs)

    def visible(self, size: Pair) -> float:
        """Return the share of the picture's area that an input of this size shows."""
        share = 1.0
        for whole, window, scaled, side in zip(self.picture, self.window, self.scaled, size, strict=True):
            share *= window / whole * min(side, scaled) / scaled
        return share


def placement(
    resize: Literal["stretch", "short_side", "letterbox"], size: Pair, resize_to: Pair | int | None, picture: Pair
) -> Placement:
    """Return where a picture lies; the arguments are the fields of ``Preprocess`` and the picture's size."""
    if resize == "letterbox":
        return Placement(picture, (0, 0), picture, _letterboxed(size, picture), (0, 0))
    window = picture
    if resize == "short_side":
        height, width = picture
        window = min(height, _MAX_RATIO * width), min(width, _MAX_RATIO * height)
        scaled = _with_short_side(resize_to if isinstance(resize_to, int) else max(size), window)
    else:
        scaled = resize_to if isinstance(resize_to, tuple) else size
    return Placement(picture, _middle(picture, window), window, scaled, _middle(scaled, size))


def _whole_part(
    values: npt.NDArray[Any], start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> npt.NDArray[Any] | None:
    """Return the part of a map between two corners (x, y); None where it is not one of whole values within."""
    first, last = np.rint(start).astype(int), np.rint(end).astype(int)
    inside = (first >= 0).all() and (last <= values.shape[1::-1]).all() and (last > first).all()
    if not inside or max(np.abs(start - first).max(), np.abs(end - last).max()) > _HAIR:
        return None
    return values[first[1] : last[1], first[0] : last[0]]


def crop(image: npt.NDArray[np.uint8], start: Pair, size: Pair) -> npt.NDArray[np.uint8]:
    """Return the part of an image that begins at ``start``: a view, smaller where the image ends before."""
    return image[start[0] : start[0] + size[0], start[1] : start[1] + size[1]]


def _letterboxed(size: Pair, picture: Pair) -> Pair:
    scale = min(size[0] / picture[0], size[1] / picture[1])
    return (
        min(size[0], max(1, int(picture[0] * scale + 0.5))),
        min(size[1], max(1, int(picture[1] * scale + 0.5))),
    )


def _with_short_side(short: int, window: Pair) -> Pair:
    scale = short / min(window)
    return max(short, int(window[0] * scale + 0.5)), max(short, int(window[1] * scale + 0.5))


def _middle(outer: Pair, inner: Pair) -> Pair:
    return round((outer[0] - inner[0]) / 2), round((outer[1] - inner[1]) / 2)
