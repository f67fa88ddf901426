"""The torch side of a network's training, as the engine's protocol has it; text and diffusion derive from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseNN.learning import goals, losses, scores
from BaseNN.learning.feeds import scaled
from BaseNN.learning.metrics import measured
from BaseNN.learning.record import Record
from BaseNN.learning.request import TrainingRequest
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.models.recipe import Recipe


class Learning:
    """How a network of classes or numbers learns.

    Attributes:
        record: What every step gave.
        best_key: The metric that chooses the best file.
        precision: As the engine takes it.
        backbone: What the log calls the network; what was measured of one is remembered under it.
        recipe: Schedule of the learning rate, and the length to which gradients are cut.

    Args:
        request: What is asked for.
        record: Keeps what every step gives.
    """

    name = "basenn"
    best_key = "loss"
    precision = "float32"
    backbone = "nn"
    recipe = Recipe()

    def __init__(self, request: TrainingRequest, record: Record) -> None:
        self.request, self.record = request, record
        self.goal = goals.goal_of(request)
        if self.goal.chooses:
            self.best_key = "acc"
        self.logits = losses.learner_of(request.model, self.goal.loss) is not request.model
        self._val = None if request.data.val_targets is None else self.targets(request.data.val_targets)

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self.request.lr

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of what was made of the arguments."""
        return tuple(self.goal.notes)

    def targets(self, values: npt.NDArray[Any]) -> Tensor | None:
        """Return targets as the loss takes them."""
        return self.goal.targets(values)

    def inputs(self, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
        """Move a training batch to the device; pictures become shares of 255."""
        return scaled(batch.inputs.to(device), self.request.data), batch.targets.to(device)

    def trained(self, model: nn.Module) -> nn.Module:
        """The network, less a softmax that the loss has within."""
        return losses.learner_of(model, self.goal.loss)

    def losses(self, model: nn.Module, inputs: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """The loss, and the metrics that were asked for."""
        data, targets = inputs
        outputs = model(data)
        values = {"loss": self.goal.compute(outputs, targets)}
        if self.request.metrics:
            seen = outputs.detach()
            for name in self.request.metrics:
                values[name] = measured(name, seen, targets, logits=self.goal.are_logits(self.logits))
        return values

    def weight(self, batch: Batch) -> float:
        """Every sample counts the same."""
        return float(len(batch))

    def dummy_inputs(self, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """The first sample, so many times."""
        data = self.request.data
        rows = np.zeros(size, np.int64)
        assert data.targets is not None
        targets = self.targets(data.targets[rows])
        assert targets is not None
        return scaled(torch.from_numpy(data.inputs[rows]).to(device), data), targets.to(device)

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[Any]:
        """Return what the network gives, (N, K)."""
        outputs: npt.NDArray[Any] = model(scaled(batch.inputs.to(device), self.request.data)).float().cpu().numpy()
        return outputs

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """The loss of held-out samples, and how often, or how nearly, they are met."""
        assert self._val is not None
        outputs, targets = torch.from_numpy(predictions), self._val[torch.from_numpy(indices)]
        return scores.of_held_out(self.goal, outputs, targets, self.request.model)

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """More often right, or with less loss where that is the same."""
        if key == "acc" and new["acc"] != old["acc"]:
            return new["acc"] > old["acc"]
        return new["loss"] < old["loss"]

    def after_step(self, values: Mapping[str, Tensor]) -> None:
        """Take note of a step."""
        self.record.add(values)
