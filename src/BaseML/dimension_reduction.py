"""``DimentionReduction``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from BaseDT.arguments import documented
from BaseML.learner import baseml


class DimentionReduction(baseml):
    """A model of this family."""

    @documented
    def __init__(
        self,
        algorithm: str = "PCA",
        n_components: int = 2,
        para: Mapping[str, Any] | None = None,
    ) -> None:
        raise NotImplementedError


DimensionReduction = DimentionReduction
