"""Pictures with masks as evaluation sees them: ``Preprocess`` decides, and nothing varies. Torch-free.

A picture and its mask are cached as one array, the mask as a last channel: all of them are then one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.mask_codes import IGNORE
from BaseDT.dataset.masked import MaskedImage
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from MMEdu.engine.protocol import Batch
from MMEdu.tasks.picture_samples import PictureSamples

Mask: TypeAlias = npt.NDArray[np.uint8]
"""(H, W) of labels; 255 is ignored."""


class MaskedPictures(PictureSamples):
    """What both kinds of a segmenter's sets share.

    Args:
        images: Pictures and their masks, upright.
        preprocess: How pixels become the network's input.
    """

    def __init__(self, images: Sequence[MaskedImage], preprocess: Preprocess) -> None:
        super().__init__([picture.path for picture in images], preprocess)
        self.images = tuple(images)
        self._truths: dict[int, npt.NDArray[np.uint8]] = {}

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C + 1) of the network's input with its mask."""
        return (*self.preprocess.size, self.preprocess.channels + 1)

    def size_of(self, index: int) -> tuple[int, int]:
        """(height, width) of the original picture, upright."""
        return self.images[index].height, self.images[index].width

    def load(self, index: int, *, strict: bool) -> Pixels:
        """Read a picture and its mask: (H, W, C + 1), the network's input with labels as the last channel.

        Raises:
            XEduError, OSError: One of them cannot be read.
        """
        pixels = super().load(index, strict=strict)
        labels = self.images[index].read_mask(strict=strict)
        placement = self.preprocess.placement(labels.shape)
        laid = placement.map_to_input(labels, self.preprocess.size, IGNORE, cv2.INTER_NEAREST)
        return np.dstack([pixels, laid])

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Pixels:
        """Return picture and mask as they are."""
        del index, random
        return cached

    def collate(self, indices: npt.NDArray[np.int64], samples: Sequence[Pixels]) -> Batch:
        """Stack pictures to (N, H, W, C) and masks to (N, H, W)."""
        height, width, planes = self.shape
        pixels = np.empty((len(samples), height, width, planes - 1), dtype=np.uint8)
        masks = np.empty((len(samples), height, width), dtype=np.uint8)
        for row, mask, sample in zip(pixels, masks, samples, strict=True):
            row[:], mask[:] = sample[..., :-1], sample[..., -1]
        return Batch(pixels, masks, indices)

    def gather(self, indices: npt.NDArray[np.int64], table: Pixels) -> Batch:
        """Take a batch out of the array of all pictures."""
        return self.collate(indices, [table[index] for index in indices.tolist()])

    def truth(self, index: int) -> Mask:
        """Return the labels of a picture in its original size: what evaluation compares with. Read once."""
        if index not in self._truths:
            self._truths[index] = packed(self.images[index].read_mask())
        return unpacked(self._truths[index])


def packed(mask: Mask) -> npt.NDArray[np.uint8]:
    """Return a mask in some per cent of its size, as PNG."""
    return np.asarray(cv2.imencode(".png", mask, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1], dtype=np.uint8)


def unpacked(data: npt.NDArray[np.uint8]) -> Mask:
    """Return the mask of what ``packed`` made."""
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
