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
    """

    crop_scale: tuple[float, float] | None = None
    crop_ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.0

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""
        return self.crop_scale is not None or self.flip > 0


@dataclass(frozen=True)
class Recipe:
    """The defaults of a model's training.

    Attributes:
        batch_size: Pictures per step and process.
        schedule: How the learning rate moves.
        augment: What is varied in a training picture.
        bfloat16: Whether bfloat16 wins on a CPU with native instructions (measured in ``bench/train``).
    """

    batch_size: int = 32
    schedule: Schedule = field(default_factory=Schedule)
    augment: Augment = field(default_factory=Augment)
    bfloat16: bool = False
