"""Polygons and run-length codes become pixels, and pixels codes; what is neither is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from faster_coco_eval.core import mask as reference

from BaseDT.errors import DatasetInvalid
from BaseDT.geometry import masks


def blob(seed: int, height: int = 37, width: int = 53) -> Any:
    return (np.random.default_rng(seed).random((height, width)) < 0.4).astype(np.uint8)


@pytest.mark.parametrize("seed", range(4))
def test_a_code_is_that_of_coco_in_both_forms(seed: int) -> None:
    mask = blob(seed)
    compressed = reference.encode(np.asfortranarray(mask))
    assert masks.decoded(compressed, *mask.shape).tolist() == mask.tolist()
    text = compressed["counts"]
    as_text = {"size": compressed["size"], "counts": text.decode() if isinstance(text, bytes) else text}
    assert masks.decoded(as_text, *mask.shape).tolist() == mask.tolist()
    masks.check(as_text, *mask.shape)
    assert masks.decoded(masks.encoded(mask), *mask.shape).tolist() == mask.tolist()
    assert reference.decode(reference.frPyObjects(masks.encoded(mask), *mask.shape)).tolist() == mask.tolist()


@pytest.mark.parametrize("place", [(0, 0), (3, 5), (13, 7)])
def test_a_part_is_encoded_as_the_whole(place: tuple[int, int]) -> None:
    part, whole = blob(9), np.zeros((50, 60), np.uint8)
    whole[place[0] : place[0] + 37, place[1] : place[1] + 53] = part
    assert masks.encoded(part, place, (50, 60)) == masks.encoded(whole)


def test_a_run_that_goes_on_in_the_next_column_is_one() -> None:
    mask = np.zeros((4, 5), np.uint8)
    mask[2:, 1], mask[:3, 2] = 1, 1
    assert masks.encoded(mask) == {"size": [4, 5], "counts": [6, 5, 9]}
    assert masks.encoded(np.ones((2, 2), np.uint8))["counts"] == [0, 4]


@pytest.mark.parametrize("value", [0, 1])
def test_an_empty_and_a_full_mask_come_back(value: int) -> None:
    mask = np.full((3, 5), value, np.uint8)
    assert masks.decoded(masks.encoded(mask), 3, 5).tolist() == mask.tolist()


def test_polygons_are_filled_by_their_edges() -> None:
    mask = masks.decoded([[2, 1, 6, 1, 6, 4, 2, 4], [8, 8, 9, 9]], 10, 12)
    expected = np.zeros((10, 12), np.uint8)
    expected[1:4, 2:6] = 1
    assert mask.tolist() == expected.tolist()


def test_a_polygon_is_as_large_as_its_area_says() -> None:
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([30 + 17.3 * np.cos(angles), 25 + 17.3 * np.sin(angles)], axis=1)
    mask = masks.filled([circle], 50, 60)
    assert mask.sum() == pytest.approx(masks.area_of(circle), rel=0.03)
    assert masks.filled([circle + 500], 50, 60).sum() == masks.filled([], 50, 60).sum() == 0
    assert masks.filled([circle * 1e9], 50, 60).shape == (50, 60)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_polygons_turn_as_pixels_do(orientation: int) -> None:
    polygon = [[2.0, 1.0, 20.0, 1.0, 20.0, 6.0, 2.0, 30.0]]
    stored = masks.decoded(polygon, 40, 30)
    of_polygon = masks.decoded(masks.turned(polygon, orientation, 40, 30), 30, 40)
    of_code = masks.decoded(masks.turned(masks.encoded(stored), orientation, 40, 30), 30, 40)
    assert of_code.sum() == stored.sum()
    assert (of_polygon != of_code).sum() < 12  # the outline


def test_a_predicted_mask_lies_in_its_box() -> None:
    whole = masks.pasted(np.ones((28, 28), np.float32), [10, 5, 30, 25], 40, 60)
    assert whole.sum() == 400
    assert whole[5:25, 10:30].all()
    half = np.zeros((28, 28), np.float32)
    half[:, :14] = 1
    assert masks.pasted(half, [10, 5, 30, 25], 40, 60).sum() == 200
    assert masks.pasted(half, [-50, -50, -10, -10], 40, 60).sum() == 0
    assert masks.pasted(np.ones((28, 28), np.float32), [-10, -10, 100, 100], 40, 60).all()


@pytest.mark.parametrize(
    "wrong",
    [
        [[1, 2, 3]],
        [["a", 2, 3, 4, 5, 6]],
        [1, 2, 3, 4],
        "polygon",
        [[1, 2, float("nan"), 4, 5, 6]],
        {"size": [4, 4]},
        {"size": [4, 4], "counts": [3, -1]},
        {"size": [4, 4], "counts": [3]},
        {"size": [5, 4], "counts": [16]},
        {"size": [4, 4], "counts": "~~~"},
        {"size": [4, 4], "counts": [10**40]},
        {"size": [4, 4], "counts": "o" * 40 + "0"},
        {"size": None, "counts": [16]},
        {"size": 4, "counts": [16]},
        {"size": [4, None], "counts": [16]},
        {"size": [4, 4.0], "counts": [16]},
        {"size": [4, 4, 1], "counts": [16]},
        {"counts": [16]},
        [[10**400, 2, 3, 4, 5, 6]],
    ],
)
def test_what_is_neither_is_refused(wrong: Any) -> None:
    for look in (masks.decoded, masks.check):
        with pytest.raises(DatasetInvalid) as caught:
            look(wrong, 4, 4)
        assert caught.value.hint


def test_the_area_of_a_polygon() -> None:
    assert masks.area_of(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]])) == 6.0
