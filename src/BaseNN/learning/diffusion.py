"""The engine's task of the diffusion model: it learns to tell what was done to a picture when noise came to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from BaseNN.diffusion.model import Noise
from MMEdu.engine.protocol import Batch, Metrics

LR = 0.002
"""A learning rate that suits it."""
CLIP_NORM = 1.0
_DECAY = 0.995
_JUDGED_SEED = 0

Inputs = tuple[Tensor, Tensor, Tensor]
"""Noisy pictures (N, C, H, W), their steps (N,), the velocity that is to be told (N, C, H, W)."""


class DiffusionTask:
    """Learns from pictures alone; what is validated and saved is an average of its weights.

    Args:
        model_sizes: (C, H, W) of its pictures.
        timestep: Steps from a picture to noise.
    """

    name = "gen"

    def __init__(self, model_sizes: tuple[int, int, int], timestep: int) -> None:
        self._sizes, self._timestep = model_sizes, timestep
        self._noise = Noise(timestep)

    def inputs(self, batch: Batch, device: Any) -> Inputs:
        """Draw a step and noise for every picture."""
        pictures = _pictures(batch.inputs)
        steps = torch.randint(1, self._timestep + 1, (len(pictures),))
        return self._noisy(pictures, steps, torch.randn_like(pictures), device)

    def _noisy(self, pictures: Tensor, steps: Tensor, noise: Tensor, device: Any) -> Inputs:
        noisy, velocity = self._noise(pictures, steps, noise)
        return noisy.to(device), steps.to(device), velocity.to(device)

    def trained(self, model: nn.Module) -> nn.Module:
        """Its ``forward`` is what learns."""
        return model

    def losses(self, model: nn.Module, inputs: Inputs) -> dict[str, Tensor]:
        """Squared error of the velocity."""
        noisy, steps, velocity = inputs
        return {"loss": (model(noisy, steps).float() - velocity).square().mean()}

    def weight(self, batch: Batch) -> float:
        """Every picture counts alike."""
        return float(len(batch))

    def dummy_inputs(self, size: int, device: Any) -> Inputs:
        """Noise."""
        pictures = torch.rand(size, *self._sizes)
        return self._noisy(pictures, torch.randint(1, self._timestep + 1, (size,)), torch.randn_like(pictures), device)

    def predict(self, model: nn.Module, batch: Batch, device: Any) -> npt.NDArray[Any]:
        """Return the loss of every picture, (N, 1), with steps and noise that are always the same for it."""
        pictures = _pictures(batch.inputs)
        own = [np.random.default_rng((_JUDGED_SEED, int(index))) for index in batch.indices]
        steps = torch.tensor([int(random.integers(1, self._timestep + 1)) for random in own])
        noise = torch.from_numpy(np.stack([random.standard_normal(self._sizes, np.float32) for random in own]))
        noisy, steps, velocity = self._noisy(pictures, steps, noise, device)
        wrong = (model(noisy, steps).float() - velocity).square().mean((1, 2, 3))
        return np.asarray(wrong[:, None].cpu())

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """Mean loss."""
        del indices
        return {"loss": float(predictions.mean())}

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Less is better."""
        return new[key] < old[key]

    def average(self, model: nn.Module) -> AveragedModel:
        """Average the weights of some two hundred last steps; of fewer at first (Ho et al. 2020, appendix B)."""
        return AveragedModel(model, multi_avg_fn=_follow)


def _pictures(pixels: npt.NDArray[Any]) -> Tensor:
    """Return pictures from 0 to 1: uint8 divided by 255, others as they are."""
    values = torch.from_numpy(np.ascontiguousarray(pixels))
    return values.float() / 255 if values.dtype == torch.uint8 else values.float()


@torch.no_grad()
def _follow(averages: Sequence[Tensor], current: Sequence[Tensor], count: Tensor | int) -> None:
    steps = int(count)
    share = 1 - min(_DECAY, (1 + steps) / (10 + steps))
    torch._foreach_lerp_(list(averages), list(current), share)
