"""``Answers``: what a network says of the samples that it learnt from, once its training is over."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from BaseNN.learning.learning import Learning
from BaseNN.learning.metrics import chosen, labels_of
from MMEdu.engine.protocol import Batch

_ROWS, _PICTURES, _AT_ONCE = 1000, 300, 256
"""Samples that are asked, of tables and of all else, and how many of the latter at once."""


@dataclass(frozen=True)
class Answers:
    """What a network says of up to a thousand of its samples.

    Attributes:
        learning: How it learnt; its network is in evaluation mode afterwards.
    """

    learning: Learning

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Which samples, spread over all of them, in a mixed order."""
        inputs = self.learning.request.data.inputs
        most = _ROWS if inputs.ndim == 2 else _PICTURES
        spread = np.linspace(0, len(inputs) - 1, min(most, len(inputs))).astype(np.int64)
        return np.random.default_rng(0).permutation(spread)

    @cached_property
    def targets(self) -> Tensor:
        """What they are, as the loss takes it."""
        targets = self.learning.request.data.targets
        assert targets is not None
        return self.learning.goal.targets(targets[self.rows])

    @cached_property
    def outputs(self) -> Tensor:
        """(N, K): what the network gives as it answers later."""
        return self._outputs(self.learning.request.model.eval())

    @cached_property
    def labels(self) -> npt.NDArray[np.int64]:
        """(N,): the class of each."""
        labels: npt.NDArray[np.int64] = labels_of(self.targets).numpy()
        return labels

    @cached_property
    def classes(self) -> npt.NDArray[np.int64]:
        """(N,): the class that the network says."""
        return self._classes(self.outputs)

    @cached_property
    def accuracy(self) -> float:
        """How often it is right, 0 to 1."""
        return float((self.classes == self.labels).mean())

    @cached_property
    def accuracy_by_batch(self) -> float:
        """The same with the statistics of each batch in place of those that batchnorm keeps; 0 without batchnorm."""
        model = copy.deepcopy(self.learning.request.model)
        layers = [part for part in model.modules() if isinstance(part, _BatchNorm)]
        if not layers or min(len(self.rows), self.learning.request.batch_size) < 2:
            return 0.0
        model.eval()
        for layer in layers:
            layer.train()
        return float((self._classes(self._outputs(model)) == self.labels).mean())

    @cached_property
    def r2(self) -> float:
        """How much of the spread of numbers it explains, at most 1."""
        targets = self.targets
        spread = float((targets - targets.mean(dim=0)).square().mean())
        return 1 - float((self.outputs - targets).square().mean()) / spread if spread else 0.0

    def _classes(self, outputs: Tensor) -> npt.NDArray[np.int64]:
        logits = self.learning.goal.are_logits(softmax_left_out=False)
        said: npt.NDArray[np.int64] = chosen(outputs, logits=logits).numpy()
        return said

    def _outputs(self, model: nn.Module) -> Tensor:
        place = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
        with torch.inference_mode():
            parts = [self.learning.predict(model, batch, place) for batch in self._batches()]
        return torch.from_numpy(np.concatenate(parts))

    def _batches(self) -> Iterator[Batch]:
        request = self.learning.request
        parts = -(-len(self.rows) // min(request.batch_size, _AT_ONCE)) if request.data.inputs.ndim > 2 else 1
        for rows in np.array_split(self.rows, parts):
            yield Batch(_tensor(request.data.inputs[rows]), None, rows)


def _tensor(values: npt.NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))
