"""``print_result``: what a network says of each sample, in the documented keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import NothingToShow
from BaseDT.language import say
from BaseDT.tabular.arrays import as_array

PREDICTION, SCORE = "预测值", "置信度"


def said(result: Any, task: str, classes: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return by the number of the sample what was predicted, and how sure that is.

    Args:
        result: What ``inference`` returned, (N, K); of words (K,) with what is remembered.
        task: ``reg`` gives numbers, and no share.
        classes: Names by label; without them the label itself.

    Raises:
        NothingToShow: There is no result of this kind (-601).
    """
    if isinstance(result, tuple) and len(result) == 2 and np.ndim(result[0]) == 1 and not np.isscalar(result[1]):
        result = result[0]
    if result is None:
        raise _nothing()
    rows = as_array("result", result)
    if rows.ndim == 1:
        rows = rows[None]
    if rows.ndim != 2 or not rows.size or rows.dtype.kind not in "biuf":
        raise _nothing()
    if task == "reg":
        return {number: {PREDICTION: _number(row)} for number, row in enumerate(rows)}
    return {number: _of_classes(row, classes) for number, row in enumerate(rows)}


def _number(row: npt.NDArray[Any]) -> float | list[float]:
    values = [float(value) for value in row]
    return values[0] if len(values) == 1 else values


def _of_classes(row: npt.NDArray[Any], classes: Sequence[str]) -> dict[str, Any]:
    shares = _shares(row)
    best = int(shares.argmax())
    return {PREDICTION: classes[best] if best < len(classes) else best, SCORE: float(shares[best])}


def _shares(row: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return how sure each class is: what the network gives where these are shares, else their softmax.

    A single output is how sure class 1 is.
    """
    values = row.astype(np.float64)
    if len(values) == 1:
        return np.array([1 - values[0], values[0]])
    if values.min() >= 0 and abs(values.sum() - 1) < 1e-3:
        return values
    if values.min() >= 0 and values.max() <= 1:  # a sigmoid: each class by itself
        return values
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def _nothing() -> NothingToShow:
    return NothingToShow(
        say("There is no result to print.", "没有可以输出的推理结果。"),
        hint=say("Call inference(data=…) first.", "请先调用 inference(data=…)。"),
    )
