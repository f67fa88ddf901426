"""Labelled pictures as samples: how each is decoded, cached, varied and put into a batch. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.samples import HasLabels
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from MMEdu.engine.protocol import Batch
from MMEdu.models.classification.augment import Augment
from MMEdu.tasks.classification.answers import Targets
from MMEdu.tasks.picture_samples import PictureSamples

# The cached picture's short side over the network's: a crop of a quarter of the area is still not enlarged.
_CACHED_OVER_INPUT = 2


class LabelledPictures(PictureSamples):
    """What both kinds of a classifier's sets share.

    Args:
        samples: Files and labels.
        preprocess: How pixels become the network's input.
        labels: What is learned of each: its class, (N,) int64, or 0 and 1 for every label, (N, C) uint8; None is the
            class.
    """

    def __init__(self, samples: Sequence[HasLabels], preprocess: Preprocess, labels: Targets | None = None) -> None:
        super().__init__([sample.path for sample in samples], preprocess)
        self.labels = np.array([sample.labels[0] for sample in samples], np.int64) if labels is None else labels

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Pixels:
        """Return the picture as it is."""
        del index, random
        return cached

    def unvaried(self, cached: Pixels) -> Pixels:
        """Bring the cached form to the network's input as prediction does, with nothing left to chance."""
        return cached

    def collate(self, indices: npt.NDArray[np.int64], samples: Sequence[Pixels]) -> Batch:
        """Stack pictures to (N, H, W, C)."""
        height, width = self.preprocess.size
        pixels = np.empty((len(samples), height, width, self.preprocess.channels), dtype=np.uint8)
        for row, sample in zip(pixels, samples, strict=True):
            row[:] = sample
        return Batch(pixels, self.labels[indices], indices)

    def gather(self, indices: npt.NDArray[np.int64], table: Pixels) -> Batch:
        """Take a batch out of the array of all pictures."""
        return Batch(table[indices], self.labels[indices], indices)


class VariedPictures(LabelledPictures):
    """A training set whose pictures are cropped and flipped at random.

    A picture is cached once, with a short side of twice the network's input (448 for 224), decoded at reduced size
    where the file is much larger.

    Args:
        samples: Files and labels.
        preprocess: Gives the size and colour of the network's input.
        augment: What varies.
        labels: As in ``LabelledPictures``.
        reduce: Whether pictures may be cached smaller than their files (off: as large as they are).
    """

    varies = True

    def __init__(
        self,
        samples: Sequence[HasLabels],
        preprocess: Preprocess,
        augment: Augment,
        labels: Targets | None = None,
        *,
        reduce: bool = True,
    ) -> None:
        super().__init__(samples, preprocess, labels)
        self.augment = augment
        self.cached_side = round(min(preprocess.size) * _CACHED_OVER_INPUT) if reduce else None
        self._as_cached = replace(preprocess, color="bgr") if preprocess.color == "rgb" else preprocess
        self._ground = [round(min(255.0, max(0.0, value))) for value in preprocess.mean]

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """Pictures that will be cropped or moved keep their own shape."""
        return None if self.augment.changes_geometry else super().shape

    def decode(self, data: bytes, name: str, *, strict: bool) -> Pixels:
        """Decode a file to the form that is cached: (H, W, C) in the network's colour order."""
        if not self.augment.changes_geometry:
            return super().decode(data, name, strict=strict)
        side_of = max if self.preprocess.fit == "letterbox" else min
        return self._decode_larger(data, name, self.cached_side, side_of, strict=strict)

    def unvaried(self, cached: Pixels) -> Pixels:
        """Bring it into shape; the cached form has the network's colours already."""
        return self._as_cached.pixels(cached) if self.augment.changes_geometry else cached

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Pixels:
        """Crop or move, resize and flip one picture: (H, W, C) of the network's input."""
        del index
        pixels = cached
        if self.augment.crop_scale:
            top, left, height, width = random_crop(cached.shape[0], cached.shape[1], self.augment, random)
            pixels = _resized(cached[top : top + height, left : left + width], self.preprocess.size)
        elif self.augment.changes_geometry:
            pixels = self._moved(cached, random)
        if random.random() < self.augment.flip:
            pixels = pixels[:, ::-1]
        return pixels

    def _moved(self, cached: Pixels, random: np.random.Generator) -> Pixels:
        """Show all that prediction sees of a picture, smaller, anywhere on a ground of the mean colour."""
        share, down, right = random.uniform(*self.augment.multi_scale), random.random(), random.random()
        height, width = self.preprocess.size
        picture = self._as_cached.scaled(share).content(cached)
        top, left = int(down * (height - picture.shape[0] + 1)), int(right * (width - picture.shape[1] + 1))
        canvas = np.empty((height, width, self.preprocess.channels), dtype=np.uint8)
        canvas[:] = self._ground
        canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
        return canvas


def random_crop(height: int, width: int, augment: Augment, random: np.random.Generator) -> tuple[int, int, int, int]:
    """Choose a crop: (top, left, height, width). Szegedy et al. 2015, section 6.

    Ten tries, as usual; a picture so long that none fits gives its largest centre within the ratio's limits.
    """
    assert augment.crop_scale is not None
    low, high = augment.crop_scale
    areas = random.uniform(low, high, 10) * (height * width)
    narrow, wide = augment.crop_ratio
    ratios = np.exp(random.uniform(math.log(narrow), math.log(wide), 10))
    widths = np.round(np.sqrt(areas * ratios)).astype(int)
    heights = np.round(np.sqrt(areas / ratios)).astype(int)
    position = random.random(2)
    for w, h in zip(widths, heights, strict=True):
        if 0 < w <= width and 0 < h <= height:
            return int(position[0] * (height - h + 1)), int(position[1] * (width - w + 1)), int(h), int(w)
    w = min(width, round(height * wide))
    h = min(height, round(width / narrow))
    return (height - h) // 2, (width - w) // 2, h, w


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Resize to (height, width), keeping the channel axis; averaging where it shrinks much."""
    height, width = size
    shrinks = min(pixels.shape[0] / height, pixels.shape[1] / width) >= 2
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(pixels, (width, height), interpolation=interpolation).reshape(height, width, -1)  # type: ignore[return-value]
