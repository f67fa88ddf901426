"""Hands in pictures and films, by made-up networks: a light spot is a hand."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import pytest

from presets_on_disk import hand_points, spots
from XEdu.presets.finder import Finder, Posed
from XEdu.presets.following import Followed, Following
from XEdu.presets.networks import Detector, PointsNetwork
from XEdu.presets.ready_made import boxes_task
from XEdu.runtime.backend import Array, Backend

PLACES = ((150.0, 200.0), (450.0, 250.0))


def _middle(posed: Posed) -> np.ndarray:
    """The middle of the spot: between the wrist and the highest points, as ``hand_points`` puts it."""
    own = hand_points()[:, :2]
    weights = np.linalg.lstsq(np.column_stack([own, np.ones(21)]), posed.raw.points, rcond=None)[0]
    return np.asarray(np.array([112, 112, 1]) @ weights)


def test_every_spot_is_one_hand_where_it_is(hands: Finder) -> None:
    found = hands.find(spots(*PLACES), 0.5)
    middles = sorted(_middle(posed).tolist() for posed in found)
    assert np.allclose(middles, PLACES, atol=3)


def test_a_side_has_a_name(hands: Finder) -> None:
    sides = {posed.raw.right > 0.5 for posed in hands.find(spots(*PLACES, red=(1,)), 0.5) if posed.raw.right}
    assert sides == {True, False}


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((480, 640, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((3, 900, 3), np.uint8),
        np.zeros((64, 64), np.uint8),
    ],
)
def test_where_nothing_is_nothing_is_found(hands: Finder, picture: np.ndarray) -> None:
    assert hands.find_patiently(picture, 0.5) == []
    assert hands.find_patiently(255 - picture, 0.999) is not None  # whatever it says, it ends


def test_gray_pictures_are_taken_too(hands: Finder) -> None:
    gray = cv2.cvtColor(spots(*PLACES), cv2.COLOR_BGR2GRAY)
    assert len(hands.find(gray, 0.5)) == 2


def test_a_hand_in_a_box_is_found_though_no_detector_sees_it(hands: Finder) -> None:
    picture = spots((320, 240), radius=12)
    assert hands.find(picture, 0.5) == []
    posed = hands.in_box(picture, (300, 220, 340, 260))
    assert posed is not None
    assert np.allclose(_middle(posed), (320, 240), atol=4)


def test_a_box_beside_the_picture_holds_nothing(hands: Finder) -> None:
    assert hands.in_box(spots(), (2000, 2000, 2100, 2100)) is None


class _Broken:
    """A network whose outputs are all one value."""

    def __init__(self, backend: Backend, value: float) -> None:
        self._backend, self._value = backend, value
        self.name, self.metadata = backend.name, backend.metadata
        self.inputs, self.outputs = backend.inputs, backend.outputs

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        return [np.full_like(output, self._value) for output in self._backend.run(feeds)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30, 0.0])
def test_what_is_no_number_is_no_hand(hands: Finder, value: float) -> None:
    detectors = [Detector(one.design, _Broken(one.backend, value)) for one in hands.detectors]
    network = PointsNetwork(hands.network.design, _Broken(hands.network.backend, value))
    for finder in (Finder(hands.subject, detectors, hands.network), Finder(hands.subject, hands.detectors, network)):
        found = finder.find_patiently(spots(*PLACES), 0.5)
        assert all(np.isfinite(posed.raw.points).all() for posed in found)
        finder.in_box(spots(*PLACES), (100, 100, 200, 250))


def test_a_box_that_the_points_deny_is_none(hands: Finder) -> None:
    network = PointsNetwork(hands.network.design, _Broken(hands.network.backend, 0.0))
    for finder, count in ((hands, 2), (Finder(hands.subject, hands.detectors, network), 0)):
        boxes = boxes_task(finder, ("", ""), by_points=False).of(spots(*PLACES), 0.5)
        assert len(boxes) == count


# --- films ------------------------------------------------------------------------------------------------------------


def _film(following: Following, *pictures: np.ndarray, start: int = 0) -> list[list[Followed]]:
    return [following.update(picture, (start + number) / 30, 0.5) for number, picture in enumerate(pictures)]


def _moving(frame: int, **rest: object) -> np.ndarray:
    (left, y), (right, _) = PLACES
    return spots((left - 2 * frame, y), (right - 2 * frame, y + 40), **rest)  # type: ignore[arg-type]


def test_hands_keep_their_numbers_while_they_move(hands: Finder) -> None:
    seen = _film(Following(hands, 4), *(_moving(frame) for frame in range(20)))
    assert [[one.number for one in each] for each in seen] == [[1, 2]] * 20
    ways = [_middle(last.posed) - _middle(first.posed) for first, last in zip(seen[0], seen[-1], strict=True)]
    assert np.allclose(ways, [(-38, 0)] * 2, atol=4)


class _Counted(Finder):
    """A finder that counts how often its detector looks."""

    looks = 0

    def find(self, picture: np.ndarray, threshold: float, known: object = ()) -> list[Posed]:
        type(self).looks += 1
        return super().find(picture, threshold, known)  # type: ignore[arg-type]


def test_the_detector_rests_where_all_are_followed(hands: Finder) -> None:
    counted = _Counted(hands.subject, hands.detectors, hands.network)
    for most, looks in ((2, 1), (4, 4)):
        _Counted.looks = 0
        _film(Following(counted, most), *(_moving(frame) for frame in range(20)))
        assert looks - 1 <= _Counted.looks <= looks + 1


def test_a_hand_that_comes_back_at_once_is_the_same(hands: Finder) -> None:
    following = Following(hands, 2)
    _film(following, *[spots(*PLACES)] * 3)
    _film(following, *[spots(PLACES[0])] * 4, start=3)
    (back,) = _film(following, spots(*PLACES), start=7)
    assert [one.number for one in back] == [1, 2]


def test_a_hand_that_comes_back_late_is_a_new_one(hands: Finder) -> None:
    following = Following(hands, 2)
    _film(following, spots(*PLACES))
    assert following.update(spots(), 1.0, 0.5) == []
    late = following.update(spots(*PLACES), 60.0, 0.5)
    assert [one.number for one in late] == [3, 4]


def test_after_a_cut_hands_are_looked_for_again(hands: Finder) -> None:
    elsewhere = [(100.0, 400.0), (550.0, 80.0)]
    _, after = _film(Following(hands, 2), spots(*PLACES), spots(*elsewhere))
    assert np.allclose(sorted(_middle(one.posed).tolist() for one in after), elsewhere, atol=3)


def test_a_frame_of_another_size_begins_anew(hands: Finder) -> None:
    following = Following(hands, 2)
    small = cv2.resize(spots(*PLACES), (320, 240), interpolation=cv2.INTER_AREA)
    _, changed = _film(following, spots(*PLACES), small)
    middles = sorted(_middle(one.posed).tolist() for one in changed)
    assert np.allclose(middles, np.array(PLACES) / 2, atol=3)


def test_two_that_slide_onto_one_become_one(hands: Finder) -> None:
    following = Following(hands, 2)
    _film(following, spots((300, 240), (340, 240), radius=30))
    merged = _film(following, *[spots((320, 240), radius=30)] * 3, start=1)
    assert len(merged[-1]) == 1


def test_no_more_than_wanted_are_followed(hands: Finder) -> None:
    (seen,) = _film(Following(hands, 1), spots(*PLACES))
    assert len(seen) == 1
