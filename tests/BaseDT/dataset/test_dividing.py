"""Dividing pictures: every class in the ratio, by names and seed alone; and what is held out without ``val_set``."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset.dividing import (
    TEST,
    TRAIN,
    VAL,
    Ratios,
    UsualRatio,
    allotted,
    as_divided,
    by_class,
    by_rarest,
    hold_out,
    ratios,
    split_named,
)
from BaseDT.errors import ParameterInvalid

Refused = Callable[..., Any]
USUAL = Ratios(0.7, 0.2, 0.1)


def keys(count: int) -> list[str]:
    return [f"图 片-{index}.jpg" for index in range(count)]


@pytest.mark.parametrize(
    ("count", "expected"),
    [(10, [7, 2, 1]), (100, [70, 20, 10]), (11, [8, 2, 1]), (15, [11, 3, 1]), (1, [1, 0, 0]), (0, [0, 0, 0])],
)
def test_what_rounding_leaves_goes_to_the_largest_remainder(count: int, expected: list[int]) -> None:
    assert allotted(count, USUAL.shares()) == expected


def test_every_class_is_divided_in_the_same_ratio() -> None:
    labels = [0] * 100 + [1] * 20 + [2] * 10
    chosen = by_class(keys(130), labels, USUAL, 0)
    counted = Counter(zip(labels, chosen, strict=True))
    assert [[counted[label, split] for split in (TRAIN, VAL, TEST)] for label in range(3)] == [
        [70, 20, 10],
        [14, 4, 2],
        [7, 2, 1],
    ]


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [1, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (4, [2, 1, 1]), (5, [3, 1, 1])]
)
def test_a_small_class_has_one_picture_in_every_split_if_it_can(count: int, expected: list[int]) -> None:
    chosen = by_class(keys(count), [0] * count, USUAL, 0)
    assert [chosen.count(split) for split in (TRAIN, VAL, TEST)] == expected


def test_a_split_that_is_not_wanted_stays_empty() -> None:
    assert TEST not in by_class(keys(30), [0] * 30, Ratios(0.8, 0.2, 0.0), 0)
    assert set(by_class(keys(3), [0] * 3, Ratios(1.0, 0.0, 0.0), 0)) == {TRAIN}


def test_the_division_follows_from_names_and_seed_not_from_their_order() -> None:
    names, labels = keys(40), [index % 2 for index in range(40)]
    chosen = dict(zip(names, by_class(names, labels, USUAL, 0), strict=True))
    shuffled = Random(1).sample(range(40), 40)
    again = by_class([names[i] for i in shuffled], [labels[i] for i in shuffled], USUAL, 0)
    assert again == [chosen[names[i]] for i in shuffled]
    assert by_class(names, labels, USUAL, 1) != list(chosen.values())


def test_the_division_is_the_same_on_every_machine() -> None:
    assert by_class(keys(6), [0] * 6, Ratios(0.5, 0.5, 0.0), 0) == [VAL, VAL, TRAIN, TRAIN, VAL, TRAIN]


def test_a_name_that_macos_decomposed_is_the_same_name() -> None:
    names = [f"é{index}.jpg" for index in range(20)]
    plain = by_class(names, [0] * 20, USUAL, 0)
    assert by_class([unicodedata.normalize("NFD", name) for name in names], [0] * 20, USUAL, 0) == plain


@pytest.mark.parametrize("seed", range(5))
def test_pictures_of_several_classes_keep_the_ratio_of_the_whole_and_of_each_class(seed: int) -> None:
    rng = Random(seed)
    labels = [frozenset(label for label in range(4) if rng.random() < (0.6, 0.3, 0.1, 0.05)[label]) for _ in range(400)]
    chosen = by_rarest(keys(400), labels, USUAL, seed)
    assert [chosen.count(split) for split in (TRAIN, VAL, TEST)] == pytest.approx([280, 80, 40], abs=2)
    for label in range(4):
        members = [split for split, shown in zip(chosen, labels, strict=True) if label in shown]
        assert members.count(TRAIN) / len(members) == pytest.approx(0.7, abs=0.12)


def test_many_classes_of_one_or_two_pictures_do_not_starve_validation() -> None:
    labels = [frozenset({index // 2}) for index in range(100)]
    chosen = by_rarest(keys(100), labels, USUAL, 0)
    assert chosen.count(VAL) >= 10
    for label in range(50):
        assert TRAIN in chosen[2 * label : 2 * label + 2]


@pytest.mark.parametrize("seed", range(20))
def test_every_class_has_a_training_picture(seed: int) -> None:
    labels = [frozenset({0, 1}), frozenset({0, 2}), frozenset({3}), frozenset(), frozenset({1, 2, 3})]
    chosen = by_rarest(keys(5), labels, Ratios(0.1, 0.5, 0.4), seed)
    assert {label for shown, split in zip(labels, chosen, strict=True) if split == TRAIN for label in shown} == {
        0,
        1,
        2,
        3,
    }


def test_pictures_without_objects_are_divided_too() -> None:
    chosen = by_rarest(keys(10), [frozenset()] * 10, USUAL, 0)
    assert [chosen.count(split) for split in (TRAIN, VAL, TEST)] == [7, 2, 1]


@pytest.mark.parametrize("values", [(0.7, 0.1, 0.2), (1, 0, 0), (0.8, 0.1, 0.1), (np.float32(0.5), 0.25, 0.25)])
def test_ratios_that_fit(values: tuple[float, float, float]) -> None:
    train, test, val = values
    assert ratios(train, test, val) == Ratios(float(train), float(val), float(test))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0.7, 0.2, 0.2), "add up to 1.1: train_ratio=0.7, test_ratio=0.2, val_ratio=0.2"),
        ((0.7, 0.1, 0.1), "add up to 0.9"),
        ((70, 10, 20), "not between 0 and 1"),
        ((1.2, -0.1, -0.1), "not between 0 and 1"),
        ((0, 0.5, 0.5), "Nothing would be left to train with"),
        (("0.7", 0.1, 0.2), "train_ratio='0.7' cannot be used"),
        ((True, 0, 0), "train_ratio=True cannot be used"),
        ((0.7, None, 0.2), "test_ratio=None cannot be used"),
        ((0.7, 0.1, float("nan")), "val_ratio=nan cannot be used"),
    ],
)
def test_ratios_that_do_not_fit(refused: Refused, values: tuple[Any, Any, Any], message: str) -> None:
    with refused(ParameterInvalid, message):
        ratios(*values)


def names_in_class(number: int, folder: str = "猫") -> list[str]:
    return [f"{folder}/{index:04}.jpg" for index in range(number)]


@pytest.mark.parametrize("folder", ["猫", "狗", "a", "b", "c"])
def test_exactly_a_fifth_of_every_class_is_held_out(folder: str) -> None:
    numbers = [len(hold_out(names_in_class(number, folder))) for number in (5, 7, 8, 30, 2000)]
    assert numbers == [1, 1, 2, 6, 400]


def test_one_of_two_is_held_out_and_a_single_one_stays_for_training() -> None:
    assert [len(hold_out(names_in_class(number))) for number in (0, 1, 2, 3)] == [0, 0, 1, 1]


def test_every_small_class_gives_at_least_one_and_keeps_two_thirds() -> None:
    for number in range(3, 40):
        for folder in ("a", "b", "c", "d", "e"):
            assert 1 <= len(hold_out(names_in_class(number, folder))) <= number / 3


def test_the_choice_does_not_depend_on_order() -> None:
    assert hold_out(names_in_class(100)) == hold_out(names_in_class(100)[::-1])


def test_pictures_added_later_move_few_others_across() -> None:
    before, after = hold_out(names_in_class(500)), hold_out(names_in_class(1000)) & set(names_in_class(500))
    assert len(before ^ after) <= 500 * 0.03


def test_a_name_written_in_two_ways_is_held_out_alike() -> None:
    names = names_in_class(50, "café")
    apart = [unicodedata.normalize("NFD", name) for name in names]
    assert {unicodedata.normalize("NFC", name) for name in hold_out(apart)} == hold_out(names)


def test_the_choice_is_the_same_on_every_machine() -> None:
    assert sorted(hold_out(names_in_class(10))) == ["猫/0000.jpg", "猫/0007.jpg"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *((name, TRAIN) for name in ("train", "Training", "trainning_set", "instances_train2017", "train-images")),
        *((name, VAL) for name in ("val", "valid", "validation", "val2017", "VAL_SET")),
        *((name, TEST) for name in ("test", "test_set")),
        *((name, None) for name in ("", "train_station", "trainval", "annotations", "cats", "2017", "测试")),
    ],
)
def test_the_split_that_a_name_means(name: str, split: int | None) -> None:
    assert split_named(name) == split


def test_a_division_is_kept_only_where_it_is_whole_and_nobody_wrote_ratios() -> None:
    usual = ratios(UsualRatio(0.7), UsualRatio(0.1), UsualRatio(0.2))
    kept = as_divided([TRAIN, VAL, TRAIN, TRAIN], usual)
    assert kept is not None
    assert kept[0] == [TRAIN, VAL, TRAIN, TRAIN]
    assert kept[1].shares() == (0.75, 0.25, 0)
    assert as_divided([TRAIN, None], usual) is None
    assert as_divided([], usual) is None
    assert as_divided([TRAIN, VAL], ratios(0.7, 0.1, 0.2)) is None
    assert as_divided([TRAIN, VAL], ratios(UsualRatio(0.7), 0.1, UsualRatio(0.2))) is None
