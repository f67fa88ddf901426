"""``print_result``: what a network says of each sample, in the documented keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import NothingToShow
from BaseDT.language import say
from BaseDT.shares import Scores, shares_of
from BaseDT.tabular.arrays import as_array
from BaseNN.layers.stack import Stack
from BaseNN.learning.losses import LOSSES

PREDICTION, SCORE, NAME = "预测值", "置信度", "预测结果"


@dataclass(frozen=True)
class Names:
    """What the classes are called.

    Attributes:
        classes: By label; empty where there are none.
        words: Of a network of words, by number.
    """

    classes: Sequence[str] = ()
    words: Sequence[str] = ()

    @classmethod
    def of(cls, classes: Sequence[str] | None, word2idx: Mapping[str, int] | None) -> Names:
        """Return the names that a network knows."""
        known = word2idx or {}
        return cls(classes or (), sorted(known, key=known.__getitem__))


def said(result: Any, task: str, names: Names, scores: Scores = "") -> dict[int, dict[str, Any]]:
    """Return by the number of the sample what was predicted, and how sure that is.

    Args:
        result: What ``inference`` returned, (N, K); of words (K,) with what is remembered.
        task: ``reg`` gives numbers, and no share.
        names: Of the classes, which are told beside the label.
        scores: What makes shares of the numbers.

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
    return {number: _of_classes(row, names, scores) for number, row in enumerate(rows)}


def _number(row: npt.NDArray[Any]) -> float | list[float]:
    values = [float(value) for value in row]
    return values[0] if len(values) == 1 else values


def _of_classes(row: npt.NDArray[Any], names: Names, scores: Scores) -> dict[str, Any]:
    shares = shares_of(row, scores)
    best = int(shares.argmax())
    if best < len(names.words):
        return {PREDICTION: names.words[best], SCORE: float(shares[best])}
    said = {PREDICTION: best, SCORE: float(shares[best])}
    return {**said, NAME: names.classes[best]} if best < len(names.classes) else said


def scores_of(stack: Stack, loss: object) -> Scores:
    """Return what makes shares of what a network gives: what its loss has within and its last layer has not.

    Args:
        stack: Its layers.
        loss: The name of the loss that it learnt with.
    """
    last = stack.layers[-1] if stack.layers and not stack.is_whole else None  # a network of words gives shares
    if last is None or last.module or last.activation in ("softmax", "sigmoid") or not isinstance(loss, str):
        return ""  # a module of the user's own may end in anything
    if loss == "BCEWithLogitsLoss":
        return "sigmoid"
    return "softmax" if loss in LOSSES and LOSSES[loss].of_logits else ""


def _nothing() -> NothingToShow:
    return NothingToShow(
        say("There is no result to print.", "没有可以输出的推理结果。"),
        hint=say("Call inference(data=…) first.", "请先调用 inference(data=…)。"),
    )
