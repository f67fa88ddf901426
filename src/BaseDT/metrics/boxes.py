"""How good boxes and masks are: COCO's average precision (mAP), over all classes and for each.

The counting is done by faster-coco-eval, in memory and quietly; it is imported when boxes are first measured.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from BaseDT.errors import DependencyMissing, ParameterInvalid
from BaseDT.language import say

Rle: TypeAlias = Mapping[str, Any]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]

INSTALL = "pip install faster-coco-eval"
_AT_MOST = 100  # COCO: so many detections of a picture count
_SIZES = ("", "_s", "_m", "_l")
# All, then small, medium and large objects: areas from and to, in square pixels; both ends belong to it.
_RANGES = ((0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10))


@dataclass(frozen=True, eq=False)
class BoxTruth:
    """What is in one picture.

    Attributes:
        boxes: (n, 4) of x1, y1, x2, y2 in pixels of the picture.
        labels: Their classes, (n,).
        crowd: Which are groups, (n,) bool: finding them is neither right nor wrong. None: no one.
        areas: In square pixels, (n,), by which objects are small, medium or large; None takes those of the boxes.
        masks: COCO's run-length codes, n of them (``{"size": [height, width], "counts": [...]}``), where masks are
            measured.
    """

    boxes: Floats
    labels: npt.NDArray[np.integer[Any]]
    crowd: npt.NDArray[np.bool_] | None = None
    areas: Floats | None = None
    masks: Sequence[Rle] | None = None


@dataclass(frozen=True, eq=False)
class BoxMetrics:
    """How good a detector is. Shares from 0 to 1; -1 is COCO's way to say that there is nothing to find.

    Attributes:
        overall: ``mAP`` (mean over the overlaps 0.50 to 0.95), ``mAP_50``, ``mAP_75``, and ``mAP_s``, ``mAP_m``,
            ``mAP_l`` for small, medium and large objects.
        ap: mAP of each class, (C,); -1 where there is no such object.
        ap50: AP at an overlap of 0.50 of each class, (C,); likewise.
        counts: Objects of each class, crowds left out, (C,).
        recall: The recall values of the precision-recall curves, (101,).
        precision: Precision of each class at these, at an overlap of 0.50, (C, 101); -1 likewise.
        scores: The score threshold that gives each point, (C, 101).
    """

    overall: Mapping[str, float]
    ap: npt.NDArray[np.float64]
    ap50: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    recall: npt.NDArray[np.float64]
    precision: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]


def coco_map(
    detections: Sequence[Floats],
    truth: Sequence[BoxTruth],
    num_classes: int,
    *,
    masks: Sequence[Sequence[Rle]] | None = None,
) -> BoxMetrics:
    """Measure detections as COCO does.

    Args:
        detections: For each picture (k, 6): x1, y1, x2, y2, score, label; rows that are not finite do not count.
        truth: What is there, for each picture.
        num_classes: How many classes there are.
        masks: The masks of ``detections``, as run-length codes: overlaps are then those of masks and not of boxes.

    Returns:
        The metrics; no detection at all gives 0 where there are objects, no object at all gives 0 in the three over all
        sizes.

    Raises:
        ParameterInvalid: The arguments do not fit each other (-305).
        DependencyMissing: faster-coco-eval is not installed (-502).
    """
    _check(detections, truth, num_classes, masks)
    require()
    document = _document(truth, num_classes, with_masks=masks is not None)
    detection_entries = list(_detection_entries(detections, masks))
    counts = np.zeros(num_classes, dtype=np.int64)
    for annotation in document["annotations"]:
        counts[annotation["category_id"] - 1] += not annotation["iscrowd"]
    if not detection_entries or not counts.any():
        return _nothing(counts, document["annotations"])
    precision, scores, recall = _evaluated(document, detection_entries, "segm" if masks is not None else "bbox")
    return _read_off(precision, scores, recall, counts)


def _check(
    detections: Sequence[Floats], truth: Sequence[BoxTruth], num_classes: int, masks: Sequence[Sequence[Rle]] | None
) -> None:
    if num_classes < 1 or len(detections) != len(truth) or (masks is not None and len(masks) != len(detections)):
        raise ParameterInvalid(
            say(
                f"{len(detections)} pictures with answers, {len(truth)} with the truth, {num_classes} classes.",
                f"有答案的图片 {len(detections)} 张，有标注的图片 {len(truth)} 张，类别 {num_classes} 个。",
            ),
            hint=say("Give both for each picture.", "每张图片都要有预测和标注。"),
        )
    wrong = next((rows.shape for rows in detections if rows.ndim != 2 or rows.shape[1] != 6), None)
    if wrong is not None:
        raise ParameterInvalid(
            say(f"detections have the shape {wrong}.", f"detections 的形状是 {wrong}。"),
            hint=say("Expected (k, 6): x1, y1, x2, y2, score, label.", "应为 (k, 6)：x1、y1、x2、y2、置信度、标签。"),
        )
    labels = [rows[:, 5] for rows in detections] + [picture_truth.labels for picture_truth in truth]
    for row in labels:
        unknown = row[(row < 0) | (row >= num_classes)]
        if unknown.size:
            raise ParameterInvalid(
                say(
                    f"a label is {unknown[0]:g}, but there are {num_classes} classes.",
                    f"有一个标签是 {unknown[0]:g}，而只有 {num_classes} 个类别。",
                ),
                hint=say("Labels count from 0.", "标签从 0 开始编号。"),
            )


def require() -> None:
    """Make sure that faster-coco-eval is there; only metrics call it.

    Raises:
        DependencyMissing: It is not installed (-502).
    """
    if find_spec("faster_coco_eval") is None:
        raise DependencyMissing(
            say(
                "Measuring boxes needs faster-coco-eval, which this Python does not have.",
                "评估检测框需要 faster-coco-eval，而当前 Python 没有安装。",
            ),
            hint=say(f"Install it with: {INSTALL}", f"请先安装：{INSTALL}"),
        )


def _document(truth: Sequence[BoxTruth], num_classes: int, *, with_masks: bool) -> dict[str, list[dict[str, Any]]]:
    """Write the truth as a COCO document; pictures, classes and annotations count from 1."""
    annotations: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    for number, picture_truth in enumerate(truth, 1):
        # Without masks the library asks for no size: any will do.
        height, width = picture_truth.masks[0]["size"] if picture_truth.masks else (1, 1)
        images.append({"id": number, "height": int(height), "width": int(width)})
        boxes = _xywh(picture_truth.boxes)
        areas = (
            [w * h for _, _, w, h in boxes]
            if picture_truth.areas is None
            else [float(area) for area in picture_truth.areas]
        )
        crowd = [0] * len(boxes) if picture_truth.crowd is None else [int(flag) for flag in picture_truth.crowd]
        for index, (box, label) in enumerate(zip(boxes, picture_truth.labels.tolist(), strict=True)):
            annotation = {"id": len(annotations) + 1, "image_id": number, "category_id": int(label) + 1, "bbox": box}
            annotation |= {"area": areas[index], "iscrowd": crowd[index]}
            if with_masks and picture_truth.masks is not None:
                annotation["segmentation"] = _compressed(picture_truth.masks[index])
            annotations.append(annotation)
    categories = [{"id": number, "name": str(number)} for number in range(1, num_classes + 1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _xywh(boxes: Floats) -> list[list[float]]:
    corners = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    moved: list[list[float]] = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1).tolist()
    return moved


def _detection_entries(detections: Sequence[Floats], masks: Sequence[Sequence[Rle]] | None) -> Iterator[dict[str, Any]]:
    number = 0
    for image, rows in enumerate(detections):
        finite = np.flatnonzero(np.isfinite(rows).all(axis=1))
        # COCO takes the surest of each class; equals in the order of the network.
        boxes = _xywh(rows[finite, :4])
        for index, box in zip(finite.tolist(), boxes, strict=True):
            number += 1
            entry = {"id": number, "image_id": image + 1, "category_id": int(rows[index, 5]) + 1, "bbox": box}
            entry |= {"score": float(rows[index, 4]), "area": box[2] * box[3], "iscrowd": 0}
            if masks is not None:
                entry["segmentation"] = _compressed(masks[image][index])
            yield entry


def _compressed(code: Rle) -> dict[str, Any]:
    """Return a run-length code in the compressed form that the library reads."""
    if not isinstance(code["counts"], list):
        return dict(code)
    from faster_coco_eval.core import mask

    height, width = code["size"]
    compressed: dict[str, Any] = mask.frPyObjects(dict(code), height, width)
    return compressed


def _evaluated(
    document: dict[str, list[dict[str, Any]]], detection_entries: list[dict[str, Any]], kind: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    return precision_of(document, detection_entries, kind, _RANGES, most=_AT_MOST)


def precision_of(
    document: dict[str, list[dict[str, Any]]],
    detection_entries: list[dict[str, Any]],
    kind: str,
    ranges: Sequence[tuple[float, float]],
    *,
    most: int,
    sigmas: list[float] | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Let faster-coco-eval count; only metrics call it.

    Args:
        document: The truth, as COCO writes it.
        detection_entries: What was found, likewise.
        kind: ``"bbox"``, ``"segm"`` or ``"keypoints"``.
        ranges: Of areas, from and to, in square pixels: all, and sizes.
        most: So many of a picture count.
        sigmas: Of keypoints.

    Returns:
        Precision and scores, (overlaps, recalls, classes, sizes) each, and the recalls.
    """
    from faster_coco_eval import COCO, COCOeval_faster

    silent = logging.getLogger(__name__).debug
    truth_index, detection_index = (
        COCO(document, print_function=silent),
        COCO(document | {"annotations": detection_entries}, print_function=silent),
    )
    run = COCOeval_faster(truth_index, detection_index, kind, print_function=silent, kpt_oks_sigmas=sigmas)
    run.params.maxDets = [most]
    # The library's own ranges begin with 32² for the small ones in one version and end with the same in another.
    run.params.areaRng = [list(ends) for ends in ranges]
    run.params.areaRngLbl = ["all", *map(str, range(1, len(ranges)))]
    run.evaluate()
    run.accumulate()
    shape = [int(number) for number in run.eval["counts"]]
    precision, scores = (
        np.asarray(run.eval[key], np.float64).reshape(shape)[..., 0] for key in ("precision", "scores")
    )
    return precision, scores, np.asarray(run.params.recThrs, np.float64)


def _read_off(
    precision: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64],
    recall: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
) -> BoxMetrics:
    sizes = {f"mAP{suffix}": _mean(precision[..., size]) for size, suffix in enumerate(_SIZES)}
    overall = {
        "mAP": sizes.pop("mAP"),
        "mAP_50": _mean(precision[0, ..., 0]),
        "mAP_75": _mean(precision[5, ..., 0]),
        **sizes,
    }
    every = range(len(counts))
    ap = np.array([_mean(precision[:, :, label, 0]) for label in every])
    ap50 = np.array([_mean(precision[0, :, label, 0]) for label in every])
    return BoxMetrics(overall, ap, ap50, counts, recall, precision[0, ..., 0].T, scores[0, ..., 0].T)


def _mean(values: npt.NDArray[np.float64]) -> float:
    """Return the mean of what was measured, -1 where nothing was."""
    measured = values[values > -1]
    return float(measured.mean()) if measured.size else -1.0


def _nothing(counts: npt.NDArray[np.int64], annotations: Sequence[Mapping[str, Any]]) -> BoxMetrics:
    """Return what there is to say without any detection, or without any object."""
    areas = np.array([annotation["area"] for annotation in annotations if not annotation["iscrowd"]], dtype=np.float64)
    overall = {"mAP": 0.0, "mAP_50": 0.0, "mAP_75": 0.0}
    for suffix, (least, most) in zip(_SIZES[1:], _RANGES[1:], strict=True):
        overall[f"mAP{suffix}"] = 0.0 if ((areas >= least) & (areas <= most)).any() else -1.0
    ap = np.where(counts > 0, 0.0, -1.0)
    recall = np.linspace(0.0, 1.0, 101)
    curves = np.repeat(ap[:, None], len(recall), axis=1)
    return BoxMetrics(overall, ap, ap.copy(), counts, recall, curves, np.zeros_like(curves))
