"""What a model said about a picture: frozen dataclasses and the dictionaries of the documents that they turn into.

Everybody may make and read them; how a model is run, and how a result is drawn, stay out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say


@dataclass(frozen=True)
class ClassificationResult:
    """The class of one picture.

    Attributes:
        label: Number of the class, from 0.
        score: Probability of that class, 0 to 1.
        name: Name of the class.
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
        object.__setattr__(self, "label", _label(self.label))
        object.__setattr__(self, "score", _score(self.score))
        _check_text("name", self.name)
        if self.file is not None:
            _check_text("file", self.file)

    @classmethod
    def from_scores(
        cls, scores: npt.NDArray[Any], classes: Sequence[str], file: str | None = None
    ) -> ClassificationResult:
        """Take the class with the highest score; the first of equals.

        Args:
            scores: Probabilities, shape (C,).
            classes: The C names, in the order of the scores.
            file: Name of the picture's file.

        Raises:
            ParameterInvalid: The scores are no row of C finite numbers.
        """
        row = np.asarray(scores)
        if row.ndim != 1 or row.size == 0 or row.size != len(classes):
            raise ParameterInvalid(
                f"scores of shape {row.shape} do not fit {len(classes)} classes.",
                hint=say(
                    f"Expected one row of {len(classes)} scores, one for each class.",
                    f"应为一行 {len(classes)} 个分数，每个类别一个。",
                ),
            )
        if not np.isfinite(row).all():
            raise ParameterInvalid(
                "scores hold a value that is not a finite number.",
                hint=say("The model is broken: train it again.", "模型已损坏，请重新训练。"),
            )
        label = int(row.argmax())
        return cls(label=label, score=float(row[label]), name=classes[label], file=file)

    def to_chinese(self) -> dict[str, int | float | str]:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show."""
        shown: dict[str, int | float | str] = {"标签": self.label, "置信度": self.score, "预测结果": self.name}
        return shown if self.file is None else {**shown, "文件名": self.file}

    def to_prediction(self) -> dict[str, int | float | str]:
        """Return the shape that ``MMClassification.inference`` gives."""
        shown: dict[str, int | float | str] = {
            "pred_label": self.label,
            "pred_score": self.score,
            "pred_class": self.name,
        }
        return shown if self.file is None else {**shown, "file_name": self.file}


@dataclass(frozen=True)
class DetectionResult:
    """One thing that a detector found; a picture gives a list of these.

    Attributes:
        label: Number of the class, from 0.
        score: How sure the model is, 0 to 1.
        box: x1, y1, x2, y2: left, upper, right and lower edge, in pixels of the original picture.
        name: Name of the class.
        mask: Which part of the box is the object, (m, m) probabilities; None where the model does not tell.

    Raises:
        ParameterInvalid: A value has another type, or is outside its range.
    """

    label: int
    score: float
    box: tuple[float, float, float, float]
    name: str
    mask: npt.NDArray[np.float32] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _label(self.label))
        object.__setattr__(self, "score", _score(self.score))
        object.__setattr__(self, "box", _box(self.box))
        if self.mask is not None and (not isinstance(self.mask, np.ndarray) or self.mask.ndim != 2):
            found = getattr(self.mask, "shape", type(self.mask).__name__)
            raise ParameterInvalid(f"mask is {found!r}.", hint=say("Expected an array (m, m).", "应为数组 (m, m)。"))
        _check_text("name", self.name)

    def to_chinese(self) -> dict[str, int | float | str | dict[str, int]]:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show; the edges in whole pixels."""
        edges = {edge: round(value) for edge, value in zip(("x1", "y1", "x2", "y2"), self.box, strict=True)}
        return {"标签": self.label, "置信度": self.score, "坐标": edges, "预测结果": self.name}


def with_area(corners: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which boxes (N, 4) of x1, y1, x2, y2 have an area: of what lies beside the picture, none is left of it."""
    return np.asarray((corners[:, 2:] > corners[:, :2]).all(axis=1), dtype=np.bool_)


def _label(value: object) -> int:
    if isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0:
        return int(value)
    raise ParameterInvalid(
        f"label is {value!r}.",
        hint=say("Expected the number of a class: 0, 1, 2 …", "应为类别的编号：0、1、2……"),
    )


def _score(value: object) -> float:
    # Softmax in float32 can end a few units in the last place above 1: that is rounding, not a mistake.
    if isinstance(value, Real) and not isinstance(value, bool) and 0.0 <= float(value) <= 1.0 + 1e-5:
        return min(float(value), 1.0)
    raise ParameterInvalid(
        f"score is {value!r}.",
        hint=say("Expected a probability from 0 to 1.", "应为 0 到 1 之间的概率。"),
    )


def _box(value: object) -> tuple[float, float, float, float]:
    edges = list(value) if isinstance(value, (tuple, list, np.ndarray)) else []
    if all(isinstance(edge, Real) and not isinstance(edge, bool) and math.isfinite(edge) for edge in edges):
        x1, y1, x2, y2 = (float(edge) for edge in edges) if len(edges) == 4 else (1.0, 1.0, 0.0, 0.0)
        if x1 <= x2 and y1 <= y2:
            return x1, y1, x2, y2
    raise ParameterInvalid(
        f"box is {tuple(map(_plain, edges)) or value!r}.",
        hint=say(
            "Expected x1, y1, x2, y2 in pixels: left, upper, right and lower edge.",
            "应为 x1、y1、x2、y2（像素）：左、上、右、下边界。",
        ),
    )


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _check_text(which: str, value: object) -> None:
    if not isinstance(value, str):
        raise ParameterInvalid(f"{which} is {value!r}.", hint=say("Expected a text.", "应为文本。"))
