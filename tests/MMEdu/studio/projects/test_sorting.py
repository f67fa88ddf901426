"""The folder of a picture says its class."""

from __future__ import annotations

import pytest

from MMEdu.studio.projects.sorting import classes_of


@pytest.mark.parametrize(
    ("paths", "classes"),
    [
        (["pets/cat/1.jpg", "pets/dog/1.jpg"], ["cat", "dog"]),
        (["cat/1.jpg", "cat/2.jpg"], ["cat", "cat"]),
        (["pets/cat/1.jpg"], ["cat"]),
        (["cat/1.jpg", "dog/1.jpg"], ["cat", "dog"]),
        (["cat/old/1.jpg", "dog/1.jpg"], ["cat", "dog"]),
        (["set/training_set/cat/1.jpg", "set/val_set/dog/1.jpg"], ["cat", "dog"]),
        (["set/train/cat/1.jpg", "set/test/dog/1.jpg"], ["cat", "dog"]),
        (["toys/train/1.jpg", "toys/car/1.jpg"], ["train", "car"]),
        (["1.jpg"], [""]),
        (["pets/1.jpg", "pets/cat/1.jpg"], ["", "cat"]),
        (["./cat/1.jpg", "//dog/1.jpg"], ["cat", "dog"]),
        (["分类/石头/1.jpg", "分类/布/1.jpg"], ["石头", "布"]),
        ([], []),
    ],
)
def test_the_first_folder_that_divides_them_is_the_class(paths: list[str], classes: list[str]) -> None:
    assert classes_of(paths) == classes
