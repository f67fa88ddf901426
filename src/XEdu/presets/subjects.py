"""Hands, faces and bodies: which networks find them, what their points are called. Plain description, no picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from BaseDT.geometry.regions import RotatedRegion
from BaseDT.results import skeletons
from BaseDT.results.skeletons import KnownSkeleton
from XEdu.presets import regions
from XEdu.presets.located import Located
from XEdu.presets.networks import DetectorDesign, PointsDesign

Floats = npt.NDArray[np.float64]


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
        count: How many of the network's points are results.
        skeleton: Names of its points, and which are linked.
        margin: By which share of its longer side the box is larger than its points.
        fills: Least presence of one that fills the picture, where no detector sees any; None: that is not tried.
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
    skeleton: KnownSkeleton = field(repr=False)
    margin: float = 0.1
    fills: float | None = None
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
    skeleton=skeletons.HAND21,
    fills=0.95,
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
    skeleton=skeletons.FACE468,
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
    skeleton=skeletons.BODY33,
    margin=0.05,
    beyond=regions.top_of_head,
    most=2,
)
