"""``bbox=``: where the objects are whose points a caller wants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import invalid, is_number
from BaseDT.errors import ParameterInvalid, TaskMismatch
from BaseDT.language import say
from BaseDT.results import DetectionResult

Box: TypeAlias = tuple[float, float, float, float]
_EDGES = ("x1", "y1", "x2", "y2")


def checked_boxes(value: object) -> list[Box]:
    """Return boxes, x1, y1, x2, y2 in pixels of the picture, that a caller gave in any form.

    Args:
        value: Four numbers, a result of a detector (also as a dictionary in any language), or several of these.

    Raises:
        ParameterInvalid: It is none of these, or a box has no area (-305).
    """
    box = _one(value)
    if box is not None:
        return [box]
    boxes = [_one(item) for item in value] if isinstance(value, (list, tuple)) or _is_table(value) else []
    known = [item for item in boxes if item is not None]
    if boxes and len(known) == len(boxes):
        return known
    if (isinstance(value, list) and not value) or (_is_table(value) and not len(value)):
        return []  # a detector found nothing: nothing is asked for
    raise _wrong(value)


def no_points_found() -> TaskMismatch:
    """Make the error of results that have no points (-311)."""
    return TaskMismatch(
        say("The results of this task have no points.", "该任务的结果没有关键点。"),
        hint=say("Use a task such as 'pose_hand21'.", "请使用 'pose_hand21' 等关键点任务。"),
    )


def no_points() -> TaskMismatch:
    """Make the error of a task that finds no points (-311)."""
    return TaskMismatch(
        say("bbox is for tasks that find points.", "bbox 只用于关键点任务。"),
        hint=say(
            "Leave bbox out, or use a task such as 'pose_hand21'.", "请去掉 bbox，或使用 'pose_hand21' 等关键点任务。"
        ),
    )


def one_picture() -> ParameterInvalid:
    """Make the error of boxes for several pictures: they would lie elsewhere on each (-305)."""
    return ParameterInvalid(
        say("bbox is for one picture.", "bbox 只用于单张图片。"),
        hint=say("Call inference for each picture with its boxes.", "请对每张图片分别调用 inference 并给出它的框。"),
    )


def _one(value: object) -> Box | None:
    edges = _edges(value)
    if edges is None or len(edges) != 4 or not all(is_number(edge) and math.isfinite(edge) for edge in edges):
        return None
    x1, y1, x2, y2 = (float(edge) for edge in edges)
    if x2 <= x1 or y2 <= y1:
        raise _wrong(value)
    return x1, y1, x2, y2


def _edges(value: object) -> list[Any] | None:
    if isinstance(value, DetectionResult):
        return list(value.box)
    if isinstance(value, Mapping):
        # The key has a name in every language; what holds the edges is known by the edges.
        inner = next((item for item in value.values() if isinstance(item, Mapping) and set(item) >= set(_EDGES)), value)
        return [inner[edge] for edge in _EDGES] if set(inner) >= set(_EDGES) else None
    if isinstance(value, np.ndarray):
        return value.tolist() if value.ndim == 1 else None
    return list(value) if isinstance(value, (list, tuple)) else None


def _is_table(value: object) -> TypeGuard[npt.NDArray[Any]]:
    return isinstance(value, np.ndarray) and value.ndim == 2


def _wrong(value: object) -> ParameterInvalid:
    return invalid(
        "bbox",
        value,
        "x1, y1, x2, y2 in pixels with x1 < x2 and y1 < y2, a result of a detector, or several of these",
        " x1、y1、x2、y2（像素，x1 < x2，y1 < y2），或检测结果，或它们的列表",
    )
