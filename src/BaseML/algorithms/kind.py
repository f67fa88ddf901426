"""``AlgorithmKind``: what is known of an algorithm before scikit-learn is imported."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from BaseML.requirements import require_sklearn

Family = Literal["classification", "regression", "cluster", "reduction"]
FAMILY_WORDS: Mapping[str, tuple[str, str]] = {
    "classification": ("classification", "分类"),
    "regression": ("regression", "回归"),
    "cluster": ("cluster", "聚类"),
    "reduction": ("reduction", "降维"),
}
"""What a user reads of a family, in English and Chinese."""


@dataclass(frozen=True)
class AlgorithmKind:
    """An algorithm.

    Attributes:
        name: As the documents write it; found without regard to case.
        family: Which class offers it.
        estimator: ``"module:Class"`` of scikit-learn; where several steps are one (``Polynomial``), a function that
            makes a pipeline.
        shows: What it does, in a phrase for pupils, in English and Chinese.
        defaults: What ours sets otherwise than scikit-learn; ``para`` overrides it.
        documented: ``{argument of the documented class: parameter of the estimator}``.
        rate: The parameter that ``train(lr=)`` sets; empty for none.
        rounds: The parameter that ``train(epochs=)`` sets; empty for none.
        needs_labels: Whether ``y`` is needed.
        predicts_new: Whether it answers for data that it has not seen.
        measures_distance: Whether a column of large numbers outweighs the others.
        exports: Whether it can become an ONNX file.
        aliases: Other names that are understood, in lower case.
    """

    name: str
    family: Family
    estimator: str
    shows: tuple[str, str]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    documented: Mapping[str, str] = field(default_factory=dict)
    rate: str = ""
    rounds: str = ""
    needs_labels: bool = True
    predicts_new: bool = True
    measures_distance: bool = False
    exports: bool = True
    aliases: tuple[str, ...] = ()

    def argument(self, parameter: str, chosen: Collection[str] = ()) -> str:
        """Return what a user calls a parameter of the estimator: by its argument, unless they chose it by name."""
        arguments = {known: name for name, known in self.documented.items()} | {self.rate: "lr", self.rounds: "epochs"}
        return parameter if parameter in chosen else arguments.get(parameter, parameter)

    def make(self) -> Any:
        """Make an untrained estimator with our defaults.

        Raises:
            DependencyMissing: scikit-learn is not installed (-502).
        """
        require_sklearn()
        module, _, name = self.estimator.partition(":")
        return getattr(importlib.import_module(module), name)(**self.defaults)
