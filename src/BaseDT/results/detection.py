"""One object in a picture, as a detector predicts it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from numbers import Real

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.results.validation import check_text, checked_label, checked_score


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
        object.__setattr__(self, "label", checked_label(self.label))
        object.__setattr__(self, "score", checked_score(self.score))
        object.__setattr__(self, "box", checked_box(self.box))
        if self.mask is not None and (not isinstance(self.mask, np.ndarray) or self.mask.ndim != 2):
            actual = getattr(self.mask, "shape", type(self.mask).__name__)
            raise ParameterInvalid(
                say(f"mask is {actual!r}.", f"mask 是 {actual!r}。"),
                hint=say("Expected an array (m, m).", "应为数组 (m, m)。"),
            )
        check_text("name", self.name)

    def to_chinese(self) -> dict[str, int | float | str | dict[str, int]]:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show; the edges in whole pixels."""
        edges = {edge: round(value) for edge, value in zip(("x1", "y1", "x2", "y2"), self.box, strict=True)}
        return {"标签": self.label, "置信度": self.score, "坐标": edges, "预测结果": self.name}

    def to_prediction(self) -> dict[str, int | float | str | dict[str, int]]:
        """Return the shape that ``MMDetection.inference`` gives: ``to_chinese`` with another first key."""
        fields = self.to_chinese()
        return {"类别标签": fields.pop("标签"), **fields}


def checked_box(value: object) -> tuple[float, float, float, float]:
    """Return four edges as plain numbers; only results call it.

    Raises:
        ParameterInvalid: These are no edges (-305).
    """
    edges = list(value) if isinstance(value, (tuple, list, np.ndarray)) else []
    if all(isinstance(edge, Real) and not isinstance(edge, bool) and math.isfinite(edge) for edge in edges):
        x1, y1, x2, y2 = (float(edge) for edge in edges) if len(edges) == 4 else (1.0, 1.0, 0.0, 0.0)
        if x1 <= x2 and y1 <= y2:
            return x1, y1, x2, y2
    raise ParameterInvalid(
        say(f"box is {tuple(map(_plain, edges)) or value!r}.", f"box 是 {tuple(map(_plain, edges)) or value!r}。"),
        hint=say(
            "Expected x1, y1, x2, y2 in pixels: left, upper, right and lower edge.",
            "应为 x1、y1、x2、y2（像素）：左、上、右、下边界。",
        ),
    )


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
