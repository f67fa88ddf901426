"""What models of keypoints vary in a training picture. Plain data, torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from MMEdu.models.recipe import are_numbers, is_probability, is_range

_MOST_SCALE, _MOST_SHIFT = 2.0, 0.5


@dataclass(frozen=True)
class Augment:
    """What is varied in a person's region, and with it in the points.

    Attributes:
        flip: Probability of a horizontal flip; points of left and right change places. Sets whose names do not tell
            these apart are never mirrored.
        scale: Range of the person's size, 1 as it is (Xiao et al. 2018, SimpleBaseline, section 3: 0.7 to 1.3).
        rotation: Largest turn in degrees, either way (SimpleBaseline: 40).
        rotated: Share of the pictures that are turned.
        shift: Largest shift as a share of the input's sides, either way.
        photometric: Probability of each change of brightness, contrast and saturation.
    """

    flip: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    rotated: float = 0.6
    shift: float = 0.0
    photometric: float = 0.0

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.changes_points or self.photometric > 0

    @property
    def changes_points(self) -> bool:
        """Whether points move."""
        return self.flip > 0 or self.rotation > 0 or self.shift > 0 or self.scale != (1.0, 1.0)

    def invalid_field(self) -> tuple[str, str] | None:
        """Return the first field whose value cannot be used, and an example of a valid one; None if all are valid."""
        for name in ("flip", "rotated", "photometric"):
            if not is_probability(getattr(self, name)):
                return name, f"{name} = 0.5"
        if not is_range(self.scale, _MOST_SCALE):
            return "scale", "scale = [0.75, 1.25]"
        if not are_numbers((self.rotation,)) or self.rotation > 180:
            return "rotation", "rotation = 40.0, in degrees"
        if not are_numbers((self.shift,)) or self.shift > _MOST_SHIFT:
            return "shift", "shift = 0.1"
        return None


POSE_AUGMENT = Augment(flip=0.5, scale=(0.75, 1.25), rotation=40.0, shift=0.1, photometric=0.5)
"""About SimpleBaseline's (Xiao et al. 2018), with changes of colour for small sets."""
