"""Persons as samples: points stay on what they mark, whatever varies; evaluation and deployment see the same bits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from pose_data import COLOURS, write_faces

from BaseDT import image
from BaseDT.dataset import keypoints
from BaseDT.dataset.keypoints import KeypointsDataset
from BaseDT.geometry.regions import RotatedRegion
from BaseDT.preprocess import Preprocess
from MMEdu.models.pose.augment import Augment
from MMEdu.tasks.pose.augmented_samples import VariedPeople
from MMEdu.tasks.pose.samples import PosedPeople, targets

INPUT = Preprocess(size=(96, 64), resize="letterbox", pad_value=114)
ALL = Augment(flip=0.5, scale=(0.75, 1.25), rotation=180.0, rotated=1.0, shift=0.2, photometric=0.5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> KeypointsDataset:
    return keypoints.load(write_faces(tmp_path_factory.mktemp("脸"), train=4, val=2))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> KeypointsDataset:
    return keypoints.load(write_faces(tmp_path_factory.mktemp("全图"), boxes=False, train=4, val=2))


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


def nearest_colours(pixels: np.ndarray, target: np.ndarray) -> list[int]:
    """Return, of each known point, which of the three colours is nearest to the pixel there."""
    height, width = pixels.shape[:2]
    found = []
    for x, y, known in target:
        if known:
            pixel = pixels[int(y * height), int(x * width)].astype(int)
            # Hues survive changes of brightness: the largest channel tells the disc.
            found.append(int(np.argmax(pixel)))
    return found


def test_the_points_lie_on_their_discs_in_the_evaluated_input(dataset: KeypointsDataset, whole: KeypointsDataset):
    for data in (dataset, whole):
        people = PosedPeople(data.val, INPUT, whole=data.whole_pictures)
        for index in range(len(people)):
            pixels, target = people.sample(index, people.load(index, strict=True), generator(0))
            assert pixels.shape == (96, 64, 3)
            assert target[:, 2].all()
            for (x, y, _), colour in zip(target, COLOURS, strict=True):
                difference = pixels[int(y * 96), int(x * 64)].astype(int) - colour
                assert np.abs(difference).max() < 40


def test_the_points_lie_on_their_discs_however_a_person_varies(dataset: KeypointsDataset, whole: KeypointsDataset):
    for data in (dataset, whole):
        people = VariedPeople(data.train, INPUT, dataclasses.replace(ALL, flip=0.0), (), whole=data.whole_pictures)
        cached = people.load(0, strict=False)
        assert cached.shape == people.shape
        seen = [people.sample(0, cached, generator(seed)) for seed in range(60)]
        right = [nearest_colours(pixels, target) for pixels, target in seen if target[:, 2].all()]
        assert len(right) > 20
        assert np.mean([colours == [0, 1, 2] for colours in right]) > 0.95  # hues may turn a little far


def test_left_and_right_change_places_in_a_mirrored_picture(dataset: KeypointsDataset):
    mirrored = Augment(flip=1.0)
    people = VariedPeople(dataset.train, INPUT, mirrored, dataset.flip_pairs, whole=False)
    plain = PosedPeople(dataset.train, INPUT, whole=False)
    _, target = people.sample(1, people.load(1, strict=False), generator(3))
    expected = plain.target(1)[[0, 2, 1]]
    expected[:, 0] = 1 - expected[:, 0]
    np.testing.assert_allclose(target, expected, atol=1e-5)


def test_the_same_numbers_give_the_same_sample(dataset: KeypointsDataset):
    people = VariedPeople(dataset.train, INPUT, ALL, dataset.flip_pairs, whole=False)
    cached = people.load(0, strict=False)
    (once, target), (again, same), (other, _) = (people.sample(0, cached, generator(seed)) for seed in (5, 5, 6))
    assert (once == again).all()
    assert (target == same).all()
    assert (once != other).any()


def test_points_that_are_not_labelled_or_leave_the_input_are_not_known():
    points = np.array([[10.0, 10], [-1, 10], [10, 96], [63.9, 95.9]])
    known = targets(points, np.array([False, True, True, True]), (96, 64))
    assert known[:, 2].tolist() == [0, 0, 0, 1]
    assert (known[:3, :2] == 0).all()


def test_evaluation_and_deployment_see_the_same_bits(dataset: KeypointsDataset, whole: KeypointsDataset):
    person = whole.val[0]
    people = PosedPeople(whole.val, INPUT, whole=True)
    assert np.array_equal(people.load(0, strict=False), INPUT.pixels(image.read(person.path)))
    boxed = PosedPeople(dataset.val, INPUT, whole=False)
    region = RotatedRegion.of_box(dataset.val[0].box, INPUT.size)
    crop = region.crop(image.read(dataset.val[0].path), INPUT.size, INPUT.pad_value)
    assert np.array_equal(boxed.load(0, strict=False), INPUT.pixels(crop))


def test_points_come_back_from_the_input_as_they_went(dataset: KeypointsDataset, whole: KeypointsDataset):
    for data in (dataset, whole):
        frame = PosedPeople(data.val, INPUT, whole=data.whole_pictures).frames[0]
        points = data.val[0].points[:, :2]
        np.testing.assert_allclose(frame.to_picture(frame.to_input(points)), points, atol=1e-9)


def test_a_batch_has_the_persons_of_its_numbers(dataset: KeypointsDataset):
    people = PosedPeople(dataset.train, INPUT, whole=False)
    table = np.stack([people.load(index, strict=False) for index in range(len(people))])
    numbers = np.array([2, 0])
    gathered = people.gather(numbers, table)
    collated = people.collate(numbers, [people.sample(index, table[index], generator(0)) for index in (2, 0)])
    assert np.array_equal(gathered.inputs, collated.inputs)
    assert np.array_equal(gathered.targets, collated.targets)
    assert gathered.targets.shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [("flip", 2), ("scale", (1.2, 0.8)), ("scale", (0.5, 9)), ("rotation", 400.0), ("shift", 0.9), ("rotated", -1)],
)
def test_what_cannot_be_varied_is_named(field: str, value: object):
    invalid = dataclasses.replace(Augment(), **{field: value}).invalid_field()
    assert invalid is not None
    assert invalid[0] == field
    assert Augment().invalid_field() is None


def test_persons_of_one_picture_have_names_of_their_own(tmp_path: Path):
    data = keypoints.load(write_faces(tmp_path, train=2, val=1))
    two = [data.train[0], dataclasses.replace(data.train[0], number=1)]
    people = PosedPeople(two, INPUT, whole=False)
    assert people.name(0) != people.name(1)


def test_a_picture_of_several_persons_is_decoded_once_for_them(tmp_path: Path):
    data = keypoints.load(write_faces(tmp_path, train=2, val=1))
    first, second = data.train
    people = PosedPeople([first, dataclasses.replace(first, number=1), second], INPUT, whole=False)
    loose = people._decoded(first.path, strict=False)
    assert people._decoded(first.path, strict=False) is loose
    checked = people._decoded(first.path, strict=True)
    assert checked is not loose
    assert people._decoded(first.path, strict=True) is checked
    pixels = [people.load(index, strict=True) for index in range(3)]
    assert np.array_equal(pixels[0], pixels[1])
    assert people.marks[0] == people.marks[1] != people.marks[2]
