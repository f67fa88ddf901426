"""Shapes of our networks without their memory: as those of built ones, for any number of classes."""

from __future__ import annotations

import pytest
import torch

from MMEdu.models import registry
from MMEdu.weights.foreign.shapes import empty, shapes


@pytest.mark.parametrize(
    ("backbone", "task"), [("RegNet", "classification"), ("RepVGG", "classification"), ("SSD_Lite", "detection")]
)
def test_as_built(backbone: str, task: str) -> None:
    real = registry.find(backbone, task).build(5).state_dict()
    told = empty(backbone, task, 5)
    assert {n: (v.shape, v.dtype) for n, v in told.items()} == {n: (v.shape, v.dtype) for n, v in real.items()}
    known = shapes(backbone, task)
    assert {name: tuple(real[name].shape) for name in known.fixed} == known.fixed
    assert {known.classes(name, tuple(real[name].shape)) for name in known.rows} == {5}
    assert len(known) == len(real)


def test_weights_have_no_elements_and_the_seed_stays() -> None:
    before = torch.random.get_rng_state()
    assert {value.device.type for value in empty("MobileNet", "classification", 3).values()} == {"meta"}
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("task", "backbone", "rows"),
    [
        ("classification", "ResNet18", {(0, 1)}),
        ("detection", "SSD_Lite", {(6, 6)}),
        ("detection", "Yolov3", {(15, 3)}),
        ("detection", "FasterRCNN", {(1, 1), (0, 4)}),
        ("detection", "Mask_RCNN", {(1, 1), (0, 4), (0, 1)}),
    ],
)
def test_rows_of_heads(task: str, backbone: str, rows: set[tuple[int, int]]) -> None:
    assert {(rest, each) for rest, each, _ in shapes(backbone, task).rows.values()} == rows


@pytest.mark.parametrize("shape", [(), (0, 512), (3, 511), (3, 512, 1)])
def test_a_shape_that_no_head_has(shape: tuple[int, ...]) -> None:
    assert shapes("ResNet18", "classification").classes("fc.weight", shape) is None


def test_rows_that_no_number_of_classes_gives() -> None:
    known = shapes("FasterRCNN", "detection")
    assert known.classes("bbox_head.fc_reg.bias", (7,)) is None
    assert known.classes("bbox_head.fc_cls.bias", (1,)) is None
    assert known.classes("bbox_head.fc_reg.bias", (8,)) == 2
