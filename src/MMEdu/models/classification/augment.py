"""What classifiers vary in a training picture. Plain data, torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from MMEdu.models.recipe import is_probability, is_range


@dataclass(frozen=True)
class Augment:
    """What is varied in a training picture.

    Attributes:
        crop_scale: Range of the share of the area that a random crop keeps (random resized crop of Szegedy et al.
            2015, section 6); ``None`` leaves the geometry to the ``Preprocess``.
        crop_ratio: Range of the crop's width / height.
        flip: Probability of a horizontal flip.
    """

    crop_scale: tuple[float, float] | None = None
    crop_ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.0

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.crop_scale is not None or self.flip > 0

    def invalid_field(self) -> tuple[str, str] | None:
        """Return the first field whose value cannot be used, and an example of a valid one; None if all are valid."""
        if self.crop_scale is not None and not is_range(self.crop_scale, 1):
            return "crop_scale", "crop_scale = [0.08, 1.0]"
        if not is_range(self.crop_ratio):
            return "crop_ratio", "crop_ratio = [0.75, 1.333]"
        return None if is_probability(self.flip) else ("flip", "flip = 0.5")
