"""Detection: boxes with classes, and masks where a model gives them; their words, drawing, line, and mAP.

How the raw arrays become boxes is in ``parts.box_arrays``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import resolved_rejection
from BaseDT.errors import CheckpointInvalid
from BaseDT.escaping import one_line
from BaseDT.geometry.boxes import with_area
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.readable import read_all
from BaseDT.results import DetectionResult
from XEdu.outputs.key_names import COMMON, translated
from XEdu.outputs.kind import (
    LabelledFolder,
    OutputBatch,
    OutputKind,
    Placement,
    Score,
    ScoredModel,
    UnknownOption,
    labels_by_name,
    refuse_unknown_options,
)
from XEdu.outputs.parts import box_arrays

if TYPE_CHECKING:
    from BaseDT.dataset.boxes import Box
    from BaseDT.metrics import BoxTruth

DECODES = ("boxes", "raw_boxes")
"""How outputs are read. ``"boxes"``: (1, N, 5) of x1, y1, x2, y2, score in pixels of the input, and (1, N) labels;
``"raw_boxes"``: (1, A, 4) boxes and (1, A, C) scores of all anchors, for a runtime that has no NMS of its own."""
NMS_IOU, MAX_DETECTIONS = 0.45, 100
LEAST_SCORE = 0.01
"""Of a box that counts for mAP: COCO counts what a detector is unsure of, too; less moves nothing and costs time."""
_VOCABULARY = {**COMMON, "坐标": ("coordinates", "координаты", "Koordinaten", "coordonnées")}
_MAP_PACKAGE = "faster_coco_eval"
_NAMED_IN_A_LINE = 3


def options(decode: str = "boxes", nms_iou: float = NMS_IOU, max_detections: int = MAX_DETECTIONS) -> dict[str, Any]:
    """Return the options of ``ModelInfo``.

    Args:
        decode: One of ``DECODES``.
        nms_iou: Of raw boxes: two of one class that overlap more are one object's.
        max_detections: Of raw boxes: so many are results at most.
    """
    return {"decode": decode, "nms_iou": nms_iou, "max_detections": max_detections}


def _check_options(values: Mapping[str, Any]) -> None:
    refuse_unknown_options(values, tuple(options()))
    decode, nms_iou, most = {**options(), **values}.values()
    if not isinstance(decode, str):
        raise TypeError("a way to decode is a name")
    if decode not in DECODES:
        raise UnknownOption(say(f"the way to decode boxes {decode!r}", f"检测框解码方式 {decode!r}"))
    if isinstance(nms_iou, bool) or not isinstance(nms_iou, (int, float)) or not 0 < nms_iou <= 1:
        raise TypeError("an IoU threshold is a share")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise TypeError("a number of boxes is a whole number")


def _decode(batch: OutputBatch, info: ModelInfo, threshold: float) -> list[list[DetectionResult]]:
    (placement,) = batch.placements
    decode, nms_iou, most = {**options(), **info.options}.values()
    if decode == "raw_boxes":
        # ncnn has no NMS: its files give the boxes of all anchors.
        boxes, labels = box_arrays.raw_boxes(batch.arrays, threshold, nms_iou, most)
    else:
        boxes, labels = box_arrays.boxes(batch.arrays, batch.names)
        box_arrays.check_scores(boxes[labels >= 0, 4])
    masks = box_arrays.masks(batch.arrays, batch.names, len(boxes))
    # Some exporters fill up to a fixed number with the label -1.
    sure = (boxes[:, 4] >= threshold) & (labels >= 0)
    return [_results(boxes[sure], labels[sure], None if masks is None else masks[sure], placement, info.classes)]


def _results(
    boxes: npt.NDArray[Any],
    labels: npt.NDArray[np.int64],
    masks: npt.NDArray[np.float32] | None,
    placement: Placement,
    classes: Sequence[str],
) -> list[DetectionResult]:
    """Move boxes (N, 5) onto the picture; what lies beside it, in the padding of a letterbox, is no result."""
    box_arrays.check_corners(boxes)
    if len(labels) and int(labels.max()) >= len(classes):
        raise _label_without_class(int(labels.max()), len(classes))
    corners = placement.to_picture(boxes[:, :4])
    # In plain lists: numpy's scalars would cost more than all the rest of this function.
    mask_of = [None] * len(boxes) if masks is None else list(masks)
    rows = zip(boxes, labels.tolist(), corners.tolist(), mask_of, with_area(corners).tolist(), strict=True)
    return [
        DetectionResult(label, min(float(row[4]), 1.0), (x1, y1, x2, y2), classes[label], mask)
        for row, label, (x1, y1, x2, y2), mask, on_picture in rows
        if on_picture
    ]


def _label_without_class(label: int, classes: int) -> CheckpointInvalid:
    hint = say("Its names of classes belong to another model: convert it again.", "类别名称与模型不符：请重新转换。")
    text = say(
        f"The model's metadata do not fit its outputs: label {label} of {classes} classes.",
        f"模型的元数据与输出不符：出现了标签 {label}，而只有 {classes} 个类别。",
    )
    return CheckpointInvalid(text, hint=hint)


def _checked_threshold(name: str, value: object, info: ModelInfo | None) -> float:
    """Return the lowest score of a box: a number, or ``"auto"``, what the validation suggests."""
    if value is None:
        return KIND.threshold
    return resolved_rejection(name, value, None if info is None else info.threshold)


def nothing_found_text(threshold: float, suggested: float | None) -> str:
    """Say that a lower score would have found something, by the validation; empty where that is not known.

    Args:
        threshold: What boxes were asked for.
        suggested: What the validation suggests; None where nobody knows.
    """
    if suggested is None or suggested >= threshold:
        return ""
    return say(
        f'Nothing has a score of {threshold:g} or more; the validation suggests thr={suggested:g} (thr="auto").',
        f'没有得分达到 {threshold:g} 的检测框；验证结果建议 thr={suggested:g}（可写 thr="auto"）。',
    )


def _about_results(results: Sequence[Sequence[DetectionResult]], threshold: float, info: ModelInfo) -> str:
    return "" if any(results) else nothing_found_text(threshold, info.threshold)


def _holds(result: object) -> bool:
    """Whether it is a box, or the list of a picture's; an empty list is one: nothing was found."""
    results = result if isinstance(result, list) else [result]
    return all(isinstance(box, DetectionResult) for box in results)


def _in_words(result: list[DetectionResult] | DetectionResult, lang: str) -> Any:
    if isinstance(result, DetectionResult):
        return translated(result.to_chinese(), lang, _VOCABULARY)
    return [_in_words(box, lang) for box in result]


def _documented(boxes: Sequence[DetectionResult]) -> list[dict[str, Any]]:
    return [box.to_prediction() for box in boxes]


def _only(boxes: Sequence[DetectionResult], names: Collection[str]) -> list[DetectionResult]:
    return [box for box in boxes if box.name in names]


def _names(boxes: Sequence[DetectionResult]) -> list[str]:
    return [box.name for box in boxes]


def _draw(picture: Pixels, boxes: Sequence[DetectionResult], *, enlarge: bool = True) -> Pixels:
    from BaseDT import draw  # late: who draws nothing loads no fonts

    return draw.detections(picture, boxes, enlarge=enlarge)


def _line(boxes: Sequence[DetectionResult]) -> str:
    if not boxes:
        return say("nothing found", "没有检测到物体")
    surest = sorted(boxes, key=lambda box: -box.score)[:_NAMED_IN_A_LINE]
    return f"{len(boxes)}: {', '.join(f'{one_line(box.name)} {box.score:.2f}' for box in surest)}"


# --- on labelled pictures ---------------------------------------------------------------------------------------------


def mean_average_precision(
    predictions: Sequence[npt.NDArray[np.floating[Any]]], truths: Sequence[BoxTruth], num_classes: int
) -> dict[str, float]:
    """Return COCO's mAP and mAP at an IoU of 0.5, in percent: what INT8 and benchmark measure.

    Args:
        predictions: For each picture (k, 6): x1, y1, x2, y2, score, label.
        truths: What is in each picture.
        num_classes: How many classes there are.

    Returns:
        ``{"map": …, "map50": …}``.

    Raises:
        DependencyMissing: faster-coco-eval is not installed (-502).
    """
    from BaseDT import metrics

    overall = metrics.coco_map(predictions, truths, num_classes).overall
    return {"map": 100 * overall["mAP"], "map50": 100 * overall["mAP_50"]}


def rows_of(boxes: Sequence[DetectionResult]) -> npt.NDArray[np.float64]:
    """Return the boxes of a picture as (k, 6): x1, y1, x2, y2, score, label."""
    return np.array([(*box.box, box.score, box.label) for box in boxes], np.float64).reshape(-1, 6)


def _labelled(folder: Path) -> LabelledFolder | None:
    """Read a set in COCO's layout: its pictures for validation, or for training where it has no others."""
    from BaseDT.dataset import coco  # late: only a benchmark reads data sets
    from BaseDT.dataset.upright import upright

    if not coco.looks_like_coco(folder):
        return None
    dataset = upright(coco.load(folder))
    pictures = dataset.val or dataset.train
    return LabelledFolder(
        files=tuple(picture.path for picture in pictures),
        source=f"{folder} (COCO)",
        form=("sets in COCO's layout", "COCO 格式的数据集"),
        content=("boxes", "框"),
        labels=pictures,
        classes=dataset.classes,
    )


def _score(model: ScoredModel, folder: LabelledFolder) -> Score:
    """Judge a detector: mAP, and mAP at an IoU of 0.5. Boxes of classes that it does not know are left out."""
    if find_spec(_MAP_PACKAGE) is None:  # the light install does not have it
        return Score(counts={"unjudged": 1})
    classes = model.info.classes if model.info is not None else ()
    label_of = labels_by_name(classes)
    labels = {label: label_of[name] for label, name in enumerate(folder.classes) if name in label_of}
    predictions: list[npt.NDArray[np.float64]] = []
    truths: list[BoxTruth] = []
    for picture, pixels in read_all(folder.labels, lambda picture: model.reading.of(picture.path), lambda *_: None):
        predictions.append(rows_of(model.predict([pixels], threshold=LEAST_SCORE)[0]))
        truths.append(truth_of(picture.boxes, labels))
    foreign = sum(box.label not in labels for picture in folder.labels for box in picture.boxes)
    counts = {"damaged": len(folder.labels) - len(predictions), "foreign_boxes": foreign}
    # Where no object is of a class of the model, COCO's mAP would be 0 and look like a bad model.
    if not any(len(truth.labels) for truth in truths):
        return Score(counts=counts)
    return Score(mean_average_precision(predictions, truths, len(classes)), len(predictions), counts)


def truth_of(boxes: Sequence[Box], labels: Mapping[int, int]) -> BoxTruth:
    """Return what is in a picture, in the model's labels.

    Args:
        boxes: In pixels of the picture.
        labels: The model's label for each of the data set's; boxes of other classes are left out.
    """
    from BaseDT.metrics import BoxTruth

    known = [box for box in boxes if box.label in labels]
    return BoxTruth(
        np.array([box.corners for box in known], np.float64).reshape(-1, 4),
        np.array([labels[box.label] for box in known], np.int64),
        np.array([box.crowd for box in known], np.bool_),
        np.array([box.counted_area for box in known], np.float64),
    )


def _notes(name: str, counts: Mapping[str, int]) -> list[str]:
    from BaseDT.metrics.boxes import INSTALL

    notes: list[str] = []
    if count := counts.get("foreign_boxes", 0):
        boxes = "1 box" if count == 1 else f"{count} boxes"
        en = f"{name}: not judged, because they belong to none of its classes: {boxes}."
        notes.append(say(en, f"{name}：{count} 个标注框不属于它的类别，未参与评估。"))
    if counts.get("unjudged"):
        en = f"{name}: mAP needs faster-coco-eval: {INSTALL}."
        notes.append(say(en, f"{name}：mAP 需要 faster-coco-eval：{INSTALL}。"))
    return notes


def _other_labels(name: str, folder: LabelledFolder) -> str:
    en, zh = folder.form
    return say(
        f"{name} finds boxes, and {en} tell of none: no mAP. Give a set in COCO's layout.",
        f"{name} 是检测模型，而{zh}中没有标注框，因此没有 mAP。请给出 COCO 格式的数据集。",
    )


_ROW = {"类别标签": "label", "置信度": "score", "坐标": "box", "预测结果": "class"}


def _row(documented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"objects": [{_ROW[name]: value for name, value in box.items()} for box in documented]}


def _summary(documented: Sequence[Mapping[str, Any]]) -> str:
    boxes = ", ".join(f"{one_line(box['预测结果'])} {box['置信度']:.4f}" for box in documented)
    return boxes or say("nothing found", "没有检测到物体")


KIND = OutputKind(
    row=_row,
    summary=_summary,
    name="detection",
    decode=_decode,
    holds=_holds,
    in_words=_in_words,
    tasks=("detection",),
    needs_classes=True,
    check_options=_check_options,
    threshold=0.3,
    deploy_threshold=0.65,
    checked_threshold=_checked_threshold,
    about_results=_about_results,
    documented=_documented,
    names=_names,
    draw=_draw,
    line=_line,
    only=_only,
    boxes=list,
    metrics={"map": "mAP", "map50": "mAP50"},
    labelled=_labelled,
    score=_score,
    notes=_notes,
    other_labels=_other_labels,
    evaluation="XEdu.evaluation.detection:EVALUATION",
)
