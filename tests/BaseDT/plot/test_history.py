"""A log, also one of a resumed or broken run, becomes curves over epochs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from BaseDT.plot.history import read


def _train(epoch: int, iteration: int, loss: Any = 1.0, lr: float = 0.1) -> dict[str, Any]:
    return {"mode": "train", "epoch": epoch, "iter": iteration, "lr": lr, "loss": loss, "memory": 0, "time": 0.1}


def _val(epoch: int, **metrics: Any) -> dict[str, Any]:
    return {"mode": "val", "epoch": epoch, "iter": 20, "lr": 0.1, **metrics}


def test_iterations_become_parts_of_epochs() -> None:
    history = read([_train(1, 10, 4.0), _train(1, 20, 3.0), _train(2, 10, 2.0), _train(2, 20, 1.0)])
    assert history.loss.x.tolist() == [0.5, 1.0, 1.5, 2.0]
    assert history.loss.y.tolist() == [4.0, 3.0, 2.0, 1.0]
    assert history.epochs == 2


def test_validation_stands_at_the_end_of_its_epoch() -> None:
    history = read([_train(1, 20), _val(1, **{"accuracy_top-1": 50.0, "loss": 0.7}), _train(2, 20), _val(2, loss=0.5)])
    assert history.val_loss.x.tolist() == [1.0, 2.0]
    assert history.val_loss.y.tolist() == [0.7, 0.5]
    assert history.metrics["accuracy_top-1"].x.tolist() == [1.0]


def test_what_a_resumed_run_repeats_counts_once_and_as_written_last() -> None:
    before = [{"mode": "env"}, _train(1, 10, 9.0), _train(1, 20, 8.0), _val(1, recall=10.0), _train(2, 10, 7.0)]
    after = [{"mode": "env"}, _train(2, 10, 6.0), _train(2, 20, 5.0), _val(2, recall=20.0)]
    history = read([*before, *after])
    assert history.loss.x.tolist() == [0.5, 1.0, 1.5, 2.0]
    assert history.loss.y.tolist() == [9.0, 8.0, 6.0, 5.0]
    assert history.metrics["recall"].y.tolist() == [10.0, 20.0]


def test_time_goes_forward_in_whatever_order_lines_come() -> None:
    history = read([_train(2, 20, 1.0), _val(2, loss=0.5), _train(1, 20, 2.0), _val(1, loss=0.7)])
    assert history.loss.y.tolist() == [2.0, 1.0]
    assert history.val_loss.y.tolist() == [0.7, 0.5]


def test_top_one_comes_first_and_what_is_no_percentage_is_left_out() -> None:
    line = _val(1, precision=1.0, support=3, **{"accuracy_top-10": 3.0, "accuracy_top-5": 2.0, "accuracy_top-1": 1.0})
    assert list(read([line]).metrics) == ["accuracy_top-1", "accuracy_top-5", "accuracy_top-10", "precision"]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None, "1.0", True])
def test_values_that_are_no_finite_numbers_are_left_out(bad: Any) -> None:
    history = read([_train(1, 10, bad), _train(1, 20, 2.0), _val(1, **{"accuracy_top-1": bad})])
    assert history.loss.y.tolist() == [2.0]
    assert not history.metrics


def test_an_empty_log_has_empty_curves() -> None:
    history = read([])
    assert len(history.loss) == len(history.val_loss) == len(history.lr) == 0
    assert history.epochs == 1
    assert history.loss.y.dtype == np.float64


def test_a_detectors_metrics_are_shares_and_what_was_not_measured_is_left_out() -> None:
    lines = [
        {**_train(1, 10, 3.0), "loss_cls": 2.0, "loss_bbox": 1.0},
        _val(1, bbox_mAP=0.25, bbox_mAP_50=-1, bbox_mAP_s=0.1),
    ]
    lines += [_val(2, bbox_mAP=0.5, bbox_mAP_50=0.75, bbox_mAP_75=-1)]
    history = read(lines)
    assert {name: curve.y.tolist() for name, curve in history.shares.items()} == {
        "bbox_mAP": [0.25, 0.5],
        "bbox_mAP_50": [0.75],
    }
    assert {name: curve.y.tolist() for name, curve in history.parts.items()} == {"loss_bbox": [1.0], "loss_cls": [2.0]}
    assert history.metrics == {}
