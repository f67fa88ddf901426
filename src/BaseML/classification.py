"""``Classification``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from BaseDT.arguments import documented
from BaseML.supervised import Supervised


class Classification(Supervised):
    """Tells classes apart (分类): KNN, SVM, NaiveBayes, CART, AdaBoost, MLP, RandomForest."""

    family = "classification"

    @documented
    def __init__(
        self,
        algorithm: str = "KNN",
        n_neighbors: int = 5,
        n_estimators: int = 100,
        n_hidden: tuple[int, ...] = (100,),
        para: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a model (创建分类模型).

        Args:
            algorithm: Its name.
            n_neighbors: KNN: how many neighbours vote.
            n_estimators: AdaBoost, RandomForest: how many trees.
            n_hidden: MLP: neurons of each hidden layer.
            para: Parameters of scikit-learn by name, which win.

        Raises:
            ParameterInvalid, ParameterUnknown: -305, -501.
            DependencyMissing: scikit-learn is not installed (-502).
        """
        documented_ = {"n_neighbors": n_neighbors, "n_estimators": n_estimators, "n_hidden": n_hidden}
        self._begin(algorithm, documented_, para)
