"""``TrainedNetwork``: a network with all that is known of it; files are written of this."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from BaseDT.escaping import one_line
from BaseDT.files import write_whole
from BaseNN.layers.stack import Stack
from MMEdu.engine import checkpoint

KEPT = ("device", "dataset_size", "learning_rate", "epoch", "time", "loss", "highest")
"""What a file says of the training, by documented names; and the highest value that was learned from."""
_FORMAT = 1


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

    @property
    def highest(self) -> float | None:
        """The highest value that it learned from: pictures that were read go to 1, others are as the user gave them.

        None where nobody knows it any more.
        """
        known = 1.0 if self.dataset_type == "img" else self.meta.get("highest")
        return float(known) if isinstance(known, (int, float)) else None


def plain_meta(network: TrainedNetwork) -> dict[str, Any]:
    """Return what a file says of a network beside its weights: plain data, documented names first."""
    return {
        "tool": "BaseNN",
        "backbone": " - ".join(layer.layer or layer.module or layer.activation for layer in network.stack.layers),
        "device": "cpu",
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
        **network.meta,
        **of_the_network(network),
    }


def of_the_network(network: TrainedNetwork) -> dict[str, Any]:
    """Return the part of ``plain_meta`` by which the network is built again."""
    around = network.stack.surroundings
    inputs = None if around.inputs is None else list(around.inputs)
    return {
        "format": _FORMAT,
        "task": network.task,
        "dataset_type": network.dataset_type,
        "input_size": None if inputs is None else [1, *inputs],
        "color": network.color,
        "transform": dict(network.transform),
        "CLASSES": [_in_sight(name) for name in network.classes],
        "word2idx": dict(network.word2idx),
        "layers": network.stack.to_plain(),
        "surroundings": {
            "inputs": inputs,
            "classes": around.classes,
            "vocabulary": around.vocabulary,
            "channels": around.channels,
        },
    }


def is_control(character: str) -> bool:
    """Whether a terminal does something in place of showing a character; no name of a class in a file has one."""
    return unicodedata.category(character) == "Cc"


def _in_sight(name: str) -> str:
    return "".join(one_line(character) if is_control(character) else character for character in name)


def kept(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is remembered of a file's ``meta``: what the training was like, of which kind the data were."""
    return {name: meta[name] for name in (*KEPT, "dataset_type") if name in meta}


def write(network: TrainedNetwork, path: Path) -> None:
    """Write a network: tensors and plain data alone, whole or not at all.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    write_plain(network.model, plain_meta(network), path)


def write_plain(model: nn.Module, meta: Mapping[str, Any], path: Path) -> None:
    """Write the weights of a network with its ``plain_meta``."""
    state = {name: value.detach().cpu() for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    write_whole(path, checkpoint.to_bytes({"state_dict": state, "meta": dict(meta)}))
