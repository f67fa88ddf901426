"""Stages of classifiers: all of a backbone, nothing twice, in the order of the data; the first of them freeze."""

from __future__ import annotations

import pytest

from BaseDT.errors import ParameterInvalid
from MMEdu.models import registry
from MMEdu.models.heads import head_of
from MMEdu.models.stages import freeze_stages, stages_of

_COUNTS = {
    "LeNet": 3,
    "MobileNet": 8,
    "ResNet18": 4,
    "RegNet": 4,
    "RepVGG": 4,
    "ShuffleNet_v2": 4,
    "VGG_BN": 5,
    "efficientnet_b0": 9,
    "densenet121": 10,
    "vit_b_32": 2,
}


@pytest.mark.parametrize(("backbone", "count"), _COUNTS.items())
def test_stages_hold_every_weight_but_those_of_the_classifier(backbone: str, count: int) -> None:
    network = registry.find(backbone, "classification").build(3)
    stages = stages_of(network)
    assert len(stages) == count
    names = {id(p): name for name, p in network.named_parameters()}
    inside = [names[id(p)] for stage in stages for part in stage for p in part.parameters()]
    assert len(inside) == len(set(inside))
    assert inside == [name for name in names.values() if name in inside]  # in the order of the data
    left = {name.split(".")[0] for name in set(names.values()) - set(inside)}
    assert left <= {head_of(network).name.split(".")[0], "class_token"}


@pytest.mark.parametrize("backbone", ["ResNet18", "MobileNet", "LeNet"])
def test_the_first_stages_freeze_and_the_others_learn(backbone: str) -> None:
    network = freeze_stages(registry.find(backbone, "classification").build(3), 2)
    learns = [{p.requires_grad for part in stage for p in part.parameters()} for stage in stages_of(network)]
    assert learns == [{False}] * 2 + [{True}] * (len(learns) - 2)
    assert next(network.parameters()).requires_grad is False
    assert all(p.requires_grad for p in head_of(network).module.parameters())


def test_more_stages_than_there_are_is_refused_with_their_number() -> None:
    with pytest.raises(ParameterInvalid, match="has 4 stages") as caught:
        freeze_stages(registry.find("ResNet18", "classification").build(3), 5)
    assert "4" in caught.value.hint
