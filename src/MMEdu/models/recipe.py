"""Recipe: how a model is trained unless the user says otherwise. Plain data, torch-free.

A recipe gives schedule, warm-up, augmentation and batch size; learning rate, optimiser and weight decay are the
documented arguments of ``train``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from BaseDT.arguments import is_number

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


class Augmentation(Protocol):
    """What a task varies in a training sample: a frozen dataclass in ``MMEdu/models/<task>/augment.py``.

    Its fields are the names that a recipe file's ``[augment]`` may use.
    """

    @property
    def changes_pixels(self) -> bool:
        """Whether two epochs see different pixels of one picture."""

    def invalid_field(self) -> tuple[str, str] | None:
        """Return the first field whose value cannot be used, and an example of a valid one; None if all are valid."""


@dataclass(frozen=True)
class NoAugmentation:
    """Samples are shown as they are."""

    changes_pixels: ClassVar[bool] = False

    def invalid_field(self) -> tuple[str, str] | None:
        """Nothing can be wrong."""
        return None


@dataclass(frozen=True)
class PretrainedStart:
    """How a model that starts from a pretrained backbone, or from scratch, is trained where the user leaves it open.

    Attributes:
        optimizer: Its name, as ``train`` takes it.
        lr: Base learning rate.
    """

    optimizer: str
    lr: float


@dataclass(frozen=True)
class Recipe:
    """The defaults of a model's training.

    Attributes:
        batch_size: Pictures per step and process.
        schedule: How the learning rate moves.
        augment: What is varied in a training sample, an ``Augmentation``. ``Any``, because every task has a class of
            its own, whose fields only that task reads.
        bfloat16: Whether bfloat16 wins on a CPU with native instructions (measured in ``bench/train``), where the run
            does not measure it itself.
        clip_norm: Longer gradients (L2 norm over all weights) are shortened to it; None leaves them.
        pretrained: Optimiser and rate for a pretrained backbone; None: as from scratch.
        scratch: Optimiser and rate from scratch; None: as documented.
    """

    batch_size: int = 32
    schedule: Schedule = field(default_factory=Schedule)
    augment: Any = field(default_factory=NoAugmentation)
    bfloat16: bool = False
    clip_norm: float | None = None
    pretrained: PretrainedStart | None = None
    scratch: PretrainedStart | None = None


def are_numbers(values: object, *, count: int | None = None, whole: bool = False) -> bool:
    """Whether this is a tuple of finite numbers of at least 0, and of ``count`` of them."""
    if not isinstance(values, tuple) or (count is not None and len(values) != count):
        return False
    kinds = (int,) if whole else (int, float)
    return all(type(v) in kinds and is_number(v) and v >= 0 for v in values)


def is_range(values: object, most: float = math.inf) -> bool:
    """Whether this is a tuple of two numbers above 0 and up to ``most``, the smaller first."""
    return are_numbers(values, count=2) and 0 < values[0] <= values[1] <= most  # type: ignore[index]


def is_probability(value: object) -> bool:
    """Whether this is a number from 0 to 1."""
    return are_numbers((value,)) and value <= 1  # type: ignore[operator]
