"""Several labels a picture: each label's own probability into those that a picture has; words, drawing, line, score.

``options["thresholds"]``: the score of each label from which on a picture has it, as the validation suggests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.arguments import checked_rejection, is_number
from BaseDT.dataset.samples import MultiLabelDataset
from BaseDT.errors import CheckpointInvalid, XEduError
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.metrics.multi_label import label_counts, macro, mean_average_precision, precision_recall_f1
from BaseDT.model_info import ModelInfo
from BaseDT.readable import read_all
from BaseDT.results.multi_label import USUAL_THRESHOLD, MultiLabelResult, in_a_line, reached
from XEdu.outputs import classification
from XEdu.outputs.classification import probabilities
from XEdu.outputs.key_names import translated
from XEdu.outputs.kind import (
    LabelledFolder,
    OutputBatch,
    OutputKind,
    Score,
    ScoredModel,
    labels_by_name,
    refuse_unknown_options,
)

NAME = "multi_label"
THRESHOLDS = "thresholds"
OWN = -1.0
"""As a lowest score: that of each label which the model's file has, or the usual one."""


def thresholds_of(options: Mapping[str, Any], lowest: float, count: int) -> list[float]:
    """Return the score of each label from which on a picture has it.

    Args:
        options: The model's, of this kind.
        lowest: What the caller wants for all labels; ``OWN`` is the model's own.
        count: How many labels there are.

    Raises:
        CheckpointInvalid: The model has thresholds for another number of labels (-202).
    """
    if lowest != OWN:
        return [lowest] * count
    own = list(options.get(THRESHOLDS) or [USUAL_THRESHOLD] * count)
    if len(own) == count:
        return own
    raise CheckpointInvalid(
        say(
            f"The model has {len(own)} thresholds for {count} labels.",
            f"模型有 {count} 个标签，却有 {len(own)} 个阈值。",
        ),
        hint=say("Convert the checkpoint again with MMEdu.", "请用 MMEdu 重新转换模型。"),
    )


def checked_lowest(name: str, value: object) -> float:
    """Return the lowest score of a label that a caller gave; None and ``"auto"`` are the model's own.

    Raises:
        ParameterInvalid: It is no number from 0 to 1 (-305).
    """
    checked = OWN if value is None else checked_rejection(name, value)
    return OWN if isinstance(checked, str) else checked


def check_options(options: Mapping[str, Any]) -> None:
    """Raise ``UnknownOption``, or TypeError for thresholds that are none."""
    refuse_unknown_options(options, (THRESHOLDS,))
    values = options.get(THRESHOLDS, [])
    if not isinstance(values, list) or not all(is_number(value) and 0 <= value <= 1 for value in values):
        raise TypeError("thresholds are numbers from 0 to 1")


def _decode(batch: OutputBatch, info: ModelInfo, threshold: float) -> list[MultiLabelResult]:
    scores = probabilities(batch.arrays, len(batch.placements), len(info.classes))
    least = thresholds_of(info.options, threshold, len(info.classes))
    return [MultiLabelResult.from_scores(row, info.classes, least) for row in scores]


def _checked_threshold(name: str, value: object, info: ModelInfo | None) -> float:
    del info  # its own thresholds are looked up when a result is made
    return checked_lowest(name, value)


def _holds(result: object) -> bool:
    return isinstance(result, MultiLabelResult)


def _with_file(result: MultiLabelResult, file: str) -> MultiLabelResult:
    return replace(result, file=file)


def _in_words(result: MultiLabelResult, lang: str) -> dict[str, Any]:
    return translated(result.to_chinese(), lang)


def _documented(result: MultiLabelResult) -> dict[str, Any]:
    return dict(result.to_prediction())


def _names(result: MultiLabelResult) -> list[str]:
    return list(result.names)


def _draw(picture: Pixels, result: MultiLabelResult, *, enlarge: bool = True) -> Pixels:
    from BaseDT import draw  # late: who draws nothing loads no fonts

    return draw.multi_label(picture, result, enlarge=enlarge)


def _line(result: MultiLabelResult) -> str:
    return in_a_line(result.names, result.scores, 2)


# --- on labelled pictures ---------------------------------------------------------------------------------------------


def _labelled(folder: Path) -> LabelledFolder | None:
    """Read a set of several labels a picture; the labels are tuples of names."""
    from BaseDT.dataset import labelled  # late: only a benchmark reads data sets

    try:
        data = labelled.load(folder, complete=False)
    except XEduError:  # no data set, or one of another kind, whose own reader says what is wrong
        return None
    if not isinstance(data, MultiLabelDataset):
        return None
    samples = data.val or data.test or data.train
    part = next(name for name in ("val", "test", "train") if getattr(data, name))
    return LabelledFolder(
        files=tuple(sample.path for sample in samples),
        source=f"{folder} ({part})",
        form=("tables of labels", "标签表格"),
        content=("several labels a picture", "每张图片的多个标签"),
        labels=tuple(tuple(data.classes[label] for label in sample.labels) for sample in samples),
        classes=data.classes,
    )


def _score(model: ScoredModel, folder: LabelledFolder) -> Score:
    """Judge a model: mAP, and the mean F1 of the labels at its own thresholds, in percent."""
    info = model.info
    classes = info.classes if info is not None else ()
    label_of = labels_by_name(classes)
    if info is None or not set(folder.classes) <= set(label_of):
        return Score(judged=0, counts={"foreign": len(folder.files)})
    rows, targets = [], []
    pairs = zip(folder.files, folder.labels, strict=True)
    for (_, names), pixels in read_all(pairs, lambda pair: model.reading.of(pair[0]), lambda *_: None):
        rows.append(classification.scores_of(model.output_batches([pixels]), len(classes))[0])
        targets.append(np.isin(np.arange(len(classes)), [label_of[name] for name in names]))
    counts = {"damaged": len(folder.files) - len(rows), "foreign": 0}
    if not rows:
        return Score(judged=0, counts=counts)
    scores, truth = np.stack(rows), np.stack(targets)
    found = label_counts(reached(scores, thresholds_of(info.options, OWN, len(classes))), truth)
    values = {"mAP": mean_average_precision(scores, truth), "f1": macro(precision_recall_f1(found)[2], found)}
    return Score(values, len(rows), counts)


def _notes(name: str, counts: Mapping[str, int]) -> list[str]:
    count = counts.get("foreign", 0)
    if not count:
        return []
    return [
        say(
            f"{name}: not judged: it does not know all labels of the {count} pictures.",
            f"{name}：它不认识这 {count} 张图片的全部标签，未参与评估。",
        )
    ]


def _other_labels(name: str, folder: LabelledFolder) -> str:
    en, zh = folder.content
    return say(
        f"{name} gives several labels a picture, and this set tells of {en}: no mAP. Give a table of labels.",
        f"{name} 是多标签模型，而该数据集标注的是{zh}，因此没有 mAP。请给出标签表格。",
    )


KIND = OutputKind(
    row=classification.row,
    summary=classification.summary,
    name=NAME,
    decode=_decode,
    holds=_holds,
    in_words=_in_words,
    tasks=("classification",),
    batched=True,
    needs_classes=True,
    check_options=check_options,
    threshold=OWN,
    deploy_threshold=OWN,
    checked_threshold=_checked_threshold,
    with_file=_with_file,
    documented=_documented,
    names=_names,
    draw=_draw,
    line=_line,
    split=classification.split,
    metrics={"mAP": "mAP", "f1": "F1"},
    labelled=_labelled,
    score=_score,
    notes=_notes,
    other_labels=_other_labels,
    evaluation="XEdu.evaluation.multi_label:EVALUATION",
)
