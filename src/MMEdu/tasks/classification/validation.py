"""What an epoch of pictures of one class each is judged by: accuracies, macro means, the loss. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import metrics
from XEdu.outputs.classification import accuracies


def validation_metrics(
    probabilities: npt.NDArray[np.floating[Any]],
    labels: npt.NDArray[np.integer[Any]],
    *,
    topk: Sequence[int] = (1,),
    metric: str = "accuracy",
) -> Mapping[str, float]:
    """Score predictions against the truth.

    Args:
        probabilities: Shape (N, C).
        labels: True class numbers, shape (N,).
        topk: The k of the accuracies beside top-1.
        metric: ``accuracy``, or ``precision``, ``recall`` or ``f1_score`` as the mean over the classes: it comes first.

    Returns:
        Percentages, top-1 first, then the documented ``topk``; the mean loss last.
    """
    scores = {f"accuracy_top-{k}": value for k, value in accuracies(probabilities, labels, (1, *topk)).items()}
    if metric != "accuracy":
        confusion = metrics.confusion_matrix(labels, probabilities.argmax(1), probabilities.shape[1])
        scores = {metric: metrics.macro(confusion, metric), **scores}  # type: ignore[arg-type]
    of_truth = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    # The loss of a class that is surely none is infinite: bounded, so that a mean can be shown.
    loss = float(-np.log(np.maximum(of_truth, 1e-12)).mean())
    return {**{name: round(value, 4) for name, value in scores.items()}, "loss": round(abs(loss), 6)}
