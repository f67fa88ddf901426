"""Segmentation: the class of each pixel; its words, drawing, line, and mIoU.

How the raw array becomes a mask is in ``parts.label_maps``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from BaseDT.arguments import checked_threshold
from BaseDT.errors import XEduError
from BaseDT.escaping import one_line
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.readable import read_all
from BaseDT.results.segmentation import NO_CLASS, Regions, SegmentationResult
from XEdu.outputs.key_names import COMMON, translated
from XEdu.outputs.kind import (
    LabelledFolder,
    OutputBatch,
    OutputKind,
    Score,
    ScoredModel,
    UnknownOption,
    labels_by_name,
    refuse_unknown_options,
)
from XEdu.outputs.parts import label_maps

if TYPE_CHECKING:
    import numpy.typing as npt

    from BaseDT.dataset.masked import MaskedImage, SegmentationDataset

OUTPUTS = ("logits", "probabilities")
"""What the one output (1, C, h, w) holds, covering the whole input. Of two classes it may be (1, 1, h, w), that of the
second: ``"logits"`` before a sigmoid then, ``"probabilities"`` behind it."""
_VOCABULARY = {
    **COMMON,
    "面积": ("area", "площадь", "Fläche", "aire"),
    "占比": ("share", "доля", "Anteil", "part"),
    "轮廓": ("outlines", "контуры", "Umrisse", "contours"),
}
_NAMED_IN_A_LINE = 3


def options(outputs: str = "logits") -> dict[str, Any]:
    """Return the options of ``ModelInfo``.

    Args:
        outputs: One of ``OUTPUTS``.
    """
    return {"outputs": outputs}


def _check_options(values: Mapping[str, Any]) -> None:
    refuse_unknown_options(values, tuple(options()))
    outputs = {**options(), **values}["outputs"]
    if not isinstance(outputs, str):
        raise TypeError("what the outputs are is a name")
    if outputs not in OUTPUTS:
        raise UnknownOption(say(f"the form of output {outputs!r}", f"输出形式 {outputs!r}"))


def _decode(batch: OutputBatch, info: ModelInfo, threshold: float) -> list[SegmentationResult]:
    (placement,) = batch.placements
    output = dict(zip(batch.names, batch.arrays, strict=False)).get("logits", batch.arrays[0])
    size = None if info.preprocess is None else info.preprocess.size
    values = probabilities(output, info)
    mask, scores = label_maps.label_map(values, placement.mapping, size, threshold)
    return [SegmentationResult(mask, info.classes, scores)]


def probabilities(output: npt.NDArray[Any], info: ModelInfo) -> npt.NDArray[np.float32]:
    """Return the probabilities (C, h, w) that the raw output of a model tells of.

    Raises:
        CheckpointInvalid: The output does not fit the model (-202).
    """
    values = label_maps.planes(output, len(info.classes))
    if {**options(), **info.options}["outputs"] == "logits":
        return label_maps.probabilities(values)
    label_maps.check_probabilities(values)
    return label_maps.both(values) if len(values) < len(info.classes) else values


def _checked_threshold(name: str, value: object, info: ModelInfo | None) -> float:
    del info  # it suggests none
    return KIND.threshold if value is None else checked_threshold(name, value)


def about(results: Sequence[SegmentationResult], threshold: float) -> str:
    """Say so where nothing was found in any of some pictures; empty otherwise."""
    if any(result.labels for result in results):
        return ""
    unsure = any((result.mask == NO_CLASS).any() for result in results)
    if threshold > 0 and unsure:
        return say(
            f"No pixel has a class with a probability of {threshold:g} or more.",
            f"没有像素的类别概率达到 {threshold:g}。",
        )
    return say(
        "Nothing was found: there is only background.",
        "没有找到目标：全部是背景。",
    )


def _about_results(results: Sequence[SegmentationResult], threshold: float, info: ModelInfo) -> str:
    del info
    return about(results, threshold)


def _holds(result: object) -> bool:
    return isinstance(result, SegmentationResult)


def _with_file(result: SegmentationResult, file: str) -> SegmentationResult:
    del file  # entries stand in the order of the files, as those of detectors do
    return result.packed()  # one of many


def _only(result: SegmentationResult, names: Collection[str]) -> SegmentationResult:
    return result.only(sorted(names))


def _in_words(result: SegmentationResult, lang: str) -> Regions:
    return Regions([translated(entry, lang, _VOCABULARY) for entry in result.to_chinese()], result)


def _documented(result: SegmentationResult) -> Regions:
    return Regions(result.to_prediction(), result)


def _names(result: SegmentationResult) -> list[str]:
    return list(result.names)


def _draw(picture: Pixels, result: SegmentationResult, *, enlarge: bool = True) -> Pixels:
    from BaseDT import draw  # late: who draws nothing loads no fonts

    return draw.segmentation(picture, result, enlarge=enlarge)


def _line(result: SegmentationResult) -> str:
    shares = ((result.classes[label], result.share(label)) for label in result.labels[:_NAMED_IN_A_LINE])
    return ", ".join(f"{one_line(name)} {share:.0%}" for name, share in shares) or _nothing()


def _nothing() -> str:
    return say("nothing found", "没有找到目标")


# --- on labelled pictures ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LabelledMask:
    """A picture with a mask, and the folder of its set."""

    root: Path
    picture: MaskedImage


def _labelled(folder: Path) -> LabelledFolder | None:
    """Read a set of masks: its pictures for validation, or others where it has none."""
    from BaseDT.dataset import segmentation  # late: only a benchmark reads data sets

    if not segmentation.looks_like_segmentation(folder):
        return None
    try:
        dataset = segmentation.load(folder, complete=False)
    except XEduError:  # a set of boxes, whose own reader says what is wrong
        return None
    pictures = dataset.val or dataset.test or dataset.train
    return LabelledFolder(
        files=tuple(picture.path for picture in pictures),
        source=f"{folder} ({say('masks', '掩膜')})",
        form=("folders with masks", "带掩膜的文件夹"),
        content=("the class of each pixel", "每个像素的类别"),
        labels=tuple(LabelledMask(dataset.root, picture) for picture in pictures),
        classes=dataset.classes,
    )


def named_by(root: Path, classes: Sequence[str]) -> SegmentationDataset | None:
    """Return a set whose folder does not name its classes with the names of a model; None of any other.

    Args:
        root: Its folder.
        classes: Of the model.
    """
    from BaseDT.dataset import class_colours, segmentation

    try:
        if class_colours.read(root) is not None:
            return None
        named = segmentation.load(root, complete=False, classes=classes)
    except XEduError:  # its masks have values of other classes
        return None
    return named if named.classes == tuple(classes) else None


def truth_table(classes: Sequence[str], model: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the model's number for each value of a data set's masks, (256,) uint8, for ``cv2.LUT``.

    Pixels of classes that the model does not know become 255: they are not judged.
    """
    label_of = labels_by_name(model)
    table = np.full(256, NO_CLASS, np.uint8)
    for label, name in enumerate(classes):
        table[label] = label_of.get(name, NO_CLASS)
    return table


def _score(model: ScoredModel, folder: LabelledFolder) -> Score:
    """Judge a segmenter: mIoU and the share of right pixels, in percent. Pixels of unknown classes are left out."""
    from BaseDT import metrics

    classes = model.info.classes if model.info is not None else ()
    table = truth_table(folder.classes, classes)
    pictures = [label.picture for label in folder.labels]
    named = None if set(folder.classes) <= set(classes) else named_by(folder.labels[0].root, classes)
    if named is not None:
        table, pictures = truth_table(classes, classes), list(named.val or named.test or named.train)
    matrix = np.zeros((len(classes), len(classes) + 1), np.int64)
    judged = foreign = 0

    def read(picture: MaskedImage) -> tuple[Pixels, Pixels]:
        return model.reading.of(picture.path), picture.read_mask()

    for _, (pixels, mask) in read_all(pictures, read, lambda *_: None):
        truth = np.asarray(cv2.LUT(mask, table), np.uint8)
        foreign += int(((truth == NO_CLASS) & (mask != NO_CLASS)).sum())
        predicted = model.predict([pixels], threshold=0.0)[0].mask
        matrix += metrics.pixel_confusion(truth, predicted, len(classes), unanswered=True)
        judged += 1
    counts = {"damaged": len(pictures) - judged, "foreign_pixels": foreign}
    miou, accuracy = metrics.mean_iou(matrix), metrics.pixel_accuracy(matrix)
    # Where no pixel is of a class of the model there is nothing to judge, which is not 0.
    if miou is None or accuracy is None:
        return Score(counts=counts)
    return Score({"miou": 100 * miou, "pixel_accuracy": 100 * accuracy}, judged, counts)


def _notes(name: str, counts: Mapping[str, int]) -> list[str]:
    if not (count := counts.get("foreign_pixels", 0)):
        return []
    return [
        say(
            f"{name}: not judged, because they belong to none of its classes: {count} pixels.",
            f"{name}：{count} 个像素不属于它的类别，未参与评估。",
        )
    ]


def _other_labels(name: str, folder: LabelledFolder) -> str:
    en, zh = folder.form
    return say(
        f"{name} finds the class of each pixel, and {en} tell of none: no mIoU. Give a set of pictures with masks.",
        f"{name} 是分割模型，而{zh}中没有掩膜，因此没有 mIoU。请给出带掩膜的数据集。",
    )


_ROW = {"标签": "label", "预测结果": "class", "面积": "area", "占比": "share", "置信度": "score", "轮廓": "outlines"}


def _row(documented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"classes": [{_ROW[name]: value for name, value in entry.items()} for entry in documented]}


def _summary(documented: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one_line(entry['预测结果'])} {entry['占比']:.1%}" for entry in documented) or _nothing()


KIND = OutputKind(
    row=_row,
    summary=_summary,
    name="segmentation",
    decode=_decode,
    holds=_holds,
    in_words=_in_words,
    tasks=("segmentation",),
    needs_classes=True,
    check_options=_check_options,
    threshold=0.0,
    deploy_threshold=0.0,
    checked_threshold=_checked_threshold,
    about_results=_about_results,
    with_file=_with_file,
    documented=_documented,
    names=_names,
    draw=_draw,
    line=_line,
    only=_only,
    metrics={"miou": "mIoU", "pixel_accuracy": "pixel acc."},
    labelled=_labelled,
    score=_score,
    notes=_notes,
    other_labels=_other_labels,
    evaluation="XEdu.evaluation.segmentation:EVALUATION",
)
