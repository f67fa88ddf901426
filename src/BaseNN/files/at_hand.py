"""The network of an ``nn`` as it is now, with all that is known of it: what is saved, converted, looked into."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import nn

from BaseNN.files.trained import TrainedNetwork

if TYPE_CHECKING:
    from BaseNN.layers.stack import Stack


def network(
    model: nn.Module,
    stack: Stack,
    task: str,
    *,
    dataset_type: str,
    classes: Sequence[str] | None,
    word2idx: Mapping[str, int] | None,
    color: str | None,
    transform: Mapping[str, Any] | None,
    meta: Mapping[str, Any],
) -> TrainedNetwork:
    """Return the network with all that is known of it."""
    return TrainedNetwork(
        model,
        stack,
        task,
        dataset_type,
        tuple(map(str, classes or ())),
        dict(word2idx or {}),
        color or "",
        dict(transform or {}),
        dict(meta),
    )


def apart(known: TrainedNetwork) -> TrainedNetwork:
    """Return a copy, in evaluation mode, on the processor; what is trained on stays as it is."""
    return replace(known, model=copy.deepcopy(known.model).cpu().eval())
