"""``AlgorithmKind``: what is known of an algorithm before scikit-learn is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Family = Literal["classification", "regression", "cluster", "reduction"]


@dataclass(frozen=True)
class AlgorithmKind:
    """An algorithm.

    Attributes:
        name: As the documents write it; found without regard to case.
        family: Which class offers it.
        estimator: ``"module:Class"`` of scikit-learn; where several steps are one (``Polynomial``), a function that
            makes a pipeline.
        defaults: What ours sets otherwise than scikit-learn; ``para`` overrides it.
        documented: ``{argument of the documented class: parameter of the estimator}``.
        needs_labels: Whether ``y`` is needed.
        predicts_new: Whether it answers for data that it has not seen.
        exports: Whether it can become an ONNX file.
        shows: What it does, in a phrase for pupils, in English and Chinese.
    """

    name: str
    family: Family
    estimator: str
    shows: tuple[str, str]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    documented: Mapping[str, str] = field(default_factory=dict)
    needs_labels: bool = True
    predicts_new: bool = True
    exports: bool = True

    def make(self, parameters: Mapping[str, Any]) -> Any:
        """Make an untrained estimator. Parameters are checked before."""
        module, _, name = self.estimator.partition(":")
        return getattr(importlib.import_module(module), name)(**{**self.defaults, **parameters})
