"""What belongs to one picture of a detector: the objects to learn, and those that are detected. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Target:
    """The objects of one training picture, without crowds.

    Attributes:
        boxes: (n, 4) float32 of x1, y1, x2, y2: edges, in pixels of the network's input.
        labels: (n,) int64, from 0.
        masks: (n, H, W) uint8 of 0 and 1, of the input's size; None where the network needs none.
    """

    boxes: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    masks: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def only(self, selected: npt.NDArray[np.bool_]) -> Target:
        """Return the objects that a mask (n,) of truth values chooses."""
        return Target(self.boxes[selected], self.labels[selected], None if self.masks is None else self.masks[selected])

    def to(self, device: torch.device) -> TargetTensors:
        """Return the same as tensors on a device."""
        import torch

        masks = None if self.masks is None else torch.from_numpy(self.masks).to(device, non_blocking=True)
        boxes, labels = torch.from_numpy(self.boxes), torch.from_numpy(self.labels)
        return TargetTensors(boxes.to(device, non_blocking=True), labels.to(device, non_blocking=True), masks)


@dataclass(frozen=True, eq=False)
class TargetTensors:
    """A ``Target`` on the device of the network; shapes and types are those of ``Target``."""

    boxes: Tensor
    labels: Tensor
    masks: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Detections:
    """What a network detects in one picture.

    Attributes:
        rows: (k, 6) float32 of x1, y1, x2, y2, score, label, the surest first; in pixels of the original picture.
        masks: COCO's run-length codes of the k masks, of the original picture's size; None where there are none.
    """

    rows: Rows
    masks: Sequence[Mapping[str, Any]] | None = None

    def __len__(self) -> int:
        return len(self.rows)
