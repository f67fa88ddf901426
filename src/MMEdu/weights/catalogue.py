"""Weights that anybody may have, by the names of our models: in packages of the index, and torchvision's own catalogue.

Nothing is fetched here.

torchvision is asked when a question comes; importing this module imports neither it nor torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from BaseDT.errors import BackboneUnknown, ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.folders import weights_folder
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.models import registry
from MMEdu.models.registry import ModelEntry
from MMEdu.weights.published import DOWNLOADS, Weights, digits_of
from MMEdu.weights.wheels import WHEELS, WheelFile
from XEdu.weights import wheel
from XEdu.weights.published import Download, Wheel

DEFAULT_TAG = "IMAGENET1K_V1"
"""The recipe whose pictures (short side 256, middle 224) are those that our models train with."""

_BACKGROUND = "__background__"
_COCO_INPUT = Preprocess(size=(800, 1344), resize="letterbox")

_MIB = 1 << 20


def source_of(entry: ModelEntry) -> str | None:
    """Return torchvision's name of the network whose weights a model can start from; None if there is none."""
    if entry.backbone:
        return source_of(_model_named(entry.backbone))
    return entry.torchvision or None


def _whole() -> list[str]:
    """torchvision's names of the networks that have a classifier as their backbone: weights for head and all."""
    entries = (entry for task in registry.tasks() for entry in registry.entries(task))
    return [entry.torchvision for entry in entries if entry.backbone and entry.torchvision]


def _names() -> frozenset[str]:
    names: frozenset[str] = import_module("MMEdu.models.classification.torchvision_classifiers").classifier_names()
    return names


def of(entry: ModelEntry) -> tuple[Weights, ...]:
    """List the weights that a model can start from, the usual ones first: a registry's mirror is reached anywhere."""
    backbone = entry.backbone or entry.name
    from_wheels = [_of_wheel(file) for file in WHEELS if file.model == backbone]
    sources = (source_of(entry), entry.torchvision if entry.backbone else None)
    return (*from_wheels, *(weights for source in sources if source for weights in _of_source(source)))


def usual(entry: ModelEntry) -> tuple[Weights, ...]:
    """List the weights that ``pretrained=True`` may mean: trained with pictures as ours are."""
    offers = of(entry)
    return tuple(offer for offer in offers if isinstance(offer.origin, Wheel) or offer.tag == DEFAULT_TAG) or offers[:1]


def at_hand(entry: ModelEntry) -> Literal["here", "offered", "none"]:
    """Tell whether weights that a model can start from are on this machine, or can be fetched.

    Only names of files are looked at: torchvision's begin with its name of the network. Works without torch.
    """
    files = [file.wheel for file in WHEELS if file.model == (entry.backbone or entry.name)]
    sources = {source for source in (source_of(entry), entry.torchvision) if source}
    folder = weights_folder()
    here = any((folder / file.member.rpartition("/")[2]).is_file() or wheel.installed(file) for file in files)
    if here or any(any(folder.glob(f"{source}-*.pth")) for source in sources):
        return "here"
    return "offered" if files or sources else "none"


@lru_cache(maxsize=256)
def _of_source(source: str) -> tuple[Weights, ...]:
    models = _torchvision().models
    offers = [_weights(source, enum) for enum in models.get_model_weights(source) if enum.meta.get("categories")]
    # Of those that share no tag with the rest, the ones made for our size come first.
    return tuple(sorted(offers, key=lambda enum: (enum.tag != DEFAULT_TAG, enum.preprocess.size != (224, 224))))


@lru_cache(maxsize=16)
def _of_wheel(file: WheelFile) -> Weights:
    entry = registry.find(file.model, "classification")
    return Weights(
        source=file.network,
        tag=file.tag,
        file_name=file.wheel.member.rpartition("/")[2],
        size=file.size,
        preprocess=entry.preprocess,
        classes=_imagenet_classes() if file.has_head else (),
        sha256=file.sha256,
        licence=file.licence,
        origin=file.wheel,
    )


def _imagenet_classes() -> tuple[str, ...]:
    return _of_source("mobilenet_v2")[0].classes


def _torchvision() -> Any:
    return import_module("MMEdu.models.torchvision_bridge").torchvision()


def _weights(source: str, enum: Any) -> Weights:
    file_name = enum.url.rpartition("/")[2]
    return Weights(
        source=source,
        tag=enum.name,
        file_name=file_name,
        size=round(enum.meta["_file_size"] * _MIB),
        preprocess=_COCO_INPUT if source in _whole() else _preprocess(enum.transforms()),
        classes=tuple(name for name in enum.meta["categories"] if name != _BACKGROUND),
        sha256=digits_of(file_name),
        licence="BSD-3-Clause",
        origin=Download(f"{DOWNLOADS}/{file_name}"),
    )


def _preprocess(transforms: Any) -> Preprocess:
    """Say in our words how torchvision's transform for evaluation makes an input; bicubic ones become ours."""
    (side,), (short,) = transforms.crop_size, transforms.resize_size
    return Preprocess(
        size=(side, side),
        mean=tuple(round(255 * value, 6) for value in transforms.mean),
        std=tuple(round(255 * value, 6) for value in transforms.std),
        resize="short_side",
        resize_to=max(side, short),
    )


def choose(entry: ModelEntry, pretrained: bool | str) -> Weights:
    """Return the weights that ``pretrained=`` means.

    Args:
        entry: The model that will be trained.
        pretrained: True, or a tag; letter case is ignored, ``"v2"`` is enough for ``"IMAGENET1K_V2"``, and ``"coco"``
            for ``"COCO_V1"``.

    Raises:
        ParameterInvalid: There are no weights for this model, or none of this tag (-305).
    """
    if not isinstance(pretrained, (bool, str)):
        hint = say("Write pretrained=True, or a tag as text.", "请写 pretrained=True，或用文字给出标签。")
        raise ParameterInvalid(
            say(f"pretrained={quoted(pretrained)} cannot be used.", f"无法使用 pretrained={quoted(pretrained)}。"),
            hint=hint,
        )
    offers = of(entry)
    if not offers:
        raise _none_for(entry)
    if pretrained is True:
        return offers[0]
    tag = str(pretrained).lower()
    chosen = next((weights for weights in offers if tag in _tag_aliases(weights.tag.lower())), None)
    if chosen is None:
        raise _no_such_tag(entry, str(pretrained), [weights.tag for weights in offers])
    return chosen


def _tag_aliases(tag: str) -> tuple[str, str, str]:
    """Return what a tag may be called."""
    return tag, tag.removeprefix("imagenet1k_"), tag.removesuffix("_v1")


def _none_for(entry: ModelEntry) -> ParameterInvalid:
    listed = ", ".join(with_weights(entry.task))
    hint = say(
        f"Leave pretrained out, or give a .pth file as checkpoint=. There are weights for: {listed}.",
        f"请去掉 pretrained，或用 checkpoint= 指定一个 .pth 文件。有预训练权重的模型：{listed}。",
    )
    return ParameterInvalid(
        say(f"There are no pretrained weights for {entry.name}.", f"{entry.name} 没有预训练权重。"), hint=hint
    )


def _no_such_tag(entry: ModelEntry, tag: str, tags: Sequence[str]) -> ParameterInvalid:
    listed = ", ".join(tags)
    hint = say(f"Write pretrained=True, or one of: {listed}.", f"请写 pretrained=True，或以下之一：{listed}。")
    offer = did_you_mean(tag, tags)
    text = say(
        f"pretrained={quoted(tag)}: {entry.name} has no weights of this tag.",
        f"pretrained={quoted(tag)}：{entry.name} 没有这个标签的权重。",
    )
    return ParameterInvalid(text, hint=f"{offer} {hint}".strip())


def entry_of(name: str) -> ModelEntry:
    """Look a model up, whatever its task: a detector or a classifier, torchvision's among them.

    Raises:
        BackboneUnknown: No model of this name; those that have weights are named (-302).
    """
    try:
        return _model_named(name)
    except LookupError:
        pass
    offer = did_you_mean(name, [*(model for task in registry.tasks() for model in registry.all_names(task)), *_names()])
    listed = ", ".join(model for task in registry.tasks() for model in with_weights(task))
    hint = say(f"There are weights for: {listed}.", f"有预训练权重的模型：{listed}。")
    raise BackboneUnknown(
        say(f"No such backbone: {quoted(name)}.", f"没有名为 {quoted(name)} 的模型（backbone）。"),
        hint=f"{offer} {hint}".strip(),
    )


def _model_named(name: str) -> ModelEntry:
    """Return the model of a name, of whatever task; those that are listed before a library's own.

    Raises:
        LookupError: There is none.
    """
    for task in registry.tasks():
        if name.lower() in map(str.lower, registry.all_names(task)):
            return registry.find(name, task)
    for task in registry.tasks():
        try:
            return registry.find(name, task)
        except BackboneUnknown:
            continue
    raise LookupError(name)


def with_weights(task: str) -> list[str]:
    """List the models of the house for which there are weights, in the order of the catalogue."""
    entries = registry.entries(task)
    return [e.name for e in entries if (e.backbone or e.name) in names_in_wheels() or source_of(e) is not None]


def names_in_wheels() -> list[str]:
    """List our models whose weights lie in packages of the index."""
    return [file.model for file in WHEELS]


def by_file(path: Path) -> Weights | None:
    """Return what the catalogue knows of a file, by its name; None if it is none of these."""
    return next((weights for weights in everything() if weights.file_name == path.name), None)


def everything() -> tuple[Weights, ...]:
    """All weights of the models that can be trained here."""
    of_torchvision = (weights for name in (*sorted(_names()), *_whole()) for weights in _of_source(name))
    return (*map(_of_wheel, WHEELS), *of_torchvision)
