"""Pictures with boxes as training sees them: cropped, enlarged, mirrored, recoloured, put together. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.coco import CocoImage
from BaseDT.geometry.boxes import with_area
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from MMEdu.models.detection.augment import Augment
from MMEdu.tasks.detection import box_augment
from MMEdu.tasks.detection.box_augment import View
from MMEdu.tasks.detection.samples import BoxedPictures, Sample
from MMEdu.tasks.detection.targets import Target
from MMEdu.tasks.photometric import photometric

# The cached picture's long side over the network's: a crop of half of each side is still not enlarged.
_CACHED_OVER_INPUT = 2


class VariedBoxedPictures(BoxedPictures):
    """A training set whose pictures and boxes vary.

    A picture is cached once, with a long side of at most twice the network's input, decoded at reduced size where the
    file is much larger; where its geometry does not vary, as the network's input.

    Args:
        images: Files and boxes, upright.
        preprocess: Gives the size and colour of the network's input.
        augment: What varies.
        masks: Whether the network needs the objects' masks, too.

    Raises:
        AnnotationMissing: Masks are needed, and not one object has any (-701).
    """

    varies = True

    def __init__(
        self, images: Sequence[CocoImage], preprocess: Preprocess, augment: Augment, *, masks: bool = False
    ) -> None:
        super().__init__(images, preprocess, masks=masks)
        self.augment = augment
        self.cached_side = max(preprocess.size) * _CACHED_OVER_INPUT
        mean = [round(value) for value in preprocess.mean]
        self._ground = np.clip(np.array(mean), 0, 255).astype(np.uint8)

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """Pictures whose geometry varies keep their own shape."""
        return None if self.augment.changes_boxes else super().shape

    def decode(self, data: bytes, name: str, *, strict: bool) -> Pixels:
        """Decode a file to the form that is cached: (H, W, C) in the network's colour order."""
        if not self.augment.changes_boxes:
            return super().decode(data, name, strict=strict)
        return self._decode_larger(data, name, self.cached_side, max, strict=strict)

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Sample:
        """Vary one picture: (H, W, C) of the network's input, and its objects there."""
        augment = self.augment
        if not augment.changes_boxes:
            pixels = photometric(cached, random, augment.photometric)
            target = self.target(index)
        else:
            others = self._others(random)
            pixels = np.empty((*self.preprocess.size, self.preprocess.channels), dtype=np.uint8)
            pixels[:] = self._ground
            parts = (
                self._mosaic(index, cached, others, random)
                if others
                else [(index, cached, self._view(index, cached, random))]
            )
            target = _joined([self._paint(pixels, *part, random, mosaic=bool(others)) for part in parts])
        if random.random() < augment.flip:
            return _mirrored(pixels, target)
        return pixels, target

    def _view(self, index: int, cached: Pixels, random: np.random.Generator) -> View:
        """Choose what is shown of one picture: enlarged, cropped, and where it lies in the input."""
        window: box_augment.Window = (0.0, 0.0, float(cached.shape[1]), float(cached.shape[0]))
        window = box_augment.expanded(window, self.augment.expand, random)
        window = box_augment.cropped(window, self._cached_boxes(index, cached), self.augment.iou_crop, random)
        height, width = self.preprocess.size
        if self.preprocess.resize != "stretch":
            scale = min(width / (window[2] - window[0]), height / (window[3] - window[1]))
            width, height = round((window[2] - window[0]) * scale), round((window[3] - window[1]) * scale)
        size = random.uniform(*self.augment.multi_scale)
        return View(window, (0, 0, max(1, round(width * size)), max(1, round(height * size))))

    def _others(self, random: np.random.Generator) -> list[tuple[int, Pixels]]:
        """Choose three other pictures for a mosaic; none where there is to be none, or they cannot be read."""
        if self.augment.mosaic <= 0 or self.cached_of is None or random.random() >= self.augment.mosaic:
            return []
        chosen = [int(number) for number in random.integers(len(self.images), size=3)]
        pictures = [(number, self.cached_of(number)) for number in chosen]
        readable = [(number, pixels) for number, pixels in pictures if pixels is not None]
        return readable if len(readable) == len(chosen) else []

    def _mosaic(
        self, index: int, cached: Pixels, others: Sequence[tuple[int, Pixels]], random: np.random.Generator
    ) -> list[tuple[int, Pixels, View]]:
        pictures = [(index, cached), *others]
        sizes = [(pixels.shape[0], pixels.shape[1]) for _, pixels in pictures]
        views = box_augment.mosaic_views(sizes, self.preprocess.size, random)
        return [(number, pixels, view) for (number, pixels), view in zip(pictures, views, strict=True)]

    def _paint(
        self, canvas: Pixels, index: int, cached: Pixels, view: View, random: np.random.Generator, *, mosaic: bool
    ) -> Target:
        """Paint one picture onto the canvas and return its objects there."""
        box_augment.paint(canvas, cached, view, random, self.augment.photometric)
        before = self._cached_boxes(index, cached)
        boxes = view.boxes(before)
        if mosaic:
            visible = box_augment.still_visible(before, boxes, view.scale)
        else:
            visible = view.shows_centre_of(before) & with_area(boxes)
        return Target(boxes, self._labels[index], self._masks_in(index, cached, view)).only(visible)

    def _masks_in(self, index: int, cached: Pixels, view: View) -> npt.NDArray[np.uint8] | None:
        if not self.with_masks:
            return None
        (sx, sy), (height, width) = view.scale, self.size_of(index)
        drawn = self._masks(index, (sx * cached.shape[1] / width, sy * cached.shape[0] / height), view.shift)
        assert drawn is not None
        left, top, right, bottom = view.rectangle
        within = np.zeros_like(drawn)
        within[:, top:bottom, left:right] = drawn[:, top:bottom, left:right]
        return within

    def _cached_boxes(self, index: int, cached: Pixels) -> npt.NDArray[np.float32]:
        """Boxes in pixels of the cached picture."""
        height, width = self.size_of(index)
        ratio = (cached.shape[1] / width, cached.shape[0] / height)
        return self._boxes[index] * np.array([*ratio, *ratio], dtype=np.float32)


def _joined(targets: Sequence[Target]) -> Target:
    if len(targets) == 1:
        return targets[0]
    masks = [target.masks for target in targets if target.masks is not None]
    return Target(
        np.concatenate([target.boxes for target in targets]),
        np.concatenate([target.labels for target in targets]),
        np.concatenate(masks) if masks else None,
    )


def _mirrored(pixels: Pixels, target: Target) -> Sample:
    masks = None if target.masks is None else np.ascontiguousarray(target.masks[:, :, ::-1])
    return pixels[:, ::-1], Target(box_augment.flipped(target.boxes, pixels.shape[1]), target.labels, masks)
