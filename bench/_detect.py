"""Which detectors are measured and with how much effort. Plain data for ``detect.py`` and its child processes.

No torch, no OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One detector in training.

    Attributes:
        name: As the table has it.
        backbone: The library's name.
        batch: Pictures of a step: the recipe's.
        images: Training pictures in a full run, and in a quick one.
    """

    name: str
    backbone: str
    batch: int
    images: tuple[int, int]


CASES = (
    Case("ssd_lite", "SSD_Lite", 16, (160, 32)),
    Case("yolov3_mobilenet", "Yolov3_MobileNet", 8, (80, 16)),
    Case("yolov3", "Yolov3", 8, (32, 16)),
    Case("fasterrcnn", "FasterRCNN", 2, (8, 4)),
    Case("mask_rcnn", "Mask_RCNN", 2, (8, 4)),
)
VARIANTS = (
    "fp32 channels_last",
    "fp32 channels_last thresholds",
    "bf16 channels_last",
    "bf16 channels_last thresholds",
)
"""The compute limit's candidates; see ``_limit.py``."""


@dataclass(frozen=True)
class Effort:
    """How long a run lasts.

    Attributes:
        rounds: How often everything is measured, interleaved.
        epochs: Of ours; the first one (decoding, warming up) is not counted.
        warm: Iterations of the plain loop and of the limit that are not counted.
        counted: Iterations that are; never more than an epoch of the case has.
        turns: How often the contenders of the inference take turns within a round.
        block: Pictures of a turn.
        seconds: How long each model is timed.
    """

    rounds: int
    epochs: int
    warm: int
    counted: int
    turns: int
    block: int
    seconds: float


FULL = Effort(rounds=3, epochs=3, warm=2, counted=10, turns=12, block=25, seconds=8.0)
QUICK = Effort(rounds=1, epochs=2, warm=1, counted=2, turns=2, block=5, seconds=1.0)
