"""Labels beside many boxes: none covers another, none hides a box, and the picture stays visible."""

from __future__ import annotations

import numpy as np

from BaseDT import draw
from BaseDT.draw.label_room import LabelRoom
from BaseDT.results import DetectionResult


def crossing(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_a_label_goes_where_it_hides_no_other_box() -> None:
    large, small = (50, 50, 149, 149), (60, 36, 75, 49)
    room = LabelRoom((200, 200), [large, small])
    assert room.take([(50, 35, 100, 50), (50, 50, 100, 65)]) == (50, 50, 100, 65)


def test_of_few_results_each_has_its_label_though_it_hides_something() -> None:
    room = LabelRoom((200, 200), [(60, 36, 75, 49)])
    assert room.take([(50, 35, 100, 50)]) == (50, 35, 100, 50)


def test_labels_take_a_quarter_of_the_picture_at_most_and_never_cover_each_other() -> None:
    room = LabelRoom((100, 100), [])
    places = [(x, y, x + 20, y + 10) for y in range(0, 100, 5) for x in range(0, 100, 10)]
    taken = [place for place in (room.take([place]) for place in places) if place is not None]
    assert len(taken) == 12
    assert not any(crossing(one, other) for n, one in enumerate(taken) for other in taken[:n])


def test_a_picture_of_174_boxes_stays_visible_and_the_surest_are_named() -> None:
    rng = np.random.default_rng(1)
    corners = rng.uniform(0, 300, (174, 2))
    boxes = np.hstack([corners, corners + rng.uniform(40, 120, (174, 2))])
    scored = zip(np.linspace(0.9, 0.2, 174), boxes, strict=True)
    found = [DetectionResult(0, float(score), tuple(box), "raccoon") for score, box in scored]
    photo = np.full((420, 420, 3), 128, np.uint8)
    filled = (draw.detections(photo, found) == np.array(draw.class_colour(0))).all(axis=2)
    frames = (draw.detections(photo, found, scores=False) == np.array(draw.class_colour(0))).all(axis=2)
    # Rows of colour as high as a label are labels: they cover less than a third, and some are there.
    windows = np.lib.stride_tricks.sliding_window_view(filled, (4, 12)).all(axis=(2, 3))
    assert 0.002 < windows.mean() < 0.35
    assert frames.any()
