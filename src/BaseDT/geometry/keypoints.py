"""Points of hands and bodies as numbers to learn from: where, how large and how far turned they are left out.

Results call it, and whoever teaches gestures. Arrays come in and go out; models and pictures stay out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

Floats = npt.NDArray[np.float64]
Bones = Sequence[tuple[int, int]]

# What is in the middle, and the two ends of what everything is measured by; a name is the mean of its points. The first
# that is there is taken.
_FRAMES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("wrist",), ("wrist",), ("middle_mcp", "middle_finger_mcp", "middle1", "middle_finger1")),
    (("left_hip", "right_hip"), ("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")),
    (("left_hip", "right_hip"), ("left_hip", "right_hip"), ("neck",)),
)


def normalised(points: npt.ArrayLike, names: Sequence[str], *, upright: bool = False, mirror: bool = False) -> Floats:
    """Return points without their place and size: a hand's wrist, a body's hips are at 0, 0, and a palm, a torso is 1.

    A palm reaches from the wrist to the first joint of the middle finger, a torso from between the hips to between the
    shoulders (or the neck). Points with other names are measured by their mean and by their root mean square distance
    from it.

    Args:
        points: x, y in pixels, (N, K, 2), or (K, 2) of a single one.
        names: Of the K points.
        upright: Turn each so that its palm or torso points up: gestures are then the same however they are held. Points
            with other names stay as they are.
        mirror: Exchange left and right, as for left hands.

    Returns:
        The same shape. Points that all lie in one place are 0.

    Raises:
        ParameterInvalid: These are no such points, or no numbers (-305).
    """
    array = _checked(points, len(names))
    if mirror:
        array = array * (-1.0, 1.0)
    frame = _frame(names)
    if frame is None:
        middle = array.mean(axis=-2, keepdims=True)
        length = np.sqrt(np.square(array - middle).sum(axis=-1).mean(axis=-1))[..., None, None]
        return _divided(array - middle, length)
    middle, start, end = (array[..., numbers, :].mean(axis=-2, keepdims=True) for numbers in frame)
    axis = end - start
    length = np.linalg.norm(axis, axis=-1, keepdims=True)
    placed = _divided(array - middle, length)
    if not upright:
        return placed
    up = _divided(axis, length)  # in pictures y grows downwards: up is (0, -1)
    cosine, sine = -up[..., 1], up[..., 0]
    x, y = placed[..., 0], placed[..., 1]
    return np.stack([cosine * x + sine * y, cosine * y - sine * x], axis=-1)


def bend_angles(points: npt.ArrayLike, bones: Bones) -> Floats:
    """Return the angles between bones that share a point: 0 where one lies on the other, 1 (π) where they are in line.

    A stretched finger has angles of 1, a bent one smaller. They stay as they are when a hand is moved, turned, or seen
    in a mirror.

    Args:
        points: x, y, (N, K, 2), or (K, 2) of a single one.
        bones: Pairs of points.

    Returns:
        (N, A), or (A,); in the order of ``bend_joints``. Bones without length have angles of 0.
    """
    array = np.asarray(points, dtype=np.float64)
    joints = np.array(bend_joints(bones), dtype=np.intp).reshape(-1, 3)
    first = array[..., joints[:, 0], :] - array[..., joints[:, 1], :]
    other = array[..., joints[:, 2], :] - array[..., joints[:, 1], :]
    cross = first[..., 0] * other[..., 1] - first[..., 1] * other[..., 0]
    return np.asarray(np.abs(np.arctan2(cross, (first * other).sum(axis=-1))) / np.pi)


def bend_joints(bones: Bones) -> list[tuple[int, int, int]]:
    """Return three points for each angle between two bones: an end, the shared point, the other end."""
    neighbours: dict[int, list[int]] = {}
    for start, end in bones:
        neighbours.setdefault(start, []).append(end)
        neighbours.setdefault(end, []).append(start)
    return [
        (ends[i], middle, ends[j])
        for middle, ends in sorted(neighbours.items())
        for i in range(len(ends))
        for j in range(i + 1, len(ends))
    ]


def features(
    points: npt.ArrayLike, names: Sequence[str], bones: Bones = (), *, upright: bool = False, mirror: bool = False
) -> npt.NDArray[np.float32]:
    """Return numbers from which gestures and postures are learned: normalised points, then the angles between bones.

    MediaPipe Hands (Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking", 2020) tells gestures by the
    angles of the joints; together with the normalised points twenty examples of each are enough for a linear layer.

    Args:
        points: x, y in pixels, (N, K, 2), or (K, 2) of a single one.
        names: Of the K points.
        bones: Pairs of points that bones join.
        upright: Leave out how it is turned; see ``normalised``.
        mirror: Exchange left and right, as for left hands.

    Returns:
        (N, F), or (F,) of a single one: x, y of each point, then the angles; F = 2 K + A.

    Raises:
        ParameterInvalid: These are no such points, or no numbers (-305).
    """
    placed = normalised(points, names, upright=upright, mirror=mirror)
    flat = placed.reshape(*placed.shape[:-2], -1)
    return np.concatenate([flat, bend_angles(placed, bones)], axis=-1).astype(np.float32)


def feature_names(names: Sequence[str], bones: Bones = ()) -> list[str]:
    """Return what each of the ``features`` is, for tables."""
    angles = [f"{names[start]} - {names[middle]} - {names[end]}" for start, middle, end in bend_joints(bones)]
    return [f"{name} {axis}" for name in names for axis in ("x", "y")] + angles


def _frame(names: Sequence[str]) -> tuple[list[int], list[int], list[int]] | None:
    """Return the numbers of the points in the middle, and at both ends of the length; None where no name is known."""
    numbers = {name.strip().lower(): number for number, name in enumerate(names)}
    for middle, start, end in _FRAMES:
        # Of the names of a palm's end one is there; of two hips or shoulders both must be.
        ends = [numbers[name] for name in end if name in numbers]
        whole = all(name in numbers for name in (*middle, *start))
        if whole and (len(ends) == len(end) or (start == ("wrist",) and ends)):
            return [numbers[name] for name in middle], [numbers[name] for name in start], ends
    return None


def _divided(values: Floats, length: Floats) -> Floats:
    return np.asarray(np.divide(values, length, out=np.zeros_like(values), where=length > 1e-9))


def _checked(points: npt.ArrayLike, count: int) -> Floats:
    try:
        array = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.ndim in (2, 3) and count and array.shape[-2:] == (count, 2) and np.isfinite(array).all():
        return array
    shape: Any = array.shape if array.size else type(points).__name__
    raise ParameterInvalid(
        say(f"points are {shape}, with {count} names.", f"points 是 {shape}，名称有 {count} 个。"),
        hint=say(
            f"Expected finite numbers (N, {count}, 2): x, y of each point.",
            f"应为有限的数 (N, {count}, 2)：每个关键点的 x、y。",
        ),
    )
