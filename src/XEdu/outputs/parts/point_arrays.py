"""The raw arrays of a model of keypoints into points and scores. Pictures and runtimes stay out.

Only ``XEdu.outputs.keypoints`` and who measures such models call it. Points are shares of the input's sides, so that
neither the size of the maps nor that of the input matters: cell ``i`` of ``w`` has its middle at ``(i + 0.5) / w``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say
from XEdu.runtime.backend import Array

Floats = npt.NDArray[np.float64]

_BLUR = (0.0545, 0.2442, 0.4026, 0.2442, 0.0545)
"""A Gaussian of σ = 1 cell. DARK blurs with the training's own σ, which a file does not tell; on Gaussians of σ 1 to 3
cells with noise this one is as good within 0.03 cells."""
_FARTHEST = 0.75  # of a cell: the highest cell is known, so the top lies at its borders, or little beyond by noise
_LEAST = 1e-2  # of the top: noise around zero has no logarithm
_PEAK = 0.03  # of an axis: what counts as the peak of a SimCC distribution, to each side
_REACH = 4  # bins to each side of the likeliest one, which a parabola is laid through
_STEPS = np.arange(-_REACH, _REACH + 1)
_CURVE, _SLOPE, _ = np.linalg.pinv(np.vander(_STEPS, 3))
"""Least squares over these bins: what gives the second and the first coefficient of the parabola."""


def heatmaps(outputs: Sequence[Array], names: Sequence[str], count: int) -> tuple[Floats, Floats]:
    """Return points from heat maps: the highest cell, then the top of a Gaussian through its neighbours.

    DARK (Zhang et al., "Distribution-Aware Coordinate Representation for Human Pose Estimation", CVPR 2020, equations
    7 to 10). On noisy Gaussians it misses by a quarter of what the usual shift by a quarter of a cell does.

    Args:
        outputs: ``heatmaps`` (N, K, h, w); found by name, otherwise the only output is taken.
        names: Of the outputs.
        count: K.

    Returns:
        Points (N, K, 2) of x, y as shares of the input, and scores (N, K) from 0 to 1: the heights of the tops.

    Raises:
        CheckpointInvalid: The outputs have other shapes, or are no numbers (-202).
    """
    maps = dict(zip(names, outputs, strict=False)).get("heatmaps", outputs[0])
    if maps.ndim != 4 or maps.shape[1] != count or 0 in maps.shape:
        raise _shapes(outputs, f"(N, {count}, h, w)", count)
    height, width = maps.shape[2:]
    flat = maps.reshape(-1, height * width)
    best = flat.argmax(axis=1)
    values = flat[np.arange(len(flat)), best].astype(np.float64)
    _check_finite(maps)
    row, column = np.divmod(best, width)
    shift = _top(_around(maps.reshape(-1, height, width), row, column))
    # At the border there are no neighbours on one side: nothing can be said of that axis.
    shift[(column == 0) | (column == width - 1), 0] = 0
    shift[(row == 0) | (row == height - 1), 1] = 0
    points = (np.stack([column, row], axis=1) + 0.5 + shift) / (width, height)
    return points.reshape(-1, count, 2), values.clip(0, 1).reshape(-1, count)


def simcc(outputs: Sequence[Array], names: Sequence[str], count: int) -> tuple[Floats, Floats]:
    """Return points from one distribution an axis: the likeliest bin, then a parabola through those around it.

    SimCC (Li et al., "SimCC: a Simple Coordinate Classification Perspective for Human Pose Estimation", ECCV 2022).

    Args:
        outputs: ``simcc_x`` (N, K, W') and ``simcc_y`` (N, K, H'), logits; found by name, otherwise in this order.
        names: Of the outputs.
        count: K.

    Returns:
        Points (N, K, 2) of x, y as shares of the input, and scores (N, K) from 0 to 1: the lower of the two shares of
        probability that lie around the likeliest bin.

    Raises:
        CheckpointInvalid: The outputs have other shapes, or are no numbers (-202).
    """
    by_name = dict(zip(names, outputs, strict=False))
    pair = [by_name["simcc_x"], by_name["simcc_y"]] if {"simcc_x", "simcc_y"} <= set(by_name) else list(outputs[:2])
    fits = len(pair) == 2 and all(axis.ndim == 3 and axis.shape[1] == count and axis.shape[2] for axis in pair)
    if not fits or pair[0].shape[0] != pair[1].shape[0]:
        raise _shapes(outputs, f"(N, {count}, W'), (N, {count}, H')", count)
    for axis in pair:
        _check_finite(axis)
    (x, x_scores), (y, y_scores) = (_along(axis.reshape(-1, axis.shape[2])) for axis in pair)
    return np.stack([x, y], axis=1).reshape(-1, count, 2), np.minimum(x_scores, y_scores).reshape(-1, count)


def _around(maps: npt.NDArray[Any], row: npt.NDArray[np.intp], column: npt.NDArray[np.intp]) -> Floats:
    """Return the 3×3 cells around one cell of each map, blurred: (n, 3, 3)."""
    reach = len(_BLUR) // 2 + 1
    steps = np.arange(-reach, reach + 1)
    rows = (row[:, None] + steps).clip(0, maps.shape[1] - 1)
    columns = (column[:, None] + steps).clip(0, maps.shape[2] - 1)
    cells = maps[np.arange(len(maps))[:, None, None], rows[:, :, None], columns[:, None, :]].astype(np.float64)
    upright, blurred = np.zeros((len(maps), 3, cells.shape[2])), np.zeros((len(maps), 3, 3))
    for shift, weight in enumerate(_BLUR):
        upright += weight * cells[:, shift : shift + 3]
    for shift, weight in enumerate(_BLUR):
        blurred += weight * upright[:, :, shift : shift + 3]
    return blurred


def _top(cells: Floats) -> Floats:
    """Return how far from the middle of 3×3 cells the top of their Gaussian lies: (n, 2) of x, y, in cells.

    One step of Newton on the logarithm, which is a parabola.
    """
    middle = np.maximum(cells[:, 1, 1], 1e-10)[:, None, None]
    log = np.log(np.maximum(cells / middle, _LEAST))
    slope_x, slope_y = (log[:, 1, 2] - log[:, 1, 0]) / 2, (log[:, 2, 1] - log[:, 0, 1]) / 2
    xx = log[:, 1, 2] - 2 * log[:, 1, 1] + log[:, 1, 0]
    yy = log[:, 2, 1] - 2 * log[:, 1, 1] + log[:, 0, 1]
    xy = (log[:, 2, 2] - log[:, 2, 0] - log[:, 0, 2] + log[:, 0, 0]) / 4
    determinant = xx * yy - xy**2
    is_top = (determinant > 1e-9) & (xx < 0)
    divisor = np.where(is_top, determinant, 1)
    shift = np.stack([xy * slope_y - yy * slope_x, xy * slope_x - xx * slope_y], axis=1) / divisor[:, None]
    return np.where(is_top[:, None], shift, 0).clip(-_FARTHEST, _FARTHEST)


def _along(logits: npt.NDArray[Any]) -> tuple[Floats, Floats]:
    """Return of (n, bins) where the top is, as a share of the axis, and how much of the probability lies around it."""
    bins = logits.shape[1]
    best = logits.argmax(axis=1)
    rows = np.arange(len(logits))[:, None]
    near = logits[rows, (best[:, None] + _STEPS).clip(0, bins - 1)].astype(np.float64)
    curve, slope = near @ _CURVE, near @ _SLOPE
    is_top = (curve < -1e-9) & (best >= _REACH) & (best < bins - _REACH)
    shift = np.where(is_top, -slope / np.where(is_top, 2 * curve, 1), 0).clip(-1, 1)
    likely = np.exp((logits - logits[rows, best[:, None]]).astype(np.float64))
    reach = max(1, round(_PEAK * bins))
    summed = np.pad(likely, ((0, 0), (1, 0))).cumsum(axis=1)
    low, high = np.maximum(best - reach, 0), np.minimum(best + reach + 1, bins)
    share = (summed[rows[:, 0], high] - summed[rows[:, 0], low]) / summed[:, -1]
    return (best + 0.5 + shift) / bins, share.clip(0, 1)


def _check_finite(array: Array) -> None:
    # The sum of numbers is one; two passes only where it is none.
    if not np.isfinite(array.sum()) and not np.isfinite(array).all():
        raise _misfit(
            say(
                "The model gives points that are no numbers (NaN or infinite).",
                "模型给出的关键点不是数字（NaN 或无穷大）。",
            ),
            "The model is broken: convert it again; if that does not help, train it again.",
            "模型已损坏：请重新转换；如仍无效，请重新训练。",
        )


def _shapes(outputs: Sequence[Array], expected: str, count: int) -> CheckpointInvalid:
    shapes = [tuple(array.shape) for array in outputs]
    return _misfit(
        say(
            f"The model gives outputs of the shapes {shapes}, and its metadata name {count} points: {expected}.",
            f"模型的输出形状为 {shapes}，而元数据中有 {count} 个关键点，应为 {expected}。",
        ),
        "Its metadata belong to another model, or it is another kind of model: convert it again.",
        "元数据与模型不符，或模型类型不同：请重新转换。",
    )


def _misfit(message: str, en: str, zh: str) -> CheckpointInvalid:
    return CheckpointInvalid(message, hint=say(en, zh))
