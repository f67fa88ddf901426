"""What a training came to, in a sentence and a line of code: nothing learnt, learnt by heart, or a wrong rate.

Torch-free. A pupil sees "best so far" after every epoch, whatever the numbers are; this is where they are judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import say

_CHANCE = 0.05
"""A guess reaches the result, or a better one, in so many of a hundred trials: then it is no better than guessing."""
_TIMES_A_GUESS = 2.0
_BY_HEART = 0.25
"""The loss of training over that of validation, from which downwards pictures were learnt by heart."""
_GOOD = 90.0
"""Percent: from here on nobody needs help."""
LEAST = 5
"""Pictures: of fewer nothing can be said."""
_SLOW_RATE = 0.01

Line = Mapping[str, Any]


def verdict(
    log: Sequence[Line],
    scores: npt.NDArray[np.floating[Any]],
    labels: npt.NDArray[np.integer[Any]],
    *,
    starts_fresh: bool,
) -> str:
    """Judge a training by its log and by its best epoch's validation; empty where there is nothing to mend.

    Args:
        log: The lines of the run.
        scores: Of the validation pictures, (N, C).
        labels: Their true class numbers, (N,).
        starts_fresh: Whether it began without weights, so that pretrained ones would help.
    """
    losses = train_losses(log)
    if not losses or len(labels) < LEAST or scores.shape[1] < 2:
        return ""
    if text := too_fast(log, losses[-1], math.log(scores.shape[1])):
        return text
    right = int((scores.argmax(1) == labels).sum())
    if is_guessing(right, labels):
        return _guessing(right, labels, starts_fresh=starts_fresh)
    percent = 100 * right / len(labels)
    measured = f"{percent:.0f} % right", f"答对 {percent:.0f} %"
    return by_heart(log, percent, measured, starts_fresh=starts_fresh)


def is_guessing(right: int, labels: npt.NDArray[np.integer[Any]]) -> bool:
    """Whether one who always names the largest class would be right as often, by an exact binomial test (one-sided).

    Args:
        right: Pictures that are recognised.
        labels: True class numbers of all, (N,).
    """
    from scipy.special import bdtrc  # a training has it, and looks at it once

    share = _largest(labels)
    if share == 1:
        return False  # all of one class: nobody can be better
    return bool(right == 0 or bdtrc(right - 1, len(labels), share) > _CHANCE)


def _largest(labels: npt.NDArray[np.integer[Any]]) -> float:
    return float(np.bincount(labels).max()) / len(labels)


def train_losses(log: Sequence[Line]) -> list[float]:
    """Return the losses of a run's training lines."""
    return [line["loss"] for line in log if line.get("mode") == "train"]


def too_fast(log: Sequence[Line], loss: float, guess: float) -> str:
    """Say that the rate was too large where the last loss is far above that of a guess; empty otherwise."""
    rate = max(line["lr"] for line in log if line.get("mode") == "train")
    return _too_fast(loss, guess, rate) if rate > _SLOW_RATE and loss > _TIMES_A_GUESS * guess else ""


def by_heart(log: Sequence[Line], reached: float, measured: tuple[str, str], *, starts_fresh: bool) -> str:
    """Say that a network knows the training pictures only, where their loss is far below that of others; else empty.

    Args:
        log: The lines of the run.
        reached: On the validation pictures, in percent.
        measured: The same in words, English and Chinese.
        starts_fresh: As in ``verdict``.
    """
    train, of_validation = train_losses(log)[-1], [line["loss"] for line in log if line.get("mode") == "val"]
    if not (reached < _GOOD and of_validation and train < _BY_HEART * of_validation[-1]):
        return ""
    english, chinese = help_text(starts_fresh=starts_fresh)
    val, (en, zh) = of_validation[-1], measured
    return say(
        f"The training pictures are known by heart (loss {train:.2f}), others are not (loss {val:.2f}, {en}). "
        f"{english}.",
        f"模型记住了训练图片（损失 {train:.2f}），但没有学会认新图片（损失 {val:.2f}，{zh}）。{chinese}。",
    )


def help_text(*, starts_fresh: bool) -> tuple[str, str]:
    """Return what helps most, in English and Chinese, without a full stop."""
    if starts_fresh:
        code = "MMClassification('EfficientNet_Lite0') and train(pretrained=True)"
        return f"Most help: {code}", "最有效的办法：MMClassification('EfficientNet_Lite0') 和 train(pretrained=True)"
    return "Most help: more pictures of each class, and right labels (model.feature_map())", (
        "最有效的办法：增加每类图片，并检查标签是否正确（model.feature_map()）"
    )


def _guessing(right: int, labels: npt.NDArray[np.integer[Any]], *, starts_fresh: bool) -> str:
    english, chinese = help_text(starts_fresh=starts_fresh)
    reached, guessed = 100 * right / len(labels), 100 * _largest(labels)
    return say(
        f"This is no better than guessing: {reached:.0f} % of {len(labels)} validation pictures are right, and always "
        f"naming the largest class gives {guessed:.0f} %. {english}.",
        f"结果并不比瞎猜好：{len(labels)} 张验证图片答对 {reached:.0f} %，"
        f"而总是回答最大的类别就有 {guessed:.0f} %。{chinese}。",
    )


def _too_fast(loss: float, guess: float, rate: float) -> str:
    return say(
        f"The loss ended at {loss:.1f}, and a guess has {guess:.1f}: lr={rate:g} is too large. "
        f"Try train(lr={_SLOW_RATE:g}).",
        f"损失最后为 {loss:.1f}，瞎猜也只有 {guess:.1f}：学习率 lr={rate:g} 太大。请试试 train(lr={_SLOW_RATE:g})。",
    )
