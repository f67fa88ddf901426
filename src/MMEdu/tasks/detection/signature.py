"""What an exported detector gives: boxes that NMS has passed, or those of all anchors where a format has no NMS."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.export.signature import Arrays, NetworkSignature
from MMEdu.export.target import Format
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.detection.box_parity import largest_box_difference, largest_raw_difference
from XEdu.outputs.detection import MAX_DETECTIONS, NMS_IOU, options

_WITHOUT_NMS: tuple[Format, ...] = ("NCNN",)


def signature(entry: ModelEntry, target_format: Format) -> NetworkSignature:
    """Return what a detector gives when it has left training.

    Args:
        entry: The model; some give masks, too.
        target_format: Where it has no NMS, the runtime chooses among the boxes of all anchors.

    Raises:
        ParameterInvalid: Such a format cannot hold a model of two stages (-305).
    """
    if target_format not in _WITHOUT_NMS:
        masks = ("masks",) if entry.options.masks else ()
        wrap = partial(_with_nms, masks=entry.options.masks)
        return _signature("boxes", ("dets", "labels", *masks), wrap, largest_box_difference)
    if entry.options.two_stage:
        hint = say("Choose backend='ONNX' or 'OpenVINO'.", "请选择 backend='ONNX' 或 'OpenVINO'。")
        raise ParameterInvalid(
            say(
                f"{entry.name} has two stages, which NCNN files cannot hold.",
                f"{entry.name} 是两阶段模型，NCNN 文件无法保存它。",
            ),
            hint=hint,
        )
    return _signature("raw_boxes", ("boxes", "scores"), _without_nms, largest_raw_difference)


def _signature(
    decode: str,
    outputs: tuple[str, ...],
    wrap: Callable[[nn.Module], nn.Module],
    difference: Callable[[Arrays, Arrays], float | None],
) -> NetworkSignature:
    return NetworkSignature(
        outputs=outputs,
        kind="detection",
        options=partial(_options, decode),
        wrap=wrap,
        difference=difference,
        # NMS keeps another number of boxes of each picture: a batch of them has no rectangular shape.
        batches=False,
        tolerance=1e-3,
    )


def _options(decode: str, network: nn.Module) -> dict[str, Any]:
    nms_iou = float(getattr(network, "nms_iou", NMS_IOU))
    return options(decode, nms_iou, int(getattr(network, "max_detections", MAX_DETECTIONS)))


def _with_nms(network: nn.Module, *, masks: bool) -> nn.Module:
    head: nn.Module = network.export_head(masks=True) if masks else network.export_head()  # type: ignore[operator]
    return head


def _without_nms(network: nn.Module) -> nn.Module:
    head: nn.Module = network.raw_head()  # type: ignore[operator]
    return head
