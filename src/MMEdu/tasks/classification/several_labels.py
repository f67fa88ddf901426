"""Pictures with any number of labels: average precision, F1, a threshold of each label. See ``answers.Answers``.

Torch-free. Every label is a question of its own, so that there is neither a top-k nor a class that excludes the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_choice
from BaseDT.dataset.samples import HasLabels
from BaseDT.language import say
from BaseDT.metrics import multi_label as metrics
from BaseDT.results.multi_label import USUAL_THRESHOLD
from MMEdu.engine.protocol import Metrics
from MMEdu.tasks.classification.answers import Dataset, Scores, Targets
from MMEdu.tasks.classification.label_thresholds import suggested, suggestion_text
from MMEdu.tasks.classification.label_verdict import verdict

if TYPE_CHECKING:
    from MMEdu.tasks.classification.arguments import ClassificationArguments

KIND = "multi_label"
_NAMES = {"accuracy": "mAP", "mAP": "mAP", "precision": "CP", "recall": "CR", "f1_score": "CF1"}
"""What the documented metrics are called where pictures have several labels, as in OpenMMLab's."""
_MOST_WEIGHT = 10.0
"""A label of one picture in a thousand would otherwise weigh as much as a thousand others."""


class SeveralLabels:
    """Every picture has any number of labels."""

    kind = KIND
    meta: Mapping[str, Any] = {"kind": KIND}
    balances = True
    """Six labels of 3 to 50 % of 1,200 pictures, LeNet, 50 epochs: mAP 80.6 without, 89.8 with it."""

    def targets(self, samples: Sequence[HasLabels], classes: int) -> Targets:
        """Return 0 and 1 for every label, (N, C) uint8."""
        table = np.zeros((len(samples), classes), dtype=np.uint8)
        for row, sample in zip(table, samples, strict=True):
            row[list(sample.labels)] = 1
        return table

    def resolve(self, arguments: ClassificationArguments, classes: int) -> tuple[tuple[int, ...], str, list[str]]:
        """Name the metric that chooses the best checkpoint; see ``answers.Answers``."""
        del classes
        first = _NAMES[arguments.metric]
        best = arguments.save_best
        if not (isinstance(best, str) and best == "auto"):
            first = str(check_choice("save_best", best, ("auto", *dict.fromkeys((first, "mAP", "CF1", "OF1")))))
        lines = [] if arguments.topk is None else [_no_topk_text()]
        return (1,), first, lines

    def metrics(self, scores: Scores, targets: Targets, topk: Sequence[int], metric: str) -> Metrics:
        """``mAP``, ``CF1`` (mean of the labels' F1) and ``OF1`` (of all decisions) in percent; the mean loss last.

        F1 is that at a score of 0.5. A metric that was asked for comes first.
        """
        del topk
        truth = targets.astype(bool)
        counts = metrics.label_counts(scores >= USUAL_THRESHOLD, truth)
        precision, recall, f1 = metrics.precision_recall_f1(counts)
        values = {
            "mAP": metrics.mean_average_precision(scores, truth),
            "CF1": metrics.macro(f1, counts),
            "OF1": metrics.overall_f1(counts),
        }
        more = {"CP": precision, "CR": recall}
        first = _NAMES[metric]
        values = {first: values[first] if first in values else metrics.macro(more[first], counts), **values}
        return {**{name: round(value, 4) for name, value in values.items()}, "loss": round(_loss(scores, truth), 6)}

    def rank(self, values: Metrics, key: str) -> tuple[float, ...]:
        """Compare by ``key``, then by mAP, then by the lower loss."""
        return values[key], values["mAP"], -values["loss"]

    def reached(self, values: Metrics) -> tuple[float, str, str]:
        """The mean average precision."""
        percent = values["mAP"]
        return percent, f"reaches a mAP of {percent:.0f} %", f"达到 mAP {percent:.0f} %"

    def class_weights(self, dataset: Dataset) -> npt.NDArray[np.float32]:
        """Let a present label weigh as much as it is rarer than its absence, from 1 to 10 times."""
        present = np.maximum(1, np.array(dataset.counts("train"), dtype=np.float64))
        weights: npt.NDArray[np.float32] = np.clip((len(dataset.train) - present) / present, 1, _MOST_WEIGHT).astype(
            np.float32
        )
        return weights

    def weight(self, targets: Targets, class_weights: npt.NDArray[np.float32] | None) -> float:
        """The number of pictures: the loss is their mean."""
        del class_weights
        return float(len(targets))

    def description(self, scores: Scores, targets: Targets) -> Mapping[str, Any]:
        """The score of each label from which on a picture is said to have it."""
        return {"calibration": {"thresholds": suggested(scores, targets.astype(bool))}}

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], scores: Scores, targets: Targets, *, starts_fresh: bool
    ) -> str:
        """What went wrong, and what helps; or from which scores on labels are reported."""
        truth = targets.astype(bool)
        return verdict(log, scores, truth, starts_fresh=starts_fresh) or suggestion_text(suggested(scores, truth))


def _loss(scores: Scores, truth: npt.NDArray[np.bool_]) -> float:
    """Return the binary cross-entropies, summed over the labels, mean over the pictures; bounded, so as to be shown."""
    of_truth = np.where(truth, scores, 1 - scores.astype(np.float64))
    return abs(float(-np.log(np.maximum(of_truth, 1e-12)).sum(1).mean()))


def _no_topk_text() -> str:
    return say(
        "topk means nothing where a picture has several labels: mAP and F1 are measured.",
        "多标签数据没有 top-k 准确率（忽略 topk）：使用 mAP 和 F1。",
    )
