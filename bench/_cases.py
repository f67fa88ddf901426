"""What is measured and with how much effort: the cases, and what a child process is told.

Plain data, used by the parent (``train.py``) and by the child processes. No torch, no OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["digits", "photos"]


@dataclass(frozen=True)
class Case:
    """One model at one batch size on one kind of pictures."""

    name: str
    backbone: str
    batch: int
    kind: Kind


CASES = (
    Case("lenet-64", "LeNet", 64, "digits"),
    Case("lenet-128", "LeNet", 128, "digits"),
    Case("mobilenet", "MobileNet", 32, "photos"),
    Case("resnet18", "ResNet18", 32, "photos"),
)


# The compute limit's candidates; the best of them is the limit. bf16 is skipped where the CPU has it not natively.
VARIANTS: dict[Kind, tuple[str, ...]] = {
    "digits": ("fp32", "fp32 thresholds", "fp32 channels_last", "fp32 channels_last thresholds"),
    "photos": (
        "fp32",
        "fp32 channels_last",
        "fp32 channels_last thresholds",
        "bf16 channels_last",
        "bf16 channels_last thresholds",
    ),
}


@dataclass(frozen=True)
class Effort:
    """How long one measure of a kind of case lasts.

    Attributes:
        rounds: How often every measure is repeated, interleaved with the others.
        images: Training pictures to generate, and to train ours on.
        epochs: Epochs of ours; the first one (decoding, warming up) is not counted.
        warm: Iterations of the plain loop and of the limit that are not counted.
        plain: Counted iterations of the plain loop.
        limit: Counted iterations of each variant of the compute limit; fewer where they take very long.
    """

    rounds: int
    images: int
    epochs: int
    warm: int
    plain: int
    limit: int


FULL: dict[Kind, Effort] = {
    "digits": Effort(rounds=4, images=10_000, epochs=3, warm=80, plain=240, limit=300),
    "photos": Effort(rounds=3, images=256, epochs=3, warm=2, plain=10, limit=10),
}
QUICK: dict[Kind, Effort] = {
    "digits": Effort(rounds=1, images=2_000, epochs=2, warm=15, plain=30, limit=60),
    "photos": Effort(rounds=1, images=96, epochs=2, warm=1, plain=3, limit=2),
}


@dataclass(frozen=True)
class Job:
    """What a child process is told: one measure of one case.

    Attributes:
        started: ``time.time()`` of the parent just before the child was started.
        out: File that the child writes its result to, as JSON (its stdout belongs to what is measured).
        data: Data set folder; empty where the measure needs none.
        work: Folder for whatever the measure writes.
        variant: Name of the compute limit's variant.
        options: What only one kind of measure knows.
    """

    measure: str
    started: float
    out: str
    work: str = ""
    data: str = ""
    backbone: str = "LeNet"
    batch: int = 64
    warm: int = 0
    iterations: int = 0
    epochs: int = 1
    seed: int = 1
    variant: str = ""
    options: dict[str, Any] | None = None

    def option(self, name: str, default: Any = None) -> Any:
        return (self.options or {}).get(name, default)
