"""Models of several labels a picture: mAP, F1, pictures with every label right, each label, the worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.samples import MultiLabelSample
from BaseDT.language import say
from BaseDT.metrics import multi_label as metrics
from XEdu.evaluation import class_names, label_files, label_sets, reading
from XEdu.evaluation.class_names import MatchedNames, listed
from XEdu.evaluation.evaluated_labels import EvaluatedLabels
from XEdu.evaluation.kind import Damaged, EvaluationKind, LabelledSet, Progress
from XEdu.evaluation.words import between, counted_share, interval, percent, rounded, share, uncertain
from XEdu.outputs.classification import scores_of
from XEdu.outputs.multi_label import OWN, thresholds_of
from XEdu.runtime.model import Model

_LISTED = 100
"""So many mistakes are data; ``mistakes.csv`` has all."""
_HEADS = {
    "class": ("label", "标签"),
    "support": ("pictures", "图片"),
    "average_precision": ("AP", "AP"),
    "recall": ("found (recall)", "召回率"),
    "interval": ("95 %", "95 % 区间"),
    "precision": ("right (precision)", "精确率"),
    "f1": ("F1", "F1"),
    "threshold": ("from score", "阈值"),
    "found": ("found", "找到"),
    "missed": ("missed", "漏掉"),
    "false": ("claimed wrongly", "误报"),
}


@dataclass(frozen=True, eq=False)
class JudgedLabels:
    """What was found out about a model of several labels; see ``kind.Judged``.

    Attributes:
        evaluated: The answers, of the labels that both the set and the model know.
        true_names: What the set says of each picture.
        names: How the set's labels and the model's go together.
        damaged: Pictures that could not be judged.
        lowest: The one score from which on all labels are reported; ``OWN``: each has its own.
        by_folders: Whether class folders say what the pictures show, one label each.
    """

    evaluated: EvaluatedLabels
    true_names: tuple[tuple[str, ...], ...]
    names: MatchedNames
    damaged: tuple[Damaged, ...]
    lowest: float = OWN
    by_folders: bool = False

    @property
    def _exact(self) -> int:
        """How many pictures have every label right."""
        return int((self.evaluated.reported == self.evaluated.truth).all(1).sum())

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything as data; see docs/evaluate.md."""
        seen, counts = self.evaluated, self.evaluated.counts
        exact, pictures = self._exact, len(self.evaluated.paths)
        (_, false), (missed, found) = counts.sum(0).tolist()
        average = metrics.mean_average_precision(seen.scores, seen.truth) / 100
        f1 = metrics.precision_recall_f1(counts)[2]
        return {
            "thr": None if self.lowest == OWN else self.lowest,
            "pictures": pictures,
            "mAP": rounded(average) if seen.truth.any() else None,
            "CF1": rounded(metrics.macro(f1, counts) / 100),
            "OF1": rounded(metrics.overall_f1(counts) / 100),
            "all_right": exact,
            "exact_match": rounded(share(exact, pictures)),
            "exact_match_interval": interval(exact, pictures),
            "found": found,
            "missed": missed,
            "false": false,
            "classes": list(seen.classes),
            "per_class": seen.rows,
            "mistakes": self._mistakes[:_LISTED],
            "mistakes_count": len(self._mistakes),
            "unknown_classes": list(self.names.unknown),
            "missing_classes": list(self.names.missing),
            "damaged": [{"file": str(item.path), "reason": item.reason} for item in self.damaged],
        }

    @property
    def lines(self) -> list[str]:
        """The shares, and what became of the labels."""
        content = self.content
        shares = [percent(content[name]) for name in ("mAP", "CF1", "OF1")]
        counts = [content[name] for name in ("found", "missed", "false")]
        return [
            counted_share(self._exact, content["pictures"], "Pictures with every label right", "所有标签都正确的图片"),
            say(
                f"mAP {shares[0]}; F1 of the labels (CF1) {shares[1]}, of all decisions (OF1) {shares[2]}.",
                f"mAP {shares[0]}；各标签平均 F1（CF1）{shares[1]}，总体 F1（OF1）{shares[2]}。",
            ),
            say(
                f"Labels: {counts[0]} found, {counts[1]} missed, {counts[2]} claimed wrongly.",
                f"标签：找到 {counts[0]} 个，漏掉 {counts[1]} 个，误报 {counts[2]} 个。",
            ),
        ]

    @property
    def tables(self) -> list[list[list[str | int]]]:
        """Each label."""
        table: list[list[str | int]] = [[say(*head) for head in _HEADS.values()]]
        for row in self.evaluated.rows:
            shares = [percent(row["average_precision"]), percent(row["recall"]), between(row["recall_interval"])]
            shares += [percent(row["precision"]), percent(row["f1"]), f"{row['threshold']:.2f}"]
            table.append([row["class"], row["support"], *shares, row["found"], row["missed"], row["false"]])
        return [table]

    @property
    def remarks(self) -> list[str]:
        """How sure the numbers are, and what was not judged."""
        lines = uncertain(self._exact, len(self.evaluated.paths), "pictures", "张图片")
        if self.by_folders:
            lines.append(_one_label_each())
        if self.names.unknown:
            lines.append(class_names.unknown_text(self.names.unknown, rejected=False))
        if self.names.missing:
            lines.append(_unnamed(listed(self.names.missing)))
        return [*lines, *reading.damaged_text(self.damaged)]

    @cached_property
    def _mistakes(self) -> list[dict[str, Any]]:
        """The pictures with a wrong label, that of which the model was surest first."""
        seen = self.evaluated
        missed, claimed, sureness = seen.truth & ~seen.reported, seen.reported & ~seen.truth, seen.sureness
        return [
            {
                "file": str(seen.paths[index]),
                "true": list(self.true_names[index]),
                "missed": [name for name, flag in zip(seen.classes, missed[index], strict=True) if flag],
                "claimed": [name for name, flag in zip(seen.classes, claimed[index], strict=True) if flag],
                "score": round(float(sureness[index].max()), 4),
            }
            for index in seen.worst_first().tolist()
        ]

    def write(self, folder: Path) -> tuple[list[Path], list[str]]:
        """Write the report; see ``kind.Judged``."""
        return label_files.write(folder, self.evaluated, self.evaluated.rows, self._mistakes)


def judge(model: Model, labelled: LabelledSet, threshold: float, progress: Progress) -> JudgedLabels:
    """Run a model over pictures; see ``kind.EvaluationKind``.

    Labels of the set that the model does not know, and labels of the model that the set does not name, are not judged.

    Raises:
        ClassCountMismatch: It knows none of the labels (-306).
        DatasetInvalid: No picture can be read (-201).
        CheckpointInvalid: Its thresholds do not fit its labels (-202).
    """
    assert model.info is not None
    known = model.info.classes
    names = class_names.matched(labelled.classes, known, [True] * len(labelled.classes))
    judged_labels = sorted({label for label in names.labels if label is not None})
    if not judged_labels:
        raise class_names.nothing_in_common(model.path.name, labelled.classes, known)
    least = np.array(thresholds_of(model.info.options, threshold, len(known)))[judged_labels]
    pictures, by_folders = label_sets.with_several(labelled)
    damaged: list[Damaged] = []
    judged: list[MultiLabelSample] = []
    scores: list[npt.NDArray[Any]] = []
    for batch in reading.batches(pictures, damaged, progress, reading=model.reading):
        judged += [sample for sample, _ in batch]
        scores.append(scores_of(model.output_batches([pixels for _, pixels in batch]), len(known)))
    table = np.concatenate(scores).astype(np.float32)[:, judged_labels]
    of_pictures = [{names.labels[label] for label in sample.labels} for sample in judged]
    truth = np.array([[label in present for label in judged_labels] for present in of_pictures], bool)
    classes = tuple(known[label] for label in judged_labels)
    paths = tuple(sample.path for sample in judged)
    evaluated = EvaluatedLabels(classes, paths, truth, table, least, model.reading.bits)
    true_names = tuple(tuple(labelled.classes[label] for label in sample.labels) for sample in judged)
    return JudgedLabels(evaluated, true_names, names, tuple(damaged), threshold, by_folders)


def _one_label_each() -> str:
    return say(
        "Class folders tell one label of each picture: whatever else it shows counts as claimed wrongly. A table "
        "labels.csv (file,labels) tells all.",
        "类别文件夹只说明每张图片的一个标签：图片中若还有其他标签，会被算作误报。"
        "用 labels.csv（file,labels）可写全所有标签。",
    )


def _unnamed(names: str) -> str:
    return say(
        f"The set says nothing of these labels, and so they are not judged: {names}.",
        f"数据集没有标注以下标签，未参与评估：{names}。",
    )


EVALUATION = EvaluationKind(read=label_sets.read, judge=judge, meanings=label_files.MEANINGS)
