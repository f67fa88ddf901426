"""``Cluster``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from BaseDT.arguments import documented
from BaseML.learner import baseml


class Cluster(baseml):
    """A model of this family."""

    @documented
    def __init__(
        self,
        algorithm: str = "Kmeans",
        N_CLUSTERS: int = 5,  # noqa: N803
        para: Mapping[str, Any] | None = None,
    ) -> None:
        raise NotImplementedError
