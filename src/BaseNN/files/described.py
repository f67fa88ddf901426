"""What data a network takes, as its exported file says it: ``nn`` reads them by the same rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from BaseDT.preprocess import Preprocess
from BaseNN.data import transforms
from BaseNN.files.trained import TrainedNetwork


def dataset_type(network: TrainedNetwork, inputs: Sequence[int | None]) -> Literal["img", "tab", "npz"]:
    """Return what a client is to do with the data; of arrays it is told by their axes.

    Args:
        network: That takes them.
        inputs: Shape of one sample.
    """
    if network.word2idx:
        return "npz"
    if network.dataset_type in ("img", "tab", "npz"):
        return network.dataset_type  # type: ignore[return-value]
    if len(inputs) == 1:
        return "tab"
    return "img" if len(inputs) == 3 and inputs[0] in (1, 3) else "npz"


def preprocess_of(network: TrainedNetwork, size: tuple[int, int, int], highest: float | None) -> Preprocess:
    """Return how a picture becomes what a network takes.

    Args:
        network: That takes it.
        size: Channels, height, width.
        highest: Value that it learned from; None where nobody knows it any more: 1.
    """
    channels, height, width = size
    whole = 255.0 if highest is None or highest <= 1 else 1.0
    recipe = transforms.preprocess(network.transform, channels == 1, (height, width))
    return replace(recipe, std=(whole,) * channels)
