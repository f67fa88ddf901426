"""Near duplicates: what people do to a copy is seen through, and pictures of their own are not mixed up."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from BaseDT.dataset import lookalikes
from BaseDT.dataset.lookalikes import Pair
from looks import DISGUISES, Pixels, photo


def pairs(pictures: list[Pixels]) -> list[Pair]:
    signatures = np.array([lookalikes.signature(picture) for picture in pictures])
    return lookalikes.pairs(signatures, [min(picture.shape[:2]) for picture in pictures])


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_copy_is_found_and_nothing_else(disguise: str) -> None:
    pictures = [photo(seed) for seed in range(40)]
    found = pairs([*pictures, DISGUISES[disguise](pictures[7])])
    assert [(pair.first, pair.second, pair.mirrored) for pair in found] == [(7, 40, disguise == "mirrored")]


def test_where_every_picture_has_a_copy_all_are_found() -> None:
    pictures = [photo(seed) for seed in range(12)]
    found = pairs([*pictures, *map(DISGUISES["jpeg"], pictures)])
    assert sorted(pair[:2] for pair in found) == [(place, place + 12) for place in range(12)]


def test_pictures_of_one_camera_before_one_wall_are_no_copies() -> None:
    def scene(seed: int) -> Pixels:
        picture = photo(999)
        rng = np.random.default_rng(seed)
        y, x = 5 + 13 * (seed // 6), 5 + 18 * (seed % 6)
        picture[y : y + 50, x : x + 50] = rng.integers(0, 255, 3)
        return picture

    pictures = [scene(seed) for seed in range(30)]
    assert [pair[:2] for pair in pairs([*pictures, DISGUISES["jpeg"](pictures[3])])] == [(3, 30)]


def test_digits_of_one_shape_are_no_copies() -> None:
    def one(seed: int) -> Pixels:
        rng = np.random.default_rng(seed)
        digit = np.zeros((112, 112), np.uint8)
        top, bottom = (int(rng.integers(36, 76)), int(rng.integers(10, 30))), (int(rng.integers(36, 76)), 95)
        cv2.line(digit, top, bottom, int(rng.integers(170, 255)), int(rng.integers(6, 20)))
        return np.asarray(cv2.resize(digit, (28, 28), interpolation=cv2.INTER_AREA), np.uint8)

    digits = [one(seed) for seed in range(60)]
    found = pairs([*digits, DISGUISES["darker"](digits[5])])
    assert (5, 60) in [pair[:2] for pair in found]
    assert len(found) <= 3, "of 1,830 pairs"


def test_pictures_that_show_nothing_are_compared_with_none() -> None:
    rng = np.random.default_rng(0)
    papers = [np.clip(240 + rng.normal(0, 2, (64, 64, 3)), 0, 255).astype(np.uint8) for _ in range(6)]
    assert not lookalikes.signature(papers[0]).any()
    assert pairs([*papers, *(photo(seed) for seed in range(6))]) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_few_pictures(number: int) -> None:
    assert pairs([photo(seed) for seed in range(number)] or [np.zeros((8, 8, 3), np.uint8)]) == []


def test_gray_and_colour_of_any_size_have_a_signature() -> None:
    gray = photo(1)[..., 0]
    same = lookalikes.signature(np.repeat(gray[..., None], 3, axis=2))
    assert lookalikes.signature(gray) == pytest.approx(same, abs=1e-3)
    assert np.linalg.norm(lookalikes.signature(photo(2, (1, 400)))) == pytest.approx(1, abs=1e-3)


def test_more_pictures_than_rows_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [photo(seed) for seed in range(20)]
    everything = pairs([*pictures, *map(DISGUISES["brighter"], pictures[4:17])])
    monkeypatch.setattr(lookalikes, "_ROWS", 3)
    assert [p[:2] for p in pairs([*pictures, *map(DISGUISES["brighter"], pictures[4:17])])] == [
        p[:2] for p in everything
    ]
    assert len(everything) == 13


def test_groups_hang_together_through_pairs() -> None:
    alike = [Pair(1, 4, 0.1, False), Pair(4, 6, 0.1, True), Pair(0, 3, 0.0, False), Pair(2, 6, 0.2, False)]
    assert lookalikes.groups(8, alike) == [(0, 3), (1, 2, 4, 6)]
    assert lookalikes.groups(8, []) == []
