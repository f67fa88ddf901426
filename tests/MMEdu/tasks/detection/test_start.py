"""Detectors that start from a pretrained backbone: the recipe's optimiser and rate, where the user leaves them open."""

from __future__ import annotations

import pytest
import torch

from MMEdu.models import registry
from MMEdu.tasks.detection.arguments import DetectionArguments, resolve, usual_start

SSD = registry.find("SSD_Lite", "detection")


def resolved(*, interrupted: dict[str, object] | None = None, backbone: str = "SSD_Lite", **values: object):
    entry = registry.find(backbone, "detection")
    return resolve(DetectionArguments(**values), entry, None, starts=True, interrupted=interrupted)


def test_a_pretrained_start_has_the_recipes_optimiser_and_says_so():
    arguments, lines = resolved(pretrained=True)
    assert (arguments.optimizer, arguments.lr) == ("AdamW", 0.001)
    assert "AdamW" in lines[0]
    assert "optimizer=" in lines[0]


@pytest.mark.parametrize(("stages", "told"), [(None, False), (0, False), (1, False), (2, True)])
def test_frozen_stages_that_do_nothing_are_told_of_where_the_user_set_them(stages, told):
    arguments, lines = resolve(DetectionArguments(Frozen_stages=stages), SSD, None, starts=False, interrupted=None)
    assert arguments.Frozen_stages == 0
    assert any("Frozen_stages does nothing" in line for line in lines) == told


def test_a_resumed_run_has_it_without_a_word():
    arguments, lines = resolved(pretrained=True, interrupted={"settings": {}})
    assert (arguments.optimizer, lines) == ("AdamW", [])


@pytest.mark.parametrize(
    "values",
    [
        {"pretrained": True, "lr": 0.02},
        {"pretrained": True, "optimizer": "Adam"},
        {"pretrained": None},
        {"pretrained": False},
    ],
)
def test_what_the_user_says_is_kept(values):
    arguments, lines = resolved(**values)
    assert arguments.optimizer == values.get("optimizer", "SGD")
    assert arguments.lr == values.get("lr", 0.001)
    assert lines == []


def test_a_model_whose_recipe_says_nothing_keeps_the_documented_values():
    arguments, _ = resolved(pretrained=True, backbone="FasterRCNN")
    assert (arguments.optimizer, arguments.lr) == ("SGD", 0.001)


def test_the_smallest_detector_is_chosen_for_boxes(tmp_path):
    assert usual_start(tmp_path).backbone in registry.names("detection")


@pytest.mark.parametrize("side", [320, 300])
def test_ssd_on_efficientnet_finds_boxes_at_six_levels(side):
    network = registry.find("SSD_EfficientNet_Lite0", "detection").build(3).eval()
    with torch.inference_mode():
        logits, deltas, anchors = network(torch.zeros(1, 3, side, side))
        reference = SSD.build(3).eval()(torch.zeros(1, 3, side, side))
    assert (logits.shape, deltas.shape, anchors.shape) == tuple(part.shape for part in reference)


def test_its_first_stages_freeze():
    network = registry.find("SSD_EfficientNet_Lite0", "detection").build(3)
    network.freeze(1)
    learns = [{p.requires_grad for p in stage.parameters()} for stage in network.backbone.stages()]
    assert learns == [{False}] * 2 + [{True}] * 7
