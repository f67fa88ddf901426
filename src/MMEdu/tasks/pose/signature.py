"""What an exported model of keypoints gives, and how two runs of it are compared: by where its points lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from torch import nn

from BaseDT.model_info import ModelInfo
from MMEdu.export.parity import largest_difference
from MMEdu.export.signature import Arrays, NetworkSignature
from MMEdu.export.target import Format
from MMEdu.models.pose.options import PoseOptions
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.pose.description import Described
from MMEdu.weights.loaded_model import LoadedModel
from XEdu.outputs import keypoints
from XEdu.outputs.parts import point_arrays

_TOLERANCE = 0.1  # pixels of the input
_HEIGHT = 0.01
"""Two places of a map, or two bins' logits, as alike as that may change places by rounding."""
_RAW = {"heatmaps": 10.0, "simcc": 1.0}
"""What a difference of raw outputs counts in pixels: heights of maps are shares, logits are not."""
_SURE = 0.2
"""Score of a point whose place says something."""


def signature(entry: ModelEntry, target_format: Format) -> NetworkSignature:
    """Return what a model of keypoints gives when it has left training; the same in every format."""
    del target_format
    return NetworkSignature(
        outputs=entry.options.outputs,
        kind="keypoints",
        options=_no_options,
        wrap=_itself,
        difference=partial(point_difference, entry.options),
        batches=True,
        tolerance=_TOLERANCE,
        finished=partial(_finished, entry.options.decode),
    )


def _no_options(_: nn.Module) -> Mapping[str, Any]:
    return {}


def _itself(network: nn.Module) -> nn.Module:
    return network


def _finished(decode: str, info: ModelInfo, loaded: LoadedModel) -> ModelInfo:
    """Say which points there are: a network knows their number alone."""
    known = Described.of(loaded.classes, loaded.meta)
    options = keypoints.options(known.names, known.skeleton, decode, known.flip_pairs)
    return replace(info, classes=known.objects, options=options)


def point_difference(options: PoseOptions, trained: Arrays, exported: Arrays) -> float:
    """Return how far two runs over a picture disagree, in pixels of the input; infinite where shapes differ.

    Args:
        options: Of the model.
        trained: Raw outputs of the trained network.
        exported: Of the exported file.
    """
    raw = largest_difference(trained, exported) * _RAW[options.decode]
    if not np.isfinite(raw):
        return raw
    of_arrays = point_arrays.simcc if options.decode == "simcc" else point_arrays.heatmaps
    count = trained[0].shape[1]
    (points, scores), (others, _) = (of_arrays(arrays, options.outputs, count) for arrays in (trained, exported))
    sides = _sides(options, trained)
    off = np.linalg.norm((points - others) * sides, axis=2)
    # Where a network is unsure, several places are equally high, and which is the highest is rounding.
    clear = (scores >= _SURE) & ~_are_ties(trained, exported)
    return max(raw, float(off[clear].max(initial=0.0)))


def _sides(options: PoseOptions, outputs: Arrays) -> tuple[float, float]:
    """Return width and height of the input, about."""
    if options.decode == "simcc":
        return outputs[0].shape[2] / 2, outputs[1].shape[2] / 2
    return outputs[0].shape[3] * 4, outputs[0].shape[2] * 4


def _are_ties(trained: Arrays, exported: Arrays) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell of which points (N, K) another place is as high as the highest, so that rounding may choose it."""
    ties = np.zeros(trained[0].shape[:2], dtype=np.bool_)
    for ours, theirs in zip(trained, exported, strict=True):
        flat, other = (array.reshape(*array.shape[:2], -1) for array in (ours, theirs))
        there = np.take_along_axis(flat, other.argmax(axis=2)[..., None], axis=2)[..., 0]
        ties |= (flat.argmax(axis=2) != other.argmax(axis=2)) & (flat.max(axis=2) - there < _HEIGHT)
    return ties
