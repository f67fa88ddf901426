"""How right a model is on pictures whose content is known: accuracies of a classifier, mAP of a detector.

Only the measurement of one model calls it, in the worker's process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import image, metrics
from BaseDT.dataset.coco import CocoImage
from BaseDT.errors import XEduError
from BaseDT.metrics import BoxTruth
from BaseDT.results import ClassificationResult, DetectionResult
from XEdu.benchmark.pictures import judged_of
from XEdu.runtime.model import Model

_COUNTS = "faster_coco_eval"
_LEAST_SCORE = 0.01  # less sure boxes move mAP by nothing and cost time


def classes(model: Model, labelled: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Judge a classifier: top-1 and, where there are more than five classes, top-5, in percent.

    Pictures that do not count are counted.
    """
    if not labelled or model.info is None or model.info.decode != "probabilities" or not model.knows_itself:
        return {}
    known = _labels(model.info.classes)
    own = [(file, known[name]) for file, name in labelled if name in known]
    rows: list[npt.NDArray[np.floating[Any]]] = []
    labels: list[int] = []
    for file, label in own:
        try:
            pixels = image.read(file)
        except XEduError:
            continue
        rows.append(model.scores([pixels])[0])
        labels.append(label)
    counts = {"judged": len(rows), "damaged": len(own) - len(rows), "foreign": len(labelled) - len(own)}
    return {**counts, **(_accuracy(np.stack(rows), np.asarray(labels)) if rows else {})}


def _accuracy(scores: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.int64]) -> dict[str, float]:
    found = {"top1": metrics.top_k_accuracy(scores, labels, 1)}
    # Among five classes the right one is always one of five: that says nothing.
    return {**found, "top5": metrics.top_k_accuracy(scores, labels, 5)} if scores.shape[1] > 5 else found


def boxes(model: Model, folder: str) -> dict[str, Any]:
    """Judge a detector on a folder in COCO's layout: mAP and mAP at an overlap of a half, in percent.

    Boxes of classes that the model does not know are counted and left out. faster-coco-eval does the sums; where it
    is not installed (the light install) nothing is judged, and ``unjudged`` says so.
    """
    if not folder or model.info is None or model.info.task != "detection" or not model.knows_itself:
        return {}
    if find_spec(_COUNTS) is None:
        return {"unjudged": True}
    names, pictures = judged_of(Path(folder))
    known = _labels(model.info.classes)
    found: list[npt.NDArray[np.float64]] = []
    truth: list[BoxTruth] = []
    for picture in pictures:
        try:
            pixels = image.read(picture.path)
        except XEduError:
            continue
        found.append(_rows(model.predict([pixels], threshold=_LEAST_SCORE)[0]))
        truth.append(_truth(picture, names, known))
    foreign = sum(names[box.label] not in known for picture in pictures for box in picture.boxes)
    counts = {"judged": len(found), "damaged": len(pictures) - len(found), "foreign_boxes": foreign}
    if not any(len(one.labels) for one in truth):
        return {**counts, "judged": 0}
    overall = metrics.coco_map(found, truth, len(model.info.classes)).overall
    return {**counts, "map": 100 * overall["mAP"], "map50": 100 * overall["mAP_50"]}


def _labels(names: Sequence[str]) -> dict[str, int]:
    """The label of each name; of a name that comes twice, the first."""
    return {name: label for label, name in reversed(list(enumerate(names)))}


def _rows(results: ClassificationResult | list[DetectionResult]) -> npt.NDArray[np.float64]:
    boxed = results if isinstance(results, list) else []
    return np.array([(*one.box, one.score, one.label) for one in boxed], np.float64).reshape(-1, 6)


def _truth(picture: CocoImage, names: Sequence[str], known: Mapping[str, int]) -> BoxTruth:
    """What is in a picture, in the model's labels."""
    own = [box for box in picture.boxes if names[box.label] in known]
    return BoxTruth(
        np.array([box.corners for box in own], np.float64).reshape(-1, 4),
        np.array([known[names[box.label]] for box in own], np.int64),
        np.array([box.crowd for box in own], np.bool_),
        np.array([_area(box.area, box.size()) for box in own], np.float64),
    )


def _area(told: float | None, size: tuple[float, float]) -> float:
    return size[0] * size[1] if told is None else told
