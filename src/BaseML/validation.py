"""Scoring a trained model: the score, the answers, and what should be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetNotLoaded, MetricUnsupported
from BaseDT.language import say
from BaseDT.tabular.table import Numbers
from BaseML import advice
from BaseML.answering import answer, known_groups, rows_for
from BaseML.data.from_memory import target_of
from BaseML.data.loaded import is_empty, wanted_by
from BaseML.measuring import Metric, area, find_metric, measure, metrics_of, sentence
from BaseML.trained import TrainedModel
from BaseML.true_labels import numbered


@dataclass(frozen=True)
class Validated:
    """A score.

    Attributes:
        score: Of the metric.
        answers: What the model said, (N,) or (N, K).
        sentence: The score in words.
        notes: What the user should know.
    """

    score: float
    answers: npt.NDArray[Any]
    sentence: str
    notes: Sequence[str] = ()


def validate(model: TrainedModel, x: object, y: object, metrics: object) -> Validated:
    """Score a model.

    Args:
        model: Trained.
        x: Rows.
        y: What they are; not needed where groups are scored.
        metrics: Name of the score; None for the usual one.

    Raises:
        MetricUnsupported, DatasetNotLoaded, InputMismatch: -307, -603, -309.
    """
    family = model.kind.family
    if family == "reduction":
        raise MetricUnsupported(
            say("Fewer numbers have no score.", "降维模型没有评价指标。"),
            hint=say("train() prints the share of the variance that is kept.", "train() 会输出保留的方差比例。"),
        )
    metric = find_metric(family, metrics_of(family)[0].name if metrics is None else metrics)
    if is_empty(x):
        raise _nothing_to_score_with()
    if family == "cluster":
        return _grouped(model, metric, x)
    rows = rows_for(model, x)
    truth = target_of(y, wanted_by(family, needs_labels=True))
    if truth is None or len(truth) != len(rows):
        raise _nothing_to_score_with() if truth is None else _other_length(len(rows), len(truth))
    return _scored(model, metric, rows, truth)


def _scored(model: TrainedModel, metric: Metric, rows: Numbers, truth: npt.NDArray[Any]) -> Validated:
    answers = answer(model, rows)
    if model.kind.family == "regression":
        score = measure(metric, truth, answers)
        r2 = score if metric.name == "r2" else 1.0
        return Validated(score, answers, sentence(metric, score), tuple(advice.of_estimates(r2)))
    known = numbered(model, truth)
    score = area(model, rows, known.values) if metric.name == "auc" else measure(metric, known.values, answers)
    accuracy = float(np.mean(known.values == answers))
    answers = model.named(answers)
    notes = [*known.notes, *advice.of_answers(truth, answers, accuracy)]
    if metric.name in ("precision", "recall", "f1"):
        names = np.ravel(truth).astype(str)  # a label may have come as a text
        notes += advice.of_missed_classes(names, answers.astype(str), metric.name)
    return Validated(score, answers, sentence(metric, score), notes)


def _grouped(model: TrainedModel, metric: Metric, x: object) -> Validated:
    rows = rows_for(model, x)
    is_known = not model.kind.predicts_new and len(rows) == model.input_shape[0]
    groups = known_groups(model) if is_known else answer(model, rows)
    score = measure(metric, model.scaled(rows), groups)
    return Validated(score, groups, sentence(metric, score))


def _nothing_to_score_with() -> DatasetNotLoaded:
    return DatasetNotLoaded(
        say("There are no rows with labels to score the model with.", "没有可以用来验证的数据和标签。"),
        hint=say(
            "Load data with split=True, or give some: valid(x=..., y=...) or valid('table.csv').",
            "请用 split=True 载入数据，或传入数据：valid(x=..., y=...)，valid('table.csv')。",
        ),
    )


def _other_length(rows: int, labels: int) -> DatasetNotLoaded:
    return DatasetNotLoaded(
        say(f"There are {rows} rows, but {labels} labels.", f"有 {rows} 行数据，却有 {labels} 个标签。"),
        hint=say("Every row needs its own label.", "每一行都需要一个标签。"),
    )
