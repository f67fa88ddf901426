"""EfficientNet-Lite: the published sizes, TensorFlow's padding, and names that the published weights map to."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv2d, pad

from MMEdu.models import registry
from MMEdu.models.classification.efficientnet_lite.network import SamePadConv2d, efficientnet_lite0
from MMEdu.models.stages import stages_of
from MMEdu.weights.foreign.families.registry_wheels import TABLES
from MMEdu.weights.foreign.shapes import empty


# With ImageNet's 1,000 classes, as published.
@pytest.mark.parametrize(("number", "count"), [(0, 4_652_008), (1, 5_416_680), (2, 6_092_072)])
def test_the_number_of_weights_is_the_published_one(number, count):
    entry = registry.find(f"efficientnet_lite{number}", "classification")
    assert sum(p.numel() for p in entry.build(1000).parameters()) == count
    assert entry.preprocess.size == ((224, 224), (240, 240), (260, 260))[number]


@pytest.mark.parametrize("side", [7, 8, 15, 16])
@pytest.mark.parametrize("kernel", [3, 5])
def test_padding_is_that_of_tensorflow(side, kernel):
    """The last window ends at the last pixel or behind it: of an odd number of missing pixels one more lies there."""
    torch.manual_seed(1)
    conv = SamePadConv2d(2, 2, kernel, 2, groups=2, bias=False)
    images = torch.randn(1, 2, side, side)
    out = conv(images)
    size = -(-side // 2)
    missing = (size - 1) * 2 + kernel - side
    before = missing // 2
    edges = (before, missing - before) * 2
    assert out.shape == (1, 2, size, size)
    assert torch.equal(out, conv2d(pad(images, edges), conv.weight, stride=2, groups=2))


def test_its_stages_are_the_stem_the_seven_rows_of_the_table_and_the_last_convolution():
    assert len(stages_of(efficientnet_lite0(2))) == 9


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.source_name)
def test_every_weight_has_a_name_in_the_published_file_and_back(table):
    ours = set(empty(table.backbone, "classification", 1000))
    if table.source_name == "mobilenet_v2":  # its file has no head
        ours -= set(table.head)
    theirs = table.to_source(ours)
    assert theirs.keys() == ours
    assert table.to_ours(theirs.values()) == {source: name for name, source in theirs.items()}


def test_a_small_picture_and_another_size_go_through():
    network = efficientnet_lite0(3).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 3, 33, 70)).shape == (2, 3)
