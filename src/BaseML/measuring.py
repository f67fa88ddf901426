"""Scores: how good answers are, by the documented names. scikit-learn is imported when one is asked for."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetNotLoaded, MetricUnsupported, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.tabular.table import Numbers
from BaseML.algorithms.kind import Family
from BaseML.trained import TrainedModel


@dataclass(frozen=True)
class Metric:
    """A score.

    Attributes:
        name: As the documents write it.
        function: ``"module:function"`` of (truth, answer), or of (rows, groups) where groups are scored.
        said: What it is called, in English and Chinese.
        options: Further arguments of the function.
        is_share: Whether it is a share, said in per cent.
        least_rows: With fewer there is no such score.
    """

    name: str
    function: str
    said: tuple[str, str]
    options: Mapping[str, Any]
    is_share: bool = False
    least_rows: int = 1


_WEIGHTED = {"average": "weighted", "zero_division": 0}


def _averaged(en: str, zh: str) -> tuple[str, str]:
    return f"{en} (weighted over classes)", f"{zh}（按类别加权平均）"


_OF: dict[Family, tuple[Metric, ...]] = {
    "classification": (
        Metric("accuracy", "sklearn.metrics:accuracy_score", ("accuracy", "准确率"), {}, True),
        Metric("precision", "sklearn.metrics:precision_score", _averaged("precision", "精确率"), _WEIGHTED, True),
        Metric("recall", "sklearn.metrics:recall_score", _averaged("recall", "召回率"), _WEIGHTED, True),
        Metric("f1", "sklearn.metrics:f1_score", _averaged("f1-score", "f1-score"), _WEIGHTED, True),
        Metric("auc", "", _averaged("auc", "auc"), {}, True, 2),
    ),
    "regression": (
        Metric("r2", "sklearn.metrics:r2_score", ("r2-score", "r2-score"), {}, False, 2),
        Metric("mse", "sklearn.metrics:mean_squared_error", ("mean squared error", "均方误差"), {}),
        Metric("mae", "sklearn.metrics:mean_absolute_error", ("mean absolute error", "平均绝对误差"), {}),
    ),
    "cluster": (
        Metric("silhouette_score", "sklearn.metrics:silhouette_score", ("silhouette", "轮廓系数"), {}, False, 3),
        Metric("calinski_harabasz_score", "sklearn.metrics:calinski_harabasz_score",
               ("Calinski-Harabasz index", "Calinski-Harabasz指数"), {}, False, 3),
        Metric("davies_bouldin_score", "sklearn.metrics:davies_bouldin_score",
               ("Davies-Bouldin index", "Davies-Bouldin指数"), {}, False, 3),
    ),
    "reduction": (),
}  # fmt: skip
_ALIASES = {"acc": "accuracy", "f1-score": "f1", "f1_score": "f1", "silhouette": "silhouette_score"}


def metrics_of(family: Family) -> tuple[Metric, ...]:
    """Return the scores of a family; the first is the usual one."""
    return _OF[family]


def find_metric(family: Family, name: object) -> Metric:
    """Return a score by its name.

    Raises:
        MetricUnsupported: It is none of this family's; the hint offers the nearest (-307).
    """
    known = {metric.name: metric for metric in _OF[family]}
    if isinstance(name, str):
        wanted = name.strip().lower()
        if (found := known.get(_ALIASES.get(wanted, wanted))) is not None:
            return found
    listed = ", ".join(known)
    near = did_you_mean(name, known) if isinstance(name, str) else ""
    hint = say(f"Known here: {listed}.", f"这里可用：{listed}。") if known else say("It has none.", "没有可用的指标。")
    if isinstance(name, (list, tuple)):
        near = say("Ask for one at a time, e.g. metrics='acc'.", "请一次只用一个指标，例如 metrics='acc'。")
    raise MetricUnsupported(
        say(
            f"metrics={quoted(name, 40)} is no score of this model.",
            f"metrics={quoted(name, 40)} 不是这类模型的评价指标。",
        ),
        hint=f"{near} {hint}".strip(),
    )


def measure(metric: Metric, truth: npt.NDArray[Any], answers: npt.NDArray[Any]) -> float:
    """Return a score of answers beside the truth, or of groups beside their rows.

    Args:
        metric: Which one.
        truth: (N,) or (N, K); (N, F) rows where groups are scored.
        answers: (N,) or (N, K).

    Raises:
        DatasetNotLoaded: There are too few rows, or too few groups (-603).
    """
    if len(truth) < metric.least_rows:
        raise _too_few(metric, len(truth))
    module, _, function = metric.function.partition(":")
    if metric.least_rows == 3 and not 2 <= len(np.unique(answers)) < len(answers):
        raise _too_few_groups(metric)
    return float(getattr(importlib.import_module(module), function)(truth, answers, **metric.options))


def area(model: TrainedModel, x: Numbers, truth: npt.NDArray[Any]) -> float:
    """Return the area under the ROC curve, 0 to 1: each class against the rest, weighted by its rows.

    Args:
        model: A classifier.
        x: (N, F).
        truth: (N,) numbers of classes, as the estimator knows them.

    Raises:
        DatasetNotLoaded: All rows are of one class, or of one that is unknown to the model (-603).
    """
    from sklearn.metrics import roc_auc_score

    estimator = model.estimator
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "decision_function"
    if method == "decision_function" and hasattr(estimator, "decision_function_shape"):
        estimator = copy.copy(estimator)  # a score of each pair of classes is none of each class
        estimator.decision_function_shape = "ovr"
    scores = getattr(estimator, method)(model.scaled(x))
    if scores.ndim == 1:
        scores = np.stack([-scores, scores], axis=1)
    total, weight = 0.0, 0
    for column, label in enumerate(estimator.classes_):
        of_class = truth == label
        if 0 < int(of_class.sum()) < len(truth):
            total += float(roc_auc_score(of_class, scores[:, column])) * int(of_class.sum())
            weight += int(of_class.sum())
    if not weight:
        raise _too_few(find_metric("classification", "auc"), len(truth))
    return total / weight


def sentence(metric: Metric, score: float, kind: tuple[str, str] = ("Validation", "验证")) -> str:
    """Return what is printed of a score."""
    value = f"{score * 100:.4g}%" if metric.is_share else f"{score:.4g}"
    en, zh = metric.said
    return say(f"{kind[0]} {en}: {value}", f"{kind[1]}{zh}为：{value}")


def _too_few(metric: Metric, rows: int) -> DatasetNotLoaded:
    return DatasetNotLoaded(
        say(f"{metric.name} cannot be measured with {rows} rows.", f"{rows} 行数据无法计算 {metric.name}。"),
        hint=say(
            f"It needs at least {metric.least_rows}, and of a classifier two classes.",
            f"至少需要 {metric.least_rows} 行；分类时至少需要两个类别。",
        ),
    )


def _too_few_groups(metric: Metric) -> DatasetNotLoaded:
    return DatasetNotLoaded(
        say(
            f"{metric.name} needs two groups at least, and fewer groups than rows.",
            f"{metric.name} 至少需要两组，且组数少于行数。",
        ),
        hint=say("Choose another N_CLUSTERS.", "请调整 N_CLUSTERS。"),
    )
