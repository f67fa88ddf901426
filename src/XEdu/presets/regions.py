"""Which region of a picture a network of one hand, face or body sees: after a detection, and after the last points.

The regions are those that the networks were trained on: for hands Zhang et al., "MediaPipe Hands" (2020), for bodies
Bazarevsky et al., "BlazePose" (2020), for faces Kartynnik et al. (2019).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.regions import RotatedRegion
from XEdu.presets.located import Located

Floats = npt.NDArray[np.float64]

PALM_SCALE, PALM_SHIFT = 2.6, -0.5
"""Of the palm's box: the fingers lie above it."""
_HAND_SCALE, _HAND_SHIFT = 2.0, -0.1
_FACE_SCALE = 1.5
_BODY_SCALE = 1.25
_FOREHEAD = 1.6  # times the way from the mouth to the eyes
_WRIST, _INDEX, _MIDDLE, _RING = 0, 5, 9, 13  # the wrist, and where these fingers begin
_STEADY = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)  # what hardly moves when fingers bend
_RIGHT_EYE, _LEFT_EYE = 33, 263  # outer corners, of the 468 points
_HIPS, _RIM = 33, 34  # behind the 33 points of a body: its middle, and a point on the circle around it
_PALM_WRIST, _PALM_MIDDLE = 0, 2  # of a palm's keypoints


def of_palm(palm: Located) -> RotatedRegion:
    """Return the region of the hand whose palm was found: the middle finger points up in it."""
    angle = _upwards(palm.points[_PALM_WRIST], palm.points[_PALM_MIDDLE])
    return _square(_of_box(palm.box, angle).varied(shift=(0, PALM_SHIFT)), PALM_SCALE)


def of_hand(points: Floats) -> RotatedRegion:
    """Return the region of a hand in the next picture, from its 21 points."""
    fingers = ((points[_INDEX] + points[_RING]) / 2 + points[_MIDDLE]) / 2
    around = _around(points[list(_STEADY)], _upwards(points[_WRIST], fingers))
    return _square(around.varied(shift=(0, _HAND_SHIFT)), _HAND_SCALE)


def of_detected_face(face: Located) -> RotatedRegion:
    """Return the region of a face that was found: its eyes lie level in it."""
    right, left = face.points[:2]
    return _square(_of_box(face.box, _level(right, left)), _FACE_SCALE)


def of_face(points: Floats) -> RotatedRegion:
    """Return the region of a face in the next picture, from its 468 points."""
    return _square(_around(points, _level(points[_RIGHT_EYE], points[_LEFT_EYE])), _FACE_SCALE)


def of_detected_body(body: Located) -> RotatedRegion:
    """Return the region of a body that was found, by its first two keypoints: the hips, and the circle around it."""
    return _circled(body.points[0], body.points[1])


def of_body(points: Floats) -> RotatedRegion:
    """Return the region of a body in the next picture, from its 33 points and the two behind them."""
    return _circled(points[_HIPS], points[_RIM])


def top_of_head(points: Floats) -> Floats:
    """Return (1, 2): about where the head of a body ends; no point says it."""
    eyes, mouth = points[[2, 5]].mean(axis=0), points[[9, 10]].mean(axis=0)
    return np.asarray(eyes + _FOREHEAD * (eyes - mouth))[None]


def whole(height: int, width: int) -> RotatedRegion:
    """Return the square around a picture: what a detector sees."""
    side = max(height, width)
    return RotatedRegion(width / 2, height / 2, side, side)


def bounds(points: Floats, margin: float) -> Floats:
    """Return the box around points, (4,) of x1, y1, x2, y2.

    Args:
        points: (K, 2).
        margin: By which share of its longer side it is larger, on each side.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    more = (high - low).max() * margin
    return np.concatenate([low - more, high + more])


def _upwards(start: Floats, end: Floats) -> float:
    """Return the angle of the region in which the way from one point to the other leads up."""
    right, down = end - start
    return math.atan2(right, -down)


def _level(start: Floats, end: Floats) -> float:
    """Return the angle of the region in which the way from one point to the other leads to the right."""
    right, down = end - start
    return math.atan2(down, right)


def _of_box(box: Floats, angle: float) -> RotatedRegion:
    x1, y1, x2, y2 = box.tolist()
    return RotatedRegion((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, angle)


def _around(points: Floats, angle: float) -> RotatedRegion:
    """Return the smallest region of this angle with all points."""
    turned = RotatedRegion(0, 0, 1, 1, angle)
    local = turned.points_to_input(points, (1, 1))
    low, high = local.min(axis=0), local.max(axis=0)
    x, y = turned.points_to_picture((low + high) / 2, (1, 1))
    width, height = (high - low).tolist()
    return RotatedRegion(float(x), float(y), width, height, angle)


def _square(region: RotatedRegion, scale: float) -> RotatedRegion:
    side = max(region.width, region.height) * scale
    return RotatedRegion(region.x, region.y, side, side, region.angle)


def _circled(middle: Floats, rim: Floats) -> RotatedRegion:
    side = 2 * float(np.hypot(*(rim - middle))) * _BODY_SCALE
    return RotatedRegion(float(middle[0]), float(middle[1]), side, side, _upwards(middle, rim))
