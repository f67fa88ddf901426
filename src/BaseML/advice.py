"""What the user should know before trusting a result: sentences about data and scores that cannot be meant so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.language import english, say
from BaseDT.tabular.table import Numbers
from BaseML.algorithms.kind import AlgorithmKind

_ALONE = 0.95
"""Of the variance of all columns together: with so large a share, a column decides a distance alone."""
_LOOKED_AT = 2000
"""So many rows tell how wide a column is."""
_FEW_A_CLASS = 2
_MANY_CLASSES = 20
_NAMED = 8


def of_data(kind: AlgorithmKind, x: Numbers, features: tuple[str, ...], *, scaled: bool) -> Iterator[str]:
    """Tell of rows that are all alike, and of a column that outweighs all others where the size of numbers counts.

    Args:
        kind: The algorithm.
        x: (N, F), as the user has them.
        features: Names of the columns; may be empty.
        scaled: Whether they are brought to one scale.
    """
    if len(x) > 1 and bool((x[0] == x[-1]).all() and (x == x[0]).all()):
        yield say("All rows are alike: there is nothing to learn.", "所有行都相同，没有可以学习的规律。")
        return
    if not kind.measures_distance or scaled or x.shape[1] < 2:
        return
    some = x[:: 1 + len(x) // _LOOKED_AT]
    spread = np.square(some - some.mean(axis=0)).mean(axis=0)
    widest, whole = int(spread.argmax()), float(spread.sum())
    if whole and spread[widest] / whole >= _ALONE:
        yield _too_wide(kind, _column(features, widest), float(spread[widest]) / whole)


def _too_wide(kind: AlgorithmKind, column: str, share: float) -> str:
    """Return what is said of a column whose numbers spread much wider than those of all others."""
    percent = f"{min(100 * share, 99.9):.3g}"
    if kind.name == "MLP":
        return say(
            f"MLP minds large numbers most, and {english(column)} has {percent} % of the variance of all columns: the "
            "others may hardly be learned from. load_dataset(..., scale=True) brings all columns to one scale.",
            f"MLP 受大数值的影响大，而{column}占所有列总方差的 {percent}%，其他列的信息可能很难学到。"
            "使用 load_dataset(..., scale=True) 可以统一各列的尺度。",
        )
    if kind.family == "reduction" and kind.name == "PCA":
        return say(
            f"PCA looks for variance, and {english(column)} has {percent} % of all columns': the first direction is "
            "nearly that column. load_dataset(..., scale=True) brings all columns to one scale.",
            f"PCA 寻找方差最大的方向，而{column}占所有列总方差的 {percent}%，第一个方向几乎就是这一列。"
            "使用 load_dataset(..., scale=True) 可以统一各列的尺度。",
        )
    return say(
        f"{kind.name} measures distances, and {english(column)} has {percent} % of the variance of all columns: it "
        "decides nearly alone. load_dataset(..., scale=True) brings all columns to one scale.",
        f"{kind.name} 依据距离判断，而{column}占所有列总方差的 {percent}%，几乎只由它决定结果。"
        "使用 load_dataset(..., scale=True) 可以统一各列的尺度。",
    )


def of_classes(labels: npt.NDArray[np.int64]) -> Iterator[str]:
    """Tell of labels that look like measured numbers: many classes with hardly a row each."""
    least, most = int(labels.min()), int(labels.max())
    if most - least < _MANY_CLASSES:  # the usual case, in one pass
        return
    counts = np.unique(labels, return_counts=True)[1]
    if len(counts) >= _MANY_CLASSES and float(np.median(counts)) < _FEW_A_CLASS:
        yield say(
            f"There are {len(counts)} classes in {len(labels)} rows: if the labels are numbers to be estimated, use "
            "Regression.",
            f"{len(labels)} 行数据中有 {len(counts)} 个类别：如果标签是要预测的数值，请使用 Regression（回归）。",
        )


def of_answers(truth: npt.NDArray[Any], answers: npt.NDArray[Any], accuracy: float) -> Iterator[str]:
    """Tell of a classifier that is no better than one which always names the largest class."""
    if not len(truth):
        return
    values, counts = np.unique(truth, return_counts=True)
    largest = float(counts.max()) / len(truth)
    if len(values) < 2 or accuracy > largest:
        return
    alone = say(" All answers are the same.", "所有预测都相同。") if len(np.unique(answers)) == 1 else ""
    yield say(
        f"Whoever always answered {values[counts.argmax()]} would be right in {largest * 100:.0f} %: nothing was "
        f"learned that helps.{english(alone)}",
        f"如果总是回答 {values[counts.argmax()]}，也有 {largest * 100:.0f}% 是对的：模型没有学到有用的规律。{alone}",
    )


def of_missed_classes(truth: npt.NDArray[Any], answers: npt.NDArray[Any], metric: str) -> Iterator[str]:
    """Tell of classes whose own score is 0: an average over classes hides them."""
    missed = [str(value) for value in np.unique(truth) if not bool((answers[truth == value] == value).any())]
    if missed:
        listed = ", ".join(f"'{name[:40]}'" for name in missed[:_NAMED]) + (", …" if len(missed) > _NAMED else "")
        yield say(
            f"No row of these classes was told rightly, their own {metric} is 0: {listed}.",
            f"以下类别没有一行预测正确，各自的 {metric} 为 0：{listed}。",
        )


def of_estimates(score: float) -> Iterator[str]:
    """Tell of a regression that is no better than the mean."""
    if score <= 0:
        yield say(
            f"R2 is {score:.3g}: the mean of all numbers would be as good an estimate.",
            f"R2 为 {score:.3g}：直接用平均值预测也不会更差。",
        )


def _column(features: tuple[str, ...], column: int) -> str:
    name = features[column] if features else ""
    return f"'{name[:40]}'" if name else say(f"column {column}", f"第 {column} 列")
