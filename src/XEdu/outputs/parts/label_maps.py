"""A segmenter's raw array into the class of each pixel of a picture. Pictures and runtimes stay out.

``XEdu.outputs.segmentation`` calls it, and whoever predicts with a network that is not exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.errors import CheckpointInvalid
from BaseDT.geometry.mapping import Placement
from BaseDT.language import say
from BaseDT.results.segmentation import MOST_CLASSES, NO_CLASS

Planes: TypeAlias = npt.NDArray[np.float32]
Mask: TypeAlias = npt.NDArray[np.uint8]

_NOT_SEEN = -1.0
_SAMPLED = 1 << 16  # pixels of which a mean of probabilities is known well enough
_ROUNDING = 1e-3  # a softmax in float16 or INT8 ends a little beside 0 and 1


def planes(output: npt.NDArray[Any], classes: int) -> Planes:
    """Return the raw output of one picture as (C, h, w) float32; of a single plane, which is that of the second of two
    classes, (1, h, w).

    Raises:
        CheckpointInvalid: It has another shape, or values that are no numbers (-202).
    """
    shape = tuple(output.shape)
    array = output[0] if output.ndim == 4 and shape[0] == 1 else output
    single = array.ndim == 3 and array.shape[0] == 1 and classes == 2
    if array.ndim != 3 or not array.size or not (single or array.shape[0] == classes):
        raise misfit(
            say(
                f"The model gives an output of the shape {shape}, and a segmenter of {classes} classes gives "
                f"(1, {classes}, h, w).",
                f"模型的输出形状为 {shape}，而有 {classes} 个类别的分割模型应输出 (1, {classes}, h, w)。",
            ),
            "Convert it again, or use task='custom' with your own postprocess.",
            "请重新转换模型，或用 task='custom' 并自己写后处理函数。",
        )
    if classes > MOST_CLASSES:
        raise misfit(
            say(f"The model has {classes} classes.", f"模型有 {classes} 个类别。"),
            f"Masks have {MOST_CLASSES} at most.",
            f"掩膜最多有 {MOST_CLASSES} 个类别。",
        )
    values = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(values).all():
        raise misfit(
            say(
                "The model gives values that are no numbers (NaN or infinite).",
                "模型的输出不是数字（NaN 或无穷大）。",
            ),
            "The model is broken: convert it again; if that does not help, train it again.",
            "模型已损坏：请重新转换；如仍无效，请重新训练。",
        )
    return values


def check_probabilities(values: Planes) -> None:
    """Check planes that are said to be probabilities.

    Raises:
        CheckpointInvalid: They are none (-202).
    """
    low, high = float(values.min()), float(values.max())
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        raise misfit(
            say(
                f"The model gives values from {low:.4g} to {high:.4g}, and probabilities are from 0 to 1.",
                f"模型给出的值从 {low:.4g} 到 {high:.4g}，而概率应在 0 到 1 之间。",
            ),
            "Its outputs mean something else: convert it again.",
            "其输出另有含义：请重新转换模型。",
        )


def probabilities(logits: Planes) -> Planes:
    """Return the probabilities (C, h, w) of logits: softmax; of one plane the sigmoid, and one less that before it."""
    if len(logits) == 1:
        # Written so that neither end overflows.
        return both(np.asarray((np.tanh(logits / 2) + 1) / 2, np.float32))
    highest, _ = largest(logits, list(range(len(logits))))
    values = logits - highest
    np.exp(values, out=values)
    values /= values.sum(axis=0)
    return values


def both(second: Planes) -> Planes:
    """Return the planes of two classes where only the second is given."""
    return np.concatenate([1 - second, second])


def largest(values: Iterable[Planes], labels: Sequence[int]) -> tuple[Planes, Mask]:
    """Return the largest value at each pixel, and whose it is; of equal ones the first. As ``argmax``, but much faster.

    Args:
        values: Planes (H, W), one after the other: two of them are in memory at a time.
        labels: What they are called.

    Returns:
        (H, W) float32, and (H, W) uint8.
    """
    each = iter(values)
    best = next(each).copy()
    label = np.full(best.shape, labels[0], np.uint8)
    named = np.empty_like(label)
    for plane, number in zip(each, labels[1:], strict=True):
        greater = cv2.compare(plane, best, cv2.CMP_GT)
        cv2.max(plane, best, dst=best)
        named.fill(number)
        cv2.copyTo(named, greater, label)
    return best, label


def label_map(
    values: Planes,
    placement: Placement | None,
    size: tuple[int, int] | None,
    threshold: float = 0.0,
) -> tuple[Mask, tuple[float | None, ...]]:
    """Lay probabilities over a picture, linearly, and take the largest at each pixel.

    Only classes that are the largest somewhere in the network's own map are laid: any other could win a pixel between
    three of these alone, and each costs time.

    Args:
        values: (C, h, w) of the network, covering its whole input.
        placement: How the input lies on the picture; None stays in the input.
        size: Height and width of the input; None where it is not known, and the map stays as it is.
        threshold: Pixels of a lower probability have no class.

    Returns:
        (H, W) uint8, 255 where there is no class, as where the input shows nothing of the picture; and the mean
        probability of the pixels of each class, None of a class without pixels.
    """
    _, coarse = largest(values, list(range(len(values))))
    present = np.flatnonzero(np.bincount(coarse.ravel(), minlength=len(values))).tolist()
    best, mask = largest((_laid(values[label], placement, size) for label in present), present)
    # OpenCV would take an array of one pixel for a number.
    np.putmask(mask, best < max(threshold, 0.0), NO_CLASS)
    return mask, _mean_scores(best, mask, len(values))


def _mean_scores(best: Planes, mask: Mask, classes: int) -> tuple[float | None, ...]:
    """Return the mean probability of the pixels of each class; of large pictures every so manieth pixel counts."""
    step = max(1, round((mask.size / _SAMPLED) ** 0.5))
    part = mask[::step, ::step].ravel()
    counts = np.bincount(part, minlength=256)
    sums = np.bincount(part, best[::step, ::step].ravel(), minlength=256)
    scores: list[float | None] = []
    for label in range(classes):
        mean = float(sums[label] / counts[label]) if counts[label] else _mean_score(best, mask, label, step)
        scores.append(None if mean is None else min(1.0, mean))
    return tuple(scores)


def _mean_score(best: Planes, mask: Mask, label: int, step: int) -> float | None:
    """Return that of a class that no counted pixel has."""
    if step == 1:
        return None
    where = mask == label
    return float(best[where].mean()) if where.any() else None


def _laid(plane: Planes, placement: Placement | None, size: tuple[int, int] | None) -> Planes:
    if placement is not None and size is not None:
        laid: Planes = placement.map_to_picture(plane, size, _NOT_SEEN, cv2.INTER_LINEAR)
        return laid
    if size is None:
        return plane
    return np.asarray(cv2.resize(plane, size[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def misfit(message: str, en: str, zh: str) -> CheckpointInvalid:
    """Make the error of outputs that do not fit the model (-202)."""
    return CheckpointInvalid(message, hint=say(en, zh))
