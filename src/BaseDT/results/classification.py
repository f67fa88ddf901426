"""The class of a picture, as a classifier predicts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.results.validation import check_text, checked_label, checked_score

NONE_LABEL = -1
"""The label of an answer that is none of the classes."""


Choose = Callable[[str, str], str]
"""Takes a text in English and in Chinese, returns the one to show."""


def none_name(choose: Choose = say) -> str:
    """What such an answer is called."""
    return choose("none of these", "都不是")


def shown_score(label: int, score: str, choose: Choose = say) -> str:
    """How a score is shown behind the name: that of none of the classes is the best class's, not its own."""
    return choose(f" (best: {score})", f"（最高 {score}）") if label == NONE_LABEL else f" {score}"


@dataclass(frozen=True)
class ClassificationResult:
    """The class of one picture, or that it is none of them.

    Attributes:
        label: Number of the class, from 0; -1: none of the classes, as the best score was too low.
        score: Probability of the best class, 0 to 1.
        name: Name of the class; of none ``none_name()``.
        file: Name of the picture's file; ``None`` for a picture that is no file, or where only one was asked for.

    Raises:
        ParameterInvalid: A value has another type, or is outside its range.
    """

    label: int
    score: float
    name: str
    file: str | None = None

    def __post_init__(self) -> None:
        # Numpy scalars come in, plain numbers stay: only those can be written as JSON.
        object.__setattr__(self, "label", checked_label(self.label, least=NONE_LABEL))
        object.__setattr__(self, "score", checked_score(self.score))
        check_text("name", self.name)
        if self.file is not None:
            check_text("file", self.file)

    @property
    def is_none(self) -> bool:
        """Whether the picture is of none of the classes."""
        return self.label == NONE_LABEL

    @classmethod
    def from_scores(
        cls, scores: npt.NDArray[Any], classes: Sequence[str], file: str | None = None, threshold: float = 0.0
    ) -> ClassificationResult:
        """Take the class with the highest score, the first of equals; none of the classes where that is too low.

        Args:
            scores: Probabilities, shape (C,).
            classes: The C names, in the order of the scores.
            file: Name of the picture's file.
            threshold: A lower score is an answer that is none of the classes.

        Raises:
            ParameterInvalid: The scores are no row of C finite numbers.
        """
        row = np.asarray(scores)
        if row.ndim != 1 or row.size == 0 or row.size != len(classes):
            raise ParameterInvalid(
                say(
                    f"scores of shape {row.shape} do not fit {len(classes)} classes.",
                    f"形状为 {row.shape} 的 scores 与 {len(classes)} 个类别不符。",
                ),
                hint=say(
                    f"Expected one row of {len(classes)} scores, one for each class.",
                    f"应为一行 {len(classes)} 个分数，每个类别一个。",
                ),
            )
        if not np.isfinite(row).all():
            raise ParameterInvalid(
                say("scores hold a value that is not a finite number.", "scores 中有不是有限数字的值。"),
                hint=say("The model is broken: train it again.", "模型已损坏，请重新训练。"),
            )
        label = int(row.argmax())
        score = float(row[label])
        if score < threshold:
            return cls(label=NONE_LABEL, score=score, name=none_name(), file=file)
        return cls(label=label, score=score, name=classes[label], file=file)

    def to_chinese(self) -> dict[str, int | float | str]:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show."""
        fields: dict[str, int | float | str] = {"标签": self.label, "置信度": self.score, "预测结果": self.name}
        return fields if self.file is None else {**fields, "文件名": self.file}

    def to_prediction(self) -> dict[str, int | float | str]:
        """Return the shape that ``MMClassification.inference`` gives."""
        fields: dict[str, int | float | str] = {
            "pred_label": self.label,
            "pred_score": self.score,
            "pred_class": self.name,
        }
        return fields if self.file is None else {**fields, "file_name": self.file}
