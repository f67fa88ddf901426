"""Persons as training sees them: larger, smaller, turned, moved, mirrored, recoloured. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.dataset.keypoints import PosedObject
from BaseDT.geometry.regions import PADDING, RotatedRegion
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from MMEdu.models.pose.augment import Augment
from MMEdu.tasks.photometric import photometric
from MMEdu.tasks.pose.samples import PosedPeople, Sample, targets

_ROOM = 1.5
"""The cached part over what evaluation sees: a person that is turned or moved still has its surroundings."""
Matrix = npt.NDArray[np.float64]


class VariedPeople(PosedPeople):
    """A training set whose persons vary.

    Of each person a somewhat larger part of the picture is cached, in the scale of the input: no epoch decodes anew.

    Args:
        people: Whom it shows.
        preprocess: Gives the size and colour of the network's input.
        augment: What varies.
        flip_pairs: Points that change places in a mirrored picture.
        whole: Whether each picture is a person.
    """

    varies = True

    def __init__(
        self,
        people: Sequence[PosedObject],
        preprocess: Preprocess,
        augment: Augment,
        flip_pairs: Sequence[tuple[int, int]],
        *,
        whole: bool,
    ) -> None:
        super().__init__(people, preprocess, whole=whole)
        self.augment = augment
        # Beside a whole picture there is nothing to see.
        room = 1.0 if whole or not augment.changes_points else _ROOM
        self.cached_size = (round(preprocess.size[0] * room), round(preprocess.size[1] * room))
        padding = 1.0 if whole else PADDING
        regions = [RotatedRegion.of_box(person.box, preprocess.size, padding) for person in people]
        self._regions = [region.varied(scale=room) for region in regions]
        self._points = [
            region.points_to_input(person.points[:, :2], self.cached_size)
            for region, person in zip(self._regions, people, strict=True)
        ]
        self._order = mirrored_order(len(people[0].points) if people else 0, flip_pairs)

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """(H, W, C) of what is cached."""
        return (*self.cached_size, self.preprocess.channels)

    def seen(self, index: int, picture: Pixels) -> Pixels:
        """Return what is cached of a person's picture, in the network's colour order."""
        part = self._regions[index].crop(picture, self.cached_size, self.preprocess.pad_value)
        if self.preprocess.color == "rgb":
            part = cv2.cvtColor(part, cv2.COLOR_BGR2RGB)  # type: ignore[assignment]
        return part.reshape(*part.shape[:2], -1)

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Sample:
        """Vary one person: (H, W, C) of the network's input, and its points there."""
        matrix, is_mirrored = self._chosen(random)
        pixels = photometric(_warped(cached, matrix, self.preprocess), random, self.augment.photometric)
        points, known = self._points[index] @ matrix[:, :2].T + matrix[:, 2], self.people[index].labelled
        if is_mirrored:
            points, known = points[self._order], known[self._order]
        return pixels, targets(points, known, self.preprocess.size)

    def _chosen(self, random: np.random.Generator) -> tuple[Matrix, bool]:
        """Draw the way (2, 3) from what is cached into the input, and whether it mirrors."""
        augment, (height, width) = self.augment, self.preprocess.size
        # As many numbers are drawn whatever varies, so that one choice moves no number after it.
        share, turns, turn, flip, *moved = random.random(6)
        scale = augment.scale[0] + (augment.scale[1] - augment.scale[0]) * share
        angle = math.radians(augment.rotation) * (2 * turn - 1) if turns < augment.rotated else 0.0
        cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
        linear = np.array([[cosine, -sine], [sine, cosine]])
        is_mirrored = flip < augment.flip
        if is_mirrored:
            linear[0] = -linear[0]
        middle = np.array([width, height]) * (0.5 + augment.shift * (2 * np.array(moved) - 1))
        offset = middle - linear @ (self.cached_size[1] / 2, self.cached_size[0] / 2)
        return np.column_stack([linear, offset]), bool(is_mirrored)


def mirrored_order(count: int, flip_pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Return where each of so many points is found in a mirrored picture."""
    order = np.arange(count)
    for left, right in flip_pairs:
        order[left], order[right] = right, left
    return order


def _warped(cached: Pixels, matrix: Matrix, preprocess: Preprocess) -> Pixels:
    """Draw what is cached into the input by a way between edges of pixels."""
    # OpenCV counts from the middle of the first pixel.
    offset = matrix[:, 2] + matrix[:, :2] @ (0.5, 0.5) - 0.5
    height, width = preprocess.size
    shown = cv2.warpAffine(
        cached,
        np.column_stack([matrix[:, :2], offset]),
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(preprocess.pad_value,) * 3,
    )
    return shown.reshape(height, width, -1)  # type: ignore[return-value]
