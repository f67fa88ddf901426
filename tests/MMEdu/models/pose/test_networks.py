"""Networks of keypoints: shapes, targets made of whole batches, and what is read back from them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from MMEdu.models import registry
from MMEdu.models.pose.parts.targets import heat_maps, smoothed_labels
from XEdu.outputs.parts import point_arrays

ENTRIES = [pytest.param(entry, id=entry.name) for entry in registry.entries("pose")]


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("size", [(64, 64), (96, 64), (100, 76)])
def test_any_size_of_input_gives_outputs_of_its_shape(entry, size):
    network = entry.build(5).eval()
    with torch.inference_mode():
        outputs = network(torch.zeros(2, 3, *size))
    assert len(outputs) == len(entry.options.outputs)
    if entry.options.decode == "heatmaps":
        assert outputs[0].shape == (2, 5, -(-size[0] // 4), -(-size[1] // 4))
    else:
        cells = [16 * -(-side // 8) for side in size]
        assert [tuple(output.shape) for output in outputs] == [(2, 5, cells[1]), (2, 5, cells[0])]


@pytest.mark.parametrize("entry", ENTRIES)
def test_points_that_are_not_known_teach_nothing(entry):
    torch.manual_seed(0)
    network = entry.build(2).train()
    points = torch.rand(3, 2, 2)
    weights = torch.tensor([[1.0, 0], [0, 1], [1, 1]])
    outputs = network(torch.randn(3, 3, 64, 64))
    outputs = tuple(output.detach() for output in outputs)
    losses = network.losses(outputs, points, weights)
    moved = points.clone()
    moved[0, 1], moved[1, 0] = 0.9, float("inf")
    same = network.losses(outputs, moved.nan_to_num(posinf=5.0), weights)
    for name, value in losses.items():
        assert torch.isfinite(value)
        assert value == pytest.approx(float(same[name]))
    nothing = network.losses(outputs, points, torch.zeros(3, 2))
    assert all(float(value) == 0 for value in nothing.values())


def test_heat_maps_are_read_back_where_they_were_drawn():
    points = torch.rand(4, 3, 2) * 0.8 + 0.1
    maps = heat_maps(points, (48, 36), 2.0)
    assert maps.shape == (4, 3, 48, 36)
    assert float(maps.max()) <= 1
    shares, scores = point_arrays.heatmaps([maps.numpy()], ["heatmaps"], 3)
    assert np.abs(shares - points.numpy()).max() * 48 < 0.1  # cells
    assert scores.min() > 0.85


def test_smoothed_labels_are_distributions_that_are_read_back():
    points = torch.rand(4, 3, 2) * 0.8 + 0.1
    across, down = (smoothed_labels(points[..., axis], bins, 4.0) for axis, bins in ((0, 128), (1, 192)))
    assert torch.allclose(across.sum(-1), torch.ones(4, 3))
    logits = [torch.log(labels.clamp(min=1e-9)).numpy() for labels in (across, down)]
    shares, _ = point_arrays.simcc(logits, ["simcc_x", "simcc_y"], 3)
    assert np.abs(shares - points.numpy()).max() * 192 < 0.2  # bins
