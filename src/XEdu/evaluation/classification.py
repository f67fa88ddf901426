"""Classifiers on labelled pictures: accuracy, what is taken for what, each class, the worst mistakes, rejections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import metrics
from BaseDT.dataset.samples import Sample
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.results.classification import none_name
from XEdu.evaluation import class_files, class_folders, class_names, label_sets, reading
from XEdu.evaluation.class_names import MatchedNames
from XEdu.evaluation.evaluated_classes import EvaluatedClasses
from XEdu.evaluation.kind import Damaged, EvaluationKind, LabelledSet, Progress
from XEdu.evaluation.words import between, counted_share, interval, percent, rounded, share, uncertain
from XEdu.outputs.classification import accuracies, scores_of
from XEdu.runtime.model import Model

_MATRIX_UP_TO = 8
_LISTED = 100
"""So many mistakes are data; ``mistakes.csv`` has all."""
_TOP5_FROM = 6
_HEADS = {
    "class": ("class", "类别"),
    "support": ("pictures", "图片"),
    "recall": ("found (recall)", "召回率"),
    "interval": ("95 %", "95 % 区间"),
    "precision": ("right (precision)", "精确率"),
    "f1": ("F1", "F1"),
}


@dataclass(frozen=True, eq=False)
class JudgedClasses:
    """What was found out about a classifier; see ``kind.Judged``.

    Attributes:
        evaluated: The answers; with a threshold the last class is none of the model's.
        true_names: What the set calls the class of each picture.
        names: How the set's classes and the model's go together.
        damaged: Pictures that could not be judged.
        top5: Share of the pictures whose class is among the five highest scores; None of five classes or fewer.
    """

    evaluated: EvaluatedClasses
    true_names: tuple[str, ...]
    names: MatchedNames
    damaged: tuple[Damaged, ...]
    top5: float | None = None

    @cached_property
    def matrix(self) -> npt.NDArray[np.int64]:
        """How often each class (row) was taken for each (column)."""
        seen = self.evaluated
        return metrics.confusion_matrix(seen.labels, seen.predictions, len(seen.classes))

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which pictures are of a class of the model."""
        seen = self.evaluated
        return np.asarray(seen.labels < len(seen.classes) - 1) if seen.threshold else np.ones(len(seen.paths), np.bool_)

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        """Which pictures the highest score is right about, whatever the threshold."""
        return np.asarray(self.evaluated.scores.argmax(axis=1) == self.evaluated.labels) & self.known

    @property
    def content(self) -> dict[str, Any]:
        """Everything as data; see docs/evaluate.md."""
        right, known = int(self.right.sum()), int(self.known.sum())
        return {
            "pictures": len(self.evaluated.paths),
            "right": right,
            "accuracy": rounded(share(right, known)),
            "accuracy_interval": interval(right, known),
            "top5_accuracy": rounded(self.top5),
            "classes": list(self.evaluated.classes),
            "confusion_matrix": self.matrix.tolist(),
            "per_class": self._per_class,
            "rejection": self._rejection(),
            "mistakes": self._mistakes[:_LISTED],
            "mistakes_count": len(self._mistakes),
            "unknown_classes": list(self.names.unknown),
            "missing_classes": list(self.names.missing),
            "damaged": [{"file": str(item.path), "reason": item.reason} for item in self.damaged],
        }

    def _rejection(self) -> dict[str, Any] | None:
        """What the threshold does; None without one."""
        if not self.evaluated.threshold:
            return None
        known, rejected = self.known, self.evaluated.rejected
        kept = known & ~rejected
        counts = {
            "rejected": (int((known & rejected).sum()), int(known.sum())),
            "kept_right": (int((kept & self.right).sum()), int(kept.sum())),
            "unknown_rejected": (int((~known & rejected).sum()), int((~known).sum())),
        }
        return {
            name: {"count": hits, "of": of, "share": rounded(share(hits, of)), "interval": interval(hits, of)}
            for name, (hits, of) in counts.items()
        }

    @property
    def lines(self) -> list[str]:
        """The accuracy, and what the threshold does."""
        right, known = int(self.right.sum()), int(self.known.sum())
        lines = [counted_share(right, known, "Right", "正确")] if known else []
        if self.top5 is not None:
            value = percent(self.top5)
            lines.append(say(f"Among the five likeliest: {value}.", f"前五名中包含正确类别：{value}。"))
        return [*lines, *self._rejection_lines()]

    def _rejection_lines(self) -> list[str]:
        rejection = self._rejection()
        if rejection is None:
            return []
        texts = {
            "rejected": (f'Answered with "{none_name()}"', f"回答“{none_name()}”"),
            "kept_right": ("Right of the others", "其余图片中正确"),
            "unknown_rejected": ("Rightly rejected, of unknown classes", "未知类别中被正确拒绝"),
        }
        parts = {name: (part["count"], part["of"]) for name, part in rejection.items() if part["of"]}
        return [counted_share(*parts[name], *texts[name]) for name in parts]

    @property
    def tables(self) -> list[list[list[str | int]]]:
        """Each class; of few classes what is taken for what, too."""
        table: list[list[str | int]] = [[say(*head) for head in _HEADS.values()]]
        for row in self._per_class:
            cells = [percent(row["recall"]), between(row["recall_interval"])]
            table.append([row["class"], row["support"], *cells, percent(row["precision"]), percent(row["f1"])])
        if len(self.evaluated.classes) > _MATRIX_UP_TO:
            return [table]
        head: list[str | int] = [say("true \\ said", "真实 \\ 预测"), *map(one_line, self.evaluated.classes)]
        return [table, [head, *_matrix_rows(self.evaluated.classes, self.matrix)]]

    @property
    def remarks(self) -> list[str]:
        """How sure the numbers are, and what was not judged."""
        right, known = int(self.right.sum()), int(self.known.sum())
        lines = uncertain(right, known, "pictures", "张图片")
        if len(set(self.evaluated.labels[self.known].tolist())) == 1:
            lines.append(
                say(
                    "All pictures are of one class: how often others are taken for it is not seen here.",
                    "所有图片属于同一类别：看不出其他类别被误认为它的情况。",
                )
            )
        if self.names.unknown:
            lines.append(class_names.unknown_text(self.names.unknown, rejected=bool(self.evaluated.threshold)))
        if self.names.missing:
            lines.append(class_names.missing_text(self.names.missing))
        return [*lines, *reading.damaged_text(self.damaged)]

    @cached_property
    def _per_class(self) -> list[dict[str, Any]]:
        return class_files.per_class(self.evaluated.classes, self.matrix)

    @cached_property
    def _mistakes(self) -> list[dict[str, Any]]:
        """The wrong answers, that of which the model was surest first; rejected pictures are none."""
        seen, predictions = self.evaluated, self.evaluated.predictions
        return [
            {
                "file": str(seen.paths[index]),
                "true": self.true_names[index],
                "predicted": seen.classes[int(predictions[index])],
                "score": round(float(seen.scores[index, predictions[index]]), 4),
            }
            for index in seen.worst_first().tolist()
        ]

    def write(self, folder: Path) -> tuple[list[Path], list[str]]:
        """Write the report; see ``kind.Judged``."""
        return class_files.write(folder, self.evaluated, self.matrix, self._per_class, self._mistakes)


def judge(model: Model, labelled: LabelledSet, threshold: float, progress: Progress) -> JudgedClasses:
    """Run a classifier over pictures; see ``kind.EvaluationKind``.

    Raises:
        ClassCountMismatch: It knows none of their classes, and no threshold lets it say so (-306).
        DatasetInvalid: No picture can be read, or some have several labels (-201).
    """
    assert model.info is not None
    labelled = label_sets.with_one(labelled)
    classes = model.info.classes
    present = class_folders.labels_of(labelled.pictures)
    names = class_names.matched(labelled.classes, classes, [n in present for n in range(len(labelled.classes))])
    label_of = [len(classes) if label is None else label for label in names.labels]
    if not threshold:
        present = {label for label in present if label_of[label] < len(classes)}
    if not present:
        raise class_names.nothing_in_common(model.path.name, labelled.classes, classes)
    chosen = [picture for picture in labelled.pictures if picture.label in present]
    damaged: list[Damaged] = []
    judged: list[Sample] = []
    scores: list[npt.NDArray[Any]] = []
    for batch in reading.batches(chosen, damaged, progress, reading=model.reading):
        judged += [sample for sample, _ in batch]
        scores.append(scores_of(model.output_batches([pixels for _, pixels in batch]), len(classes)))
    table = np.concatenate(scores).astype(np.float32)
    labels = np.array([label_of[sample.label] for sample in judged], np.int64)
    top5 = _top5(table, labels, len(classes))
    if threshold:
        classes = (*classes, none_name())
        table = np.pad(table, ((0, 0), (0, 1)))
    paths = tuple(sample.path for sample in judged)
    true_names = tuple(labelled.classes[sample.label] for sample in judged)
    evaluated = EvaluatedClasses(classes, paths, labels, table, threshold, model.reading.bits)
    return JudgedClasses(evaluated, true_names, names, tuple(damaged), top5)


def _top5(table: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], classes: int) -> float | None:
    known = labels < classes
    if classes < _TOP5_FROM or not known.any():
        return None
    return accuracies(table[known], labels[known], (5,))[5] / 100


def _matrix_rows(classes: Sequence[str], matrix: npt.NDArray[np.int64]) -> list[list[str | int]]:
    return [[name, *map(int, row)] for name, row in zip(classes, matrix, strict=True)]


MEANINGS: Mapping[str, tuple[str, str]] = class_files.MEANINGS
EVALUATION = EvaluationKind(read=label_sets.read, judge=judge, meanings=MEANINGS)
