"""What a task's network gives when it has left training: its outputs, how they are read, how two runs are compared.

A task joins by an entry here; the formats know nothing of tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from torch import Tensor, nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.export.agreement import Arrays, largest_box_difference, largest_difference, largest_raw_difference
from MMEdu.models.registry import ModelEntry
from XEdu.outputs.detection import MAX_DETECTIONS, NMS_IOU, options


@dataclass(frozen=True)
class Head:
    """How a task's network is exported.

    Attributes:
        outputs: Names of the outputs, as the documents have them.
        kind: Of output, by which the runtime reads them.
        options: That kind's own, of a trained network.
        wrap: Puts behind a trained network what turns its answers into these outputs.
        difference: The largest disagreement of two runs over a picture; None where there is nothing to compare.
        batches: Whether the first axis of inputs and outputs may be any number of pictures.
        tolerance: The largest disagreement of an ONNX file; other formats have their own where it is larger.
    """

    outputs: tuple[str, ...]
    kind: str
    options: Callable[[nn.Module], dict[str, Any]]
    wrap: Callable[[nn.Module], nn.Module]
    difference: Callable[[Arrays, Arrays], float | None]
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


def _export_head(network: nn.Module) -> nn.Module:
    head: nn.Module = network.export_head()  # type: ignore[operator]
    return head


def _box_options(decode: str, network: nn.Module) -> dict[str, Any]:
    nms_iou = float(getattr(network, "nms_iou", NMS_IOU))
    return options(decode, nms_iou, int(getattr(network, "max_detections", MAX_DETECTIONS)))


HEADS = {
    "detection": Head(
        outputs=("dets", "labels"),
        kind="detection",
        options=partial(_box_options, "boxes"),
        wrap=_export_head,
        difference=largest_box_difference,
        batches=False,
        tolerance=1e-3,
    ),
    "classification": Head(
        outputs=("probs",),
        kind="classification",
        options=lambda _: {},
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
    kind="detection",
    options=partial(_box_options, "raw_boxes"),
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
