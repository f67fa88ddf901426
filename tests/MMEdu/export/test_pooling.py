"""Adaptive pooling in matrices equals torch's own, and a network keeps its own pools."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from MMEdu.export.pooling import MatrixPool2d, exportable


@pytest.mark.parametrize("size", [(7, 7), (2, 2), (14, 21), (4, 9), (1, 1)])
def test_it_equals_torchs_pooling(size):
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    for output in ((7, 7), (3, 5)):
        expected = nn.AdaptiveAvgPool2d(output)(images)
        assert torch.allclose(MatrixPool2d(output)(images), expected, atol=1e-6)


def test_the_network_itself_is_not_touched_and_weights_are_shared():
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.AdaptiveAvgPool2d(7), nn.AdaptiveAvgPool2d(1))
    copied = exportable(network)
    assert [type(part) for part in copied] == [nn.Conv2d, MatrixPool2d, nn.AdaptiveAvgPool2d]
    assert type(network[1]) is nn.AdaptiveAvgPool2d
    assert copied[0].weight is network[0].weight
