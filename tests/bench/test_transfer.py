"""The arithmetic, the tables and the made-up pictures of ``bench.transfer``. Nothing here measures time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT.dataset import imagenet
from bench import _child, _transfer, _transfer_data, transfer

FROZEN = {
    "ends": [10.0, 10.2, 10.4, 10.7],
    "accuracy": [60.0, 88.0, 91.0, 90.0],
    "first_step": 9.8,
    "total": 12.0,
    "precision": "float32",
}
FULL = {"ends": [30.0, 55.0], "accuracy": [70.0, 95.0], "first_step": 2.0, "total": 60.0, "precision": "bfloat16"}


def test_an_accuracy_is_reached_at_the_end_of_the_first_epoch_that_has_it() -> None:
    assert transfer.seconds_to(FROZEN, 90.0) == 10.4
    assert transfer.seconds_to(FROZEN, 92.0) is None


def test_the_target_is_what_all_sides_reach() -> None:
    assert transfer.common_target([FROZEN, FULL]) == 90.0
    assert transfer.common_target([FROZEN, {"error": "it broke"}]) == 90.0


def test_an_epoch_after_the_first_costs_what_lies_between_two_ends() -> None:
    assert transfer.later_epoch(FROZEN) == pytest.approx(0.2)
    assert transfer.later_epoch({"ends": [3.0]}) is None


def test_epochs_end_with_the_first_step_of_the_next() -> None:
    steps = [1.0, 2.0, 5.0, 6.0, 9.5, 10.5]  # pauses of 3 and 3.5 seconds
    assert _transfer.ends(steps, per_epoch=2) == [5.0, 9.5, 14.0]
    assert _transfer.ends([1.0, 2.0], per_epoch=2) == [2.0]


def test_the_table_has_a_row_for_each_side_and_names_what_broke() -> None:
    rows = transfer.table({"frozen": FROZEN, "full": {"error": "a\nit broke"}}, 90.0).splitlines()
    assert rows[2] == "| frozen (float32, 4 epochs) | 10.40 | 91.00 | 9.80 | 0.20 | 12.00 |"
    assert "it broke" in rows[3]
    assert len({row.count("|") for row in rows}) == 1


def test_the_pass_is_compared_with_inference() -> None:
    assert "ratio 0.98" in transfer.pass_line(FROZEN, {"seconds": 10.0, "images": 50})
    assert "it broke" in transfer.pass_line({"error": "it broke"}, {"seconds": 10.0, "images": 50})


def test_pictures_are_a_set_that_the_library_reads_and_the_same_every_time(tmp_path: Path) -> None:
    first, second = (_transfer_data.make(tmp_path / n, _transfer_data.NEW, 12, 6, seed=3) for n in ("一", "二 组"))
    for one in sorted(path.relative_to(first) for path in first.rglob("*.jpg")):
        assert (first / one).read_bytes() == (second / one).read_bytes()
    data = imagenet.load(first)
    assert (len(data.classes), len(data.train), len(data.val)) == (6, 12, 6)
    assert not set(_transfer_data.BASE) & set(_transfer_data.NEW)


def test_the_class_is_in_the_grating() -> None:
    spectrum = [np.zeros(2)] * 2
    for number, angle in enumerate((0, 90)):
        pixels = _transfer_data.picture(angle, 12, np.random.default_rng(1)).mean(2)
        power = np.abs(np.fft.fft2(pixels - pixels.mean()))
        spectrum[number] = np.array([power[:3, 25:40].max(), power[20:32, :3].max()])
    assert spectrum[0].argmax() == 0
    assert spectrum[1].argmax() == 1


def test_its_measures_are_known_to_child_processes() -> None:
    assert {"transfer-base", "transfer-train", "transfer-inference"} <= _child.MEASURES.keys()
