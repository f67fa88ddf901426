"""What a task's network gives when it has left training: its outputs, how they are read, how two runs are compared.

A task joins by an entry here; the formats know nothing of tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.model_info import Decode
from MMEdu.models.registry import ModelEntry

Arrays = Sequence[npt.NDArray[Any]]


@dataclass(frozen=True)
class Head:
    """How a task's network is exported.

    Attributes:
        outputs: Names of the outputs, as the documents have them.
        decode: How the runtime reads them.
        wrap: Puts behind a trained network what turns its answers into these outputs.
        difference: The largest disagreement of two runs over the same pictures.
        batches: Whether the first axis of inputs and outputs may be any number of pictures.
        tolerance: The largest disagreement of an ONNX file; other formats have their own where it is larger.
    """

    outputs: tuple[str, ...]
    decode: Decode
    wrap: Callable[[nn.Module], nn.Module]
    difference: Callable[[Arrays, Arrays], float]
    batches: bool
    tolerance: float


class Probabilities(nn.Module):
    """A classifier that gives probabilities (N, C): the clients take the largest as the confidence."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, C, H, W) to probabilities (N, classes)."""
        scores: Tensor = self.network(images)
        return scores.softmax(1)


def largest_difference(ours: Arrays, theirs: Arrays) -> float:
    """Return the largest absolute difference of any number; infinite where shapes differ or a number is none."""
    worst = 0.0
    for one, other in zip(ours, theirs, strict=True):
        if one.shape != other.shape or not np.isfinite(other).all():
            return float("inf")
        worst = max(worst, float(np.abs(one.astype(np.float64) - other).max(initial=0.0)))
    return worst


_MATCH = 0.99
_LEAST_SCORE = 0.05
_SLACK = 1e-3
_SUPPRESSES = 0.4  # below every recipe's NMS
_ALONE = 0.05
_FULL = 100  # detectors report so many, or more, at most


def largest_box_difference(ours: Arrays, theirs: Arrays) -> float:
    """Return the largest difference of the scores of boxes that match; infinite where one has no match.

    A match has the same label and an overlap (IoU) of at least 0.99. Boxes with scores below 0.05 do not count. Scores
    that are the same within rounding may be ranked either way: a box that lost to a neighbour, or to the last place,
    by less than 0.001 needs no match. Of the others one in twenty may be without: regions that two-stage models propose
    are ranked, too.

    Args:
        ours: ``dets`` (1, N, 5) and ``labels`` (1, N).
        theirs: Likewise, any number of boxes.
    """
    return max(_unmatched(ours, theirs), _unmatched(theirs, ours))


def _unmatched(some: Arrays, others: Arrays) -> float:
    boxes, labels = some[0].reshape(-1, 5), some[1].reshape(-1)
    candidates, their_labels = others[0].reshape(-1, 5), others[1].reshape(-1)
    worst, alone = 0.0, 0
    for box, label in zip(boxes, labels, strict=True):
        if box[4] < _LEAST_SCORE + _SLACK:
            continue
        overlaps = np.where(their_labels == label, _overlaps(box[:4], candidates[:, :4]), 0.0)
        differences = np.abs(candidates[overlaps >= _MATCH, 4] - box[4])
        if differences.size:
            worst = max(worst, float(differences.min()))
        elif not _lost_by_a_hair(box[4], candidates[:, 4], overlaps):
            alone += 1
    return float("inf") if alone > _ALONE * len(boxes) else worst


def _lost_by_a_hair(score: float, scores: npt.NDArray[Any], overlaps: npt.NDArray[Any]) -> bool:
    to_a_neighbour = bool((scores[overlaps >= _SUPPRESSES] >= score - _SLACK).any())
    to_the_last = len(scores) >= _FULL and score <= float(scores.min()) + _SLACK
    return to_a_neighbour or to_the_last


def _overlaps(box: npt.NDArray[Any], others: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the IoU of one box (4,) with others (N, 4)."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    common = np.clip(sides, 0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1) + (box[2:] - box[:2]).prod()
    return np.asarray(common / np.maximum(areas - common, 1e-9))


def largest_raw_difference(ours: Arrays, theirs: Arrays) -> float:
    """Return the largest difference of scores, and of box edges as a share of the largest edge."""
    extent = max(1.0, float(np.abs(ours[0]).max(initial=1.0)))
    return max(largest_difference([ours[0] / extent], [theirs[0] / extent]), largest_difference(ours[1:], theirs[1:]))


def _export_head(network: nn.Module) -> nn.Module:
    head: nn.Module = network.export_head()  # type: ignore[operator]
    return head


HEADS = {
    "detection": Head(
        outputs=("dets", "labels"),
        decode="boxes",
        wrap=_export_head,
        difference=largest_box_difference,
        batches=False,
        tolerance=1e-3,
    ),
    "classification": Head(
        outputs=("probs",),
        decode="probabilities",
        wrap=Probabilities,
        difference=largest_difference,
        batches=True,
        tolerance=1e-4,
    ),
}
"""By task."""

_MASKS = replace(
    HEADS["detection"],
    outputs=("dets", "labels", "masks"),
    wrap=lambda network: network.export_head(masks=True),  # type: ignore[operator]
)


_RAW = Head(
    outputs=("boxes", "scores"),
    decode="raw_boxes",
    wrap=lambda network: network.raw_head(),  # type: ignore[operator]
    difference=largest_raw_difference,
    batches=False,
    tolerance=1e-3,
)


def head_of(entry: ModelEntry, *, decides: bool = True) -> Head:
    """Return what a model gives when it has left training.

    Args:
        entry: The model.
        decides: Whether the format can choose among boxes; the runtime does it otherwise.

    Raises:
        ParameterInvalid: Such a format cannot hold a model of two stages (-305).
    """
    if entry.task != "detection" or decides:
        return _MASKS if entry.masks else HEADS[entry.task]
    if entry.two_stage:
        hint = say("Choose backend='ONNX' or 'OpenVINO'.", "请选择 backend='ONNX' 或 'OpenVINO'。")
        raise ParameterInvalid(f"{entry.name} has two stages, which NCNN files cannot hold.", hint=hint)
    return _RAW
