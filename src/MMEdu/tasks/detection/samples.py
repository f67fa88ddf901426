"""Pictures with boxes as evaluation sees them: ``Preprocess`` decides, and nothing varies. Torch-free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco import CocoImage
from BaseDT.errors import AnnotationMissing
from BaseDT.geometry import masks as mask_codes
from BaseDT.geometry.boxes import with_area
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.metrics import BoxTruth
from BaseDT.preprocess import Preprocess
from MMEdu.engine.protocol import Batch
from MMEdu.tasks.detection.targets import Target
from MMEdu.tasks.picture_samples import PictureSamples

Sample = tuple[Pixels, Target]
CachedOf = Callable[[int], Any]


class BoxedPictures(PictureSamples):
    """What both kinds of a detector's sets share.

    Args:
        images: Files and boxes, upright (``BaseDT.dataset.upright``).
        preprocess: How pixels become the network's input.
        masks: Whether the network needs the objects' masks, too.

    Raises:
        AnnotationMissing: Masks are needed, and not one object has any (-701).
    """

    def __init__(self, images: Sequence[CocoImage], preprocess: Preprocess, *, masks: bool = False) -> None:
        super().__init__([picture.path for picture in images], preprocess)
        self.images = tuple(images)
        self.with_masks = masks
        self.cached_of: CachedOf | None = None
        self._truths: dict[int, BoxTruth] = {}
        # Of each picture the objects to learn, and their boxes (n, 4) and labels (n,).
        self._objects = [tuple(box for box in picture.boxes if not box.crowd) for picture in self.images]
        self._boxes = [_corners(boxes) for boxes in self._objects]
        self._labels = [_labels(boxes) for boxes in self._objects]
        if masks:
            self._refuse_without_masks()

    def _refuse_without_masks(self) -> None:
        boxes = [box for boxes in self._objects for box in boxes]
        if boxes and not any(box.segmentation for box in boxes):
            raise AnnotationMissing(
                say(
                    f"This model learns masks, but none of the {len(boxes)} boxes has a segmentation.",
                    f"该模型学习掩膜，但 {len(boxes)} 个标注框都没有 segmentation。",
                ),
                hint=say(
                    "Label polygons, or choose a model for boxes, such as FasterRCNN.",
                    "请标注多边形，或改用只需要框的模型，例如 FasterRCNN。",
                ),
            )

    def see(self, cached_of: CachedOf) -> None:
        """Let the set look at its other pictures, for a mosaic: ``cached_of(index)`` is the cached form, or None."""
        self.cached_of = cached_of

    def size_of(self, index: int) -> tuple[int, int]:
        """(height, width) of the original picture, upright."""
        return self.images[index].height, self.images[index].width

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Sample:
        """Return the picture as it is, and its objects."""
        del random
        return cached, self.target(index)

    def target(self, index: int) -> Target:
        """Return the objects of a picture in its evaluated form."""
        size = self.size_of(index)
        boxes = self.preprocess.to_input(self._boxes[index], size).astype(np.float32)
        return Target(boxes, self._labels[index], self._masks(index, *self._affine(size))).only(with_area(boxes))

    def _affine(self, size: tuple[int, int]) -> tuple[tuple[float, float], tuple[float, float]]:
        """Scale and shift, (x, y) each, from a picture of this size to the network's input."""
        # Where the input's corners lie in the picture; clipping leaves a cropped picture's corners within it.
        h, w = self.preprocess.size
        corners = self.preprocess.to_original([[0, 0, w, h]], size)[0]
        inner = self.preprocess.to_input([corners], size)[0]
        sx = (inner[2] - inner[0]) / (corners[2] - corners[0])
        sy = (inner[3] - inner[1]) / (corners[3] - corners[1])
        return (float(sx), float(sy)), (float(inner[0] - corners[0] * sx), float(inner[1] - corners[1] * sy))

    def _masks(
        self, index: int, scale: tuple[float, float], shift: tuple[float, float]
    ) -> npt.NDArray[np.uint8] | None:
        """Draw the masks of a picture's objects into the network's input; None where they are not needed.

        Args:
            index: Of the picture.
            scale: Pixels of the input for one of the original picture, (x, y).
            shift: Where the original's upper left corner lies in the input, (x, y).
        """
        if not self.with_masks:
            return None
        drawn = np.zeros((len(self._objects[index]), *self.preprocess.size), dtype=np.uint8)
        for mask, box in zip(drawn, self._objects[index], strict=True):
            mask[:] = _drawn(box, self.size_of(index), self.preprocess.size, scale, shift)
        return drawn

    def collate(self, indices: npt.NDArray[np.int64], samples: Sequence[Sample]) -> Batch:
        """Stack pictures to (N, H, W, C); the targets are a list."""
        height, width = self.preprocess.size
        pixels = np.empty((len(samples), height, width, self.preprocess.channels), dtype=np.uint8)
        for row, (picture, _) in zip(pixels, samples, strict=True):
            row[:] = picture
        return Batch(pixels, [target for _, target in samples], indices)

    def gather(self, indices: npt.NDArray[np.int64], table: Pixels) -> Batch:
        """Take a batch out of the array of all pictures."""
        return Batch(table[indices], [self.target(int(index)) for index in indices], indices)

    def truth(self, index: int) -> BoxTruth:
        """Return all objects of a picture, crowds too, in pixels of the original picture: what evaluation asks for."""
        if index not in self._truths:
            self._truths[index] = self._truth(index)
        return self._truths[index]

    def _truth(self, index: int) -> BoxTruth:
        boxes = self.images[index].boxes
        areas = [box.counted_area for box in boxes]
        crowd = np.array([box.crowd for box in boxes], dtype=np.bool_)
        codes = [_code(box, *self.size_of(index)) for box in boxes] if self.with_masks else None
        return BoxTruth(_corners(boxes), _labels(boxes), crowd, np.array(areas, dtype=np.float64), codes)


def _corners(boxes: Sequence[Box]) -> npt.NDArray[np.float32]:
    return np.array([box.corners for box in boxes], dtype=np.float32).reshape(-1, 4)


def _labels(boxes: Sequence[Box]) -> npt.NDArray[np.int64]:
    return np.array([box.label for box in boxes], dtype=np.int64)


def _drawn(
    box: Box, picture: tuple[int, int], size: tuple[int, int], scale: tuple[float, float], shift: tuple[float, float]
) -> npt.NDArray[np.uint8]:
    """Draw one mask; an object without one is its whole box."""
    shapes = mask_codes.polygons(_segmentation(box))
    if shapes is not None:
        return mask_codes.filled([points * scale + shift for points in shapes], *size)
    whole = mask_codes.decoded(box.segmentation, *picture)
    # Middles of pixels lie half a pixel within their edges, in both pictures.
    move = [[scale[0], 0, shift[0] + scale[0] / 2 - 0.5], [0, scale[1], shift[1] + scale[1] / 2 - 0.5]]
    return cv2.warpAffine(whole, np.array(move), size[::-1], flags=cv2.INTER_NEAREST)  # type: ignore[return-value]


def _segmentation(box: Box) -> object:
    x1, y1, x2, y2 = box.corners
    return box.segmentation or [[x1, y1, x2, y1, x2, y2, x1, y2]]


@lru_cache(maxsize=4096)
def _code_of_box(corners: tuple[float, float, float, float], height: int, width: int) -> dict[str, object]:
    x1, y1, x2, y2 = corners
    return mask_codes.encoded(mask_codes.decoded([[x1, y1, x2, y1, x2, y2, x1, y2]], height, width))


def _code(box: Box, height: int, width: int) -> dict[str, object]:
    """Return a mask as a run-length code."""
    if isinstance(box.segmentation, dict):
        return box.segmentation
    if not box.segmentation:
        return _code_of_box(box.corners, height, width)
    return mask_codes.encoded(mask_codes.decoded(box.segmentation, height, width))
