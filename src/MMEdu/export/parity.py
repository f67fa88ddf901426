"""The parity check: the exported file and the trained network see the same pictures and must give the same outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import nn

from BaseDT.errors import ExportDiffers
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.export.signature import Arrays, NetworkSignature
from XEdu.runtime.backend import Array, Backend

PICTURES = 8
"""How many pictures an export is checked with."""


@dataclass(frozen=True)
class Agreement:
    """How far an exported model gives what the trained one does.

    Attributes:
        difference: The largest; 0 where nothing could be compared.
        pictures: How many had something to compare.
    """

    difference: float
    pictures: int


def check(
    network: nn.Module, signature: NetworkSignature, backend: Backend, tensors: Sequence[Array], tolerance: float
) -> Agreement:
    """Compare an exported model with the network that it was made of.

    Args:
        network: Wrapped as its signature says, in evaluation mode, on the CPU.
        signature: Knows how two runs are compared.
        backend: The exported model, opened.
        tensors: (1, C, H, W) float32 each.
        tolerance: The largest difference that is allowed.

    Raises:
        ExportDiffers: It is larger (-807).
    """
    differences: list[float] = []
    name = backend.inputs[0].name
    for tensor in tensors:
        with torch.inference_mode():
            outputs = network(torch.from_numpy(tensor))
        trained = [output.numpy() for output in (outputs if isinstance(outputs, (tuple, list)) else (outputs,))]
        difference = signature.difference(trained, backend.run({name: tensor}))
        if difference is not None:
            differences.append(difference)
    worst = max(differences, default=0.0)
    if worst <= tolerance:
        return Agreement(worst, len(differences))
    hint = say(
        "Nothing was written. Try another backend or opset_version, and report it with the backbone's name.",
        "没有写入任何文件。请尝试其他 backend 或 opset_version，并反馈所用的模型名称。",
    )
    text = say(
        f"The exported model differs from the trained one by {worst:.1e}, more than {tolerance:.0e} ({backend.name}).",
        f"导出的模型与训练得到的模型相差 {worst:.1e}，超过了 {tolerance:.0e}（{backend.name}）。",
    )
    raise ExportDiffers(text, hint=hint)


def largest_difference(trained: Arrays, exported: Arrays) -> float:
    """Return the largest absolute difference of any number; infinite where shapes differ or a number is none."""
    worst = 0.0
    for expected, actual in zip(trained, exported, strict=True):
        if expected.shape != actual.shape or not np.isfinite(actual).all():
            return float("inf")
        # In 64 bits: the subtraction shall not round what it measures.
        worst = max(worst, float(np.abs(expected.astype(np.float64) - actual).max(initial=0.0)))
    return worst


def generated_pictures(count: int = PICTURES) -> list[Pixels]:
    """Make pictures, 480×640 BGR, for a machine that has no data set: blurred blobs of colour, always the same."""
    rng = np.random.default_rng(0)
    sides = (3, 6, 12, 48)
    coarse = (rng.integers(0, 256, (sides[i % 4], sides[i % 4] * 4 // 3, 3), np.uint8) for i in range(count))
    return [np.asarray(cv2.resize(small, (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8) for small in coarse]


def tensors_of(pictures: Sequence[Pixels], preprocess: Preprocess) -> list[Array]:
    """Make the inputs (1, C, H, W) of pictures."""
    return [preprocess(picture) for picture in pictures]
