"""``Cluster``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import terminal
from BaseDT.arguments import checked_flag, documented
from BaseDT.language import say
from BaseML.learner import baseml
from BaseML.validation import validate as scored


class Cluster(baseml):
    """Finds groups (聚类): Kmeans, Spectral clustering, Agglomerative clustering, Birch."""

    family = "cluster"
    _holds_out = False

    @documented
    def __init__(
        self,
        algorithm: str = "Kmeans",
        N_CLUSTERS: int = 5,  # noqa: N803
        para: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a model (创建聚类模型).

        Args:
            algorithm: Its name.
            N_CLUSTERS: How many groups.
            para: Parameters of scikit-learn by name, which win.

        Raises:
            ParameterInvalid, ParameterUnknown: -305, -501.
            DependencyMissing: scikit-learn is not installed (-502).
        """
        self._begin(algorithm, {"N_CLUSTERS": N_CLUSTERS}, para)

    @documented
    def train(self, validate: bool = False) -> None:
        """Find the groups of the rows (训练模型).

        Args:
            validate: Whether to print how well they are parted: -1 wrongly, 0 overlapping, 1 well.

        Raises:
            DatasetNotLoaded: No data are loaded (-603).
            ParameterInvalid: A value cannot be used with these data (-305).
        """
        is_scored = checked_flag("validate", validate)
        self._train(0.0, {})
        if is_scored:
            self._say_score(scored(self._ready(), self.x_train, None, None))

    @documented
    def inference(self, data: Any = None, verbose: bool = True) -> npt.NDArray[np.int64]:
        """Return the group of each row (推理).

        Args:
            data: Rows; by default those that it was trained with.
            verbose: Whether to print the size of each group, and its centre.

        Raises:
            NothingLoaded, InputMismatch, MethodUnsupported: -602, -309, -405.
        """
        groups: npt.NDArray[np.int64] = super().inference(data, verbose)
        if checked_flag("verbose", verbose):
            self._print(groups)
        return groups

    def _print(self, groups: npt.NDArray[np.int64]) -> None:
        centres = getattr(self.model, "cluster_centers_", None)
        if centres is not None and self.scaler is not None:
            centres = self.scaler.reverse(centres)
        for group, count in zip(*np.unique(groups, return_counts=True), strict=True):
            centre = "" if centres is None else ", ".join(f"{value:.4g}" for value in centres[group])
            en, zh = (f", centre [{centre}]", f"，中心 [{centre}]") if centre else ("", "")
            terminal.write_line(say(f"Group {group}: {count} rows{en}", f"第 {group} 组：{count} 行{zh}"))
