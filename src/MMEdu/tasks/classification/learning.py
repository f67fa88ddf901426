"""The torch side of classification: batches to tensors, the loss, probabilities; ``answers`` judges them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.preprocess import Preprocess
from MMEdu.engine.device_images import ImageNormalizer
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.tasks.classification import last_step
from MMEdu.tasks.classification.answers import Answers, Targets


class ClassificationTask:
    """The torch side of classification.

    Args:
        preprocess: How pixels become the network's input.
        answers: One class a picture, or any number of labels.
        labels: Of the validation samples, as ``answers`` has them; empty without validation.
        num_classes: How many classes there are.
        topk: The k of the accuracies that are reported beside top-1.
        metric: ``accuracy``, ``precision``, ``recall``, ``f1_score`` or ``mAP``.
        class_weights: Weight of each class in the loss, (num_classes,); None weighs all the same.
        starts_fresh: Whether the network has no weights of an earlier training.
        mirror_check: Names classes that flips made one, from scores and the samples they belong to; None: no flips.
    """

    name = "classification"

    def __init__(
        self,
        preprocess: Preprocess,
        answers: Answers,
        labels: Targets,
        num_classes: int,
        *,
        topk: Sequence[int] = (1,),
        metric: str = "accuracy",
        class_weights: npt.NDArray[np.float32] | None = None,
        starts_fresh: bool = False,
        mirror_check: Callable[[npt.NDArray[np.float32], npt.NDArray[np.int64]], str] | None = None,
    ) -> None:
        self.preprocess = preprocess
        self.answers = answers
        self.labels = labels
        self.num_classes = num_classes
        self.topk = tuple(topk)
        self.metric = metric
        self._class_weights = class_weights
        self._starts_fresh = starts_fresh
        self._mirror_check = mirror_check
        self.last_step = last_step.of_kind(answers.kind)
        self._normalize = ImageNormalizer(preprocess)

    def inputs(self, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
        """Move a batch to the device and normalise it there: images (N, C, H, W), labels (N,) or (N, classes)."""
        labels = torch.from_numpy(batch.targets)
        if device.type == "cuda":
            labels = labels.pin_memory()
        return self._normalize(batch.inputs, device), labels.to(device, non_blocking=True)

    def trained(self, model: nn.Module) -> nn.Module:
        """The network itself."""
        return model

    def losses(self, model: nn.Module, inputs: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """The loss of the logits, in float32 whatever the precision of the model."""
        images, labels = inputs
        weight = None
        if self._class_weights is not None:
            weight = images.new_tensor(self._class_weights)
        return {"loss": self.last_step.loss(model(images).float(), labels, weight)}

    def weight(self, batch: Batch) -> float:
        """How much a part of a batch counts: its pictures, or the weights of their classes."""
        return self.answers.weight(batch.targets, self._class_weights)

    def dummy_inputs(self, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Made-up inputs of ``size`` pictures."""
        images = torch.zeros(size, self.preprocess.channels, *self.preprocess.size, device=device)
        labels = self.last_step.blank(size, self.num_classes).to(device)
        return images.contiguous(memory_format=torch.channels_last), labels

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[np.float32]:
        """Predict probabilities (N, num_classes) with the very preprocessing of inference and deployment."""
        images = torch.from_numpy(self.preprocess.normalize(batch.inputs)).to(device)
        logits = model(images.contiguous(memory_format=torch.channels_last))
        scores: npt.NDArray[np.float32] = self.last_step.probabilities(logits.float()).cpu().numpy()
        return scores

    def metrics(self, predictions: npt.NDArray[np.float32], indices: npt.NDArray[np.int64]) -> Metrics:
        """The metrics of the answers in percent, the decisive one first; the mean loss last."""
        return self.answers.metrics(predictions, self.labels[indices], self.topk, self.metric)

    def description(self, predictions: npt.NDArray[np.float32], indices: npt.NDArray[np.int64]) -> Mapping[str, Any]:
        """How sure the network may be of its answers; see ``engine.protocol.DescribesScores``."""
        return self.answers.description(predictions, self.labels[indices])

    def closing_words(
        self,
        log: Sequence[Mapping[str, Any]],
        predictions: npt.NDArray[np.float32],
        indices: npt.NDArray[np.int64],
    ) -> Sequence[str]:
        """What went wrong, and what helps; or from which score on an answer is to be trusted."""
        if self._mirror_check is not None and (mirrored := self._mirror_check(predictions, indices)):
            return [mirrored]  # it explains what a verdict would only state
        text = self.answers.closing_words(log, predictions, self.labels[indices], starts_fresh=self._starts_fresh)
        return [text] if text else []

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Compare by ``key``, ties broken as the answers say."""
        return self.answers.rank(new, key) > self.answers.rank(old, key)
