"""What a tracker takes and gives: a detector's boxes, also as documented dictionaries, and objects with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from BaseDT.arguments import invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.results import DetectionResult

_LABELS = ("标签", "类别标签")
_EDGES = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True)
class TrackedObject:
    """A detector's box that is known again.

    Attributes:
        id: Its number, from 1; kept as long as the object is.
        result: Its box and score in this picture, and the class that most of its pictures say.
        pictures: In how many it has been found so far.
    """

    id: int
    result: DetectionResult
    pictures: int = field(default=1, compare=False)

    @property
    def name(self) -> str:
        """Name of the class."""
        return self.result.name

    @property
    def centre(self) -> tuple[float, float]:
        """x and y of the middle of the box, in pixels."""
        x1, y1, x2, y2 = self.result.box
        return (x1 + x2) / 2, (y1 + y2) / 2

    def to_chinese(self) -> dict[str, Any]:
        """Return the dictionary of ``Workflow`` with the number before it."""
        return {"编号": self.id, **self.result.to_chinese()}


def as_detections(results: object) -> list[DetectionResult]:
    """Return the boxes of a picture.

    Args:
        results: ``DetectionResult``, or what ``Workflow``, ``BaseDeploy`` and ``MMDetection`` return for one picture.

    Raises:
        ParameterInvalid: These are no boxes (-305).
    """
    if not isinstance(results, Sequence) or isinstance(results, (str, bytes)):
        raise _no_boxes(results)
    return [box if isinstance(box, DetectionResult) else _from_words(box, results) for box in results]


def _from_words(box: object, results: object) -> DetectionResult:
    try:
        assert isinstance(box, Mapping)
        label = next(box[key] for key in _LABELS if key in box)
        corners = box["坐标"]
        x1, y1, x2, y2 = (float(corners[edge]) for edge in _EDGES)
        return DetectionResult(label, box["置信度"], (x1, y1, x2, y2), box["预测结果"])
    except (AssertionError, StopIteration, KeyError, TypeError, ValueError, OverflowError):
        raise _no_boxes(results) from None


def _no_boxes(results: object) -> ParameterInvalid:
    return invalid(
        "results",
        results,
        "what a detector says of one picture: a list of boxes, as Workflow.inference returns it",
        "目标检测模型对一张图片的结果：Workflow.inference 返回的检测框列表",
    )
