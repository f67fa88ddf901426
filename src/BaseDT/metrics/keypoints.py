"""How good points are: PCK, the share that lies near enough, and COCO's average precision by OKS.

The average precision is counted by faster-coco-eval, in memory and quietly; it is imported when it is first measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_choice, check_number, invalid
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.metrics.boxes import precision_of, require

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Length: TypeAlias = Literal["box", "torso", "head"]

ALPHA = 0.2
"""Of PCK: a point is right within so much of the larger side of its person's box."""
_LENGTHS = ("box", "torso", "head")
# Ends of what distances are measured by, the first pair that is there. Torso: FLIC (Sapp and Taskar, 2013);
# head: MPII's PCKh (Andriluka et al., 2014).
_TORSO = (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"), ("neck", "pelvis"))
_HEAD = (("head_top", "upper_neck"), ("head_top", "neck"), ("head", "neck"))

COCO_SIGMAS = (
    *(0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062),
    *(0.107, 0.107, 0.087, 0.087, 0.089, 0.089),
)
"""How far apart people mark COCO's 17 points, of the root of the area (cocodataset.org, "Keypoint Evaluation")."""
UNIFORM_SIGMA = 0.05
"""For points of which nobody measured that."""
_AT_MOST = 20  # COCO: so many persons of a picture count
_ALL, _MEDIUM, _LARGE = (0.0, 1e10), (32.0**2, 96.0**2), (96.0**2, 1e10)


@dataclass(frozen=True, eq=False)
class PointMetrics:
    """How many points are right. None where nothing is labelled.

    Attributes:
        alpha: Within which share of a person's size.
        hits: Right points, (K,).
        counts: Labelled points, (K,).
    """

    alpha: float
    hits: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    @property
    def pck(self) -> float | None:
        """The share of all labelled points that are right, 0 to 1."""
        return int(self.hits.sum()) / total if (total := int(self.counts.sum())) else None

    @property
    def per_point(self) -> list[float | None]:
        """The same of each point."""
        pairs = zip(self.hits.tolist(), self.counts.tolist(), strict=True)
        return [hits / count if count else None for hits, count in pairs]

    @property
    def mean(self) -> float | None:
        """The mean over the points, whichever are labelled more often."""
        known = [share for share in self.per_point if share is not None]
        return sum(known) / len(known) if known else None


def errors(found: Floats, truth: Floats, sizes: Floats) -> npt.NDArray[np.float64]:
    """Return how far points are off, as shares of their person's size.

    Args:
        found: (N, K, 2) of x, y in pixels; NaN where a person was not found.
        truth: (N, K, 3) of x, y and 0 where a point is not labelled.
        sizes: Of the persons in pixels, (N,); see ``sizes_of``. One that is 0 or NaN tells nothing: left out.

    Returns:
        (N, K); NaN where nothing is known, infinite where nothing was found.

    Raises:
        ParameterInvalid: The arguments do not fit each other (-305).
    """
    found, truth, sizes = (np.asarray(array, dtype=np.float64) for array in (found, truth, sizes))
    if (
        truth.ndim != 3
        or truth.shape[2:] != (3,)
        or found.shape != (*truth.shape[:2], 2)
        or sizes.shape != truth.shape[:1]
    ):
        raise ParameterInvalid(
            say(
                f"points {found.shape}, truth {truth.shape} and sizes {sizes.shape} do not fit each other.",
                f"预测 {found.shape}、标注 {truth.shape} 与尺寸 {sizes.shape} 不对应。",
            ),
            hint=say("Expected (N, K, 2), (N, K, 3) and (N,).", "应为 (N, K, 2)、(N, K, 3) 和 (N,)。"),
        )
    usable = np.where(sizes > 0, sizes, np.nan)
    distances = np.linalg.norm(found - truth[:, :, :2], axis=2) / usable[:, None]
    known = (truth[:, :, 2] > 0) & np.isfinite(usable)[:, None]
    return np.where(known, np.where(np.isfinite(distances), distances, np.inf), np.nan)


def pck(distances: Floats, alpha: float = ALPHA) -> PointMetrics:
    """Count the points that are right: the percentage of correct keypoints (Yang and Ramanan, 2013).

    Args:
        distances: As ``errors`` returns them, (N, K).
        alpha: A point is right within so much of its person's size.

    Raises:
        ParameterInvalid: ``alpha`` is no number above 0, or the array has another shape (-305).
    """
    share = check_number("alpha", alpha, above=0)
    if distances.ndim != 2:
        raise invalid("distances", distances.shape, "an array (N, K)", "数组 (N, K)")
    known = ~np.isnan(distances)
    return PointMetrics(share, (known & (distances <= share)).sum(axis=0), known.sum(axis=0))


def sizes_of(boxes: Floats, truth: Floats, names: Sequence[str], by: Length = "box") -> npt.NDArray[np.float64]:
    """Return what the distances of each person are measured by, in pixels, (N,); NaN where its ends are not labelled.

    Args:
        boxes: x1, y1, x2, y2 of each person, (N, 4).
        truth: (N, K, 3) of x, y and 0 where a point is not labelled.
        names: Of the K points.
        by: ``"box"``: the larger side of the box; ``"torso"``: from a shoulder to the opposite hip; ``"head"``: from
            its top to the neck.

    Raises:
        ParameterInvalid: There is no such length, or no points of these names (-305).
    """
    check_choice("by", by, list(_LENGTHS))
    if by == "box":
        corners = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        return np.asarray((corners[:, 2:] - corners[:, :2]).max(axis=1, initial=0.0))
    numbers = {name.strip().lower(): number for number, name in enumerate(names)}
    ends = _TORSO if by == "torso" else _HEAD
    pairs = [(numbers[start], numbers[end]) for start, end in ends if start in numbers and end in numbers]
    if not pairs:
        named = ", ".join(f"{start} + {end}" for start, end in ends)
        raise invalid(
            "by", by, f"'box' where there are none of these points: {named}", f" 'box'：没有以下关键点：{named}"
        )
    lengths = np.full(len(truth), np.nan)
    for start, end in reversed(pairs):
        both = (truth[:, start, 2] > 0) & (truth[:, end, 2] > 0)
        lengths[both] = np.linalg.norm(truth[both, start, :2] - truth[both, end, :2], axis=1)
    return lengths


@dataclass(frozen=True, eq=False)
class PoseTruth:
    """Who is in one picture.

    Attributes:
        points: (n, K, 3) of x, y in pixels and 0 (not labelled), 1 (hidden) or 2 (visible).
        boxes: x1, y1, x2, y2, (n, 4).
        areas: In square pixels, (n,): what OKS measures distances by.
        crowd: Which are groups, (n,) bool: finding them is neither right nor wrong. None: no one.
    """

    points: Floats
    boxes: Floats
    areas: Floats
    crowd: npt.NDArray[np.bool_] | None = None


def sigmas_of(names: Sequence[str]) -> tuple[float, ...]:
    """Return how exactly each point can be marked: COCO's for its 17 points, the same for all others."""
    from BaseDT.results.skeletons import BODY17

    return COCO_SIGMAS if tuple(names) == BODY17.names else (UNIFORM_SIGMA,) * len(names)


def oks_ap(
    found: Sequence[tuple[Floats, Floats]], truth: Sequence[PoseTruth], sigmas: Sequence[float]
) -> dict[str, float | None]:
    """Measure persons as COCO does, by object keypoint similarity; all persons are of one class.

    Args:
        found: For each picture the points (k, K, 2) and scores (k,) of the persons that were found.
        truth: Who is there, for each picture.
        sigmas: Of the K points, each above 0; see ``sigmas_of``.

    Returns:
        ``AP`` (mean over the similarities 0.50 to 0.95), ``AP_50``, ``AP_75``, and ``AP_m``, ``AP_l`` for medium and
        large persons; None where there is nobody to find.

    Raises:
        ParameterInvalid: The arguments do not fit each other (-305).
        DependencyMissing: faster-coco-eval is not installed (-502).
    """
    _check(found, truth, sigmas)
    require()
    annotations, people = _annotations(truth), _people(found)
    sizes = {"": _ALL, "_m": _MEDIUM, "_l": _LARGE}
    areas = np.array([entry["area"] for entry in annotations if entry["num_keypoints"] and not entry["iscrowd"]])
    present = {key: bool(((areas >= low) & (areas <= high)).any()) for key, (low, high) in sizes.items()}
    names = {"AP": "", "AP_50": "", "AP_75": "", "AP_m": "_m", "AP_l": "_l"}
    if not present[""] or not people:
        return {name: 0.0 if present[size] else None for name, size in names.items()}
    images = [{"id": number + 1, "height": 1, "width": 1} for number in range(len(truth))]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "1"}]}
    precision = precision_of(
        document, people, "keypoints", list(sizes.values()), most=_AT_MOST, sigmas=[float(value) for value in sigmas]
    )[0]
    values = {
        "AP": precision[..., 0],
        "AP_50": precision[0, ..., 0],
        "AP_75": precision[5, ..., 0],
        "AP_m": precision[..., 1],
        "AP_l": precision[..., 2],
    }
    return {name: _mean(values[name]) if present[size] else None for name, size in names.items()}


def _check(found: Sequence[tuple[Floats, Floats]], truth: Sequence[PoseTruth], sigmas: Sequence[float]) -> None:
    count = len(sigmas)
    fits = len(found) == len(truth) and all(
        points.shape[1:] == (count, 2) and scores.shape == points.shape[:1] for points, scores in found
    )
    fits = fits and all(
        one.points.shape[1:] == (count, 3)
        and one.boxes.shape == (len(one.points), 4)
        and one.areas.shape == (len(one.points),)
        for one in truth
    )
    if not fits or not all(value > 0 for value in sigmas):
        raise ParameterInvalid(
            say(
                f"answers for {len(found)} pictures, truth for {len(truth)}, {count} sigmas: they do not fit.",
                f"预测 {len(found)} 张图片，标注 {len(truth)} 张图片，sigmas {count} 个：三者不对应。",
            ),
            hint=say(
                "Give both for each picture: points (k, K, 2) with scores (k,), and points (n, K, 3), boxes and areas; "
                "and K sigmas above 0.",
                "每张图片都要有：预测 (k, K, 2) 与得分 (k,)，标注 (n, K, 3)、框与面积；另有 K 个大于 0 的 sigma。",
            ),
        )


def _annotations(truth: Sequence[PoseTruth]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for image, one in enumerate(truth, 1):
        crowd = np.zeros(len(one.points), bool) if one.crowd is None else one.crowd
        for points, box, area, is_crowd in zip(one.points, one.boxes, one.areas, crowd, strict=True):
            x1, y1, x2, y2 = (float(edge) for edge in box)
            entries.append(
                {
                    **{"id": len(entries) + 1, "image_id": image, "category_id": 1, "iscrowd": int(is_crowd)},
                    **{"bbox": [x1, y1, x2 - x1, y2 - y1], "area": float(area)},
                    **{"keypoints": points.reshape(-1).tolist(), "num_keypoints": int((points[:, 2] > 0).sum())},
                }
            )
    return entries


def _people(found: Sequence[tuple[Floats, Floats]]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for image, (points, scores) in enumerate(found, 1):
        for one, score in zip(points, scores, strict=True):
            if not np.isfinite(one).all() or not np.isfinite(score):
                continue
            (x1, y1), (x2, y2) = one.min(axis=0).tolist(), one.max(axis=0).tolist()
            flat = np.column_stack([one, np.ones(len(one))]).reshape(-1).tolist()
            entries.append(
                {
                    **{"id": len(entries) + 1, "image_id": image, "category_id": 1, "score": float(score)},
                    **{"keypoints": flat, "bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)},
                    "iscrowd": 0,
                }
            )
    return entries


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    measured = values[values > -1]
    return float(measured.mean()) if measured.size else None
