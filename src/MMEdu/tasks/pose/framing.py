"""Which part of a picture the network sees of a person, and the way of points there and back. Torch-free.

A person with a box is cut out; where a set has no boxes the whole picture is the person, and becomes the input as any
picture does. Evaluation, prediction and exported files see the same pixels (``XEdu.outputs.keypoints.in_boxes``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.regions import RotatedRegion
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess

Points = npt.NDArray[np.float64]
Box = Sequence[float]


@dataclass(frozen=True)
class Frame:
    """How one person gets into the input.

    Attributes:
        preprocess: How pixels become the network's input.
        size: Height and width of the picture.
        region: The part that is seen; None: all of it.
    """

    preprocess: Preprocess
    size: tuple[int, int]
    region: RotatedRegion | None

    @classmethod
    def of(cls, preprocess: Preprocess, size: tuple[int, int], box: Box | None) -> Frame:
        """Return the frame of a person with a box x1, y1, x2, y2, or of a whole picture."""
        return cls(preprocess, size, None if box is None else RotatedRegion.of_box(box, preprocess.size))

    def pixels(self, picture: Pixels) -> Pixels:
        """Return the network's input: (H, W, C) uint8."""
        if self.region is None:
            return self.preprocess.pixels(picture)
        return self.preprocess.pixels(self.region.crop(picture, self.preprocess.size, self.preprocess.pad_value))

    def to_input(self, points: npt.ArrayLike) -> Points:
        """Map points (…, 2) from the picture into the input; not clipped."""
        if self.region is None:
            return self.preprocess.placement(self.size).points_to_input(np.asarray(points, np.float64))
        return self.region.points_to_input(points, self.preprocess.size)

    def to_picture(self, points: npt.ArrayLike) -> Points:
        """Map points (…, 2) from the input onto the picture; not clipped."""
        if self.region is None:
            return self.preprocess.placement(self.size).points_to_picture(np.asarray(points, np.float64))
        return self.region.points_to_picture(points, self.preprocess.size)
