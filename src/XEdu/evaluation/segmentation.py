"""Segmenters on pictures whose every pixel is known: mIoU, each class, what is taken for what, the worst pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import metrics
from BaseDT.errors import XEduError
from BaseDT.language import say
from BaseDT.readable import reason_of
from BaseDT.results.segmentation import NO_CLASS
from XEdu.evaluation import class_names, mask_files, masked_pictures, reading
from XEdu.evaluation.class_names import MatchedNames
from XEdu.evaluation.evaluated_masks import EvaluatedMasks, MaskTally
from XEdu.evaluation.kind import Damaged, EvaluationKind, LabelledSet, Progress
from XEdu.evaluation.words import NOTHING, percent, rounded
from XEdu.runtime.model import Model

_LISTED = 100
_WIDE = 0.1
"""Of an interval of the mean IoU: from so wide a one little can be told."""
_HEADS = {
    "class": ("class", "类别"),
    "pictures": ("pictures", "图片"),
    "IoU": ("IoU", "IoU"),
    "interval": ("95 %", "95 % 区间"),
    "recall": ("found (recall)", "召回率"),
    "precision": ("right (precision)", "精确率"),
    "f1": ("F1", "F1"),
}


@dataclass(frozen=True, eq=False)
class JudgedMasks:
    """What was found out about a segmenter; see ``kind.Judged``.

    Attributes:
        evaluated: Its pixels, counted, in the model's classes.
        names: How the set's classes and the model's go together.
        foreign: Pixels of classes that the model does not know.
        damaged: Pictures that could not be judged.
    """

    evaluated: EvaluatedMasks
    names: MatchedNames
    foreign: int
    damaged: tuple[Damaged, ...]

    @cached_property
    def per_class(self) -> list[dict[str, Any]]:
        """What there is to say of each class; None where nothing."""
        return mask_files.per_class(self.evaluated)

    @cached_property
    def worst(self) -> list[dict[str, Any]]:
        """The pictures with wrong pixels, the worst first."""
        return mask_files.per_picture(self.evaluated)

    @property
    def content(self) -> dict[str, Any]:
        """Everything as data; see docs/evaluate.md."""
        matrix, ends = self.evaluated.matrix, self.evaluated.intervals.mean_iou
        return {
            "pictures": len(self.evaluated.paths),
            "mIoU": rounded(self.evaluated.miou),
            "mIoU_interval": None if ends is None else [rounded(end) for end in ends],
            "mean_accuracy": rounded(metrics.mean_accuracy(matrix)),
            "pixel_accuracy": rounded(metrics.pixel_accuracy(matrix)),
            "pixels": int(matrix.sum()),
            "unanswered": int(matrix[:, -1].sum()),
            "classes": list(self.evaluated.classes),
            "per_class": self.per_class,
            "confusion_matrix": matrix[:, :-1].tolist(),
            "mistakes": self.worst[:_LISTED],
            "mistakes_count": len(self.worst),
            "unknown_classes": list(self.names.unknown),
            "unknown_pixels": self.foreign,
            "missing_classes": list(self.names.missing),
            "damaged": [{"file": str(item.path), "reason": item.reason} for item in self.damaged],
        }

    @property
    def lines(self) -> list[str]:
        """The mean IoU, and the share of right pixels."""
        miou, ends = self.evaluated.miou, self.evaluated.intervals.mean_iou
        value = NOTHING if miou is None else f"{miou:.3f}"
        right = percent(metrics.pixel_accuracy(self.evaluated.matrix))
        if ends is None:
            return [say(f"mIoU {value}; right pixels: {right}.", f"mIoU {value}；像素准确率：{right}。")]
        low, high = ends
        return [
            say(
                f"mIoU {value} (95 % interval: {low:.3f} to {high:.3f}); right pixels: {right}.",
                f"mIoU {value}（95 % 置信区间：{low:.3f} 至 {high:.3f}）；像素准确率：{right}。",
            )
        ]

    @property
    def tables(self) -> list[list[list[str | int]]]:
        """Each class."""
        table: list[list[str | int]] = [[say(*head) for head in _HEADS.values()]]
        for row in self.per_class:
            iou = NOTHING if row["IoU"] is None else f"{row['IoU']:.3f}"
            shares = [percent(row[key]) for key in ("recall", "precision", "f1")]
            table.append([row["class"], row["pictures"], iou, _between(row["IoU_interval"]), *shares])
        return [table]

    @property
    def remarks(self) -> list[str]:
        """How sure the numbers are, and what was not judged."""
        lines = [*self._unsure()]
        if not self.evaluated.matrix.any():
            lines.append(
                say("No pixel is of a class of the model: nothing can be told.", "没有像素属于模型的类别：无法评估。")
            )
        if unanswered := int(self.evaluated.matrix[:, -1].sum()):
            share = percent(unanswered / int(self.evaluated.matrix.sum()))
            lines.append(
                say(
                    f"The model gives no class to {share} of the pixels (too unsure, or beside its input): they count "
                    "as missed.",
                    f"模型没有给出 {share} 像素的类别（置信度不够，或在输入范围之外），计为漏检。",
                )
            )
        if self.names.unknown:
            lines.append(class_names.unknown_text(self.names.unknown, rejected=False))
        if self.names.missing:
            lines.append(class_names.missing_text(self.names.missing))
        return [*lines, *reading.damaged_text(self.damaged)]

    def _unsure(self) -> list[str]:
        count, ends = len(self.evaluated.paths), self.evaluated.intervals.mean_iou
        if ends is not None and ends[1] - ends[0] <= _WIDE:
            return []
        return [
            say(
                f"From so few pictures ({count}) little can be told. More make it surer.",
                f"{count} 张图片能说明的有限。图片越多，结果越可靠。",
            )
        ]

    def write(self, folder: Path) -> tuple[list[Path], list[str]]:
        """Write the report; see ``kind.Judged``."""
        return mask_files.write(folder, self.evaluated)


def _between(ends: list[float] | None) -> str:
    return NOTHING if ends is None else f"{ends[0]:.2f}–{ends[1]:.2f}"


def judge(model: Model, labelled: LabelledSet, threshold: float, progress: Progress) -> JudgedMasks:
    """Run a segmenter over pictures; see ``kind.EvaluationKind``.

    Raises:
        ClassCountMismatch: It knows none of the classes of their masks (-306).
        DatasetInvalid: No picture can be read (-201).
    """
    assert model.info is not None
    classes = model.info.classes
    labelled, names = _named(model.path.name, labelled, classes)
    table = table_of(names.labels)
    tally = MaskTally(classes, model.reading.bits)
    damaged: list[Damaged] = []
    occurring = np.zeros(256, np.int64)
    for batch in reading.batches(labelled.pictures, damaged, progress, reading=model.reading):
        for picture, pixels in batch:
            try:
                mask = picture.read_mask()
            except (XEduError, OSError) as error:
                damaged.append(Damaged(picture.path, reason_of(error)))
                continue
            occurring += np.bincount(mask.ravel(), minlength=256)
            (result,) = model.predict([pixels], threshold=threshold)
            tally.add(picture.path, np.asarray(cv2.LUT(mask, table), np.uint8), result.mask)
    evaluated = tally.evaluated()
    if not evaluated.paths:
        raise reading.nothing_readable(damaged)
    present = [bool(count) for count in occurring[: len(labelled.classes)]]
    foreign = int(occurring[table == NO_CLASS].sum() - occurring[NO_CLASS])
    return JudgedMasks(evaluated, class_names.matched(labelled.classes, classes, present), foreign, tuple(damaged))


def _named(model: str, labelled: LabelledSet, classes: Sequence[str]) -> tuple[LabelledSet, MatchedNames]:
    """Match the classes of a set with those of a model; a set that does not name its classes has those of the model."""
    names = _matched(labelled, classes)
    if None in names.labels:
        labelled = masked_pictures.with_names_of(labelled, classes)
        names = _matched(labelled, classes)
    if any(label is not None for label in names.labels):
        return labelled, names
    raise class_names.nothing_in_common(model, labelled.classes, classes)


def _matched(labelled: LabelledSet, classes: Sequence[str]) -> MatchedNames:
    return class_names.matched(labelled.classes, classes, [True] * len(labelled.classes))


def table_of(labels: Sequence[int | None]) -> npt.NDArray[np.uint8]:
    """Return the model's number for each value of a set's masks, (256,) uint8, for ``cv2.LUT``; 255 is not judged."""
    table = np.full(256, NO_CLASS, np.uint8)
    table[: len(labels)] = [NO_CLASS if label is None else label for label in labels]
    return table


EVALUATION = EvaluationKind(read=masked_pictures.read, judge=judge, meanings=mask_files.MEANINGS)
