"""Which anchor learns which box, on cases small enough to be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from MMEdu.models.detection.parts.assign import BACKGROUND, IGNORED, by_cell, by_overlap, concatenated
from MMEdu.models.detection.yolo.network import cells_of

ANCHORS = torch.tensor([[0.0, 0, 10, 10], [10, 0, 20, 10], [20, 0, 30, 10], [0, 0, 30, 10]])


def test_the_boxes_of_a_batch_are_gathered(annotate: Callable[..., Any]) -> None:
    boxes, labels, counts = concatenated(
        [annotate((0, 0, 4, 4, 2)), annotate(), annotate((1, 1, 5, 5, 0), (2, 2, 6, 6, 1))]
    )
    assert boxes.shape == (3, 4)
    assert labels.tolist() == [2, 0, 1]
    assert counts == [1, 0, 2]


def test_an_anchor_learns_the_box_it_overlaps_most_and_every_box_gets_its_best_anchor() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 8], [0, 0, 30, 9], [14, 4, 18, 8]])
    # The third box overlaps every anchor by less than a half; the second anchor is its best.
    assert by_overlap(ANCHORS, boxes, [3], 0.5).tolist() == [[0, 2, BACKGROUND, 1]]


def test_pictures_of_a_batch_do_not_see_each_others_boxes() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    assigned = by_overlap(ANCHORS, boxes, [1, 0, 1], 0.5)
    assert assigned.tolist() == [[0, -1, -1, -1], [-1, -1, -1, -1], [-1, -1, 1, -1]]


def test_of_two_boxes_with_the_same_best_anchor_the_later_one_gets_it() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9]])
    assert by_overlap(ANCHORS, boxes, [2], 0.5)[0, 0] == 1


def test_an_iou_of_exactly_the_threshold_is_enough() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 5], [0, 0, 10, 4]])
    # Both want the first anchor; the second is forced on it, the first box (IoU 0.5) would have won it.
    assert by_overlap(ANCHORS[:1], boxes[:1], [1], 0.5).tolist() == [[0]]
    assert by_overlap(ANCHORS, torch.tensor([[0.0, 0, 30, 10], [0, 0, 10, 5]]), [2], 0.5)[0, 0] == 1


def test_a_batch_without_boxes_is_background() -> None:
    nothing = torch.zeros(0, 4)
    assert by_overlap(ANCHORS, nothing, [0, 0], 0.5).eq(BACKGROUND).all()
    cells = torch.zeros(0, 3, dtype=torch.int64)
    assert by_cell(ANCHORS, cells, nothing, [0, 0], above=0.5, ignored_above=0.5).eq(BACKGROUND).all()


def test_a_box_answers_in_its_cell_and_a_good_anchor_elsewhere_is_ignored() -> None:
    # Two cells with two anchors each: the left at x = 5, the right at x = 11.
    anchors = torch.tensor([[0.0, 0, 10, 10], [3, 3, 7, 7], [6, 0, 16, 10], [9, 3, 13, 7]])
    box = torch.tensor([[1.0, 0, 11, 10]])
    cells = torch.tensor([[0, 1]])
    # IoU 9/11 with the first anchor, 1/3 with the third: learned, background.
    assert by_cell(anchors, cells, box, [1], above=0.5, ignored_above=0.5).tolist() == [[0, -1, -1, -1]]
    # At 0.3 the third is too good to be background, but its cell is not the box's.
    assert by_cell(anchors, cells, box, [1], above=0.5, ignored_above=0.3).tolist() == [[0, -1, IGNORED, -1]]


def test_every_box_learns_even_where_no_anchor_fits() -> None:
    boxes = torch.tensor([[4.0, 4, 6, 6]])
    assert by_cell(ANCHORS, torch.tensor([[0]]), boxes, [1], above=0.5, ignored_above=0.5).tolist() == [[0, -1, -1, -1]]


def test_the_cells_of_a_box_on_three_levels() -> None:
    maps = ((2, 2), (4, 4), (8, 8))
    boxes = torch.tensor([[30.0, 0, 50, 20], [60, 60, 90, 90]])  # centres (40, 10) and, beyond the edge, (75, 75)
    found = cells_of(boxes, maps)
    assert found[0].tolist() == [3, 4, 5, 12 + 6, 12 + 7, 12 + 8, 60 + 39, 60 + 40, 60 + 41]
    assert found[0, 6] == 60 + (1 * 8 + 5) * 3
    assert found[1, :3].tolist() == [9, 10, 11]
    assert found[1, -1] == 60 + 64 * 3 - 1
