"""The head of a network is found: what it gets gives, through it, what the whole network gives."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from MMEdu.models import registry
from MMEdu.models.heads import features, head_of

_WIDTHS = {
    "LeNet": ("classifier.2", 84),
    "MobileNet": ("classifier.1", 1280),
    "ResNet18": ("fc", 512),
    "ResNet50": ("fc", 2048),
    "RegNet": ("fc", 400),
    "RepVGG": ("head", 1280),
    "ResNeXt": ("fc", 2048),
    "ShuffleNet_v2": ("fc", 1024),
    "VGG_BN": ("classifier.6", 4096),
    "efficientnet_b0": ("classifier.1", 1280),
    "densenet121": ("classifier", 1024),
    "mobilenet_v3_small": ("classifier.3", 1024),
}


@pytest.mark.parametrize("backbone", [*_WIDTHS, "squeezenet1_1"])
def test_head_on_features_gives_the_networks_logits(backbone: str) -> None:
    entry = registry.find(backbone, "classification")
    network = entry.build(3).eval()
    side = 32 if backbone == "LeNet" else 64
    images = torch.randn(2, entry.preprocess.channels, side, side)
    head = head_of(network)
    with torch.inference_mode():
        seen = features(network, images)
        assert torch.equal(head.module(seen), network(images))
    if backbone in _WIDTHS:
        assert (head.name, seen.shape[1]) == _WIDTHS[backbone]
        assert head.layer.weight is network.state_dict(keep_vars=True)[f"{head.name}.weight"]
    else:
        assert isinstance(head.layer, nn.Conv2d)
        assert seen.ndim == 4


def test_every_model_of_the_house_has_a_head_of_its_classes() -> None:
    for name in registry.names("classification"):
        if name != "VGG":  # as VGG_BN, and slow to build
            layer = head_of(registry.find(name, "classification").build(7)).layer
            assert layer.weight.shape[0] == 7


def test_dropout_before_the_classes_belongs_to_the_head() -> None:
    head = head_of(registry.find("MobileNet", "classification").build(2))
    assert [type(part) for part in head.module] == [nn.Dropout, nn.Linear]


def test_the_hook_is_gone_afterwards_also_after_an_error() -> None:
    network = registry.find("LeNet", "classification").build(2)
    first = head_of(network).module[0]
    with pytest.raises(RuntimeError):
        features(network, torch.zeros(1, 1, 5, 5))
    assert not first._forward_pre_hooks


def test_a_network_without_a_layer_of_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="ReLU"):
        head_of(nn.ReLU())
