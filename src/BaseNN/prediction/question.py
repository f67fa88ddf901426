"""What ``nn.inference`` is asked, and who answers it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

import torch

from BaseDT.errors import NothingLoaded, ParameterInvalid
from BaseDT.language import say
from BaseNN.files.trained import TrainedNetwork


@dataclass(frozen=True)
class Question:
    """What a network is asked; the documented arguments of ``inference``.

    Attributes:
        data: Pictures, a table, an array, batches, a word.
        label: Whether the last column of a table is the label, which is left out.
        hidden: What the network remembers of the words before; None at the beginning.
        num: How many pictures are drawn.
        return_all_timesteps: Whether every step from noise to picture is returned.
        device: Where it is computed.
    """

    data: Any = None
    label: bool = False
    hidden: Any = None
    num: int = 4
    return_all_timesteps: bool = True
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))


@dataclass(frozen=True)
class Answer:
    """What a network says.

    Attributes:
        result: What ``inference`` returns: (N, K) float32; of a whole network what is documented for it.
        labels: (N,) of batches and tables that bring theirs; None of anything else.
    """

    result: Any
    labels: Any = None


_OWN = {
    "em_lstm": "BaseNN.prediction.text:answer",
    "diffusion_model": "BaseNN.prediction.drawing:answer",
}
"""Functions of network and question, by the layer that is the whole network."""


def answer(network: TrainedNetwork, question: Question) -> Answer:
    """Let a network answer.

    Raises:
        XEduError: The data cannot be read, or do not fit it.
    """
    first = network.stack.layers[0].layer if network.stack.layers else ""
    module, _, name = _OWN.get(first, "BaseNN.prediction.numbers:answer").partition(":")
    found: Answer = getattr(importlib.import_module(module), name)(network, question)
    return found


def laid_since(layer: str) -> NothingLoaded:
    """Make the error of a network that was changed after its training (-602)."""
    return NothingLoaded(
        say(
            f"The layer {layer} was laid after the training: its weights have learnt nothing yet.",
            f"网络层 {layer} 是在训练之后搭建的，它的权重还没有训练。",
        ),
        hint=say(
            "Train the network again: train(…); what the other layers have learnt stays where they are the same.",
            "请再次训练：train(…)；没有改变的层会保留已经学到的内容。",
        ),
    )


def nothing_learnt() -> NothingLoaded:
    """Make the error of a network that is asked before it has learnt anything (-602)."""
    return NothingLoaded(
        say("The network has learnt nothing yet.", "网络还没有训练。"),
        hint=say(
            "Train it first, or take a file: load('checkpoints/basenn.pth'), inference(…, checkpoint=…).",
            "请先训练，或载入模型：load('checkpoints/basenn.pth')、inference(…, checkpoint=…)。",
        ),
    )


def no_data(call: str) -> ParameterInvalid:
    """Make the error of a call without data, ``inference`` (-305)."""
    return ParameterInvalid(
        say("There are no data to answer.", "没有要推理的数据。"),
        hint=say(f"Give them: {call}(data=…).", f"请给出数据：{call}(data=…)。"),
    )
