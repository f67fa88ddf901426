"""What classifiers vary in a training picture. Plain data, torch-free."""

from __future__ import annotations

from dataclasses import dataclass, replace

from BaseDT.geometry.fit import Fit
from MMEdu.models.recipe import is_probability, is_range

_MOST_OF_A_CROP = 0.6
"""The least share of the area that a crop keeps is never raised beyond it: training still needs variation."""
_WHOLE = (0.85, 1.0)


@dataclass(frozen=True)
class Augment:
    """What is varied in a training picture.

    Attributes:
        crop_scale: Range of the share of the area that a random crop keeps (random resized crop of Szegedy et al.
            2015, section 6); ``None`` leaves the geometry to the ``Preprocess``.
        crop_ratio: Range of the crop's width / height.
        flip: Probability of a horizontal flip.
        multi_scale: Range of the whole picture's sides as a share of what the ``Preprocess`` makes of them; it lies
            anywhere on a ground of the mean colour, and nothing is cut away. Acts without ``crop_scale``.
    """

    crop_scale: tuple[float, float] | None = None
    crop_ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.0
    multi_scale: tuple[float, float] = (1.0, 1.0)

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.changes_geometry or self.flip > 0

    @property
    def changes_geometry(self) -> bool:
        """Whether the geometry varies by more than a flip."""
        return self.crop_scale is not None or self.multi_scale != (1.0, 1.0)

    def invalid_field(self) -> tuple[str, str] | None:
        """Return the first field whose value cannot be used, and an example of a valid one; None if all are valid."""
        if self.crop_scale is not None and not is_range(self.crop_scale, 1):
            return "crop_scale", "crop_scale = [0.08, 1.0]"
        if not is_range(self.crop_ratio):
            return "crop_ratio", "crop_ratio = [0.75, 1.333]"
        if not is_range(self.multi_scale, 1):
            return "multi_scale", "multi_scale = [0.85, 1.0]"
        return None if is_probability(self.flip) else ("flip", "flip = 0.5")

    def for_side(self, before: int, after: int) -> Augment:
        """Return the same for another side of the input; see ``models.adapting.FollowsInput``.

        A crop keeps about as many pixels as before: of a small input the least crop of a large one shows nothing.
        """
        if self.crop_scale is None or after >= before:
            return self
        least, most = self.crop_scale
        raised = min(most, max(least, min(_MOST_OF_A_CROP, least * before / after)))
        return replace(self, crop_scale=(raised, most))

    def for_fit(self, fit: Fit) -> Augment:
        """Return the same for another fit; see ``models.adapting.FollowsInput``.

        Who asks for whole pictures has something at their edges: a random crop would take it away in training. In its
        place the whole picture is shown smaller, anywhere in the input.
        """
        if fit == "crop":
            return replace(self, multi_scale=(1.0, 1.0))
        if self.crop_scale is None:
            return self
        return replace(self, crop_scale=None, multi_scale=_WHOLE)
