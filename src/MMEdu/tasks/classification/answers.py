"""What the pictures of a set are answered with: one class, or any number of labels. Chosen once, when the set is read.

``Answers`` is all that learning and judging ask; ``one_class`` and ``several_labels`` give it. Torch-free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.samples import HasLabels, ImageNetDataset, MultiLabelDataset
from MMEdu.engine.protocol import Metrics

if TYPE_CHECKING:
    from MMEdu.tasks.classification.arguments import ClassificationArguments

Dataset: TypeAlias = "ImageNetDataset | MultiLabelDataset"
Scores: TypeAlias = npt.NDArray[np.floating[Any]]
Targets: TypeAlias = npt.NDArray[Any]
"""Class numbers (N,), or 0 and 1 for each label (N, C)."""


class Answers(Protocol):
    """What learning, judging and reporting ask of a kind of answer."""

    @property
    def kind(self) -> str:
        """Name of the kind of output (``XEdu.outputs``)."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """What every checkpoint says of it beyond its classes."""

    @property
    def balances(self) -> bool:
        """Whether rare classes weigh more without being asked to."""

    def targets(self, samples: Sequence[HasLabels], classes: int) -> Targets:
        """Return the truth of some pictures, a row for each."""

    def resolve(self, arguments: ClassificationArguments, classes: int) -> tuple[tuple[int, ...], str, list[str]]:
        """Return the k of the accuracies, the metric that chooses the best checkpoint, and lines for the user.

        Raises:
            ParameterInvalid: The data have no such metric (-305).
        """

    def metrics(self, scores: Scores, targets: Targets, topk: Sequence[int], metric: str) -> Metrics:
        """Score predictions: percentages, the decisive one first; the mean loss last."""

    def rank(self, values: Metrics, key: str) -> tuple[float, ...]:
        """Return what makes epochs comparable: the greater, the better."""

    def reached(self, values: Metrics) -> tuple[float, str, str]:
        """Return how good a head alone is, in percent, and in words, English and Chinese."""

    def class_weights(self, dataset: Dataset) -> npt.NDArray[np.float32]:
        """Return how much each class weighs where rare ones shall weigh more, (C,)."""

    def weight(self, targets: Targets, class_weights: npt.NDArray[np.float32] | None) -> float:
        """Return how much some pictures count in the loss."""

    def description(self, scores: Scores, targets: Targets) -> Mapping[str, Any]:
        """Return what a checkpoint keeps of the validation: how sure the network may be of its answers."""

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], scores: Scores, targets: Targets, *, starts_fresh: bool
    ) -> str:
        """Judge a training in a sentence; empty where there is nothing to say."""
