"""COCO's mAP from boxes in memory: what is right, what is nearly right, and what is not there."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from BaseDT.errors import DependencyMissing, ParameterInvalid
from BaseDT.geometry import masks
from BaseDT.metrics import BoxTruth, coco_map

BOXES = np.array([[10, 10, 60, 60], [100, 100, 220, 240], [30, 30, 50, 50]], dtype=np.float32)
LABELS = np.array([0, 1, 0])
NONE = np.zeros((0, 6), dtype=np.float32)


def rows(boxes: np.ndarray[Any, Any], labels: Any, score: float = 0.9) -> np.ndarray[Any, Any]:
    return np.concatenate([boxes, np.full((len(boxes), 1), score), np.asarray(labels)[:, None]], axis=1)


def test_what_is_found_exactly_is_perfect() -> None:
    measured = coco_map([rows(BOXES, LABELS)], [BoxTruth(BOXES, LABELS)], 2)
    assert measured.overall == dict.fromkeys(("mAP", "mAP_50", "mAP_75", "mAP_s", "mAP_m", "mAP_l"), 1.0)
    assert measured.ap.tolist() == measured.ap50.tolist() == [1.0, 1.0]
    assert measured.counts.tolist() == [2, 1]
    assert measured.precision.shape == measured.scores.shape == (2, 101)
    assert measured.recall[[0, -1]].tolist() == [0.0, 1.0]
    assert measured.scores[0] == pytest.approx(np.full(101, 0.9))


def test_a_shifted_box_counts_as_far_as_it_overlaps() -> None:
    # 50 wide, shifted by 10: an overlap of 40 / 60, which passes 0.50 to 0.65.
    moved = BOXES[:1] + np.float32([10, 0, 10, 0])
    overall = coco_map([rows(moved, [0])], [BoxTruth(BOXES[:1], LABELS[:1])], 1).overall
    assert (overall["mAP_50"], overall["mAP_75"]) == (1.0, 0.0)
    assert overall["mAP"] == pytest.approx(0.4)
    assert (overall["mAP_s"], overall["mAP_m"], overall["mAP_l"]) == (-1.0, pytest.approx(0.4), -1.0)


def test_the_curve_falls_where_false_alarms_come_in() -> None:
    far = np.array([[300, 300, 320, 330]])
    found = np.concatenate([rows(BOXES[:1], [0], 0.9), rows(far, [0], 0.8), rows(BOXES[2:], [0], 0.7)])
    measured = coco_map([found], [BoxTruth(BOXES[[0, 2]], LABELS[[0, 2]])], 1)
    assert measured.precision[0, 50] == 1.0
    assert measured.precision[0, 51] == pytest.approx(2 / 3)
    assert measured.scores[0, 100] == pytest.approx(0.7)


def test_an_area_of_its_own_decides_the_size() -> None:
    truth = BoxTruth(BOXES[1:2], LABELS[1:2], areas=np.array([100.0]))
    overall = coco_map([rows(BOXES[1:2], [1])], [truth], 2).overall
    assert (overall["mAP_s"], overall["mAP_l"]) == (1.0, -1.0)


def test_a_crowd_is_neither_to_be_found_nor_a_false_alarm() -> None:
    truth = BoxTruth(BOXES[:2], np.array([0, 0]), crowd=np.array([False, True]))
    inside = np.array([[110, 110, 150, 150], [150, 150, 200, 200]])
    found = np.concatenate([rows(inside, [0, 0], 0.95), rows(BOXES[:1], [0])])
    measured = coco_map([found], [truth], 1)
    assert measured.overall["mAP"] == 1.0
    assert measured.counts.tolist() == [1]


@pytest.mark.parametrize("found", [NONE, np.full((2, 6), np.nan, dtype=np.float32)])
def test_nothing_found_is_zero(found: np.ndarray[Any, Any]) -> None:
    measured = coco_map([found, NONE], [BoxTruth(BOXES, LABELS), BoxTruth(BOXES[:0], LABELS[:0])], 3)
    assert set(measured.overall.values()) == {0.0}
    assert measured.ap.tolist() == [0.0, 0.0, -1.0]


@pytest.mark.parametrize("areas", [[400.0], [32.0**2], [96.0**2 + 1], [400.0, 2500.0]])
def test_sizes_that_are_not_there_are_the_same_with_a_wrong_detection_and_with_none(areas: list[float]) -> None:
    truth = BoxTruth(BOXES[: len(areas)], LABELS[: len(areas)], areas=np.array(areas))
    crowd = BoxTruth(BOXES[:1], LABELS[:1], crowd=np.array([True]), areas=np.array([5e5]))
    wrong = rows(np.array([[300, 300, 320, 330]]), [0])
    found = [coco_map([one, NONE], [truth, crowd], 2).overall for one in (NONE, wrong)]
    assert found[0] == found[1]
    assert -1.0 in found[0].values()


def test_nothing_to_find_is_zero_and_says_so_of_the_classes() -> None:
    measured = coco_map([rows(BOXES, LABELS)], [BoxTruth(BOXES[:0], LABELS[:0])], 2)
    assert measured.overall["mAP"] == measured.overall["mAP_50"] == 0.0
    assert measured.overall["mAP_s"] == -1.0
    assert measured.ap.tolist() == [-1.0, -1.0]
    assert coco_map([], [], 1).overall["mAP"] == 0.0


def test_masks_are_measured_by_their_own_overlap(capfd: pytest.CaptureFixture[str]) -> None:
    left, right = np.zeros((80, 80), np.uint8), np.zeros((80, 80), np.uint8)
    left[10:60, 10:35], right[10:60, 35:60] = 1, 1
    truth = [BoxTruth(BOXES[:1], LABELS[:1], masks=[masks.encoded(left)])]
    found = [rows(BOXES[:1], [0])]
    assert coco_map(found, truth, 1, masks=[[masks.encoded(left)]]).overall["mAP"] == 1.0
    assert coco_map(found, truth, 1, masks=[[masks.encoded(right)]]).overall["mAP"] == 0.0
    assert coco_map(found, truth, 1).overall["mAP"] == 1.0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("found", "classes"),
    [([], 1), ([np.zeros((1, 5))], 1), ([rows(BOXES[:1], [1])], 1), ([rows(BOXES[:1], [-1])], 1), ([NONE], 0)],
)
def test_what_does_not_fit_is_refused(found: Any, classes: int) -> None:
    with pytest.raises(ParameterInvalid):
        coco_map(found, [BoxTruth(BOXES[:0], LABELS[:0])], classes)


def test_without_the_library_the_way_to_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("BaseDT.metrics.boxes.find_spec", lambda _: None)
    with pytest.raises(DependencyMissing, match="faster-coco-eval"):
        coco_map([NONE], [BoxTruth(BOXES, LABELS)], 2)


def test_counting_classes_does_not_bring_the_library_along() -> None:
    import subprocess

    code = "import sys, BaseDT.metrics; print('faster_coco_eval' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"False"
