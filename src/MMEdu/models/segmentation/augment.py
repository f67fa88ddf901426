"""What segmenters vary in a training picture. Plain data, torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from MMEdu.models.recipe import is_probability, is_range


@dataclass(frozen=True)
class Augment:
    """What is varied in a training picture, and with it in its mask.

    Attributes:
        flip: Probability of a horizontal flip.
        photometric: Probability of each change of brightness, contrast, saturation and hue (Liu et al. 2016, SSD,
            section 2.2).
        scale: Range of the picture's size as a share of the network's input: a larger one is cropped at random, beside
            a smaller one the ground is shown, which is ignored.
    """

    flip: float = 0.0
    photometric: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.scale != (1.0, 1.0) or self.flip > 0 or self.photometric > 0

    def invalid_field(self) -> tuple[str, str] | None:
        """Return the first field whose value cannot be used, and an example of a valid one; None if all are valid."""
        for name in ("flip", "photometric"):
            if not is_probability(getattr(self, name)):
                return name, f"{name} = 0.5"
        return None if is_range(self.scale, _LARGEST) else ("scale", "scale = [0.75, 1.5]")


_LARGEST = 4.0
"""A larger picture would show a sixteenth of itself at most."""

PHOTOGRAPHS = Augment(flip=0.5, photometric=0.5, scale=(0.75, 1.5))
"""For photographs."""
