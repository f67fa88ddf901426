"""Curves are drawn for every kind of log, and smoothing keeps what matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from BaseDT.plot import curves

BLUE, VERMILLION, GREEN = (178, 114, 0), (0, 94, 213), (115, 158, 0)


def _log(epochs: int, iterations: int = 20, **metrics: float) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"mode": "env"}]
    for epoch in range(1, epochs + 1):
        for iteration in range(10, iterations + 1, 10):
            loss = 2.0 / (epoch + iteration / iterations)
            lines.append({"mode": "train", "epoch": epoch, "iter": iteration, "lr": 0.1, "loss": loss})
        if metrics:
            lines.append({"mode": "val", "epoch": epoch, "iter": 5, "lr": 0.1, **metrics})
    return lines


def _has(pixels: Any, colour: tuple[int, int, int]) -> bool:
    return bool((pixels == np.array(colour, dtype=np.uint8)).all(axis=2).sum() > 40)


def test_loss_and_accuracy_are_drawn_as_bgr_in_their_colours() -> None:
    pixels = curves.draw(_log(3, **{"accuracy_top-1": 60.0, "loss": 0.8}))
    assert pixels is not None
    assert pixels.dtype == np.uint8
    assert pixels.shape[1] > 1500
    assert _has(pixels, BLUE)
    assert _has(pixels, VERMILLION)
    assert _has(pixels, GREEN)


def test_without_validation_the_loss_stands_alone() -> None:
    pixels = curves.draw(_log(3))
    assert pixels is not None
    assert pixels.shape[1] < 1200
    assert _has(pixels[:, -200:], BLUE)
    assert not _has(pixels, VERMILLION)
    assert not _has(pixels, GREEN)


@pytest.mark.parametrize(
    "log",
    [
        _log(1, iterations=10, **{"accuracy_top-1": 100.0, "accuracy_top-5": 100.0, "loss": 0.0}),
        _log(60, precision=0.0, recall=0.0, f1_score=0.0),
        [{"mode": "train", "epoch": 1, "iter": 1, "lr": 0.0, "loss": 0.0}],
        [{"mode": "train", "epoch": 1, "iter": 1, "loss": 1e9}],
    ],
    ids=["one iteration", "all zero", "no learning rate above zero", "no learning rate at all"],
)
def test_unusual_logs_are_drawn_too(log: list[dict[str, Any]]) -> None:
    assert curves.draw(log) is not None


@pytest.mark.parametrize("log", [[], [{"mode": "env"}], [{"mode": "val", "epoch": 1, "accuracy_top-1": 3.0}]])
def test_a_log_without_training_has_no_curves(log: list[dict[str, Any]]) -> None:
    assert curves.draw(log) is None


def test_few_values_are_not_smoothed() -> None:
    values = np.array([5.0, 1.0, 4.0])
    np.testing.assert_allclose(curves.smoothed(values), values)


def test_smoothing_takes_noise_away_but_not_the_steep_start() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 1000)
    trend = 2.0 * np.exp(-np.arange(1000) / 20)
    smooth = curves.smoothed(trend + noise)
    assert np.std((smooth - trend)[100:]) < 0.025
    assert smooth[0] == pytest.approx(2.0 + noise[0])


def test_smoothing_is_the_mean_of_the_values_around() -> None:
    values = np.arange(80.0) ** 2
    smooth = curves.smoothed(values)
    assert smooth[40] == pytest.approx(values[38:43].mean())
    assert smooth[79] == pytest.approx(values[77:].mean())


def test_a_detectors_map_is_drawn_from_nought_to_one() -> None:
    lines = _log(4, bbox_mAP=0.4, bbox_mAP_50=0.7, bbox_mAP_s=-1.0)
    for line in lines:
        if line["mode"] == "train":
            line |= {"loss_cls": 1.0, "loss_bbox": 0.5}
    pixels = curves.draw(lines)
    assert pixels is not None
    assert pixels.shape[1] > 1500
    assert _has(pixels, GREEN)


@pytest.mark.parametrize(("best", "top"), [(0.05, 0.056), (0.0, 0.02), (0.97, 1.01)])
def test_the_axis_of_a_detector_ends_above_its_best_value_and_no_name_covers_a_curve(
    best: float, top: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Figure] = []

    def render(width: int, height: int, compose: Callable[[Figure], None]) -> None:
        figures.append(Figure((width / 100, height / 100), layout="constrained"))
        compose(figures[0])
        FigureCanvasAgg(figures[0]).draw()

    monkeypatch.setattr(curves, "render", render)
    lines = [{**line, "loss_cls": 1.0, "loss_bbox": 0.5} for line in _log(4, bbox_mAP=best / 2, bbox_mAP_50=best)]
    curves.draw(lines)
    loss, measured, _ = figures[0].axes
    assert measured.get_ylim() == pytest.approx((0, top))
    for axes in (loss, measured):
        legend = axes.get_legend()
        assert legend is not None
        assert not legend.get_window_extent().overlaps(axes.get_window_extent())
        assert legend.get_window_extent().y0 >= 0
