"""``TrainedNetwork``: a network with all that is known of it; files are written and read as this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from BaseNN.layers.stack import Stack


@dataclass(frozen=True)
class TrainedNetwork:
    """A network that can answer.

    Attributes:
        model: In evaluation mode, on the processor.
        stack: Its layers; what they are is plain data.
        task: ``cls``, ``reg`` or ``gen``.
        dataset_type: ``img``, ``tab``, ``npz`` or ``other``; empty where it was never trained.
        classes: Names by label.
        word2idx: Words by number.
        color: Of pictures.
        transform: Of pictures, plain data.
        meta: Everything else that the file says, plain data: documented names (``dataset_size``, ``epoch``, …).
    """

    model: nn.Module
    stack: Stack
    task: str
    dataset_type: str = ""
    classes: tuple[str, ...] = ()
    word2idx: Mapping[str, int] = field(default_factory=dict)
    color: str = ""
    transform: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)


def write(network: TrainedNetwork, path: Path) -> None:
    """Write a network: tensors and plain data alone, whole or not at all."""
    raise NotImplementedError


def read(path: Path, own: Mapping[int, nn.Module]) -> TrainedNetwork:
    """Read a network of ours, or of the original (``BaseNN.files.foreign``); nothing in the file is run.

    Args:
        path: ``.pth`` or ``.pkl``.
        own: Modules of the user's own, by number of the layer, for files that name some.

    Raises:
        CheckpointNotFound, CheckpointInvalid, ModelUnsupported: -102, -202, -206.
    """
    raise NotImplementedError
