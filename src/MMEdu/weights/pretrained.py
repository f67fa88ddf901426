"""``pretrained=`` of ``train``: which weights it means, and what a model takes over from them. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import catalogue
from MMEdu.weights.published import Weights
from XEdu.weights import weights_folder


def with_usual_start(entry: ModelEntry, arguments: Any) -> Any:
    """Return the arguments of ``train`` with ``pretrained=True`` where they leave it open and the weights are here."""
    if arguments.pretrained is not None or arguments.checkpoint is not None or not entry.usually_pretrained:
        return arguments
    return replace(arguments, pretrained=True) if any(map(weights_folder.found, catalogue.usual(entry))) else arguments


def requested(entry: ModelEntry, arguments: Mapping[str, Any]) -> Weights | None:
    """Return the weights that the arguments of ``train`` ask for by ``pretrained``; nothing is downloaded.

    Raises:
        ParameterInvalid: There are none such, or ``checkpoint`` is given, too (-305).
    """
    pretrained = arguments["pretrained"]
    if pretrained is None or pretrained is False:
        return None
    weights = usual(entry) if pretrained is True else catalogue.choose(entry, pretrained)
    if arguments["checkpoint"] is None:
        return weights
    hint = say("Leave one of them out: training starts from one file.", "请去掉其中一个：训练只能从一个文件开始。")
    raise ParameterInvalid(
        say(
            f"pretrained={pretrained!r} and checkpoint= are both given.",
            f"同时给出了 pretrained={pretrained!r} 和 checkpoint=。",
        ),
        hint=hint,
    )


def usual(entry: ModelEntry) -> Weights:
    """Return what ``True`` means: of the usual weights those that are here; the first of them where none is."""
    first = catalogue.choose(entry, True)
    return next((weights for weights in catalogue.usual(entry) if weights_folder.found(weights)), first)


def suited(entry: ModelEntry, weights: Weights | None) -> ModelEntry:
    """Return the model's entry with the colours that the weights know."""
    return entry if weights is None else coloured(entry, weights.preprocess)


def coloured(entry: ModelEntry, preprocess: Preprocess) -> ModelEntry:
    """Return the model's entry with the colours of a known input: their order, mean and deviation.

    Size and geometry stay, and so does an entry whose network takes another number of channels. What fills up a
    letterbox goes with the mean.
    """
    usual = entry.preprocess
    if usual.channels != preprocess.channels or (usual.color, usual.mean, usual.std) == (
        preprocess.color,
        preprocess.mean,
        preprocess.std,
    ):
        return entry
    changed = replace(usual, color=preprocess.color, mean=preprocess.mean, std=preprocess.std)
    if usual.resize == "letterbox" and usual.mean != preprocess.mean:
        gray = round(sum(preprocess.mean) / preprocess.channels)
        changed = replace(changed, pad_value=preprocess.pad_value if preprocess.resize == "letterbox" else gray)
    return replace(entry, preprocess=changed)
