"""How the diffusion model learns: it tells what was done to a picture when noise came to it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseNN.data.training_data import TrainingData
from BaseNN.diffusion.model import Diffusion, Noise
from BaseNN.learning.record import Record
from BaseNN.learning.request import TrainingRequest
from BaseNN.learning.whole import WholeLearning
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.models.recipe import Recipe, Schedule

_SUITS, _TOO_LARGE = 0.004, 0.02
_DECAY = 0.995
_JUDGED_SEED = 0
_UNTOLD = 0.1
_WHITE = 255.0

Inputs = tuple[Tensor, Tensor, Tensor | None, Tensor]
"""Noisy pictures (N, C, H, W), their steps (N,) and labels (N,), the velocity that is to be told (N, C, H, W)."""


class DiffusionLearning(WholeLearning):
    """Learns from pictures alone; what is validated and saved is an average of its weights.

    Args:
        request: What is asked for.
        record: Keeps what every step gives.

    Raises:
        DatasetInvalid: The values are no brightness (-201).
    """

    recipe = Recipe(schedule=Schedule("cosine", warmup_iters=30), clip_norm=1.0)

    def __init__(self, request: TrainingRequest, record: Record) -> None:
        super().__init__(request, record, _SUITS, _TOO_LARGE)
        self._model = cast(Diffusion, request.model)
        self._noise, self._brightest = Noise(self._model.timestep), _brightest(request.data)
        weights = sum(parameter.numel() for parameter in self._model.parameters())
        self.backbone = f"diffusion_model {self._model.channels} x {self._model.img_size}, {weights} weights"
        self.precision = "auto" if request.seed is None else "float32"  # which is faster differs from time to time

    def targets(self, values: npt.NDArray[Any]) -> Tensor | None:
        """Nothing is to be met."""
        del values
        return None

    def inputs(self, batch: Batch, device: torch.device) -> Any:
        """Draw a step and noise for every picture."""
        pictures = self._pictures(batch)
        steps = torch.randint(1, self._model.timestep + 1, (len(pictures),))
        labels = self._labels(batch)
        if labels is not None:  # what is drawn without a class is learnt beside (Ho & Salimans 2022, algorithm 1)
            labels = torch.where(torch.rand(len(labels)) < _UNTOLD, self._model.classes, labels)
        return self._noisy(pictures, steps, torch.randn(pictures.shape), labels, device)

    def _labels(self, batch: Batch) -> Tensor | None:
        """Return what the pictures show, where the model is told of it."""
        data = self.request.data
        labels = data.targets if data.labels is None else data.labels
        if not self._model.classes or labels is None or labels.ndim != 1:
            return None
        return torch.from_numpy(labels[batch.indices].astype(np.int64))

    def _pictures(self, batch: Batch) -> Tensor:
        """Return pictures from 0 to 1."""
        return torch.as_tensor(batch.inputs).float() / self._brightest

    def _noisy(
        self, pictures: Tensor, steps: Tensor, noise: Tensor, labels: Tensor | None, device: torch.device
    ) -> Inputs:
        noisy, velocity = self._noise(pictures, steps, noise)
        return noisy.to(device), steps.to(device), None if labels is None else labels.to(device), velocity.to(device)

    def trained(self, model: nn.Module) -> nn.Module:
        """Its ``forward`` is what learns."""
        return model

    def losses(self, model: nn.Module, inputs: Any) -> dict[str, Tensor]:
        """Squared error of the velocity."""
        noisy, steps, labels, velocity = inputs
        return {"loss": (model(noisy, steps, labels).float() - velocity).square().mean()}

    def dummy_inputs(self, size: int, device: torch.device) -> Any:
        """Gray pictures at the last step; the random numbers of the run are left alone."""
        pictures = torch.full((size, *self.request.data.inputs.shape[1:]), 0.5)
        steps = torch.full((size,), self._model.timestep)
        return self._noisy(pictures, steps, torch.ones(pictures.shape), None, device)

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[Any]:
        """Return the loss of every picture, (N, 1), with steps and noise that are always the same for it."""
        pictures = self._pictures(batch)
        own = [np.random.default_rng((_JUDGED_SEED, int(index))) for index in batch.indices]
        steps = torch.tensor([int(random.integers(1, self._model.timestep + 1)) for random in own])
        noise = np.stack([random.standard_normal(pictures.shape[1:], np.float32) for random in own])
        inputs = self._noisy(pictures, steps, torch.from_numpy(noise), None, device)
        noisy, steps, _, velocity = inputs
        wrong = (model(noisy, steps).float() - velocity).square().mean((1, 2, 3))
        return np.asarray(wrong[:, None].cpu())

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """Mean loss."""
        del indices
        return {"loss": float(predictions.mean())}

    def average(self, model: nn.Module) -> AveragedModel:
        """Average the weights of some two hundred last steps; of fewer at first (Ho et al. 2020, appendix B)."""
        return AveragedModel(model, multi_avg_fn=_follow)


def _brightest(data: TrainingData) -> float:
    """Return what white is in pictures: 255, or 1 where they are shares of it.

    Raises:
        DatasetInvalid: The values are neither (-201).
    """
    low, high = float(data.inputs.min()), float(data.inputs.max())
    if low < 0 or high > _WHITE:
        raise DatasetInvalid(
            say(
                f"The pictures hold values from {low:g} to {high:g}.",
                f"图片的取值为 {low:g} 到 {high:g}。",
            ),
            hint=say("Give values from 0 to 255, or from 0 to 1.", "取值应为 0 到 255，或 0 到 1。"),
        )
    return _WHITE if data.kind == "img" or high > 1 else 1.0


@torch.no_grad()
def _follow(averages: Any, current: Any, count: Tensor | int) -> None:
    steps = int(count)
    share = 1 - min(_DECAY, (1 + steps) / (10 + steps))
    torch._foreach_lerp_(list(averages), list(current), share)
