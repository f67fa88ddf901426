"""Recipe: how a model is trained unless the user says otherwise. Plain data, torch-free.

A recipe gives schedule, warm-up, augmentation and batch size; learning rate, optimiser and weight decay are the
documented arguments of ``train``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ScheduleKind = Literal["constant", "step", "exponential", "linear", "cosine"]


@dataclass(frozen=True)
class Schedule:
    """How the learning rate moves from its base value.

    Attributes:
        kind: ``step`` multiplies by ``gamma`` at every milestone, ``exponential`` by ``gamma`` each epoch, ``linear``
            and ``cosine`` (Loshchilov & Hutter 2017, eq. 5, one cycle) go to zero over the run.
        milestones: Epochs (counted from 0) at which ``step`` acts.
        gamma: The factor of ``step`` and ``exponential``.
        warmup_iters: The rate rises linearly over that many first iterations.
        warmup_ratio: The share of the base rate at which warm-up starts.
    """

    kind: ScheduleKind = "constant"
    milestones: tuple[int, ...] = ()
    gamma: float = 0.1
    warmup_iters: int = 0
    warmup_ratio: float = 0.1


@dataclass(frozen=True)
class Augment:
    """What is varied in a training picture.

    Attributes:
        crop_scale: Range of the share of the area that a random crop keeps (random resized crop of Szegedy et al.
            2015, section 6); ``None`` leaves the geometry to the ``Preprocess``.
        crop_ratio: Range of the crop's width / height.
        flip: Probability of a horizontal flip.
        photometric: Probability of each change of brightness, contrast, saturation and hue (Liu et al. 2016, SSD,
            section 2.2, after Howard 2013); detection only, as all that follow.
        expand: Every second picture is shown on a larger ground, up to so many times its sides; 1 for none (SSD,
            section 3.6).
        iou_crop: Overlaps with an object that a random crop may be asked for (SSD, section 2.2); empty for no crop.
        multi_scale: Range of the picture's size as a share of the network's input, within which it is letterboxed.
        mosaic: Probability that four pictures are put together to one (Bochkovskiy et al. 2020, YOLOv4, section 3.4).
    """

    crop_scale: tuple[float, float] | None = None
    crop_ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.0
    photometric: float = 0.0
    expand: float = 1.0
    iou_crop: tuple[float, ...] = ()
    multi_scale: tuple[float, float] = (1.0, 1.0)
    mosaic: float = 0.0

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.crop_scale is not None or self.changes_boxes or self.flip > 0 or self.photometric > 0

    @property
    def changes_boxes(self) -> bool:
        """Whether the geometry of a detection picture varies by more than a flip."""
        return self.expand > 1 or bool(self.iou_crop) or self.multi_scale != (1.0, 1.0) or self.mosaic > 0


@dataclass(frozen=True)
class Recipe:
    """The defaults of a model's training.

    Attributes:
        batch_size: Pictures per step and process.
        schedule: How the learning rate moves.
        augment: What is varied in a training picture.
        bfloat16: Whether bfloat16 wins on a CPU with native instructions (measured in ``bench/train``).
        clip_norm: Longer gradients (L2 norm over all weights) are shortened to it; None leaves them.
    """

    batch_size: int = 32
    schedule: Schedule = field(default_factory=Schedule)
    augment: Augment = field(default_factory=Augment)
    bfloat16: bool = False
    clip_norm: float | None = None
