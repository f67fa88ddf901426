"""The algorithms of a family by name."""

from __future__ import annotations

import importlib
from functools import lru_cache

from BaseDT.arguments import checked_name
from BaseML.algorithms.kind import AlgorithmKind, Family


@lru_cache(maxsize=4)
def algorithms(family: Family) -> dict[str, AlgorithmKind]:
    """Return a family's algorithms by the names of the documents, in their order."""
    kinds: tuple[AlgorithmKind, ...] = importlib.import_module(f"BaseML.algorithms.{family}").KINDS
    return {kind.name: kind for kind in kinds}


def find(family: Family, name: object) -> AlgorithmKind:
    """Return an algorithm by its name, without regard to case.

    Raises:
        ParameterInvalid: There is none; the hint offers the nearest (-305).
    """
    known = algorithms(family)
    names = {alias: kind.name for kind in known.values() for alias in (kind.name.lower(), *kind.aliases)}
    return known[checked_name("algorithm", name, names)]


def kind_of(estimator: object) -> AlgorithmKind | None:
    """Return which algorithm an estimator of scikit-learn is; None for one that is none of ours.

    ``LinearRegression`` inside a pipeline is the ``Polynomial`` of the documents.
    """
    families: tuple[Family, ...] = ("classification", "regression", "cluster", "reduction")
    name = "polynomial" if hasattr(estimator, "steps") else type(estimator).__name__
    kinds = (kind for family in families for kind in algorithms(family).values())
    return next((kind for kind in kinds if kind.estimator.rpartition(":")[2] == name), None)
