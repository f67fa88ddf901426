"""``TrainingData``: what a network learns from, in memory. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from BaseNN.layers.kind import Surroundings

Kind = Literal["img", "tab", "npz", "other"]
"""Where it comes from, as exported files name it (``dataset_type``)."""


@dataclass(frozen=True)
class TrainingData:
    """Samples in memory, divided.

    Attributes:
        kind: Where they come from.
        inputs: (N, …): pictures (N, C, H, W) uint8 in the network's colour order (BGR, or one channel of gray; the
            network gets them divided by 255), tables (N, F) float32, sequences (N, T, F) float32, words (N, T) int64.
        targets: (N,) int64 of classes, (N, K) float32 of numbers, (N, T) int64 of next words; None to generate.
        val_inputs: Held out, likewise; None where nothing is.
        val_targets: Likewise.
        classes: Names by label; empty where there are none.
        word2idx: Words by number; empty where there are none.
        color: ``RGB`` or ``grayscale`` for pictures.
        transform: What was done to each picture, plain data: ``{name: arguments}``.
        batch_size: What ``load_*`` was given; 0: all at once.
        shuffle: Whether training batches are drawn in another order each epoch.
        source: Where it was read, for messages and files.
        notes: What the user should know of how it was read.
        labels: Of pictures that are not to be told apart but drawn: (N,) int64; None where there are none.
    """

    kind: Kind
    inputs: npt.NDArray[Any]
    targets: npt.NDArray[Any] | None
    val_inputs: npt.NDArray[Any] | None = None
    val_targets: npt.NDArray[Any] | None = None
    classes: tuple[str, ...] = ()
    word2idx: Mapping[str, int] = field(default_factory=dict)
    color: str = ""
    transform: Mapping[str, Any] = field(default_factory=dict)
    batch_size: int = 0
    shuffle: bool = True
    source: str = ""
    notes: Sequence[str] = ()
    labels: npt.NDArray[Any] | None = None

    @property
    def surroundings(self) -> Surroundings:
        """What a network that is made for these data needs to know."""
        return Surroundings(
            inputs=tuple(self.inputs.shape[1:]),
            classes=len(self.classes) or _highest_label(self.targets) + 1,
            vocabulary=len(self.word2idx),
            channels=self.inputs.shape[1] if self.kind == "img" else 0,
        )


def _highest_label(targets: npt.NDArray[Any] | None) -> int:
    """Return the highest label; -1 where there are none."""
    if targets is None or targets.ndim != 1 or targets.dtype != np.int64 or not len(targets):
        return -1
    return int(targets.max())
