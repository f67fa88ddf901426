"""``Regression``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from BaseDT.arguments import documented
from BaseML.supervised import Supervised
from BaseML.trained import TrainedModel


class Regression(Supervised):
    """Estimates numbers (回归): LinearRegression, CART, RandomForest, Polynomial, Lasso, Ridge, SVM, AdaBoost, MLP.

    Attributes:
        coef: Weight of each column, of the linear ones; in the scale of the data.
        intercept: What they add.
    """

    family = "regression"

    @documented
    def __init__(
        self,
        algorithm: str = "LinearRegression",
        n_estimators: int = 20,
        degree: int = 2,
        n_hidden: tuple[int, ...] = (100,),
        para: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a model (创建回归模型).

        Args:
            algorithm: Its name.
            n_estimators: AdaBoost, RandomForest: how many trees.
            degree: Polynomial: the highest power; SVM: likewise, with ``para={'kernel': 'poly'}``.
            n_hidden: MLP: neurons of each hidden layer.
            para: Parameters of scikit-learn by name, which win.

        Raises:
            ParameterInvalid, ParameterUnknown: -305, -501.
            DependencyMissing: scikit-learn is not installed (-502).
        """
        self._begin(algorithm, {"n_estimators": n_estimators, "degree": degree, "n_hidden": n_hidden}, para)

    def _adopt(self, trained: TrainedModel) -> None:
        super()._adopt(trained)
        estimator = trained.estimator
        if not hasattr(estimator, "coef_") or not hasattr(estimator, "intercept_") or trained.kind.name == "SVM":
            return
        self.coef, self.intercept = np.asarray(estimator.coef_), estimator.intercept_
        if trained.scaling is not None:
            self.coef = self.coef / trained.scaling.span
            self.intercept = self.intercept - self.coef @ trained.scaling.least
