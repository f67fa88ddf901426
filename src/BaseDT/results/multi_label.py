"""The labels of one picture that may have several, as a multi-label classifier predicts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.results.classification import none_name
from BaseDT.results.validation import check_text, checked_label, checked_score

USUAL_THRESHOLD = 0.5
"""Score from which on a picture has a label, where nobody says otherwise."""

_ROUNDING = 1e-7

Fields = dict[str, "list[int] | list[float] | list[str] | str"]


def reached(scores: npt.NDArray[Any], thresholds: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which scores reach their thresholds, the one comparison of results and reports: a float32 of 0.7 is 0.7.

    Args:
        scores: Probabilities, shape (..., C).
        thresholds: Of the C labels, or one for all.
    """
    return np.asarray(scores.astype(np.float64) >= np.asarray(thresholds, np.float64) - _ROUNDING)


@dataclass(frozen=True)
class MultiLabelResult:
    """The labels of one picture, the surest first; often several, sometimes none.

    Attributes:
        labels: Numbers of the labels, from 0, each once.
        scores: Probability of each, 0 to 1.
        names: Name of each.
        file: Name of the picture's file; ``None`` for a picture that is no file, or where only one was asked for.

    Raises:
        ParameterInvalid: A value has another type, or is outside its range, or there are not as many of each.
    """

    labels: tuple[int, ...]
    scores: tuple[float, ...]
    names: tuple[str, ...]
    file: str | None = None

    def __post_init__(self) -> None:
        # Numpy scalars come in, plain numbers stay: only those can be written as JSON.
        object.__setattr__(self, "labels", tuple(checked_label(label) for label in self.labels))
        object.__setattr__(self, "scores", tuple(checked_score(score) for score in self.scores))
        object.__setattr__(self, "names", tuple(self.names))
        for name in self.names:
            check_text("name", name)
        if self.file is not None:
            check_text("file", self.file)
        if not len(self.labels) == len(self.scores) == len(self.names) == len(set(self.labels)):
            raise ParameterInvalid(
                say(
                    f"{len(self.labels)} labels, {len(self.scores)} scores and {len(self.names)} names do not belong "
                    "together.",
                    f"{len(self.labels)} 个标签、{len(self.scores)} 个置信度、{len(self.names)} 个名称不对应。",
                ),
                hint=say(
                    "One score and one name for each label, each label once.", "每个标签对应一个置信度和一个名称。"
                ),
            )

    @property
    def is_none(self) -> bool:
        """Whether the picture has none of the labels."""
        return not self.labels

    @classmethod
    def from_scores(
        cls,
        scores: npt.NDArray[Any],
        classes: Sequence[str],
        thresholds: Sequence[float] | float = USUAL_THRESHOLD,
        file: str | None = None,
    ) -> MultiLabelResult:
        """Take the labels whose score reaches their threshold, the surest first.

        Args:
            scores: Probabilities, shape (C,), each of its own.
            classes: The C names, in the order of the scores.
            thresholds: One for all, or C.
            file: Name of the picture's file.

        Raises:
            ParameterInvalid: The scores are no row of C finite numbers, or there are not C thresholds.
        """
        row = np.asarray(scores)
        least = (
            np.broadcast_to(np.asarray(thresholds, np.float64), (len(classes),)) if _fits(thresholds, classes) else None
        )
        if row.shape != (len(classes),) or least is None or not np.isfinite(row).all():
            raise ParameterInvalid(
                say(
                    f"scores of shape {row.shape} do not fit {len(classes)} labels and their thresholds.",
                    f"形状为 {row.shape} 的分数与 {len(classes)} 个标签及其阈值不符。",
                ),
                hint=say(
                    f"Expected one row of {len(classes)} finite scores, one for each label.",
                    f"应为一行 {len(classes)} 个有限的分数，每个标签一个。",
                ),
            )
        has = reached(row, least)
        chosen = [int(i) for i in np.argsort(-row, kind="stable") if has[i]]
        return cls(tuple(chosen), tuple(float(row[i]) for i in chosen), tuple(classes[i] for i in chosen), file)

    def to_chinese(self) -> Fields:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show: lists, the surest label first."""
        fields: Fields = {
            "标签": list(self.labels),
            "置信度": list(self.scores),
            "预测结果": list(self.names),
        }
        return fields if self.file is None else {**fields, "文件名": self.file}

    def to_prediction(self) -> Fields:
        """Return the shape that ``MMClassification.inference`` gives: lists, the surest label first."""
        fields: Fields = {
            "pred_label": list(self.labels),
            "pred_score": list(self.scores),
            "pred_class": list(self.names),
        }
        return fields if self.file is None else {**fields, "file_name": self.file}


def in_a_line(names: Sequence[str], scores: Sequence[float], digits: int) -> str:
    """Return labels and their scores in a few words."""
    listed = ", ".join(f"{one_line(name)} {score:.{digits}f}" for name, score in zip(names, scores, strict=True))
    return listed or none_name()


def _fits(thresholds: Sequence[float] | float, classes: Sequence[str]) -> bool:
    return isinstance(thresholds, (int, float)) or len(thresholds) == len(classes)
