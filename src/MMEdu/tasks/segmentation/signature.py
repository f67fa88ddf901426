"""What an exported segmenter gives: logits that cover its whole input."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

from MMEdu.export.signature import Arrays, NetworkSignature
from MMEdu.export.target import Format
from MMEdu.models.registry import ModelEntry
from XEdu.outputs.parts import label_maps
from XEdu.outputs.segmentation import options

_DIFFERENT = 1e-3
"""Share of the pixels whose class may be another one in an exported file: those at which two are as probable."""


def signature(entry: ModelEntry, target_format: Format) -> NetworkSignature:
    """Return what a segmenter gives when it has left training."""
    del entry, target_format
    return NetworkSignature(
        outputs=("logits",),
        kind="segmentation",
        options=_options,
        wrap=_itself,
        difference=share_of_other_pixels,
        batches=True,
        tolerance=_DIFFERENT,
    )


def share_of_other_pixels(trained: Arrays, exported: Arrays) -> float:
    """Return the share of pixels with another class in the second of two runs; infinite where a number is none.

    Args:
        trained: Logits (1, C, h, w).
        exported: Likewise.
    """
    first, second = trained[0], exported[0]
    if first.shape != second.shape or not np.isfinite(second).all():
        return float("inf")
    masks = [_labels(values) for values in (first, second)]
    return float((masks[0] != masks[1]).mean())


def _labels(logits: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return the classes at four times as many places down and right: about as finely as pictures are decoded."""
    planes = label_maps.planes(logits, logits.shape[1])
    size = (4 * planes.shape[1], 4 * planes.shape[2])
    return label_maps.label_map(label_maps.probabilities(planes), None, size)[0]


def _options(_: nn.Module) -> dict[str, Any]:
    return options()


def _itself(network: nn.Module) -> nn.Module:
    return network
