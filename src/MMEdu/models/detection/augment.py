"""What detectors vary in a training picture. Plain data, torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from MMEdu.models.recipe import are_numbers, is_probability, is_range


@dataclass(frozen=True)
class Augment:
    """What is varied in a training picture, and with it in its boxes.

    Attributes:
        flip: Probability of a horizontal flip.
        photometric: Probability of each change of brightness, contrast, saturation and hue (Liu et al. 2016, SSD,
            section 2.2, after Howard 2013).
        expand: Every second picture is shown on a larger ground, up to so many times its sides; 1 for none (SSD,
            section 3.6).
        iou_crop: Overlaps with an object that a random crop may be asked for (SSD, section 2.2); empty for no crop.
        multi_scale: Range of the picture's size as a share of the network's input, within which it is letterboxed.
        mosaic: Probability that four pictures are put together to one (Bochkovskiy et al. 2020, YOLOv4, section 3.4).
    """

    flip: float = 0.0
    photometric: float = 0.0
    expand: float = 1.0
    iou_crop: tuple[float, ...] = ()
    multi_scale: tuple[float, float] = (1.0, 1.0)
    mosaic: float = 0.0

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.changes_boxes or self.flip > 0 or self.photometric > 0

    @property
    def changes_boxes(self) -> bool:
        """Whether the geometry varies by more than a flip."""
        return self.expand > 1 or bool(self.iou_crop) or self.multi_scale != (1.0, 1.0) or self.mosaic > 0

    def invalid_field(self) -> tuple[str, str] | None:
        """Return the first field whose value cannot be used, and an example of a valid one; None if all are valid."""
        for name in ("flip", "photometric", "mosaic"):
            if not is_probability(getattr(self, name)):
                return name, f"{name} = 0.5"
        if not are_numbers((self.expand,)) or self.expand < 1:
            return "expand", "expand = 4.0, or 1.0 for none"
        if not are_numbers(self.iou_crop) or any(overlap > 1 for overlap in self.iou_crop):
            return "iou_crop", "iou_crop = [0.1, 0.3, 0.5, 0.7, 0.9]"
        return None if is_range(self.multi_scale, 1) else ("multi_scale", "multi_scale = [0.75, 1.0]")


SSD_AUGMENT = Augment(flip=0.5, photometric=0.5, expand=4.0, iou_crop=(0.1, 0.3, 0.5, 0.7, 0.9))
"""SSD's augmentation (Liu et al. 2016), as the original's recipes have it."""
