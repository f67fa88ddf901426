"""The points of one person, hand or face in a picture, as a model of keypoints predicts them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard, cast

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_integer, checked_flag, documented, is_integer
from BaseDT.errors import ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.geometry.keypoints import features
from BaseDT.language import say
from BaseDT.results.detection import checked_box
from BaseDT.results.point_names import finger_of, side_of
from BaseDT.results.validation import check_text, checked_label, checked_score

Points: TypeAlias = npt.NDArray[np.float64]
Skeleton: TypeAlias = tuple[tuple[int, int], ...]
"""Which points a bone joins, counted from 0."""

_DIGITS = 2  # of a pixel, in what users see
_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class KeypointsResult:
    """One person, hand or face with its K points; a picture gives a list of these.

    Arrays are copied and cannot be written to. Points may lie outside the picture.

    Attributes:
        points: x, y of each point in pixels of the original picture, (K, 2); edges of pixels are whole numbers.
        scores: How sure the model is of each, (K,), 0 to 1.
        box: x1, y1, x2, y2 in pixels around all of it; None takes the smallest box around the points.
        score: How sure the model is of the whole, 0 to 1.
        label: Number of its class, from 0.
        name: Name of its class: ``"person"``, ``"left"`` …
        names: Names of the points, K; without any they are called ``"0"``, ``"1"`` …
        skeleton: Pairs of points that bones join, counted from 0.
        depth: How far behind the picture's plane each point lies, (K,), in pixels; None where the model does not tell.
        number: By which it is followed through a film, from 1; None for a single picture.

    Raises:
        ParameterInvalid: A value has another type or shape, or is outside its range.
    """

    points: Points
    scores: Points
    box: tuple[float, float, float, float] | None = None
    score: float = 1.0
    label: int = 0
    name: str = "person"
    names: tuple[str, ...] = ()
    skeleton: Skeleton = ()
    depth: Points | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        points = _checked_array("points", self.points, (None, 2))
        count = len(points)
        scores = _checked_array("scores", self.scores, (count,))
        if scores.min() < 0 or scores.max() > 1 + _ROUNDING:
            raise _invalid(
                "scores", f"{scores.min():g} … {scores.max():g}", "probabilities from 0 to 1", " 0 到 1 之间的概率"
            )
        depth = None if self.depth is None else _checked_array("depth", self.depth, (count,))
        box = (*points.min(axis=0), *points.max(axis=0)) if self.box is None else self.box
        fields = {
            "points": points,
            "scores": _frozen(scores.clip(0, 1)),
            "box": checked_box(box),
            "score": checked_score(self.score),
            "label": checked_label(self.label),
            "names": _checked_names(self.names, count),
            "skeleton": _checked_skeleton(self.skeleton, count),
            "depth": depth,
            "number": None if self.number is None else check_integer("number", self.number, least=0),
        }
        check_text("name", self.name)
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    def __len__(self) -> int:
        """Return K, the number of points."""
        return len(self.points)

    def __eq__(self, other: object) -> bool:
        """Whether all is equal to the last digit."""
        if not isinstance(other, KeypointsResult):
            return NotImplemented
        depths = self.depth, other.depth
        same_depth = depths[0] is depths[1] is None or (
            depths[0] is not None and depths[1] is not None and np.array_equal(depths[0], depths[1])
        )
        arrays = np.array_equal(self.points, other.points) and np.array_equal(self.scores, other.scores)
        return arrays and same_depth and self._rest() == other._rest()

    def __hash__(self) -> int:
        """Return a number that equal results share."""
        return hash((self.points.tobytes(), self.scores.tobytes(), self._rest()))

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """The box, which a finished result always has."""
        assert self.box is not None
        return self.box

    @documented
    def index(self, name: str | int) -> int:
        """Return the number of a point. 按名称查找关键点的编号。

        Args:
            name: Of the point, whatever its letter case; or its number.

        Raises:
            ParameterInvalid: There is no such point; the nearest name is offered (-305).
        """
        return point_number(name, self.names)

    @documented
    def point(self, name: str | int) -> tuple[float, float]:
        """Return where a point is: x, y in pixels of the picture. 按名称取关键点的坐标。

        Args:
            name: Of the point, such as ``"left_wrist"``, whatever its letter case; or its number.

        Raises:
            ParameterInvalid: There is no such point; the nearest name is offered (-305).
        """
        x, y = self.points[self.index(name)].tolist()
        return x, y

    @documented
    def score_of(self, name: str | int) -> float:
        """Return how sure the model is of a point, 0 to 1. 按名称取关键点的分数。

        Args:
            name: Of the point, whatever its letter case; or its number.

        Raises:
            ParameterInvalid: There is no such point; the nearest name is offered (-305).
        """
        return float(self.scores[self.index(name)])

    @documented
    def features(self, upright: bool = False) -> npt.NDArray[np.float32]:
        """Return numbers to learn gestures and postures from, without place and size. 返回用于学习手势、姿态的特征。

        Left hands (a class called "left", 左手) are mirrored, so that what one hand shows the other can learn.

        Args:
            upright: Also leave out how it is turned: thumbs up and thumbs down are then the same.

        Returns:
            (F,): x, y of each point, then the angles between bones; see ``BaseDT.geometry.keypoints.features``.

        Raises:
            ParameterInvalid: ``upright`` is neither True nor False (-305).
        """
        turned = checked_flag("upright", upright)
        mirrored = side_of(self.name) == "left" and any(finger_of(name) == 0 for name in self.names)
        return features(self.points, self.names, self.skeleton, upright=turned, mirror=mirrored)

    def to_chinese(self) -> dict[str, Any]:
        """Return the shape that XEdu.hub, BaseDeploy and ``print_result`` show: a detector's box, and the points.

        Edges are whole pixels, points have two digits. ``深度`` and ``编号`` are there only where they are known.
        """
        edges = {edge: round(value) for edge, value in zip(("x1", "y1", "x2", "y2"), self.edges, strict=True)}
        fields: dict[str, Any] = {} if self.number is None else {"编号": self.number}
        fields |= {"标签": self.label, "置信度": self.score, "坐标": edges, "预测结果": self.name}
        fields |= {"关键点坐标": _rounded(self.points), "分数": _rounded(self.scores, 4)}
        return fields if self.depth is None else {**fields, "深度": _rounded(self.depth)}

    def _rest(self) -> tuple[Any, ...]:
        return self.box, self.score, self.label, self.name, self.names, self.skeleton, self.number


def point_number(name: object, names: Sequence[str]) -> int:
    """Return the number of a point, from its name or number.

    Raises:
        ParameterInvalid: There is no such point; the nearest name is offered (-305).
    """
    if isinstance(name, str):
        by_name = {known.strip().lower(): number for number, known in reversed(list(enumerate(names)))}
        # What people write: "Left Wrist", "left-wrist".
        for written in (name.strip().lower(), name.strip().lower().replace(" ", "_").replace("-", "_")):
            if written in by_name:
                return by_name[written]
    elif is_integer(name) and 0 <= name < len(names):
        return int(name)
    listed = ", ".join(names[:40]) + (" …" if len(names) > 40 else "")
    near = did_you_mean(name, names) if isinstance(name, str) else ""
    raise ParameterInvalid(
        say(f"There is no point {quoted(name)}.", f"没有名为 {quoted(name)} 的关键点。"),
        hint=f"{near} " + say(f"The {len(names)} points: {listed}.", f"共 {len(names)} 个关键点：{listed}。"),
    )


def _checked_array(which: str, value: object, shape: tuple[int | None, ...]) -> Points:
    """Return a copy that cannot be written to, of finite numbers of a shape; None: any length from 1."""
    expected = f"({', '.join('K' if side is None else str(side) for side in shape)}{',' * (len(shape) == 1)})"
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.full(0, np.nan)
    fits = array.ndim == len(shape) and all(
        actual == side if side is not None else actual > 0 for actual, side in zip(array.shape, shape, strict=False)
    )
    if not fits or not np.isfinite(array).all():
        actual = array.shape if isinstance(value, (np.ndarray, list, tuple)) else type(value).__name__
        found = say("what is no number (NaN)", "非数字（NaN）") if fits else f"{actual}"
        raise _invalid(which, found, f"finite numbers {expected}", f" {expected} 个有限的数")
    return _frozen(array)


def _frozen(array: Points) -> Points:
    array.flags.writeable = False
    return array


def _checked_names(names: object, count: int) -> tuple[str, ...]:
    listed = tuple(names) if _is_listed(names) else (names,)
    if not listed:
        return tuple(map(str, range(count)))
    for name in listed:
        check_text("names", name)
    if len(listed) != count:
        raise _invalid(
            "names", f"{len(listed)}", f"one name for each of the {count} points", f" {count} 个关键点的名称"
        )
    return cast("tuple[str, ...]", listed)


def _checked_skeleton(skeleton: object, count: int) -> Skeleton:
    pairs = tuple(tuple(pair) if _is_listed(pair) else () for pair in skeleton) if _is_listed(skeleton) else ((),)
    try:
        bones = _bones(pairs, count)
    except TypeError:  # an end that cannot even be remembered is none
        bones = None
    if bones is not None:
        return bones
    raise _invalid(
        "skeleton",
        quoted(skeleton),
        f"pairs of points, counted from 0 to {count - 1}",
        f"成对的关键点编号，从 0 到 {count - 1}",
    )


# Remembered: the results of a film share their skeleton.
@functools.lru_cache(maxsize=32)
def _bones(pairs: tuple[tuple[object, ...], ...], count: int) -> Skeleton | None:
    # What equals a number counts as this number: only so does the memory make no difference.
    if not all(len(pair) == 2 and all(end in range(count) for end in pair) for pair in pairs):
        return None
    return tuple((int(start), int(end)) for start, end in cast("Skeleton", pairs))


def _is_listed(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (tuple, list))


def _invalid(which: str, actual: object, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(
        say(f"{which}: {actual}.", f"{which}：{actual}。"), hint=say(f"Expected {en}.", f"应为{zh}。")
    )


def _rounded(values: Points, digits: int = _DIGITS) -> list[Any]:
    rounded: list[Any] = values.round(digits).tolist()
    return rounded
