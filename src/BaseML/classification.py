"""``Classification``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from BaseDT.arguments import documented
from BaseML.learner import baseml


class Classification(baseml):
    """A model of this family."""

    @documented
    def __init__(
        self,
        algorithm: str = "KNN",
        n_neighbors: int = 5,
        n_estimators: int = 100,
        n_hidden: tuple[int, ...] = (100,),
        para: Mapping[str, Any] | None = None,
    ) -> None:
        raise NotImplementedError
