"""Persons that are hardly meant: left and right exchanged, twice, points beside the box, specks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from BaseDT.dataset.keypoints import KeypointsDataset, PosedObject
from MMEdu.tasks.pose.suspicious_points import suspicious_points

NAMES = ("nose", "left_eye", "right_eye", "left_hand", "right_hand")
PAIRS = ((1, 2), (3, 4))
FACE = np.array([[50, 30], [60, 20], [40, 20], [85, 60], [15, 60]], dtype=np.float64)
EXCHANGED = [0, 2, 1, 4, 3]


def person(
    number: int,
    order: Sequence[int] = range(5),
    *,
    scale: float = 1.0,
    box: tuple[float, float, float, float] | None = None,
    missing: Sequence[int] = (),
) -> PosedObject:
    """A person whose points are a little elsewhere each time."""
    rng = np.random.default_rng(number)
    points = np.column_stack([FACE[list(order)] * scale + rng.normal(0, 1.5 * scale, (5, 2)), np.full(5, 2.0)])
    points[list(missing)] = 0
    edges = box or (10 * scale, 10 * scale, 90 * scale, 70 * scale)
    return PosedObject(Path("root").absolute() / f"{number}.png", 100, 100, edges, points)


def kinds(people: Sequence[PosedObject], pairs: tuple[tuple[int, int], ...] = PAIRS) -> dict[str, list[str]]:
    data = KeypointsDataset(
        Path("root").absolute(), ("person",), NAMES, (), pairs, bool(pairs), tuple(people[1:]), (people[0],), ()
    )
    return {section.kind: [group[0].name for group in section.groups] for section in suspicious_points(data)}


def test_persons_as_they_should_be() -> None:
    assert kinds([person(n) for n in range(20)]) == {}


def test_the_few_whose_sides_are_exchanged_are_found() -> None:
    people = [person(n, EXCHANGED if n in (3, 7) else range(5)) for n in range(30)]
    assert kinds(people) == {"points_sides": ["3.png", "7.png"]}
    assert kinds(people, ()) == {}, "nobody knows the pairs"


def test_many_of_them_are_seen_from_behind() -> None:
    assert kinds([person(n, EXCHANGED if n % 3 == 0 else range(5)) for n in range(30)]) == {}


def test_persons_that_lie_are_no_mistake() -> None:
    turned = person(5)
    points = turned.points.copy()
    points[:, :2] = 100 - points[:, :2]  # upside down
    upside_down = PosedObject(turned.path, 100, 100, (10, 30, 90, 90), points)
    assert kinds([*(person(n) for n in range(15)), upside_down]) == {}


@pytest.mark.parametrize("number", [3, 9])
def test_of_few_persons_nothing_is_usual(number: int) -> None:
    assert kinds([person(n, EXCHANGED if n == 1 else range(5)) for n in range(number)]) == {}


def test_too_few_points_tell_no_sides() -> None:
    people = [person(n) for n in range(20)]
    assert kinds([*people, person(20, EXCHANGED, missing=(3, 4))]) == {}


def test_each_other_kind_is_found_where_it_is() -> None:
    people = [person(n) for n in range(12)]
    people += [person(12), person(12), person(13, box=(10, 10, 60, 70)), person(14, scale=0.06)]
    found = kinds(people)
    assert found == {"points_twice": ["12.png"], "points_beside": ["13.png"], "points_speck": ["14.png"]}


def test_points_that_nobody_labelled_are_compared_with_nothing() -> None:
    assert kinds([person(n, missing=(0, 3)) for n in range(20)]) == {}
