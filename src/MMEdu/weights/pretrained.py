"""``pretrained=`` of ``train``: which weights it means, and what a model takes over from them. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import catalogue
from MMEdu.weights.catalogue import Weights


def wanted(entry: ModelEntry, arguments: Mapping[str, Any]) -> Weights | None:
    """Return the weights that the arguments of ``train`` ask for by ``pretrained``; nothing is downloaded.

    Raises:
        ParameterInvalid: There are none such, or ``checkpoint`` is given, too (-305).
    """
    pretrained = arguments["pretrained"]
    if pretrained is None or pretrained is False:
        return None
    weights = catalogue.choose(entry, pretrained)
    if arguments["checkpoint"] is None:
        return weights
    hint = say("Leave one of them out: training starts from one file.", "请去掉其中一个：训练只能从一个文件开始。")
    raise ParameterInvalid(f"pretrained={pretrained!r} and checkpoint= are both given.", hint=hint)


def suited(entry: ModelEntry, weights: Weights | None) -> ModelEntry:
    """Return the model's entry with the colours that the weights know: their mean and deviation. The size stays."""
    if weights is None:
        return entry
    known = weights.preprocess
    return replace(entry, preprocess=replace(entry.preprocess, mean=known.mean, std=known.std))
