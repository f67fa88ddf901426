"""Sentences where the result of a training cannot be meant. Judged of its own samples: nothing else is there always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import torch

from BaseDT.language import say
from BaseNN.learning.learning import Learning
from MMEdu.engine.protocol import Batch

_LOOKED_AT = 1000
_FELL = 0.98
"""A loss above this share of the first one has not fallen."""
_LEAST_STEPS = 20


def sentences(learning: Learning, log: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is odd about a training that has ended; empty where nothing is.

    Args:
        learning: How it learnt.
        log: Every step's ``loss``.
    """
    if learning.request.task == "gen" or learning.request.stack.is_whole or not log:
        return []
    one_class = _one_class(learning)
    return [text for text in (one_class, "" if one_class else _loss_stays(learning, log)) if text]


def _loss_stays(learning: Learning, log: Sequence[Mapping[str, Any]]) -> str:
    losses = [line["loss"] for line in log]
    part = max(1, len(losses) // 10)
    first, last = fmean(losses[:part]), fmean(losses[-part:])
    if len(losses) < _LEAST_STEPS or last < _FELL * first or last < 0.05:
        return ""
    lr = learning.request.lr
    return say(
        f"The loss did not fall ({first:.3g} → {last:.3g}). Try another learning rate, e.g. "
        f"lr={lr / 10:g}, more epochs, or numbers of a similar size in all columns.",
        f"loss 没有下降（{first:.3g} → {last:.3g}）。可以换一个学习率（例如 lr={lr / 10:g}）、"
        "增加 epochs，或让各列数据的大小相近。",
    )


def _one_class(learning: Learning) -> str:
    """Say so where the network answers the same to everything, though there are several classes."""
    request = learning.request
    targets = request.data.targets
    if not learning.goal.chooses or targets is None or len(targets) < 4:
        return ""
    rows = np.linspace(0, len(targets) - 1, min(_LOOKED_AT, len(targets))).astype(np.int64)
    labels = targets[rows] if targets.ndim == 1 else targets[rows].argmax(axis=1)
    batch = Batch(torch.from_numpy(request.data.inputs[rows]), None, rows)
    place = next((p.device for p in request.model.parameters()), torch.device("cpu"))
    request.model.eval()
    with torch.inference_mode():
        outputs = learning.predict(request.model, batch, place)
    answers = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0.5).astype(int)
    if len(np.unique(labels)) < 2:
        return say(
            f"All samples are of class {labels[0]}: there is nothing to tell apart.",
            f"所有样本都属于类别 {labels[0]}，没有可以区分的内容。",
        )
    if len(np.unique(answers)) > 1:
        return ""
    return say(
        f"The network says class {answers[0]} to everything: it has learnt nothing yet. Try a smaller learning rate, "
        f"e.g. lr={request.lr / 10:g}, or more epochs.",
        f"网络对所有样本都回答类别 {answers[0]}，还没有学会。可以减小学习率（例如 lr={request.lr / 10:g}）"
        "或增加 epochs。",
    )
