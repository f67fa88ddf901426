"""Non-maximum suppression among boxes of the same class."""

from __future__ import annotations

import torch

from MMEdu.models.detection.parts.boxes import iou
from MMEdu.models.detection.parts.nms import class_aware_nms


def test_the_best_of_a_heap_is_kept_and_other_classes_are_left_alone() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [50, 50, 60, 60]])
    scores = torch.tensor([0.5, 0.9, 0.4, 0.2])
    labels = torch.tensor([0, 0, 1, 0])
    assert class_aware_nms(boxes, scores, labels, 0.45, 10).tolist() == [1, 2, 3]


def test_an_iou_of_exactly_the_threshold_is_kept() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 5]])
    labels = torch.zeros(2, dtype=torch.int64)
    assert class_aware_nms(boxes, torch.tensor([0.9, 0.8]), labels, 0.5, 10).tolist() == [0, 1]
    assert class_aware_nms(boxes, torch.tensor([0.9, 0.8]), labels, 0.49, 10).tolist() == [0]


def test_it_equals_the_plain_algorithm() -> None:
    random = torch.Generator().manual_seed(0)
    corner = torch.rand(300, 2, generator=random) * 100
    boxes = torch.cat([corner, corner + 10 + torch.rand(300, 2, generator=random) * 30], 1)
    scores, labels = torch.rand(300, generator=random), torch.randint(3, (300,), generator=random)
    overlaps = iou(boxes, boxes)
    kept: list[int] = []
    for index in scores.argsort(descending=True).tolist():
        if all(labels[index] != labels[other] or overlaps[index, other] <= 0.45 for other in kept):
            kept.append(index)
    assert class_aware_nms(boxes, scores, labels, 0.45, 300).tolist() == kept
    assert class_aware_nms(boxes, scores, labels, 0.45, 7).tolist() == kept[:7]


def test_nothing_in_nothing_out() -> None:
    nothing = torch.zeros(0)
    assert class_aware_nms(nothing.reshape(0, 4), nothing, nothing.long(), 0.45, 10).shape == (0,)
