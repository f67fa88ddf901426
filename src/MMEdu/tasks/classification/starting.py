"""How a classifier's training starts so that it can succeed: what is frozen, and what is said of few or cut pictures.

The numbers are measured (``bench.pretrained``): what a head on pretrained features learns from a few pictures a class,
a network from scratch does not learn from hundreds.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from BaseDT.dataset import labelled
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.samples import HasLabels, ImageNetDataset, MultiLabelDataset
from BaseDT.image import read
from BaseDT.language import english, say
from BaseDT.readable import read_all
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification import framing
from MMEdu.tasks.spec import Choice

_FEW_PHOTOGRAPHS = 500
_FEW_DRAWINGS = 100
"""Pictures a class that a training from scratch wants: of a network for photographs, of one for small gray pictures."""
_LOOKED_AT = 24
_SMALL = 48
_TYPICAL = ("EfficientNet_Lite0", "LeNet")


def usual_start(path: Path) -> Choice:
    """Choose a model for a folder of pictures; see ``tasks.spec.UsualStart``."""
    photographs, drawings = _TYPICAL
    if usual_backbone(labelled.load(path)) == drawings:
        reason = say(f"The pictures are small and gray: {drawings}.", f"图片小且为灰度图：使用 {drawings}。")
        return Choice(drawings, False, reason)
    text = f"Photographs: {photographs}, from pretrained weights."
    return Choice(photographs, True, say(text, f"照片：使用 {photographs}，从预训练权重开始。"))


def usual_backbone(dataset: ImageNetDataset | MultiLabelDataset) -> str:
    """Name the model for pictures like these."""
    return _TYPICAL[1] if are_small_and_gray(dataset) else _TYPICAL[0]


def are_small_and_gray(dataset: ImageNetDataset | MultiLabelDataset) -> bool:
    """Whether a data set's pictures are like handwritten digits: a few of them are looked at."""
    samples: list[HasLabels] = spread(list(dataset.train), _LOOKED_AT)
    seen = False
    for _, picture in read_all(samples, lambda sample: read(sample.path), _named_by_the_check):
        if min(picture.shape[:2]) > _SMALL or (picture.max(2) - picture.min(2)).any():
            return False  # mostly the first one tells
        seen = True
    return seen


def _named_by_the_check(sample: HasLabels, error: Exception) -> None:
    """Pass over a file that cannot be read."""


def few_pictures_text(entry: ModelEntry, dataset: ImageNetDataset | MultiLabelDataset) -> str | None:
    """Say that a training from scratch has few pictures, and what helps; None where it has enough.

    Args:
        entry: The model.
        dataset: What it is trained on.
    """
    count = round(median(dataset.counts("train")))
    takes_photographs = entry.preprocess.channels == 3
    enough = _FEW_PHOTOGRAPHS if takes_photographs else _FEW_DRAWINGS
    if count >= enough and (takes_photographs or are_small_and_gray(dataset)):
        return None
    other = entry.name if takes_photographs and _has_weights(entry) else _TYPICAL[0]
    code = "train(pretrained=True)"
    command = "--pretrained"
    if other != entry.name:
        model = f"MMClassification({other!r})"
        code, command = say(f"{model} and {code}", f"{model} 和 {code}"), f"--backbone {other} {command}"
    if count >= enough:
        return say(
            f"{entry.name} sees these photographs small and gray. More is learned with {english(code)}, or {command}.",
            f"{entry.name} 只能看到缩小的灰度图。换用 {code}，或命令行 {command}，效果更好。",
        )
    return say(
        f"{count} pictures a class are few for a training from scratch ({entry.name} wants about {enough}). "
        f"More is learned with {english(code)}, or {command}.",
        f"每类约 {count} 张图片，对从零开始训练来说太少（{entry.name} 约需 {enough} 张）。"
        f"换用 {code}，或命令行 {command}，效果更好。",
    )


def cut_away_text(entry: ModelEntry, dataset: ImageNetDataset) -> str | None:
    """Say that the recipe's crop cuts away much of the pictures; None where it does not."""
    if entry.preprocess.fit != "crop":
        return None
    sizes = framing.sizes_of([sample.path for sample in dataset.train])
    return framing.cut_text(entry.name, entry.preprocess, sizes)


def _has_weights(entry: ModelEntry) -> bool:
    from MMEdu.weights import catalogue  # it asks torchvision

    return bool(catalogue.of(entry))


def head_first_text() -> str:
    """Say what learns of a network that starts pretrained."""
    return say(
        "Pretrained: the last layer learns first, from features that are computed once; freeze=0 trains all at once.",
        "预训练起点：先用一次算好的特征训练最后一层；freeze=0 可直接训练整个网络。",
    )
