"""When an exported detector says what the trained one does: boxes, masks, near ties, and nothing at all."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from MMEdu import MMDetection
from MMEdu.tasks.detection.box_parity import largest_box_difference

BOXES = [(10, 10, 60, 50), (70, 20, 120, 90), (5, 60, 40, 95)]


def run(*scores: float, boxes: Any = BOXES, masks: float | None = None) -> list[np.ndarray[Any, Any]]:
    """What a detector gave: these scores in these boxes, and masks whose left half has this probability."""
    count = len(scores)
    dets = np.array([(*box, score) for box, score in zip(boxes, scores, strict=False)], np.float32).reshape(1, -1, 5)
    found: list[np.ndarray[Any, Any]] = [dets, np.arange(count, dtype=np.int64)[None]]
    if masks is None:
        return found
    drawn = np.zeros((1, count, 28, 28), np.float32)
    drawn[..., :14] = masks
    return [*found, drawn]


def test_the_largest_difference_of_scores_is_told() -> None:
    assert largest_box_difference(run(0.9, 0.5, 0.3), run(0.9, 0.4995, 0.3)) == pytest.approx(0.0005, abs=1e-6)


@pytest.mark.parametrize("theirs", [run(), run(0.9, 0.5), run(0.9, 0.5, 0.3, boxes=[*BOXES[:2], (70, 60, 99, 95)])])
def test_boxes_without_a_match_are_an_infinite_difference(theirs: list[np.ndarray[Any, Any]]) -> None:
    ours = run(0.9, 0.5, 0.3)
    assert largest_box_difference(ours, theirs) == largest_box_difference(theirs, ours) == math.inf


def test_where_all_boxes_are_unsure_the_best_are_compared() -> None:
    assert largest_box_difference(run(0.04, 0.03, 0.02), run(0.04, 0.03, 0.02)) == 0.0
    assert largest_box_difference(run(0.04, 0.03, 0.02), run(0.04, 0.029, 0.02)) == pytest.approx(0.001, abs=1e-6)
    moved = run(0.04, 0.03, 0.02, boxes=[(12, 10, 60, 50), (75, 20, 120, 90), (9, 60, 40, 95)])
    assert largest_box_difference(run(0.04, 0.03, 0.02), moved) == math.inf


def test_the_least_sure_box_may_be_in_one_run_alone() -> None:
    assert largest_box_difference(run(0.04, 0.0202), run(0.04)) == 0.0


def test_boxes_that_all_moved_have_no_match() -> None:
    moved = [(box[0] + 3, *box[1:]) for box in BOXES]
    assert largest_box_difference(run(0.9, 0.5, 0.3), run(0.9, 0.5, 0.3, boxes=moved)) == math.inf


def test_where_no_box_is_there_is_nothing_to_compare() -> None:
    assert largest_box_difference(run(), run()) is None
    assert largest_box_difference(run(masks=1.0), run(masks=1.0)) is None


def test_masks_of_boxes_that_match_are_compared() -> None:
    ours = run(0.9, 0.5, masks=0.9)
    assert largest_box_difference(ours, run(0.9, 0.5, masks=0.9)) == 0.0
    assert largest_box_difference(ours, run(0.9, 0.5, masks=0.895)) == 0.0
    for wrong in (0.0, 0.5, 0.86):
        assert largest_box_difference(ours, run(0.9, 0.5, masks=wrong)) == math.inf
    turned = [*ours[:2], ours[2][..., ::-1]]
    assert largest_box_difference(ours, turned) == math.inf


@pytest.mark.parametrize("part", [0, 2])
def test_what_is_no_number_is_an_infinite_difference(part: int) -> None:
    theirs = run(0.9, 0.5, masks=0.9)
    theirs[part] = np.full_like(theirs[part], np.nan)
    assert largest_box_difference(run(0.9, 0.5, masks=0.9), theirs) == math.inf


def test_a_near_tie_may_be_won_by_the_neighbour() -> None:
    ours, theirs = run(0.5, 0.9), run(0.5, 0.9, boxes=[(10, 14, 60, 54), BOXES[1]])
    assert largest_box_difference(ours, theirs) == 0.0


def unsure(checkpoint: Path, target: Path, bias: float) -> Path:
    """Write a detector whose background has this advantage."""
    content = torch.load(checkpoint, weights_only=True)
    for name, value in content["state_dict"].items():
        if name.startswith("cls_convs") and name.endswith(".bias") and value.numel() % 3 == 0 and value.numel() <= 18:
            value[2::3] += bias  # of two classes and background
    torch.save(content, target)
    return target


@pytest.mark.parametrize(
    ("bias", "told"),
    [(30.0, "nothing could be compared"), pytest.param(3.3, "On 8 pictures it ", marks=pytest.mark.full)],
)
def test_what_was_compared_is_told(
    detector: Any, workplace: Path, capsys: pytest.CaptureFixture[str], bias: float, told: str
) -> None:
    model = MMDetection("SSD_Lite")
    model.convert(unsure(detector.checkpoint, Path("弱.pth"), bias), out_file="x")
    said = capsys.readouterr().out
    assert told in said
    assert "within 0e+00" not in said
