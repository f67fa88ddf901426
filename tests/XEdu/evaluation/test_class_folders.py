"""Which pictures of a folder are judged: of a divided set those for the test, else for validation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from BaseDT.errors import DatasetInvalid
from XEdu.evaluation import class_folders


def files(root: Path) -> list[str]:
    return sorted(str(path) for path in root.rglob("*"))


@pytest.mark.parametrize(("val", "test", "part", "count"), [(3, 2, "test", 4), (3, 0, "val", 6), (0, 2, "test", 4)])
def test_the_part_of_a_set(make_imagenet, tmp_path: Path, val: int, test: int, part: str, count: int) -> None:
    root = make_imagenet(tmp_path / "数据 集", val=val, test=test)
    before = files(root)
    labelled = class_folders.read(root)
    assert (labelled.part, len(labelled.pictures), labelled.classes) == (part, count, ("狗", "猫"))
    assert files(root) == before
    assert all(picture.path.parent.name == labelled.classes[picture.label] for picture in labelled.pictures)


def test_the_held_out_part_is_the_one_of_training(make_imagenet, tmp_path: Path) -> None:
    from BaseDT.dataset import imagenet

    root = make_imagenet(tmp_path / "数据 集", val=0, train=12)
    before = files(root)
    read = class_folders.read(root)
    assert files(root) == before
    assert (read.part, read.pictures) == ("held_out", imagenet.load(root).val)


def test_a_part_of_a_set_may_be_named_itself(make_imagenet, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", test=1)
    (root / "classes.txt").write_text("dog\ncat\n", encoding="utf-8")
    for name, part in (("training_set", "train"), ("val_set", "val"), ("test_set", "test")):
        labelled = class_folders.read(root / name)
        assert (labelled.part, labelled.classes) == (part, ("dog", "cat"))


def test_exports_and_tests_without_training_pictures(make_imagenet, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", test=1)
    for old, new in (("training_set", "train"), ("val_set", "valid"), ("test_set", "test")):
        (root / old).rename(root / new)
    assert class_folders.read(root).part == "test"
    shutil.rmtree(root / "train")
    assert (class_folders.read(root).part, len(class_folders.read(root).pictures)) == ("test", 2)
    shutil.rmtree(root / "test")
    assert class_folders.read(root).part == "val"


def test_test_pictures_without_labels_leave_those_for_validation(make_imagenet, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", test=1)
    for picture in list((root / "test_set").rglob("*.png")):
        picture.rename(root / "test_set" / picture.name)
    for folder in ("猫", "狗"):
        (root / "test_set" / folder).rmdir()
    assert class_folders.read(root).part == "val"


def test_a_class_that_nobody_trains_on_may_be_tested(make_imagenet, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", test=1)
    shutil.copytree(root / "test_set" / "猫", root / "test_set" / "狐狸")
    assert class_folders.read(root).classes == ("狐狸", "狗", "猫")


def test_class_folders_alone_are_all_judged(make_imagenet, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", train=6) / "training_set"
    root = root.rename(tmp_path / "只有 类别")
    before = files(root)
    labelled = class_folders.read(root)
    assert (labelled.part, len(labelled.pictures)) == ("all", 12)
    assert len(labelled.dataset.train) < 12
    assert files(root) == before


def test_one_folder_too_far_up_is_answered_with_the_path(make_imagenet, tmp_path: Path, refused) -> None:
    make_imagenet(tmp_path / "解压" / "数据集")
    with refused(DatasetInvalid, str(tmp_path / "解压" / "数据集")):
        class_folders.read(tmp_path / "解压")
