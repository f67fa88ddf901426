"""What is drawn anew for each training picture in each epoch, of seed, epoch and sample alone: flips, turns, light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from BaseNN.data.training_data import TrainingData
from BaseNN.data.transforms import DRAWN
from MMEdu.engine.feed import Indices, random_of

Picture = npt.NDArray[np.uint8]
"""(H, W, C), channels in the order BGR, or one of gray."""


def variations(data: TrainingData, seed: int) -> Callable[[Tensor, Indices, int], Tensor] | None:
    """Return what varies the pictures of a batch; None where nothing does."""
    drawn = {name: value for name, value in data.transform.items() if name in DRAWN}
    if data.kind != "img" or not drawn:
        return None

    def vary(inputs: Tensor, indices: Indices, epoch: int) -> Tensor:
        varied = np.empty(tuple(inputs.shape), np.uint8)
        for row, (picture, index) in enumerate(zip(inputs.numpy(), indices, strict=True)):
            random = random_of(seed, epoch, int(index))
            varied[row] = _varied(picture.transpose(1, 2, 0), drawn, random).transpose(2, 0, 1)
        return torch.from_numpy(varied)

    return vary


def _varied(picture: Picture, drawn: Mapping[str, Any], random: np.random.Generator) -> Picture:
    for name, value in drawn.items():
        picture = _VARY[name](picture, value, random)
    return picture


def _mirrored(picture: Picture, share: float, random: np.random.Generator) -> Picture:
    return picture[:, ::-1] if random.random() < share else picture


def _upside_down(picture: Picture, share: float, random: np.random.Generator) -> Picture:
    return picture[::-1] if random.random() < share else picture


def _turned(picture: Picture, degrees: tuple[float, float], random: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), random.uniform(*degrees), 1.0)
    turned: Picture = np.asarray(cv2.warpAffine(np.ascontiguousarray(picture), matrix, (width, height)), np.uint8)
    return turned.reshape(picture.shape)  # OpenCV drops a single channel


def _lit(picture: Picture, shares: Mapping[str, float], random: np.random.Generator) -> Picture:
    """Vary light, contrast and colour by a factor from 1 - share to 1 + share each."""
    values = picture.astype(np.float32)
    for name in ("brightness", "contrast", "saturation"):
        factor = 1 + random.uniform(-1, 1) * shares.get(name, 0.0)
        ground: Any = 0.0
        if name == "contrast":
            ground = values.mean()
        elif name == "saturation":
            ground = values.mean(axis=2, keepdims=True)
        values = ground + factor * (values - ground)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


_VARY: dict[str, Callable[[Picture, Any, np.random.Generator], Picture]] = {
    "RandomHorizontalFlip": _mirrored,
    "RandomVerticalFlip": _upside_down,
    "RandomRotation": _turned,
    "ColorJitter": _lit,
}
