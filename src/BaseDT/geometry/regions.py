"""The part of a picture that a network of one person, hand or face sees: upright or turned, and cut out by OpenCV.

Training, prediction and ready-made tasks call it, so that one region always gives the same pixels. Positions are x, y
in pixels and whole numbers are edges, as everywhere: the middle of the first pixel is (0.5, 0.5). Sizes of inputs are
(height, width).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.geometry.mapping import Pair

Matrix: TypeAlias = npt.NDArray[np.float64]
Pixels: TypeAlias = npt.NDArray[np.uint8]

PADDING = 1.25
"""So many times its box a person's region is as large: what SimpleBaseline (Xiao et al., 2018) and others take."""
_MARGIN = 2  # pixels around a region that interpolation may read


@dataclass(frozen=True)
class RotatedRegion:
    """A rectangle in a picture, which may be turned and may leave the picture.

    Attributes:
        x: Of its middle, in pixels.
        y: Likewise.
        width: Of its own sides, in pixels; above 0.
        height: Likewise.
        angle: By how much it is turned, in radians; clockwise as one looks at the picture.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    @classmethod
    def of_box(cls, box: Sequence[float], size: Pair, padding: float = PADDING) -> RotatedRegion:
        """Return the region around a box for an input of this size: padded, with the ratio of the input.

        Nothing is distorted: the side that is too short for the ratio grows.

        Args:
            box: x1, y1, x2, y2 in pixels; a side below one pixel counts as one.
            size: Height and width of the input.
            padding: How many times the box the region is.
        """
        x1, y1, x2, y2 = map(float, box)
        width, height = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
        ratio = size[1] / size[0]
        width, height = max(width, height * ratio), max(height, width / ratio)
        return cls((x1 + x2) / 2, (y1 + y2) / 2, width * padding, height * padding)

    def varied(
        self, scale: float = 1.0, rotation: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)
    ) -> RotatedRegion:
        """Return it larger, turned further and moved.

        Args:
            scale: Above 1 it sees more, and what it shows is smaller.
            rotation: In radians, clockwise; what it shows turns the other way.
            shift: By which shares of its sides it moves along them: right and down as it is turned now.
        """
        (right, down), ((u_x, u_y), (v_x, v_y)) = shift, self._axes()
        x = self.x + right * self.width * u_x + down * self.height * v_x
        y = self.y + right * self.width * u_y + down * self.height * v_y
        return replace(
            self, x=x, y=y, width=self.width * scale, height=self.height * scale, angle=self.angle + rotation
        )

    def is_finite(self) -> bool:
        """Tell whether it can be cut out: a network may answer with what is no number, or with sides of nothing."""
        numbers = (self.x, self.y, self.width, self.height, self.angle)
        return all(map(math.isfinite, numbers)) and self.width > 0 and self.height > 0

    def corners(self) -> Matrix:
        """Return its corners, (4, 2) of x, y: as the input has them from the upper left one clockwise."""
        return self.points_to_picture(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64), (1, 1))

    def matrix(self, size: Pair) -> Matrix:
        """Return (2, 3): what ``[x, y, 1]`` of the picture is multiplied by to be x, y in an input of this size."""
        axes = np.array(self._axes())
        scale = np.array([size[1] / self.width, size[0] / self.height])
        linear = axes * scale[:, None]
        offset = np.array([size[1], size[0]]) / 2 - linear @ np.array([self.x, self.y])
        return np.column_stack([linear, offset])

    def points_to_input(self, points: npt.ArrayLike, size: Pair) -> Matrix:
        """Map points, (…, 2) of x, y, from the picture into an input of this size; not clipped."""
        local = (np.asarray(points, dtype=np.float64) - (self.x, self.y)) @ np.array(self._axes()).T
        return np.asarray((local / (self.width, self.height) + 0.5) * (size[1], size[0]))

    def points_to_picture(self, points: npt.ArrayLike, size: Pair) -> Matrix:
        """Map points, (…, 2) of x, y, from an input of this size onto the picture; not clipped."""
        local = (np.asarray(points, dtype=np.float64) / (size[1], size[0]) - 0.5) * (self.width, self.height)
        return np.asarray(local @ np.array(self._axes()) + (self.x, self.y))

    def crop(self, image: Pixels, size: Pair, fill: int | None = 0) -> Pixels:
        """Return the pixels of an input of this size.

        Interpolation is linear. Where the region is twice the input or more, the picture is averaged down to less than
        twice it first: linear interpolation alone would skip pixels. ``Preprocess`` with ``stretch`` and this ``size``
        leaves the result as it is.

        Args:
            image: H×W×3 or H×W, uint8.
            size: Height and width of the input.
            fill: Gray level where the region leaves the picture; None continues the pixels at its edge.

        Returns:
            Height × width, with the channels of the image; contiguous.
        """
        window, start, scale = self._window(image, size)
        # An edge of the window lies ``start`` pixels within the picture and is ``scale`` times as far from the next.
        matrix = self.matrix(size)
        linear = matrix[:, :2] / scale
        offset = matrix[:, 2] + matrix[:, :2] @ start
        offset += linear @ (0.5, 0.5) - 0.5  # OpenCV counts from the middle of the first pixel
        border = cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT
        value = (fill or 0,) * 3
        shown: Any = cv2.warpAffine(
            window,
            np.column_stack([linear, offset]),
            (size[1], size[0]),
            flags=cv2.INTER_LINEAR,
            borderMode=border,
            borderValue=value,
        )
        return np.ascontiguousarray(shown)

    def _axes(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the directions of its width and of its height, each of length 1."""
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return (cosine, sine), (-sine, cosine)

    def _window(self, image: Pixels, size: Pair) -> tuple[Pixels, Matrix, Matrix]:
        """Return the pixels around the region, averaged down; where they begin (x, y); and their scale (x, y)."""
        factor = max(1, int(min(self.width / size[1], self.height / size[0])))
        corners = self.corners()
        low, high = corners.min(axis=0) - _MARGIN * factor, corners.max(axis=0) + _MARGIN * factor
        sides = np.array(image.shape[1::-1])
        # Blocks are counted from the picture's corner: a region that moves a little averages the same pixels.
        first = (np.clip(np.floor(low), 0, sides - 1) // factor * factor).astype(int)
        last = np.clip(np.ceil(high / factor) * factor, first + 1, sides).astype(int)
        # At the picture's far edges a part of a block is left out: averaging whole ones is four times as fast.
        last = np.maximum(first + (last - first) // factor * factor, np.minimum(first + factor, last))
        window = image[first[1] : last[1], first[0] : last[0]]
        whole = np.array(window.shape[1::-1])
        if factor == 1:
            return window, first.astype(np.float64), np.ones(2)
        reduced = -(-whole // factor)
        small: Any = cv2.resize(window, (int(reduced[0]), int(reduced[1])), interpolation=cv2.INTER_AREA)
        return small, first.astype(np.float64), reduced / whole
