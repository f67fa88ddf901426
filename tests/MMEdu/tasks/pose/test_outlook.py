"""What is said at the end of a training: nothing where it went well, else what helps."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from BaseDT.dataset.keypoints import PosedObject
from MMEdu.tasks.pose.description import Described
from MMEdu.tasks.pose.outlook import confused_pairs, outlook

DESCRIBED = Described(("nose", "left_eye", "right_eye"), flip_pairs=((1, 2),))


def people(count: int = 12) -> list[PosedObject]:
    points = np.array([[50.0, 60, 2], [80, 40, 2], [20, 40, 2]])
    return [PosedObject(Path("a.png"), 100, 100, (10.0, 10.0, 90.0, 90.0), points.copy()) for _ in range(count)]


def found(persons: list[PosedObject], order: tuple[int, ...] = (0, 1, 2)) -> np.ndarray:
    points = np.stack([person.points[list(order), :2] for person in persons])
    return np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2)


def test_nothing_is_said_where_it_went_well():
    persons = people()
    assert outlook(found(persons), persons, DESCRIBED) == []
    assert outlook(np.empty((0, 3, 3)), [], DESCRIBED) == []


def test_left_taken_for_right_is_said_of_the_pair():
    persons = people()
    predicted = found(persons)
    predicted[:4] = found(persons[:4], (0, 2, 1))
    assert confused_pairs(predicted, persons, DESCRIBED) == [(1, 2)]
    (line,) = outlook(predicted, persons, DESCRIBED)
    assert "left_eye/right_eye" in line


def test_few_persons_prove_nothing():
    persons = people(3)
    assert confused_pairs(found(persons, (0, 2, 1)), persons, DESCRIBED) == []


def test_hardly_anything_is_said_as_such():
    persons = people()
    (line,) = outlook(np.zeros((12, 3, 3)), persons, DESCRIBED)
    assert "Hardly anything was learned: 0 %" in line
