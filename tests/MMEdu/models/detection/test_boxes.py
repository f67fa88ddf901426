"""Overlap and coding of boxes."""

from __future__ import annotations

import math

import pytest
import torch

from MMEdu.models.detection.parts.boxes import decode_cells, decode_deltas, encode_cells, encode_deltas, iou

STDS = (0.1, 0.1, 0.2, 0.2)


def some_boxes(count: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    corner = torch.rand(count, 2, generator=random) * 200
    return torch.cat([corner, corner + 5 + torch.rand(count, 2, generator=random) * 100], 1)


def test_iou_of_boxes_apart_touching_overlapping_and_the_same() -> None:
    box = torch.tensor([[0.0, 0, 10, 10]])
    others = torch.tensor([[20.0, 20, 30, 30], [10, 0, 20, 10], [5, 0, 15, 10], [0, 0, 10, 10], [2, 2, 2, 2]])
    assert iou(box, others)[0].tolist() == pytest.approx([0, 0, 1 / 3, 1, 0])
    assert iou(others, box).shape == (5, 1)


def test_deltas_by_hand() -> None:
    anchor = torch.tensor([[0.0, 0, 20, 40]])
    box = torch.tensor([[10.0, 0, 50, 40]])
    # The centre moves by 20 of 20 and 0 of 40; the width doubles.
    assert encode_deltas(anchor, box, STDS)[0].tolist() == pytest.approx([10, 0, math.log(2) / 0.2, 0])


def test_deltas_come_back() -> None:
    anchors, boxes = some_boxes(64), some_boxes(64).flip(0)
    deltas = encode_deltas(anchors, boxes, STDS)
    torch.testing.assert_close(decode_deltas(anchors, deltas, STDS), boxes, atol=1e-3, rtol=1e-4)


def test_wild_deltas_stay_finite() -> None:
    anchors = some_boxes(1)
    wide = decode_deltas(anchors, torch.full((1, 4), 1e4), STDS)
    side = anchors[0, 2] - anchors[0, 0]
    assert float(wide[0, 2] - wide[0, 0]) == pytest.approx(float(side) * 62.5, rel=1e-3)
    assert decode_cells(anchors, torch.ones(1, 2), torch.full((1, 2), 1e4), torch.ones(1, 1)).isfinite().all()


def test_a_box_without_width_has_a_finite_code() -> None:
    flat = torch.tensor([[5.0, 5, 5, 9]])
    assert encode_deltas(some_boxes(1), flat, STDS).isfinite().all()
    assert encode_cells(some_boxes(1), flat, torch.full((1, 1), 32)).isfinite().all()


def test_cells_by_hand() -> None:
    # A cell of 32 pixels centred at (48, 16); the box's centre (40, 20) lies a quarter in, and 5/8 down.
    anchor = torch.tensor([[38.0, 6, 58, 26]])
    box = torch.tensor([[30.0, 0, 50, 40]])
    code = encode_cells(anchor, box, torch.tensor([[32.0]]))
    assert code[0].tolist() == pytest.approx([0.25, 0.625, 0, math.log(2)])


def test_cells_come_back() -> None:
    boxes = some_boxes(64)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    middle = (centers / 16).floor() * 16 + 8
    anchors = torch.cat([middle - 20, middle + 20], 1)
    strides = torch.full((64, 1), 16.0)
    code = encode_cells(anchors, boxes, strides)
    torch.testing.assert_close(decode_cells(anchors, code[:, :2], code[:, 2:], strides), boxes, atol=1e-3, rtol=1e-4)
