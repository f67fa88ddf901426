"""Models of keypoints on labelled pictures: PCK of all points and of each, OKS-AP, the worst skeletons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT import metrics
from BaseDT.dataset.keypoint_samples import PosedObject
from BaseDT.errors import ClassCountMismatch
from BaseDT.language import say
from BaseDT.metrics.boxes import INSTALL
from BaseDT.results import KeypointsResult
from XEdu.evaluation import class_names, point_files, posed_pictures, reading
from XEdu.evaluation.class_names import MatchedNames
from XEdu.evaluation.evaluated_points import EvaluatedPoints
from XEdu.evaluation.kind import Damaged, EvaluationKind, LabelledSet, Progress
from XEdu.evaluation.words import NOTHING, between, counted_share, interval, percent, rounded, uncertain
from XEdu.outputs.keypoints import answers
from XEdu.runtime.model import Model

_LISTED = 100
_ALPHAS = (0.05, 0.1, 0.2)
_OKS_PACKAGE = "faster_coco_eval"
_HEADS = {
    "point": ("point", "关键点"),
    "labelled": ("labelled", "已标注"),
    "right": ("right", "正确"),
    "PCK": ("PCK", "PCK"),
    "interval": ("95 %", "95 % 区间"),
    "error": ("median error", "误差中位数"),
}


@dataclass(frozen=True, eq=False)
class JudgedPoints:
    """What was found out about a model of keypoints; see ``kind.Judged``.

    Attributes:
        evaluated: Its points, and the true ones in the model's order.
        names: How the set's points and the model's go together.
        threshold: Persons of a lower score are not shown to users.
        damaged: Pictures that could not be judged.
    """

    evaluated: EvaluatedPoints
    names: MatchedNames
    threshold: float
    damaged: tuple[Damaged, ...]

    @cached_property
    def per_point(self) -> list[dict[str, Any]]:
        """What there is to say of each point; None where nothing."""
        return point_files.per_point(self.evaluated)

    @cached_property
    def worst(self) -> list[dict[str, Any]]:
        """The persons with wrong points, the worst first."""
        return point_files.mistakes(self.evaluated)

    @property
    def _counts(self) -> tuple[int, int]:
        """Right and labelled points."""
        return int(self.evaluated.points.hits.sum()), int(self.evaluated.points.counts.sum())

    @property
    def _hidden(self) -> int:
        """Persons that users do not see."""
        scores = self.evaluated.scores
        return int((scores.mean(axis=1) < self.threshold).sum()) if scores.size else 0

    @property
    def content(self) -> dict[str, Any]:
        """Everything as data; see docs/evaluate.md."""
        hits, total = self._counts
        evaluated = self.evaluated
        oks = evaluated.oks
        return {
            "pictures": len({person.path for person in evaluated.people}),
            "people": len(evaluated.people),
            "labelled": total,
            "right": hits,
            "alpha": evaluated.alpha,
            "PCK": rounded(evaluated.points.pck),
            "PCK_interval": interval(hits, total),
            "PCK_mean": rounded(evaluated.points.mean),
            "PCK_at": {f"{alpha:g}": rounded(metrics.pck(evaluated.distances, alpha).pck) for alpha in _ALPHAS},
            "OKS": None if oks is None else {name: rounded(value) for name, value in oks.items()},
            "exchanged": evaluated.exchanged,
            "below_thr": self._hidden,
            "points": list(evaluated.names),
            "per_point": self.per_point,
            "mistakes": self.worst[:_LISTED],
            "mistakes_count": len(self.worst),
            "unknown_points": list(self.names.unknown),
            "missing_points": list(self.names.missing),
            "damaged": [{"file": str(item.path), "reason": item.reason} for item in self.damaged],
        }

    @property
    def lines(self) -> list[str]:
        """PCK with its interval, and OKS-AP where it is known."""
        hits, total = self._counts
        name = f"PCK@{self.evaluated.alpha:g}"
        lines = [counted_share(hits, total, f"{name}, right points", f"{name}，正确的关键点")] if total else []
        if (oks := self.evaluated.oks) is not None and oks["AP"] is not None:
            lines.append(f"OKS-AP {oks['AP']:.3f}, AP50 {oks['AP_50']:.3f}, AP75 {oks['AP_75']:.3f}")
        return lines

    @property
    def tables(self) -> list[list[list[str | int]]]:
        """Each point."""
        table: list[list[str | int]] = [[say(*head) for head in _HEADS.values()]]
        for row in self.per_point:
            error = NOTHING if row["median_error"] is None else percent(row["median_error"])
            shares = [percent(row["PCK"]), between(row["PCK_interval"]), error]
            table.append([row["point"], row["labelled"], row["right"], *shares])
        return [table]

    @property
    def remarks(self) -> list[str]:
        """How the numbers are to be read, and what was not judged."""
        hits, total = self._counts
        alpha = f"{self.evaluated.alpha:g}"
        lines = [
            say(
                f"Right is a point within {alpha} of the larger side of its person's box; the median error is a share "
                "of that side, too.",
                f"误差不超过所属框较长边的 {alpha} 即为正确；误差中位数也以该边长为单位。",
            )
        ]
        lines += uncertain(hits, total, "points", "个关键点")
        if not total:
            lines = [
                say("No point of the model is labelled: nothing was judged.", "没有标注模型的任何关键点，无法评估。")
            ]
        if self.evaluated.areas_known and find_spec(_OKS_PACKAGE) is None:
            lines.append(
                say(f"OKS-AP needs faster-coco-eval: {INSTALL}.", f"OKS-AP 需要 faster-coco-eval：{INSTALL}。")
            )
        if count := self.evaluated.exchanged:
            lines.append(
                say(
                    f"Of {count} persons the points would be better with left and right exchanged: look whether the "
                    "labels mean the person's own left, and whether pictures were mirrored.",
                    f"有 {count} 个人的左右互换后更准：请检查标注的左右是否以本人为准，图片是否被镜像。",
                )
            )
        if self._hidden:
            lines.append(
                say(
                    f"{self._hidden} persons have a score below {self.threshold:g}: inference does not show them "
                    "unless thr is lower; here they count.",
                    f"{self._hidden} 个人的得分低于 {self.threshold:g}：推理时除非调低 thr 否则不显示；此处计入评估。",
                )
            )
        if self.names.unknown:
            few = class_names.listed(self.names.unknown)
            lines.append(
                say(
                    f"Points that the model does not know, not judged: {few}.",
                    f"模型没有以下关键点，未参与评估：{few}。",
                )
            )
        if self.names.missing:
            few = class_names.listed(self.names.missing)
            lines.append(
                say(f"Points that nobody labelled, not judged: {few}.", f"以下关键点没有标注，无法评估：{few}。")
            )
        return [*lines, *reading.damaged_text(self.damaged)]

    def write(self, folder: Path) -> tuple[list[Path], list[str]]:
        """Write the report; see ``kind.Judged``."""
        return point_files.write(folder, self.evaluated, self.per_point, self.worst)


def judge(model: Model, labelled: LabelledSet, threshold: float, progress: Progress) -> JudgedPoints:
    """Run a model of keypoints over pictures, in the true boxes; see ``kind.EvaluationKind``.

    Raises:
        ClassCountMismatch: It knows none of their points (-306).
        DatasetInvalid: No picture can be read (-201).
    """
    assert model.info is not None
    settings = model.info.options
    points = tuple(settings["names"])
    people = [person for picture in labelled.pictures for person in picture.people]
    names = matched(model.path.name, labelled.classes, points, people)
    damaged: list[Damaged] = []
    judged: list[PosedObject] = []
    found: list[KeypointsResult] = []
    for batch in reading.batches(labelled.pictures, damaged, progress, reading=model.reading):
        for picture, pixels in batch:
            judged += picture.people
            found += answers(model, picture, pixels)
    evaluated = EvaluatedPoints(
        points,
        _pairs(settings.get("skeleton", ())),
        tuple(judged),
        truth_of(judged, names, len(points)),
        np.array([person.points for person in found]),
        np.array([person.scores for person in found]),
        _pairs(settings.get("flip_pairs", ())),
        bits=model.reading.bits,
    )
    return JudgedPoints(evaluated, names, threshold, tuple(damaged))


def _pairs(values: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((int(start), int(end)) for start, end in values)


def matched(model: str, folder: Sequence[str], points: Sequence[str], people: Sequence[PosedObject]) -> MatchedNames:
    """Match the points of a set with those of a model, by name.

    Raises:
        ClassCountMismatch: None is the same (-306).
    """
    labelled = np.any([person.labelled for person in people], axis=0) if people else np.zeros(len(folder), bool)
    names = class_names.matched(folder, points, labelled.tolist())
    if labelled.any() and all(number is None for number, known in zip(names.labels, labelled, strict=True) if known):
        few, own = class_names.listed(names.unknown), class_names.listed(points)
        raise ClassCountMismatch(
            say(
                f"{model} knows none of the points of this set ({few}).",
                f"{model} 没有该数据集中的任何关键点（{few}）。",
            ),
            hint=say(
                f"It knows: {own}. Give a set with these names.", f"它的关键点：{own}。请给出使用这些名称的数据集。"
            ),
        )
    return names


def truth_of(people: Sequence[PosedObject], names: MatchedNames, count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the true points in the model's order, (N, count, 3); those that nobody labelled are 0."""
    truth = np.zeros((len(people), count, 3))
    for number, label in enumerate(names.labels):
        if label is not None and people:
            truth[:, label] = [person.points[number] for person in people]
    return truth


EVALUATION = EvaluationKind(read=posed_pictures.read, judge=judge, meanings=point_files.MEANINGS)
