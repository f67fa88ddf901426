"""What stands behind a classifier's logits, by the kind of its output: softmax for one class, sigmoid for labels.

Learning, prediction and export take it from here, so that none of them asks which of both it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy


@dataclass(frozen=True)
class LastStep:
    """What becomes of logits (N, C).

    Attributes:
        probabilities: Makes probabilities (N, C) of them.
        loss: The mean loss over the pictures, of logits, targets and the classes' weights (C,), None for equal ones.
        blank: Made-up targets of some pictures of C classes, as a batch holds them.
    """

    probabilities: Callable[[Tensor], Tensor]
    loss: Callable[[Tensor, Tensor, Tensor | None], Tensor]
    blank: Callable[[int, int], Tensor]


def _softmax(logits: Tensor) -> Tensor:
    return logits.softmax(1)


def _cross_entropy(logits: Tensor, labels: Tensor, weight: Tensor | None) -> Tensor:
    return cross_entropy(logits, labels, weight=weight)


def _binary_cross_entropy(logits: Tensor, targets: Tensor, weight: Tensor | None) -> Tensor:
    """Sum over the labels, mean over the pictures: a label weighs as much, however many others there are.

    Args:
        logits: (N, C).
        targets: 0 or 1, (N, C).
        weight: How much more a present label counts than an absent one, (C,).
    """
    total = binary_cross_entropy_with_logits(logits, targets.float(), pos_weight=weight, reduction="sum")
    return total / len(logits)


_STEPS = {
    "classification": LastStep(_softmax, _cross_entropy, lambda size, _: torch.zeros(size, dtype=torch.int64)),
    "multi_label": LastStep(
        torch.sigmoid, _binary_cross_entropy, lambda size, count: torch.zeros(size, count, dtype=torch.uint8)
    ),
}


def of_kind(kind: str) -> LastStep:
    """Return the last step of a kind of output; a model that names none gives one class."""
    return _STEPS[kind or "classification"]
