"""``DimentionReduction``: the documented class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import terminal
from BaseDT.arguments import checked_flag, documented
from BaseDT.language import say
from BaseML.answering import answer, rows_for
from BaseML.fitting import most_components
from BaseML.learner import baseml
from BaseML.usual import UsualCount, is_usual


class DimentionReduction(baseml):
    """Tells the same with fewer numbers (降维): PCA, LDA, LLE."""

    family = "reduction"
    _holds_out = False

    @documented
    def __init__(
        self,
        algorithm: str = "PCA",
        n_components: int = UsualCount(2),
        para: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a model (创建降维模型).

        Args:
            algorithm: Its name.
            n_components: How many numbers are left of each row.
            para: Parameters of scikit-learn by name, which win.

        Raises:
            ParameterInvalid, ParameterUnknown: -305, -501.
            DependencyMissing: scikit-learn is not installed (-502).
        """
        self.n_components = n_components
        self._begin(algorithm, {"n_components": n_components}, para)

    @documented
    def train(self, validate: bool = True) -> None:
        """Learn the directions (训练模型).

        Args:
            validate: Whether to print the share of the variance that each direction keeps.

        Raises:
            DatasetNotLoaded: No data are loaded; LDA: no labels (-603).
            ParameterInvalid: A value cannot be used with these data (-305).
        """
        is_told = checked_flag("validate", validate)
        self._train(0.0, self._fitting_number())
        shares = getattr(self.model, "explained_variance_ratio_", None)
        if is_told and shares is not None:
            listed = ", ".join(f"{share:.4f}" for share in shares)
            en, zh = (" between the classes", "类间") if self._kind.needs_labels else ("", "")
            terminal.write_line(
                say(f"Share of the variance{en}: [{listed}], together {sum(shares):.4f}",
                    f"{zh}方差贡献率为：[{listed}]，累计 {sum(shares):.4f}")
            )  # fmt: skip

    def _fitting_number(self) -> dict[str, Any]:
        """Return fewer directions where the data have fewer than the usual number, and nobody asked for one."""
        if not is_usual(self.n_components) or "n_components" in self._chosen or not len(self.x_train):
            return {}
        target = self.y_train if len(self.y_train) else None
        most = most_components(self._kind, len(self.x_train), self.x_train.shape[1], target)
        return {"n_components": min(int(self.n_components), most)}

    @documented
    def fit_transform(self) -> npt.NDArray[np.float64]:
        """Learn the directions, and return the training rows in them, (N, n_components) (训练并返回降维结果)."""
        self.train(validate=False)
        model = self._ready()
        return answer(model, rows_for(model, self.x_train))


DimensionReduction = DimentionReduction
