"""Points and skeletons that everybody knows: the hand's 21, the body's 17 and 33, the face's 468; as plain data.

Drawing, and whoever runs models that give these points, take them from here.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from BaseDT.results.keypoints import Skeleton
from BaseDT.results.point_names import FINGERS


@dataclass(frozen=True)
class KnownSkeleton:
    """Points by name, and which of them bones join.

    Attributes:
        names: Of the K points.
        bones: Pairs of points, counted from 0.
    """

    names: tuple[str, ...]
    bones: Skeleton


def _chain(*points: int) -> Skeleton:
    return tuple(itertools.pairwise(points))


def _finger(name: str, joints: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_{joint}" for joint in joints)


HAND21 = KnownSkeleton(
    names=(
        "wrist",
        *_finger("thumb", ("cmc", "mcp", "ip", "tip")),
        *(point for name in FINGERS[1:] for point in _finger(name, ("mcp", "pip", "dip", "tip"))),
    ),
    bones=(
        *_chain(0, 1, 2, 3, 4),
        *_chain(0, 5, 6, 7, 8),
        *_chain(9, 10, 11, 12),
        *_chain(13, 14, 15, 16),
        *_chain(0, 17, 18, 19, 20),
        *_chain(5, 9, 13, 17),
    ),
)
"""From the wrist through each finger, thumb first: the numbering of MediaPipe, OneHand10K and FreiHAND."""

_BODY = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def _both(*parts: str) -> tuple[str, ...]:
    return tuple(f"{side}_{part}" for part in parts for side in ("left", "right"))


BODY17 = KnownSkeleton(
    names=("nose", *_both("eye", "ear", *_BODY)),
    bones=(
        *_chain(15, 13, 11, 12, 14, 16),
        *_chain(9, 7, 5, 6, 8, 10),
        *((5, 11), (6, 12), (1, 2)),
        *_chain(5, 3, 1, 0, 2, 4, 6),
    ),
)
"""Of COCO (Lin et al., 2014): left and right are the person's own."""

BODY33 = KnownSkeleton(
    names=(
        "nose",
        *("left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer"),
        *_both("ear"),
        *("mouth_left", "mouth_right"),
        *_both("shoulder", "elbow", "wrist", "pinky", "index", "thumb", "hip", "knee", "ankle", "heel", "foot_index"),
    ),
    bones=(
        *_chain(7, 3, 2, 1, 0, 4, 5, 6, 8),
        (9, 10),
        *_chain(15, 13, 11, 12, 14, 16),
        *_chain(15, 17, 19, 15, 21),
        *_chain(16, 18, 20, 16, 22),
        *_chain(11, 23, 24, 12),
        *_chain(23, 25, 27, 29, 31, 27),
        *_chain(24, 26, 28, 30, 32, 28),
    ),
)
"""Of BlazePose (Bazarevsky et al., 2020)."""

BODY17_OF_33 = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Which of BlazePose's points are COCO's, in COCO's order."""

# Parts of the face mesh, each a line from point to point.
_FACE_PARTS: dict[str, tuple[tuple[int, ...], ...]] = {
    "oval": (
        (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152),
        (152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
    ),
    "lips": (
        (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
        (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
        (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
        (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    ),
    "left_eye": ((263, 249, 390, 373, 374, 380, 381, 382, 362), (263, 466, 388, 387, 386, 385, 384, 398, 362)),
    "right_eye": ((33, 7, 163, 144, 145, 153, 154, 155, 133), (33, 246, 161, 160, 159, 158, 157, 173, 133)),
    "left_brow": ((276, 283, 282, 295, 285), (300, 293, 334, 296, 336)),
    "right_brow": ((46, 53, 52, 65, 55), (70, 63, 105, 66, 107)),
    "nose": ((168, 6, 197, 195, 5, 4, 1),),
}
_FACE_NAMES = {
    1: "nose_tip",
    10: "forehead",
    152: "chin",
    13: "upper_lip",
    14: "lower_lip",
    61: "mouth_right",
    291: "mouth_left",
    33: "right_eye_outer",
    133: "right_eye_inner",
    159: "right_eye_top",
    145: "right_eye_bottom",
    263: "left_eye_outer",
    362: "left_eye_inner",
    386: "left_eye_top",
    374: "left_eye_bottom",
}


def _face_names() -> tuple[str, ...]:
    names = {number: str(number) for number in range(468)}
    for part, lines in _FACE_PARTS.items():
        names |= {number: f"{part}_{number}" for line in lines for number in line}
    return tuple((names | _FACE_NAMES).values())


FACE468 = KnownSkeleton(
    names=_face_names(), bones=tuple(bone for lines in _FACE_PARTS.values() for line in lines for bone in _chain(*line))
)
"""Of MediaPipe's face mesh (Kartynnik et al., 2019): lines along oval, lips, eyes, brows and the ridge of the nose.

Points on these are called by their part and number, a few by what they are (``chin``); all others by their number. Left
and right are the person's own.
"""

_KNOWN = {17: BODY17, 21: HAND21, 33: BODY33, 468: FACE468}


def known(count: int) -> KnownSkeleton | None:
    """Return the skeleton of so many points that everybody means; None where there is none."""
    return _KNOWN.get(count)
