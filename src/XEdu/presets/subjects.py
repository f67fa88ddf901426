"""Hands, faces and bodies: which networks find them, what their points are called. Plain description, no picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.regions import RotatedRegion
from XEdu.presets import face_lines, regions
from XEdu.presets.located import Located
from XEdu.presets.networks import DetectorDesign, PointsDesign

Floats = npt.NDArray[np.float64]
Line = tuple[int, int]

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
HAND_NAMES = ("wrist", *(f"{finger}_{joint}" for finger in _FINGERS for joint in (1, 2, 3, "tip")))
HAND_LINES: tuple[Line, ...] = (
    *((0, first) for first in (1, 5, 17)),
    *((first, first + 1) for first in range(1, 21) if first % 4),
    *((5, 9), (9, 13), (13, 17)),
)
"""The palm's outline and the fingers: every finger is four points that follow each other."""

_SIDES = ("left", "right")
BODY_NAMES = (
    "nose",
    *(f"{side}_eye{part}" for side in _SIDES for part in ("_inner", "", "_outer")),
    *(f"{side}_{part}" for part in ("ear", "mouth", "shoulder", "elbow", "wrist", "pinky", "index", "thumb",
      "hip", "knee", "ankle", "heel", "foot_index") for side in _SIDES),
)  # fmt: skip
BODY_LINES: tuple[Line, ...] = (
    *((0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10), (11, 12), (23, 24)),
    # Left points are odd from 11 on, right ones even: what is linked on one side is on the other.
    *((start + side, end + side) for start, end in ((11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19),
      (11, 23), (23, 25), (25, 27), (27, 29), (27, 31), (29, 31)) for side in (0, 1)),
)  # fmt: skip
COCO_POINTS = (0, 2, 5, 7, 8, *range(11, 17), *range(23, 29))
"""Which of the 33 points are COCO's 17, in COCO's order."""
COCO_NAMES = tuple(BODY_NAMES[point] for point in COCO_POINTS)
COCO_LINES: tuple[Line, ...] = (
    *((0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 6), (11, 12), (5, 11), (6, 12)),
    *((start + side, start + side + 2) for start in (5, 7, 11, 13) for side in (0, 1)),
)


@dataclass(frozen=True)
class Subject:
    """What can be found in a picture with all its points.

    Attributes:
        names: Of the classes: one, or the sides, left first.
        detectors: Files and designs of the networks that find it; each sees what the others may miss.
        network: File of the network of its points.
        design: Of that network.
        region_of: From a detection to its region.
        next_region: From its points to its region in the next picture.
        point_names: Of its points; empty where they have numbers only.
        count: How many of the network's points are results.
        lines: Which points are linked.
        margin: By which share of its longer side the box is larger than its points.
        beyond: From its points to what its box goes around, too.
        most: So many are followed in live pictures.
    """

    names: tuple[str, ...]
    detectors: Sequence[tuple[str, DetectorDesign]]
    network: str
    design: PointsDesign
    region_of: Callable[[Located], RotatedRegion]
    next_region: Callable[[Floats], RotatedRegion]
    count: int
    lines: tuple[Line, ...]
    point_names: tuple[str, ...] = field(default=(), repr=False)
    margin: float = 0.1
    beyond: Callable[[Floats], Floats] | None = None
    most: int = 2

    def label(self, right: float | None) -> int:
        """Return the number of its class, from how likely it is a right one."""
        return 0 if right is None else int(right > 0.5)


HAND = Subject(
    names=("left hand", "right hand"),
    detectors=(("palm_detection_full", DetectorDesign(192, (8, 16, 16, 16), signed=False)),),
    network="hand_landmark_full",
    design=PointsDesign(224, 21),
    region_of=regions.of_palm,
    next_region=regions.of_hand,
    count=21,
    lines=HAND_LINES,
    point_names=HAND_NAMES,
    most=4,
)
FACE = Subject(
    names=("face",),
    detectors=(
        ("face_detection_short_range", DetectorDesign(128, (8, 16, 16, 16))),
        ("face_detection_full_range_sparse", DetectorDesign(192, (4,), per_cell=1)),
    ),
    network="face_landmark",
    design=PointsDesign(192, 468, presence_is_logit=True),
    region_of=regions.of_detected_face,
    next_region=regions.of_face,
    count=468,
    lines=face_lines.LINES,
    margin=0.0,
    most=4,
)
BODY = Subject(
    names=("person",),
    detectors=(("pose_detection", DetectorDesign(224, (8, 16, 32, 32, 32))),),
    network="pose_landmark_full",
    design=PointsDesign(256, 39, values=5, seen=3),
    region_of=regions.of_detected_body,
    next_region=regions.of_body,
    count=33,
    lines=BODY_LINES,
    point_names=BODY_NAMES,
    margin=0.05,
    beyond=regions.top_of_head,
    most=2,
)
