"""What helps where a training did not end well: only what can help with these data and this network."""

from __future__ import annotations

import numpy as np

from BaseDT.language import english, say
from BaseNN.learning import ranges
from BaseNN.learning.learning import Learning
from BaseNN.learning.request import TrainingRequest

_USUAL_TABLE, _USUAL = 0.01, 0.001
"""Learning rates that suit, of networks over tables and over all else."""
_FAR = 100
"""A rate so many times smaller than the usual one is too small; columns so many times wider are of another size."""
_MOST = 0.8
"""A class with this share of the samples is most of them."""


def for_loss(request: TrainingRequest, *, rose: bool) -> str:
    """Return what helps a loss that did not fall.

    Args:
        request: What was asked for.
        rose: Whether it is larger than at first.
    """
    rate = _other_rate(request, rose=rose)
    columns = say(", and numbers of a similar size in all columns", "，并让各列数据的大小相近")
    also = columns if _columns_differ(request) else ""
    way = _with_rate(rate, request.lr)
    return say(f"{english(way)}{english(also)}.", f"{way}{also}。")


def for_one_class(learning: Learning, share: float) -> str:
    """Return what helps a network that gives one answer to everything.

    Args:
        learning: How it learnt.
        share: Of the samples whose answer that is.
    """
    if share >= _MOST:
        return say(
            f"{share:.0%} of the samples are of it: take about as many of each class.",
            f"这个类别占 {share:.0%} 的样本：请让各类别的样本数量相近。",
        )
    return ranges.cut_off(learning.request.model, learning.goal.loss) or for_loss(learning.request, rose=True)


def for_unsaid(learning: Learning, *, is_rare: bool) -> str:
    """Return what helps where some classes are never the answer.

    Args:
        learning: How it learnt.
        is_rare: Whether there are few samples of them.
    """
    if is_rare:
        return say("There are few samples of it: add some.", "这类样本太少：请增加样本。")
    if cut := ranges.cut_off(learning.request.model, learning.goal.loss):
        return cut
    way = _with_rate(_other_rate(learning.request, rose=False), learning.request.lr)
    anew = say(
        ", or begin anew with more neurons: some may answer 0 to everything (relu)",
        "，或增加神经元后重新训练：有的神经元可能总是输出 0（relu）",
    )
    return say(f"{english(way)}{english(anew)}.", f"{way}{anew}。")


def for_known_alone(request: TrainingRequest) -> str:
    """Return what helps a network that knows its samples by heart."""
    is_varied = any(str(name).startswith("Random") for name in request.data.transform)
    vary = say(
        ", varied pictures (transform={'RandomHorizontalFlip': 0.5})",
        "、对图片做随机变换（transform={'RandomHorizontalFlip': 0.5}）",
    )
    varied = vary if request.data.kind == "img" and not is_varied else ""
    return say(
        f"What helps: more samples{english(varied)}, a smaller network, dropout, fewer epochs.",
        f"可以：增加样本{varied}、减小网络、添加 dropout，或减少 epochs。",
    )


def _other_rate(request: TrainingRequest, *, rose: bool) -> float | None:
    """Return a learning rate that may do better; None where it is none's fault."""
    usual = _USUAL_TABLE if request.data.inputs.ndim == 2 else _USUAL
    if request.lr > usual or request.lr * _FAR < usual:
        return usual
    return request.lr / 10 if rose and request.lr * 10 >= usual else None


def _with_rate(rate: float | None, lr: float) -> str:
    if rate is None:
        return say("Try more epochs", "可以增加 epochs")
    if lr > 10 * rate:  # more steps of that size help nothing
        return say(f"Try a smaller learning rate, lr={rate:g}", f"请减小学习率，例如 lr={rate:g}")
    return say(f"Try lr={rate:g}, or more epochs", f"可以试试 lr={rate:g}，或增加 epochs")


def _columns_differ(request: TrainingRequest) -> bool:
    """Tell whether the columns of a table are of very different size."""
    inputs = request.data.inputs
    if inputs.ndim != 2:
        return False
    spread = np.asarray(inputs, np.float64).std(axis=0)
    spread = spread[spread > 0]
    return bool(len(spread) > 1 and spread.max() > _FAR * spread.min())
