"""Pixels of a training batch on their way to the device, where they are normalised. Every task feeds through it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from BaseDT.preprocess import Preprocess


class ImageNormalizer:
    """Moves a batch of pixels to the device and normalises it there, as ``Preprocess.normalize`` does.

    Args:
        preprocess: Gives mean and std of each channel.
    """

    def __init__(self, preprocess: Preprocess) -> None:
        self._preprocess = preprocess
        self._normalisation: tuple[Tensor, Tensor] | None = None

    def __call__(self, pixels: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
        """Map (N, H, W, C) uint8 to (N, C, H, W) float32 on the device."""
        batch = torch.from_numpy(pixels)
        if device.type == "cuda":
            batch = batch.pin_memory()  # without it the copy would wait, whatever non_blocking says
        # Bytes travel, a quarter of what floats would take; they become floats on the device.
        images = batch.to(device, non_blocking=True).permute(0, 3, 1, 2).to(torch.float32)
        mean, scale = self._constants(device)
        return images.sub_(mean).mul_(scale)

    def _constants(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Mean and 1 / std on the device, (1, C, 1, 1) each; made once."""
        if self._normalisation is None:
            mean, std = (
                torch.tensor(v, device=device).view(1, -1, 1, 1) for v in (self._preprocess.mean, self._preprocess.std)
            )
            self._normalisation = mean, 1 / std
        return self._normalisation
