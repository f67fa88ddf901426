"""Pictures of one class each: accuracies, temperature, "none of these". See ``answers.Answers``. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_choice, invalid
from BaseDT.dataset.samples import HasLabels
from BaseDT.language import say
from MMEdu.engine.protocol import Metrics
from MMEdu.tasks.classification.answers import Dataset, Scores, Targets
from MMEdu.tasks.classification.calibration import calibrate, suggestion_text
from MMEdu.tasks.classification.validation import validation_metrics
from MMEdu.tasks.classification.verdict import verdict

if TYPE_CHECKING:
    from MMEdu.tasks.classification.arguments import ClassificationArguments


class OneClass:
    """Every picture is of exactly one class."""

    kind = "classification"
    meta: Mapping[str, Any] = {}
    balances = False

    def targets(self, samples: Sequence[HasLabels], classes: int) -> Targets:
        """Return class numbers (N,)."""
        del classes
        return np.array([sample.labels[0] for sample in samples], dtype=np.int64)

    def resolve(self, arguments: ClassificationArguments, classes: int) -> tuple[tuple[int, ...], str, list[str]]:
        """Fill in the k of the accuracies; see ``answers.Answers``."""
        check_choice("metric", arguments.metric, ("accuracy", "precision", "recall", "f1_score"))
        topk = resolve_topk(arguments.topk, classes)
        save_best = resolve_save_best(arguments.save_best, arguments.metric, topk)
        return topk, save_best, _about_best(arguments, save_best)

    def metrics(self, scores: Scores, targets: Targets, topk: Sequence[int], metric: str) -> Metrics:
        """Accuracies in percent, top-1 first, then the documented ``topk``; the mean loss last."""
        return validation_metrics(scores, targets, topk=topk, metric=metric)

    def rank(self, values: Metrics, key: str) -> tuple[float, ...]:
        """Compare by ``key``, then by top-1, then by the lower loss."""
        return values[key], values["accuracy_top-1"], -values["loss"]

    def reached(self, values: Metrics) -> tuple[float, str, str]:
        """The share of right answers."""
        percent = values["accuracy_top-1"]
        return percent, f"gets {percent:.0f} % right", f"答对 {percent:.0f} %"

    def class_weights(self, dataset: Dataset) -> npt.NDArray[np.float32]:
        """Weigh classes so that each counts the same in the loss: N / (C * n_c)."""
        counts = np.maximum(1, np.array(dataset.counts("train"), dtype=np.float64))
        weights: npt.NDArray[np.float32] = (counts.sum() / (len(counts) * counts)).astype(np.float32)
        return weights

    def weight(self, targets: Targets, class_weights: npt.NDArray[np.float32] | None) -> float:
        """The number of pictures, or the sum of the weights of their classes."""
        return float(len(targets) if class_weights is None else class_weights[targets].sum())

    def description(self, scores: Scores, targets: Targets) -> Mapping[str, Any]:
        """The temperature, and the score below which an answer is better none of the classes."""
        return {"calibration": calibrate(scores, targets).to_dict()}

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], scores: Scores, targets: Targets, *, starts_fresh: bool
    ) -> str:
        """What went wrong, and what helps; or from which score on an answer is to be trusted."""
        text = verdict(log, scores, targets, starts_fresh=starts_fresh)
        return text or suggestion_text(self.description(scores, targets))


def resolve_topk(topk: object, num_classes: int) -> tuple[int, ...]:
    """Return the documented k: top-1 up to five classes, otherwise top-5, or what the user says.

    Raises:
        ParameterInvalid: Not a whole number or several, between 1 and the number of classes (-305).
    """
    if topk is None:
        return (1,) if num_classes <= 5 else (5,)
    listed = list(topk) if isinstance(topk, (tuple, list)) else [topk]
    ks = [k for k in listed if type(k) is int and 0 < k <= num_classes]
    if not ks or len(ks) < len(listed):
        text = f"whole numbers from 1 to {num_classes} (the number of classes), e.g. (1,)"
        raise invalid("topk", topk, text, f" 1 到 {num_classes}（类别数）之间的整数，例如 (1,)")
    return tuple(dict.fromkeys(ks))


def resolve_save_best(save_best: object, metric: str, topk: Sequence[int]) -> str:
    """Return the name of the metric that chooses the best checkpoint.

    Raises:
        ParameterInvalid: No metric of this run has this name (-305).
    """
    first = metric if metric != "accuracy" else f"accuracy_top-{topk[0]}"
    if isinstance(save_best, str) and save_best == "auto":
        return first
    names = tuple(dict.fromkeys((first, *(f"accuracy_top-{k}" for k in topk), "accuracy_top-1")))
    check_choice("save_best", save_best, ("auto", *names))
    return str(save_best)


def _about_best(arguments: ClassificationArguments, save_best: str) -> list[str]:
    """Say what the documented choice of the best epoch means, where nobody chose it: its name misleads."""
    if arguments.topk is not None or save_best != "accuracy_top-5":
        return []
    return [
        say(
            "Of more than five classes the best epoch is chosen by accuracy_top-5, as documented: how often the right "
            "class is among the five likeliest. How often it is the likeliest is accuracy_top-1, which decides between "
            "equals; topk=1 chooses by it alone.",
            "类别超过五个时，按文档以 accuracy_top-5 选择最佳轮次：正确类别在前五名之中的比例。"
            "正确类别排第一的比例是 accuracy_top-1，前者相同时由它决定；topk=1 则只按它选择。",
        )
    ]
