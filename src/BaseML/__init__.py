"""BaseML: classic machine learning in five lines: classify, estimate, group, reduce.

    from BaseML import Classification as cls
    model = cls('KNN')
    model.load_dataset('iris.csv', type='csv', x_column=[0, 1, 2, 3], y_column=[4])
    model.train()
    model.inference([[5.1, 1.5, 6.2, 2.1]])

The names below are loaded when they are first used; scikit-learn is imported when an algorithm is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from BaseDT.errors import show_named_errors_plainly
from BaseDT.missing_names import no_such_name

if TYPE_CHECKING:
    from BaseML import IMGLoader
    from BaseML.classification import Classification
    from BaseML.cluster import Cluster
    from BaseML.dimension_reduction import DimensionReduction, DimentionReduction
    from BaseML.learner import baseml
    from BaseML.regression import Regression

__version__ = "3.0.0"
__all__ = [
    "Classification",
    "Cluster",
    "DimensionReduction",
    "DimentionReduction",
    "IMGLoader",
    "Regression",
    "__version__",
    "baseml",
]

# A pupil's script that ends with a mistake we can name shows the mistake and the line, not our insides.
show_named_errors_plainly()

_HOMES = {
    "Classification": "BaseML.classification",
    "Cluster": "BaseML.cluster",
    "DimensionReduction": "BaseML.dimension_reduction",
    "DimentionReduction": "BaseML.dimension_reduction",
    "Regression": "BaseML.regression",
    "baseml": "BaseML.learner",
}


def __getattr__(name: str) -> Any:
    if name == "IMGLoader":
        return importlib.import_module("BaseML.IMGLoader")
    if name not in _HOMES:
        raise no_such_name(__name__, name)
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
