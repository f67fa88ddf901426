"""That each registered network is the published one: numbers of weights, outputs, and RepVGG's two forms.

Sizes are those at 1000 classes: of torchvision's model tables, of RepVGG's paper, and of LeNet-5 counted by hand.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from MMEdu.models import registry

SIDE = 64

PUBLISHED = {
    "EfficientNet_Lite0": 4_652_008,
    "EfficientNet_Lite1": 5_416_680,
    "EfficientNet_Lite2": 6_092_072,
    "MobileNet": 3_504_872,
    "ResNet18": 11_689_512,
    "ResNet50": 25_557_032,
    "RegNet": 5_495_976,
    "RegNet_384": 5_157_512,
    "ResNeXt": 25_028_904,
    "ShuffleNet_v2": 2_278_604,
    "VGG": 143_667_240,
    "VGG_BN": 143_678_248,
}


def weights_of(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_model_has_the_published_number_of_weights(name):
    # RegNet's initialisation needs real memory; VGG's weights would take half a gigabyte of it.
    with torch.device("cpu" if name == "RegNet" else "meta"):
        assert weights_of(registry.find(name, "classification").build(1000)) == PUBLISHED[name]


def test_lenet_5_with_ten_classes_has_61706():
    assert weights_of(registry.find("LeNet", "classification").build(10)) == 61_706


def test_repvgg_a0_has_its_published_numbers_in_training_and_deployed():
    network = registry.find("RepVGG", "classification").build(1000)
    assert weights_of(network) / 1e6 == pytest.approx(9.11, abs=0.005)
    network.eval().fuse()
    assert weights_of(network) / 1e6 == pytest.approx(8.31, abs=0.005)


def test_every_other_model_is_listed_here():
    assert set(registry.names("classification")) == PUBLISHED.keys() | {"LeNet", "RepVGG"}


@pytest.mark.parametrize("name", ["MobileNet", "ResNet18", "RepVGG", "ShuffleNet_v2", "LeNet"])
@pytest.mark.parametrize("num_classes", [2, 13])
def test_the_head_has_as_many_outputs_as_there_are_classes(name, num_classes):
    entry = registry.find(name, "classification")
    pixels = torch.zeros(2, entry.preprocess.channels, *((32, 32) if entry.fixed_size else (SIDE, SIDE)))
    assert entry.build(num_classes).eval()(pixels).shape == (2, num_classes)


# RepVGG


def experienced_repvgg() -> nn.Module:
    """A RepVGG whose normalisations have statistics and weights as after a training."""
    torch.manual_seed(3)
    network = registry.find("RepVGG", "classification").build(10)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0.0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.0)
            nn.init.normal_(module.bias, 0.0, 0.1)
    return network.eval()


@pytest.mark.parametrize(("width", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_repvgg_fused_equals_unfused(width, tolerance):
    network = experienced_repvgg().to(width)
    pixels = torch.randn(2, 3, SIDE, SIDE, dtype=width)
    with torch.no_grad():
        before = network(pixels)
        network.fuse()
        after = network(pixels)
        network.fuse()
        assert torch.equal(network(pixels), after), "fusing twice changes nothing"
    assert before.std() > 1e-3, "there is something to compare"
    difference = (before - after).abs().max() / before.abs().max()
    assert difference < tolerance
    assert (before.softmax(1) - after.softmax(1)).abs().max() < tolerance
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
