"""Algorithms that estimate numbers."""

from __future__ import annotations

import inspect
from typing import Any

from BaseML.algorithms.kind import AlgorithmKind

KINDS = (
    AlgorithmKind(
        "LinearRegression", "regression", "sklearn.linear_model:LinearRegression",
        ("The straight line, or plane, with the least squared error.", "误差平方和最小的直线或平面。"),
        aliases=("linear", "linear regression"),
    ),
    AlgorithmKind(
        "CART", "regression", "sklearn.tree:DecisionTreeRegressor",
        ("Questions about single columns; a number at the end of each way.",
         "逐个提出关于某一列的问题，每条路径的终点给出一个数值。"),
        defaults={"random_state": 0}, aliases=("decisiontree", "decision tree"),
    ),
    AlgorithmKind(
        "RandomForest", "regression", "sklearn.ensemble:RandomForestRegressor",
        ("The mean of many trees.", "许多决策树结果的平均。"),
        defaults={"random_state": 0}, documented={"n_estimators": "n_estimators"}, aliases=("random forest",),
    ),
    AlgorithmKind(
        "Polynomial", "regression", "BaseML.algorithms.regression:polynomial",
        ("A curve: powers and products of the columns.", "曲线：各列的乘方与乘积的线性组合。"),
        documented={"degree": "degree"},
    ),
    AlgorithmKind(
        "Lasso", "regression", "sklearn.linear_model:Lasso",
        ("A straight line that does without columns that help little.", "会舍弃作用不大的列的线性回归。"),
        defaults={"random_state": 0},
    ),
    AlgorithmKind(
        "Ridge", "regression", "sklearn.linear_model:Ridge",
        ("A straight line that keeps its weights small.", "约束权重大小的线性回归。"),
        defaults={"random_state": 0},
    ),
    AlgorithmKind(
        "SVM", "regression", "sklearn.svm:SVR",
        ("A tube that most samples lie in.", "用一条“管道”包住尽量多的样本。"),
        documented={"degree": "degree"}, measures_distance=True,
    ),
    AlgorithmKind(
        "AdaBoost", "regression", "sklearn.ensemble:AdaBoostRegressor",
        ("Trees, each minding what the earlier ones missed most.", "许多决策树，后面的树重点学习前面误差大的样本。"),
        defaults={"random_state": 0}, documented={"n_estimators": "n_estimators"}, rate="learning_rate",
    ),
    AlgorithmKind(
        "MLP", "regression", "sklearn.neural_network:MLPRegressor",
        ("A small network of neurons.", "小型的多层神经网络。"),
        defaults={"solver": "lbfgs", "random_state": 0}, documented={"n_hidden": "hidden_layer_sizes"},
        rate="learning_rate_init", rounds="max_iter", measures_distance=True,
    ),
)  # fmt: skip


def polynomial(**parameters: Any) -> Any:
    """Make the two steps of a polynomial regression, one pipeline: powers and products, and a linear regression.

    Args:
        parameters: Of either step, by their own names.
    """
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    powers = {
        name: parameters.pop(name) for name in inspect.signature(PolynomialFeatures).parameters if name in parameters
    }
    # The regression has a constant of its own.
    return make_pipeline(PolynomialFeatures(**{"include_bias": False, **powers}), LinearRegression(**parameters))
