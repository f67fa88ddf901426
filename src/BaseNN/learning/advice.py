"""A sentence where the result of a training cannot be meant, and what helps: judged of its own and held-out samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from BaseDT.escaping import one_line
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseNN.learning import ranges
from BaseNN.learning.asked_again import Answers
from BaseNN.learning.learning import Learning
from BaseNN.learning.record import epoch_means
from BaseNN.learning.remedies import for_known_alone, for_loss, for_one_class, for_unsaid

_FELL = 0.98
"""A loss above this share of the first one has not fallen."""
_LEAST_STEPS, _LEAST_SAMPLES, _LEAST_HELD_OUT = 20, 4, 8
_APART = 0.2
"""Shares that are further apart need a reason."""
_WELL = 0.9
_EXPLAINED = 0.5
"""A share of right answers, and of explained spread, from which on something was learnt."""
_SMALL_LOSS = 0.05

Log = Sequence[Mapping[str, Any]]


def sentences(learning: Learning, log: Log) -> list[str]:
    """Return what is odd about a training that has ended: the nearest to the cause alone; empty where nothing is.

    Args:
        learning: How it learnt.
        log: Every step's ``loss``; ``val_…`` where samples are held out.
    """
    request = learning.request
    targets = request.data.targets
    if request.task == "gen" or request.stack.is_whole or not log or targets is None or len(targets) < _LEAST_SAMPLES:
        return []
    answers = Answers(learning)
    if learning.goal.chooses:
        text = _about_classes(answers, log)
    else:  # what is out of reach was said before the training
        text = "" if ranges.out_of_reach(request.model, targets) else _about_numbers(answers, log)
    return [text] if text else []


def _about_classes(answers: Answers, log: Log) -> str:
    return (
        _only_one_label(answers)
        or _averages_too_young(answers)
        or _one_answer(answers)
        or ("" if answers.accuracy >= _WELL else _loss_stays(answers, log))
        or _never_said(answers)
        or _known_alone(answers, log)
    )


def _about_numbers(answers: Answers, log: Log) -> str:
    if answers.r2 < _EXPLAINED:
        return _loss_stays(answers, log)
    held_out = _last(log, "val_r2")
    if held_out is None or _held_out(answers) < _LEAST_HELD_OUT or answers.r2 - held_out < _EXPLAINED:
        return ""
    way = for_known_alone(answers.learning.request)
    return say(
        f"Of the samples that it learnt from the network explains R² {answers.r2:.2f} of the spread, of those held out "
        f"{held_out:.2f}: it knows them by heart. {english(way)}",
        f"训练数据的 R² 是 {answers.r2:.2f}，验证数据的 R² 是 {held_out:.2f}：网络只是记住了训练数据。{way}",
    )


def _loss_stays(answers: Answers, log: Log) -> str:
    """Say so where the means of the epochs, as they were printed, did not fall."""
    losses = [means["loss"] for _, means in epoch_means(log)]
    part = max(1, len(losses) // 10)
    first, last = losses[0], losses[-1]
    fell = last < _FELL * first or fmean(losses[-part:]) < _FELL * fmean(losses[:part])
    if len(log) < _LEAST_STEPS or len(losses) < 2 or fell or (answers.learning.goal.chooses and last < _SMALL_LOSS):
        return ""
    way = for_loss(answers.learning.request, rose=last > first / _FELL)
    return say(
        f"The loss did not fall ({first:.3g} → {last:.3g}). {english(way)}",
        f"loss 没有下降（{first:.3g} → {last:.3g}）。{way}",
    )


def _only_one_label(answers: Answers) -> str:
    if len(np.unique(answers.labels)) > 1:
        return ""
    name = _called(answers, [answers.labels[0]])
    return say(
        f"All samples are of {english(name)}: there is nothing to tell apart.",
        f"所有样本都属于{name}，没有可以区分的内容。",
    )


def _averages_too_young(answers: Answers) -> str:
    """Say so where batchnorm's averages, which answer afterwards, are behind what the network has learnt."""
    if answers.accuracy >= _WELL or answers.accuracy_by_batch - answers.accuracy < _APART:
        return ""
    by_batch, afterwards = f"{answers.accuracy_by_batch:.0%}", f"{answers.accuracy:.0%}"
    return say(
        f"With the statistics of each batch the network is right on {by_batch} of the samples that it learnt from, "
        f"with the averages that batchnorm keeps for later on {afterwards}: these need more steps. Train with more "
        "epochs or a smaller batch_size.",
        f"用每一批的统计量，网络对训练数据的正确率是 {by_batch}；推理时用 batchnorm 的累计平均，只有 {afterwards}："
        "累计平均需要更多步数。请增加 epochs，或减小 batch_size。",
    )


def _one_answer(answers: Answers) -> str:
    said = np.unique(answers.classes)
    if len(said) > 1:
        return ""
    name, way = _called(answers, said), for_one_class(answers.learning, float((answers.labels == said[0]).mean()))
    return say(
        f"The network says {english(name)} to everything: it has learnt nothing yet. {english(way)}",
        f"网络对所有样本都回答{name}，还没有学会。{way}",
    )


def _never_said(answers: Answers) -> str:
    """Say so where some class is never the answer, though there are samples of it."""
    labels, counts = np.unique(answers.labels, return_counts=True)
    is_unsaid = ~np.isin(labels, answers.classes) & (counts > 1)
    if not is_unsaid.any():
        return ""
    name, share = _called(answers, labels[is_unsaid]), counts[is_unsaid].sum() / len(answers.labels)
    way = for_unsaid(answers.learning, is_rare=bool((counts[is_unsaid] < 0.2 * counts.mean()).all()))
    return say(
        f"The network never says {english(name)}, {share:.0%} of the samples that it learnt from. {english(way)}",
        f"网络从不回答{name}（占训练样本的 {share:.0%}）。{way}",
    )


def _known_alone(answers: Answers, log: Log) -> str:
    """Say so where the network knows its own samples, and others much less."""
    held_out, count = _last(log, "val_acc"), _held_out(answers)
    if held_out is None or count < _LEAST_HELD_OUT or answers.accuracy - held_out < max(_APART, count**-0.5):
        return ""
    labels = answers.learning.request.data.val_targets
    largest = np.bincount(labels).max() / count if labels is not None and labels.ndim == 1 else 0.0
    guessed = say(", no better than guessing", "，与猜测相当") if held_out <= largest + 0.05 else ""
    way = for_known_alone(answers.learning.request)
    return say(
        f"Of the samples that it learnt from {answers.accuracy:.0%} are right, of those held out {held_out:.0%}"
        f"{english(guessed)}: it knows them by heart. {english(way)}",
        f"训练数据的正确率是 {answers.accuracy:.0%}，验证数据只有 {held_out:.0%}{guessed}："
        f"网络只是记住了训练数据。{way}",
    )


def _called(answers: Answers, labels: Any) -> str:
    """Return classes by their names, by their numbers where they have none."""
    names = answers.learning.request.data.classes
    known = [one_line(names[label]) if label < len(names) else str(label) for label in labels]
    en = english(shortened(f"'{name}'" if names else name for name in known))
    zh = shortened(f"“{name}”" for name in known)
    if len(known) == 1:
        return say(f"class {en}", f"类别{zh}")
    return say(f"{len(known)} classes ({en})", f" {len(known)} 个类别（{zh}）")


def _last(log: Log, name: str) -> float | None:
    """Return what the last validation says."""
    return next((float(line[name]) for line in reversed(log) if name in line), None)


def _held_out(answers: Answers) -> int:
    targets = answers.learning.request.data.val_targets
    return 0 if targets is None else len(targets)
