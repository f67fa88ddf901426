"""The torch side of keypoints: batches to tensors, a network's losses, its points on the picture, PCK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from MMEdu.engine.device_images import ImageNormalizer
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.pose.description import Described
from MMEdu.tasks.pose.evaluation import decoded, point_metrics
from MMEdu.tasks.pose.outlook import outlook
from MMEdu.tasks.pose.samples import PosedPeople

Inputs = tuple[Tensor, Tensor]
"""Images (N, C, H, W), and (N, K, 3) of x, y as shares of the input and 1 where the point is known."""


class Learning(nn.Module):
    """A network and its losses as one ``forward``, which is what processes that train together hook into."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return the losses of a batch."""
        losses: dict[str, Tensor] = self.network.losses(  # type: ignore[operator]
            self.network(images), targets[..., :2], targets[..., 2]
        )
        return losses


class PoseTask:
    """The torch side of keypoints.

    The network gives the outputs of its entry's options for images, and has ``losses(outputs, points, weights)``.

    Args:
        entry: The model, with the preprocessing that it is trained with.
        people: The validation persons.
        described: What is known of the points.
    """

    name = "pose"

    def __init__(self, entry: ModelEntry, people: PosedPeople, described: Described) -> None:
        self.entry = entry
        self.preprocess = entry.preprocess
        self.people = people
        self.described = described
        self._normalize = ImageNormalizer(entry.preprocess)

    def inputs(self, batch: Batch, device: torch.device) -> Inputs:
        """Move a batch to the device and normalise it there."""
        targets = torch.from_numpy(batch.targets).to(device, non_blocking=True)
        return self._normalize(batch.inputs, device), targets

    def trained(self, model: nn.Module) -> nn.Module:
        """The network and its losses as a module."""
        return Learning(model)

    def losses(self, model: nn.Module, inputs: Inputs) -> dict[str, Tensor]:
        """The network's own losses, and their sum as ``loss``, in float32."""
        parts: dict[str, Tensor] = (model if isinstance(model, Learning) else _learner(model))(*inputs)
        return {**parts, "loss": torch.stack(list(parts.values())).sum()}

    def weight(self, batch: Batch) -> float:
        """The number of points that are known: the loss is their mean."""
        return max(float(batch.targets[..., 2].sum()), 1e-6)

    def dummy_inputs(self, size: int, device: torch.device) -> Inputs:
        """Made-up inputs of ``size`` persons with all points in the middle."""
        height, width = self.preprocess.size
        images = torch.zeros(size, self.preprocess.channels, height, width, device=device)
        targets = torch.full((size, len(self.described.names), 3), 0.5, device=device)
        targets[..., 2] = 1
        return images.contiguous(memory_format=torch.channels_last), targets

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[Any]:
        """Predict as inference and deployment do: (N, K, 3) of x, y in pixels of the picture, and the score."""
        images = torch.from_numpy(self.preprocess.normalize(batch.inputs)).to(device)
        outputs = model(images.contiguous(memory_format=torch.channels_last))
        arrays = [output.detach().float().cpu().numpy() for output in outputs]
        frames = [self.people.frames[index] for index in batch.indices.tolist()]
        return decoded(arrays, self.entry.options, frames, len(self.described.names))

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """PCK at a fifth and a twentieth of a person's size, and OKS-AP where areas are known; 0 to 1."""
        people = [self.people.people[index] for index in indices.tolist()]
        return {
            name: round(value, 4) for name, value in point_metrics(predictions, people, self.described.names).items()
        }

    def description(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Mapping[str, Any]:
        """Nothing is learned of the scores; see ``engine.protocol.DescribesScores``."""
        del predictions, indices
        return {}

    def closing_words(
        self, log: Sequence[Mapping[str, Any]], predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]
    ) -> Sequence[str]:
        """Say what helps where nothing was learned, or left and right are confused."""
        del log
        people = [self.people.people[index] for index in indices.tolist()]
        return outlook(predictions, people, self.described)

    def better(self, new: Metrics, old: Metrics, key: str) -> bool:
        """Compare by ``key``, then by the stricter PCK; while nothing is right at all, the later one is better."""
        ours, theirs = _rank(new, key), _rank(old, key)
        return ours > theirs or not any(theirs)


def _learner(model: Any) -> Any:
    """Return what takes inputs and gives losses: a bare network is wrapped, what wraps one already is not."""
    return Learning(model) if hasattr(model, "losses") else model


def _rank(values: Metrics, key: str) -> tuple[float, float, float]:
    return values[key], values["PCK"], values["PCK_0.05"]
