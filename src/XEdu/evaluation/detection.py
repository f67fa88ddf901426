"""Detectors on labelled pictures: mAP, each class, hits and misses, and from which score on boxes are best shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.dataset.coco_samples import CocoImage
from BaseDT.language import say
from BaseDT.metrics.boxes import INSTALL
from BaseDT.metrics.matching import best_threshold
from XEdu.evaluation import box_files, boxed_pictures, class_names, hits_and_misses, reading
from XEdu.evaluation.class_names import MatchedNames
from XEdu.evaluation.evaluated_boxes import EvaluatedBoxes
from XEdu.evaluation.hits_and_misses import Judged
from XEdu.evaluation.kind import Damaged, EvaluationKind, LabelledSet, Progress
from XEdu.evaluation.words import NOTHING, counted_share, interval, percent, rounded, share, uncertain
from XEdu.outputs.detection import LEAST_SCORE, rows_of, truth_of
from XEdu.runtime.model import Model

_MAP_PACKAGE = "faster_coco_eval"
_LISTED = 100
_HEADS = {
    "class": ("class", "类别"),
    "objects": ("objects", "目标"),
    "AP50": ("AP50", "AP50"),
    "AP": ("AP", "AP"),
    "recall": ("found (recall)", "召回率"),
    "precision": ("right (precision)", "精确率"),
    "f1": ("F1", "F1"),
}


@dataclass(frozen=True, eq=False)
class JudgedBoxes:
    """What was found out about a detector; see ``kind.Judged``.

    Attributes:
        evaluated: Its boxes, and the objects in the model's labels.
        names: How the set's classes and the model's go together.
        foreign: Objects of classes that the model does not know.
        damaged: Pictures that could not be judged.
    """

    evaluated: EvaluatedBoxes
    names: MatchedNames
    foreign: int
    damaged: tuple[Damaged, ...]

    @cached_property
    def pictures(self) -> list[Judged]:
        """Hits, misses and false alarms of each picture."""
        return hits_and_misses.judged_pictures(self.evaluated)

    @cached_property
    def suggested(self) -> float | None:
        """The threshold with the best F1 on these pictures."""
        return best_threshold(self.evaluated.found, self.evaluated.truth)

    @cached_property
    def _counts(self) -> tuple[int, int, int]:
        """Hits, misses and false alarms of all."""
        hits, missed, wrong = ([len(getattr(one, name)) for one in self.pictures] for name in _KINDS)
        return sum(hits), sum(missed), sum(wrong)

    @property
    def _measured(self) -> bool:
        return find_spec(_MAP_PACKAGE) is not None  # the light install does not have it

    @cached_property
    def _overall(self) -> dict[str, float | None]:
        names = ("mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l")
        if not self._measured:
            return dict.fromkeys(names)
        overall = self.evaluated.metrics.overall
        # COCO's -1 says that there is nothing to find; where there is no object at all it says 0.
        nothing = not self.evaluated.metrics.counts.any()
        return {name: None if nothing or overall[name] < 0 else rounded(overall[name]) for name in names}

    @cached_property
    def per_class(self) -> list[dict[str, Any]]:
        """What there is to say of each class; None where nothing."""
        return [self._of_class(label, name) for label, name in enumerate(self.evaluated.classes)]

    def _of_class(self, label: int, name: str) -> dict[str, Any]:
        hits, missed, wrong = (
            sum(int((getattr(one, rows)[:, -1] == label).sum()) for one in self.pictures) for rows in _KINDS
        )
        ap = ap50 = None
        if self._measured:
            measured = self.evaluated.metrics
            ap, ap50 = (_measure(float(values[label])) for values in (measured.ap, measured.ap50))
        return {
            "class": name,
            "AP": ap,
            "AP50": ap50,
            "objects": hits + missed,
            "found": hits,
            "false_alarms": wrong,
            **_shares(hits, missed, wrong),
        }

    @property
    def content(self) -> dict[str, Any]:
        """Everything as data; see docs/evaluate.md."""
        hits, missed, wrong = self._counts
        return {
            "pictures": len(self.evaluated.paths),
            "objects": hits + missed,
            **self._overall,
            "found": hits,
            "missed": missed,
            "false_alarms": wrong,
            **_shares(hits, missed, wrong),
            "best_threshold": self.suggested,
            "classes": list(self.evaluated.classes),
            "per_class": self.per_class,
            "mistakes": self.worst()[:_LISTED],
            "mistakes_count": len(self.worst()),
            "unknown_classes": list(self.names.unknown),
            "unknown_objects": self.foreign,
            "missing_classes": list(self.names.missing),
            "damaged": [{"file": str(item.path), "reason": item.reason} for item in self.damaged],
        }

    def worst(self) -> list[dict[str, Any]]:
        """Return the pictures with misses or false alarms, the worst first."""
        order = sorted(range(len(self.pictures)), key=lambda index: -self.pictures[index].badness)
        return [
            {
                "file": str(self.evaluated.paths[index]),
                "found": len(one.hits),
                "missed": len(one.missed),
                "false_alarms": len(one.false_alarms),
            }
            for index in order
            if len((one := self.pictures[index]).missed) + len(one.false_alarms)
        ]

    @property
    def lines(self) -> list[str]:
        """The measures of COCO, and what is found at the threshold."""
        hits, missed, wrong = self._counts
        if self._measured:
            values = {name: NOTHING if value is None else f"{value:.3f}" for name, value in self._overall.items()}
            lines = [f"mAP50 {values['mAP_50']}, mAP {values['mAP']}"]
        else:
            lines = [say(f"mAP needs faster-coco-eval: {INSTALL}.", f"mAP 需要 faster-coco-eval：{INSTALL}。")]
        thr = f"{self.evaluated.threshold:g}"
        if hits + missed:
            lines.append(counted_share(hits, hits + missed, f"Found with thr={thr}", f"thr={thr} 时找到的目标"))
        if hits + wrong:
            lines.append(counted_share(hits, hits + wrong, "Right of the boxes shown", "显示的框中正确"))
        return lines

    @property
    def tables(self) -> list[list[list[str | int]]]:
        """Each class."""
        table: list[list[str | int]] = [[say(*head) for head in _HEADS.values()]]
        for row in self.per_class:
            aps = [NOTHING if row[key] is None else f"{row[key]:.3f}" for key in ("AP50", "AP")]
            shares = [percent(row[key]) for key in ("recall", "precision", "f1")]
            table.append([row["class"], row["objects"], *aps, *shares])
        return [table]

    @property
    def remarks(self) -> list[str]:
        """How sure the numbers are, a better threshold, and what was not judged."""
        hits, missed, wrong = self._counts
        lines = uncertain(hits, hits + missed, "objects", "个目标")
        if not hits + missed:
            lines.append(
                say(
                    "No picture has an object of the model's classes: only false alarms can be seen.",
                    "图片中没有模型所认识类别的目标：只能看出误检。",
                )
            )
        if not hits + wrong:
            text = f"No box has a score of {self.evaluated.threshold:g} or more."
            lines.append(say(text, f"没有得分达到 {self.evaluated.threshold:g} 的检测框。"))
        if self.suggested is not None and self.suggested != self.evaluated.threshold:
            lines.append(
                say(
                    f"On these pictures thr={self.suggested:g} gives the best balance of found and right (F1).",
                    f"在这些图片上，thr={self.suggested:g} 时召回率与精确率最均衡（F1 最高）。",
                )
            )
        if self.names.unknown:
            lines.append(class_names.unknown_text(self.names.unknown, rejected=False))
        if self.names.missing:
            lines.append(class_names.missing_text(self.names.missing))
        return [*lines, *reading.damaged_text(self.damaged)]

    def write(self, folder: Path) -> tuple[list[Path], list[str]]:
        """Write the report; see ``kind.Judged``."""
        return box_files.write(folder, self.evaluated, self.per_class, self.worst())


_KINDS = ("hits", "missed", "false_alarms")


def _measure(value: float) -> float | None:
    return None if value < 0 else round(value, 4)


def _shares(hits: int, missed: int, wrong: int) -> dict[str, Any]:
    """Return what hits, misses and false alarms come to, as data."""
    return {
        "recall": rounded(share(hits, hits + missed)),
        "recall_interval": interval(hits, hits + missed),
        "precision": rounded(share(hits, hits + wrong)),
        "precision_interval": interval(hits, hits + wrong),
        "f1": rounded(share(2 * hits, 2 * hits + missed + wrong)),
    }


def judge(model: Model, labelled: LabelledSet, threshold: float, progress: Progress) -> JudgedBoxes:
    """Run a detector over pictures; see ``kind.EvaluationKind``.

    Raises:
        ClassCountMismatch: It knows none of the classes of their boxes (-306).
        DatasetInvalid: No picture can be read (-201).
    """
    assert model.info is not None
    classes = model.info.classes
    present = {box.label for picture in labelled.pictures for box in picture.boxes}
    names = class_names.matched(labelled.classes, classes, [n in present for n in range(len(labelled.classes))])
    labels = {number: label for number, label in enumerate(names.labels) if label is not None}
    if present and not present & labels.keys():
        raise class_names.nothing_in_common(model.path.name, names.unknown, classes)
    damaged: list[Damaged] = []
    judged: list[CocoImage] = []
    found: list[Any] = []
    for batch in reading.batches(labelled.pictures, damaged, progress, reading=model.reading):
        judged += [picture for picture, _ in batch]
        found += [rows_of(boxes) for boxes in model.predict([pixels for _, pixels in batch], threshold=LEAST_SCORE)]
    truth = [truth_of(picture.boxes, labels) for picture in judged]
    paths = tuple(picture.path for picture in judged)
    evaluated = EvaluatedBoxes(classes, paths, found, truth, threshold, model.reading.bits)
    return JudgedBoxes(evaluated, names, _foreign(judged, labels), tuple(damaged))


def _foreign(pictures: Sequence[CocoImage], labels: dict[int, int]) -> int:
    return sum(box.label not in labels for picture in pictures for box in picture.boxes)


EVALUATION = EvaluationKind(read=boxed_pictures.read, judge=judge, meanings=box_files.MEANINGS)
