"""Without ``val_set`` a part of every class is held out: always the same part, whatever else is added."""

from __future__ import annotations

from BaseDT.dataset.holdout import hold_out


def names(number: int, folder: str = "猫") -> list[str]:
    return [f"{folder}/{index:04}.jpg" for index in range(number)]


def test_about_a_fifth_is_held_out() -> None:
    assert 0.17 < len(hold_out(names(2000))) / 2000 < 0.23


def test_one_of_two_is_held_out_and_a_single_one_stays_for_training() -> None:
    assert [len(hold_out(names(number))) for number in (0, 1, 2, 3)] == [0, 0, 1, 1]


def test_every_small_class_gives_at_least_one_and_keeps_two_thirds() -> None:
    for number in range(3, 40):
        for folder in ("a", "b", "c", "d", "e"):
            assert 1 <= len(hold_out(names(number, folder))) <= number / 3


def test_the_choice_does_not_depend_on_order() -> None:
    assert hold_out(names(100)) == hold_out(names(100)[::-1])


def test_pictures_added_later_move_no_other_across() -> None:
    before, after = hold_out(names(500)), hold_out(names(1000))
    assert before == after & set(names(500))


def test_the_choice_is_the_same_on_every_machine() -> None:
    assert sorted(hold_out(names(10))) == ["猫/0000.jpg", "猫/0002.jpg", "猫/0007.jpg"]
