"""Suspicious persons of a set of keypoints: left and right exchanged, points beside the box, labelled twice, specks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.keypoints import KeypointsDataset, PosedObject
from BaseDT.escaping import one_line
from BaseDT.language import say
from MMEdu.tasks.deep_check import shown
from MMEdu.tasks.deep_page import Section, Shown

_SPECK = 8.0  # pixels
_BESIDE = 0.25  # of the box's side: so far beside it no point of the same person lies
_SAME = 0.02  # of the box's side: points of two persons that are nearer than this are the same
_ENOUGH = 10
"""Persons from which a usual shape follows, and points of a person that are compared with it: at least a half of them
or four."""
_CLEARLY = 0.5  # of the distance from the usual shape is left when left and right are exchanged
_FEW = 0.1
"""Of all persons. Where more fit better with left and right exchanged, these are seen from behind: nothing is wrong."""

Points = npt.NDArray[np.float64]


def suspicious_points(dataset: KeypointsDataset) -> list[Section]:
    """Find them; a section for each kind, for the page."""
    people = [*dataset.train, *dataset.val, *dataset.test]
    parts = [listed.split for listed in dataset.listed()]
    part_of = {id(person): part for person, part in zip(people, parts, strict=True)}
    kinds: dict[str, list[tuple[PosedObject, ...]]] = {
        "sides": [(person,) for person in exchanged(people, dataset.flip_pairs)],
        "twice": list(_twice(people)),
        "beside": [(person,) for person in people if _has_point_beside(person) and not dataset.whole_pictures],
        "speck": [(person,) for person in people if min(_sides(person)) < _SPECK],
    }
    return [
        Section(
            f"points_{kind}",
            *_words(kind),
            tuple((_shown(group, dataset, part_of[id(group[0])]),) for group in groups),
        )
        for kind, groups in kinds.items()
        if groups
    ]


def exchanged(people: Sequence[PosedObject], pairs: Sequence[tuple[int, int]]) -> list[PosedObject]:
    """Return the few persons that fit the usual shape of the others much better with left and right exchanged.

    Args:
        people: Of the set.
        pairs: Left and right points, from 0.
    """
    if not pairs or len(people) < _ENOUGH:
        return []
    shape = _usual_shape(people)
    mirrored = np.arange(len(shape))
    for left, right in pairs:
        mirrored[[left, right]] = right, left
    suspects = [person for person in people if _fits_better_mirrored(person, shape, mirrored, pairs)]
    return suspects if len(suspects) <= _FEW * len(people) else []


def _usual_shape(people: Sequence[PosedObject]) -> Points:
    """Return the median position of each point within its box, (K, 2); NaN where nobody has it."""
    places = np.full((len(people), len(people[0].points), 2), np.nan)
    for place, person in zip(places, people, strict=True):
        width, height = _sides(person)
        labelled = person.labelled
        place[labelled] = (person.points[labelled, :2] - person.box[:2]) / (width, height)
    known = ~np.isnan(places[:, :, 0]).all(axis=0)
    shape = np.full(places.shape[1:], np.nan)
    shape[known] = np.nanmedian(places[:, known], axis=0)
    return shape


def _fits_better_mirrored(
    person: PosedObject, shape: Points, mirrored: npt.NDArray[np.int_], pairs: Sequence[tuple[int, int]]
) -> bool:
    labelled = person.labelled & ~np.isnan(shape[:, 0]) & ~np.isnan(shape[mirrored, 0])
    whole_pairs = sum(bool(labelled[left] and labelled[right]) for left, right in pairs)
    if labelled.sum() < max(4, len(shape) / 2) or not whole_pairs:
        return False
    points = person.points[labelled, :2]
    as_is, otherwise = _distance(points, shape[labelled]), _distance(points, shape[mirrored][labelled])
    return otherwise < _CLEARLY * as_is


def _distance(points: Points, shape: Points) -> float:
    """Return how far points lie from a shape that is moved, turned and scaled onto them, as a share of their extent."""
    ours, theirs = points - points.mean(axis=0), shape - shape.mean(axis=0)
    a, b = ours[:, 0] + 1j * ours[:, 1], theirs[:, 0] + 1j * theirs[:, 1]
    extent = float(np.abs(a).mean())
    norm = float((np.abs(b) ** 2).sum())
    if not extent or not norm:
        return 0.0
    return float(np.abs(a - b * (np.conj(b) @ a) / norm).mean()) / extent


def _twice(people: Sequence[PosedObject]) -> Iterator[tuple[PosedObject, ...]]:
    of_picture: dict[object, list[PosedObject]] = {}
    for person in people:
        of_picture.setdefault(person.path, []).append(person)
    for persons in of_picture.values():
        yield from (pair for pair in combinations(persons, 2) if _are_one(*pair))


def _are_one(first: PosedObject, second: PosedObject) -> bool:
    both = first.labelled & second.labelled
    if not both.any() or both.sum() < max(first.labelled.sum(), second.labelled.sum()) / 2:
        return False
    apart = np.abs(first.points[both, :2] - second.points[both, :2]).max()
    return bool(apart <= _SAME * max(_sides(first)))


def _has_point_beside(person: PosedObject) -> bool:
    x1, y1, x2, y2 = person.box
    slack = np.array(_sides(person)) * _BESIDE
    low, high = np.array([x1, y1]) - slack, np.array([x2, y2]) + slack
    points = person.points[person.labelled, :2]
    return bool((points < low).any() or (points > high).any())


def _sides(person: PosedObject) -> tuple[float, float]:
    x1, y1, x2, y2 = person.box
    return x2 - x1, y2 - y1


def _shown(group: Sequence[PosedObject], dataset: KeypointsDataset, part: str) -> Shown:
    listed = next(item for item in dataset.listed() if item.path == group[0].path and item.split == part)
    plain = shown(listed, dataset.root, dataset.classes)
    note = ", ".join(dict.fromkeys(one_line(dataset.classes[person.label]) for person in group))
    return Shown(plain.path, plain.name, plain.part, "", note, tuple(person.box for person in group))


def _words(kind: str) -> tuple[str, str]:
    titles = {
        "sides": say("Left and right may be exchanged", "左右可能标反"),
        "twice": say("The same person twice", "同一个人标了两次"),
        "beside": say("Points far beside their boxes", "关键点远在标注框之外"),
        "speck": say("Persons of a few pixels", "只有几个像素的人"),
    }
    advice = {
        "sides": say(
            "Left is the person's own left: exchange the points, unless it is seen from behind.",
            "左右指人自己的左右：如果不是背影，请对调左右的点。",
        ),
        "twice": say("Delete one of the two.", "请删除其中一个。"),
        "beside": say("Redraw the box around the whole person, or move the point.", "请重画整个人的框，或移动该点。"),
        "speck": say("Often a slip of the mouse: delete or redraw it.", "多半是误点：请删除或重画。"),
    }
    return titles[kind], advice[kind]
