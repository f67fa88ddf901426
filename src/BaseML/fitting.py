"""Training an estimator: what scikit-learn refuses becomes an error of ours, what it warns of a sentence."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import invalid
from BaseDT.errors import MemoryExhausted, ParameterInvalid
from BaseDT.language import english, say
from BaseDT.tabular.table import Numbers
from BaseML.algorithms.kind import AlgorithmKind
from BaseML.algorithms.parameters import check, parameters, refused

_MOST_BYTES = 4e9
_OF_ONE_NUMBER = ("SVM", "AdaBoost")
_OF_PROGRAMMERS = (DeprecationWarning, FutureWarning, PendingDeprecationWarning)
_KNOWN = (
    ("distinct clusters", "there are fewer different rows than groups.", "不同的数据行数少于分组数。"),
    ("subclusters found", "it finds fewer groups than N_CLUSTERS; para={'threshold': 0.1} tells finer ones apart.",
     "找到的分组少于 N_CLUSTERS；用 para={'threshold': 0.1} 可以分得更细。"),
    ("collinear", "some columns follow from others, and add nothing.", "有些列可以由其他列推出，没有提供新的信息。"),
    ("not fully connected", "the rows fall apart into islands: groups of far rows are not sure.",
     "数据之间互不相连，相距较远的分组不可靠。"),
    ("number of unique classes", "nearly every row has a class of its own; Regression estimates numbers.",
     "几乎每行都是一个单独的类别；如果要预测数值，请使用 Regression。"),
    ("Ill-conditioned", "some columns follow from others: the weights are not sure.",
     "有些列可以由其他列推出，权重不可靠。"),
)  # fmt: skip
"""What scikit-learn warns of, by a part of its words."""


def fit(
    kind: AlgorithmKind, estimator: Any, x: Numbers, y: npt.NDArray[Any] | None, chosen: Collection[str] = ()
) -> list[str]:
    """Train an estimator, which is changed.

    Args:
        kind: Its algorithm.
        estimator: Of scikit-learn.
        x: (N, F), finite, scaled.
        y: (N,) int64 of classes, (N,) or (N, K) float64 of numbers; None for none.
        chosen: Parameters that the user called by their own name, not by an argument of the documented class.

    Returns:
        Notes for the user.

    Raises:
        ParameterInvalid: A parameter cannot be used, or not with these data (-305).
        MemoryExhausted: There is not enough memory (-804).
    """
    check(kind, estimator, chosen)
    _check_one_number(kind, y)
    _check_neurons(kind, estimator, chosen)
    _check_numbers(kind, estimator, x, y, chosen)
    import sklearn

    with sklearn.config_context(assume_finite=True), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator.fit(x) if y is None else estimator.fit(x, y)
        except (ValueError, TypeError, LookupError, ArithmeticError, np.linalg.LinAlgError) as error:
            raise refused(kind, error, chosen) from error
        except MemoryError as error:
            raise _no_memory(kind, len(x)) from error
    told = (_sentence(kind, warning) for warning in caught if not issubclass(warning.category, _OF_PROGRAMMERS))
    return list(dict.fromkeys(told))


def beforehand(kind: AlgorithmKind, estimator: Any, x: Numbers) -> list[str]:
    """Return what a user should know before an estimator learns rows (N, F): that may take long."""
    degree = parameters(estimator).get("degree")
    if kind.name != "Polynomial" or not isinstance(degree, (int, np.integer)) or degree < 1:
        return []
    rows, width = x.shape
    terms = math.comb(width + int(degree), int(degree)) - 1
    if terms < rows or terms * rows * 8 > _MOST_BYTES:
        return []
    return [
        say(
            f"Polynomial of degree {degree} makes {terms:,} terms of {width} columns, and there are {rows:,} rows: it "
            "learns these by heart, and may take long. A lower degree does better with new ones.",
            f"{degree} 次多项式把 {width} 列变成 {terms:,} 项，而数据只有 {rows:,} 行："
            "它会把这些行背下来，也可能要算很久。降低次数 degree，对新数据更好。",
        )
    ]


def _check_neurons(kind: AlgorithmKind, estimator: Any, chosen: Collection[str]) -> None:
    """Refuse layers of a network that have no number of neurons."""
    value = parameters(estimator).get("hidden_layer_sizes", 1)
    sizes = [value] if isinstance(value, (int, np.integer)) else value
    if not all(isinstance(size, (int, np.integer)) and size > 0 for size in sizes):
        name = kind.argument("hidden_layer_sizes", chosen)
        raise invalid(name, value, "whole numbers > 0, e.g. (10, 5)", "大于 0 的整数，例如 (10, 5)")


def _check_one_number(kind: AlgorithmKind, y: npt.NDArray[Any] | None) -> None:
    """Refuse several numbers a row for who estimates one."""
    if kind.family != "regression" or kind.name not in _OF_ONE_NUMBER or y is None or y.ndim < 2:
        return
    raise ParameterInvalid(
        say(f"{kind.name} estimates one number a row, and y has {y.shape[1]}.",
            f"{kind.name} 每行只能预测一个数，而 y 有 {y.shape[1]} 列。"),
        hint=say("Give one column, y_column=[...], or take LinearRegression, CART, RandomForest or MLP.",
                 "请只用一列：y_column=[...]，或改用 LinearRegression、CART、RandomForest、MLP。"),
    )  # fmt: skip


def _check_numbers(
    kind: AlgorithmKind, estimator: Any, x: Numbers, y: npt.NDArray[Any] | None, chosen: Collection[str]
) -> None:
    """Refuse more neighbours, groups or directions than the data have: scikit-learn says so late, or not so plainly."""
    values = parameters(estimator)
    rows, width = x.shape
    for name in ("n_neighbors", "n_clusters"):
        number = values.get(name)
        most = rows - 1 if kind.name == "LLE" else rows
        if isinstance(number, (int, np.integer)) and number > most and kind.name != "Spectral clustering":
            raise invalid(
                kind.argument(name, chosen),
                int(number),
                f"at most {most}: there are {rows} rows",
                f"不超过 {most}：共有 {rows} 行数据",
            )
    if kind.name == "Polynomial" and values.get("degree") == 0:
        raise invalid("degree", 0, "1 or more: a power of 0 forgets the data", "至少为 1：0 次方不含任何数据信息")
    if kind.name == "Polynomial" and isinstance(degree := values.get("degree"), (int, np.integer)):
        terms = math.comb(width + int(degree), int(degree))
        if terms * rows * 8 > _MOST_BYTES:
            raise _too_many_terms(int(degree), width, terms)
    number = values.get("n_components")
    if kind.family == "reduction" and isinstance(number, (int, np.integer)):
        most = most_components(kind, rows, width, y)
        if not 1 <= number <= most:
            raise invalid("n_components", int(number), f"1 to {most} with these data", f"1 到 {most}（由数据决定）")


def most_components(kind: AlgorithmKind, rows: int, width: int, y: npt.NDArray[Any] | None) -> int:
    """Return how many directions data have: LDA's are one fewer than classes."""
    if kind.name == "LDA" and y is not None:
        return max(1, min(width, len(np.unique(y)) - 1))
    return min(width, rows) if kind.name == "PCA" else width


def _sentence(kind: AlgorithmKind, warning: warnings.WarningMessage) -> str:
    """Return what is said of a warning of scikit-learn; its own words where we have none."""
    text = " ".join(str(warning.message).split())
    for part, en, zh in _KNOWN:
        if part in text:
            return say(f"{kind.name}: {en}", f"{kind.name}：{zh}")
    if warning.category.__name__ == "ConvergenceWarning":
        return _not_at_rest(kind)
    return say(f"{kind.name}: {text}", f"{kind.name}：{text}")


def _not_at_rest(kind: AlgorithmKind) -> str:
    more = say("train(epochs=...) allows more", "用 train(epochs=...) 增加轮数") if kind.rounds else ""
    scale = say("load_dataset(..., scale=True) often helps", "使用 load_dataset(..., scale=True) 往往有帮助")
    ways = [way for way in (more, scale) if way]
    return say(
        f"{kind.name} did not come to rest: its answers may get better. {'; '.join(map(english, ways))}.",
        f"{kind.name} 尚未收敛，结果可能还会变好：{'；'.join(ways)}。",
    )


def _too_many_terms(degree: int, width: int, terms: int) -> MemoryExhausted:
    many = f"{terms:,}" if terms < 10**15 else "10¹⁵"
    return MemoryExhausted(
        say(
            f"Polynomial of degree {degree} makes {many} columns of {width}: they do not fit into memory.",
            f"{degree} 次多项式会把 {width} 列变成 {many} 列，内存放不下。",
        ),
        hint=say("Use a lower degree, or fewer columns.", "请降低次数 degree，或减少列数。"),
    )


def _no_memory(kind: AlgorithmKind, rows: int) -> MemoryExhausted:
    return MemoryExhausted(
        say(f"Not enough memory for {kind.name} with {rows} rows.", f"内存不足，{kind.name} 无法处理 {rows} 行数据。"),
        hint=say("Use fewer rows, or another algorithm, e.g. Kmeans.", "请减少行数，或换一种算法，例如 Kmeans。"),
    )
