"""Which way a network learns: most meet classes or numbers; text and noise have a way of their own."""

from __future__ import annotations

import importlib

from BaseNN.learning.learning import Learning
from BaseNN.learning.record import Record
from BaseNN.learning.request import TrainingRequest

_OWN = {
    "em_lstm": "BaseNN.learning.text:TextLearning",
    "diffusion_model": "BaseNN.learning.diffusion:DiffusionLearning",
}
"""Classes that derive from ``Learning`` and take what it takes, by the layer that is the whole network."""


def learning_of(request: TrainingRequest, record: Record) -> Learning:
    """Return how the network of a training learns."""
    first = request.stack.layers[0].layer if request.stack.layers else ""
    if first not in _OWN:
        return Learning(request, record)
    module, _, name = _OWN[first].partition(":")
    kind: type[Learning] = getattr(importlib.import_module(module), name)
    return kind(request, record)
