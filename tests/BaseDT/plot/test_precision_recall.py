"""Precision against recall is drawn for every set of classes, however they are called."""

from __future__ import annotations

import numpy as np
import pytest

from BaseDT import fonts
from BaseDT.metrics import BoxMetrics, BoxTruth, coco_map
from BaseDT.plot import precision_recall

BLUE = (178, 114, 0)


def measured(classes: int, seed: int = 0) -> BoxMetrics:
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(6):
        corners = rng.uniform(0, 100, (classes, 2))
        boxes = np.concatenate([corners, corners + rng.uniform(10, 60, (classes, 2))], axis=1)
        labels = np.arange(classes)
        truth.append(BoxTruth(boxes, labels))
        scores = rng.random((classes, 1))
        found.append(np.concatenate([boxes + rng.normal(0, 6, boxes.shape), scores, labels[:, None]], axis=1))
    return coco_map(found, truth, classes)


@pytest.mark.parametrize("classes", [1, 3, 12])
def test_a_curve_for_each_class(classes: int) -> None:
    pixels = precision_recall.draw(measured(classes), [f"类 {number}" for number in range(classes)])
    assert pixels is not None
    assert 700 < pixels.shape[1] < 1300
    assert (pixels == np.array(BLUE)).all(axis=2).sum() > 100


def test_names_that_matplotlib_would_read_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    assert precision_recall.draw(measured(3), ["_hidden", "$x^$", "猫"]) is not None


def test_without_an_object_there_is_nothing_to_draw() -> None:
    nothing = coco_map([np.zeros((0, 6))], [BoxTruth(np.zeros((0, 4)), np.zeros(0, dtype=np.int64))], 2)
    assert precision_recall.draw(nothing, ["a", "b"]) is None


def test_nothing_found_is_a_line_on_the_ground() -> None:
    truth = [BoxTruth(np.array([[0.0, 0, 9, 9]]), np.array([1]))]
    assert precision_recall.draw(coco_map([np.zeros((0, 6))], truth, 2), ["a", "b"]) is not None


def test_thresholds_are_marked_by_shapes_and_no_number_covers_another(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    monkeypatch.setattr(precision_recall, "render", lambda _width, _height, compose: compose(figure))
    precision_recall.draw(measured(3), ["猫", "狗", "鸟"])
    (axes,) = figure.axes
    assert not axes.texts
    (legend,) = [axes.get_legend()]
    assert legend is not None
    told = [text.get_text() for text in legend.get_texts()][-3:]
    assert all(part in whole for part, whole in zip(("0.3", "0.5", "0.7"), told, strict=True))
    shapes = {line.get_marker() for line in axes.lines if len(np.atleast_1d(line.get_xdata())) == 1}
    assert {"^", "o", "s"} >= shapes != set()
