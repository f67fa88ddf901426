"""Reading a whole data set: what counts as a picture, what is held out, what the user is told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT.dataset.imagenet import ImageNetDataset, Sample, load
from BaseDT.errors import DatasetInvalid

Make = Callable[..., Path]


@pytest.fixture
def pets(make_imagenet: Make, tmp_path: Path) -> Path:
    return make_imagenet(tmp_path / "数据 集", classes=("cat", "dog"), train=10, val=2, test=1)


def train_names(data: ImageNetDataset) -> list[str]:
    return [sample.path.relative_to(data.root).as_posix() for sample in data.train]


def notes_of(data: ImageNetDataset, word: str) -> list[str]:
    return [note for note in data.notes if word in note]


def test_pictures_come_in_the_order_of_label_and_name(pets: Path) -> None:
    data = load(pets)
    assert train_names(data) == sorted(train_names(data))
    assert [sample.label for sample in data.train] == [0] * 10 + [1] * 10
    assert (data.counts("train"), data.counts("val"), data.counts("test")) == ((10, 10), (2, 2), (1, 1))
    assert data.train[0] == Sample(pets / "training_set" / "cat" / "图 片-training-cat-00.png", 0)


def test_a_complete_set_gives_no_notes(pets: Path) -> None:
    load(pets, write=True)
    assert load(pets).notes == ()


@pytest.mark.parametrize(
    ("junk", "note"),
    [
        (".DS_Store", "1 system files"),
        ("Thumbs.db", "1 system files"),
        ("desktop.ini", "1 system files"),
        ("._1.png", "1 system files"),
        (".hidden.jpg", "1 system files"),
        (".ipynb_checkpoints/1.png", "1 system files"),
        ("__MACOSX/cat/1.png", "1 system files"),
        ("@eaDir/1.jpg", "1 system files"),
        ("notes.TXT", "1 files that are no supported pictures (.txt 1)"),
        ("IMG_1.PSD", "1 files that are no supported pictures (.psd 1)"),
        ("png", "1 files that are no supported pictures (? 1)"),
        ("more/", "1 empty folders"),
    ],
)
@pytest.mark.parametrize("place", ["training_set/cat", "training_set", "val_set/dog"])
def test_junk_is_ignored_and_counted(pets: Path, junk: str, note: str, place: str) -> None:
    load(pets)
    path = pets / place / junk
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if junk.endswith("/") else path.touch()
    data = load(pets)
    assert (data.counts("train"), data.counts("val")) == ((10, 10), (2, 2))
    assert data.notes == (f"Ignored: {note}.",)


def test_different_junk_makes_one_line(pets: Path) -> None:
    load(pets)
    for name in ("Thumbs.db", ".DS_Store", "a.txt", "b.txt", "c.mp4"):
        (pets / "training_set" / "cat" / name).touch()
    assert load(pets).notes == ("Ignored: 2 system files, 3 files that are no supported pictures (.txt 2, .mp4 1).",)


def test_a_gif_is_listed_so_that_the_check_can_name_it(pets: Path) -> None:
    (pets / "training_set" / "cat" / "0.GIF").touch()
    assert "training_set/cat/0.GIF" in train_names(load(pets))


@pytest.mark.parametrize("suffix", [".JPG", ".jpeg", ".JFIF", ".bmp", ".webp", ".tif", ".TIFF"])
def test_every_documented_suffix_is_a_picture_in_any_case(pets: Path, suffix: str) -> None:
    (pets / "training_set" / "cat" / f"图 片{suffix}").touch()
    assert f"training_set/cat/图 片{suffix}" in train_names(load(pets))


def test_pictures_in_nested_folders_belong_to_the_class(pets: Path) -> None:
    nested = pets / "training_set" / "dog" / "2023 年" / "may"
    nested.mkdir(parents=True)
    (pets / "training_set" / "dog" / "图 片-training-dog-00.png").rename(nested / "图 片.png")
    data = load(pets)
    assert data.counts("train") == (10, 10)
    assert "training_set/dog/2023 年/may/图 片.png" in train_names(data)


def test_a_link_that_leads_back_is_not_followed(pets: Path) -> None:
    try:
        (pets / "training_set" / "dog" / "loop").symlink_to(pets / "training_set", target_is_directory=True)
    except OSError:
        pytest.skip("no symbolic links here")
    assert load(pets).counts("train") == (10, 10)


def test_pictures_beside_the_class_folders_are_not_used_and_the_user_is_told(pets: Path) -> None:
    shutil.copy(next((pets / "training_set" / "cat").iterdir()), pets / "training_set" / "图 片.png")
    data = load(pets)
    assert data.counts("train") == (10, 10)
    assert notes_of(data, "1 pictures in training_set lie in no class folder, e.g. 图 片.png")


@pytest.mark.parametrize("split", ["val_set", "test_set"])
def test_a_class_that_the_training_set_lacks_is_named(pets: Path, split: str) -> None:
    (pets / split / "dog").rename(pets / split / "dogs")
    with pytest.raises(DatasetInvalid, match=f"-201. {split} has a class .* no pictures of: 'dogs'") as caught:
        load(pets)
    assert "Did you mean 'dog'?" in caught.value.hint
    assert f"delete {split}/dogs" in caught.value.hint


def test_an_empty_training_class_that_val_set_uses_is_an_error(pets: Path) -> None:
    for split in ("training_set", "val_set"):
        (pets / split / "bird").mkdir()
    shutil.copy(next((pets / "val_set" / "cat").iterdir()), pets / "val_set" / "bird" / "1.png")
    with pytest.raises(DatasetInvalid, match="val_set has a class that the training set has no pictures of: 'bird'"):
        load(pets)


def test_a_class_without_validation_pictures_is_a_note(pets: Path) -> None:
    shutil.rmtree(pets / "val_set" / "dog")
    data = load(pets)
    assert data.counts("val") == (2, 0)
    assert notes_of(data, "No validation pictures of: dog")


@pytest.mark.parametrize("empty", [True, False])
def test_without_val_set_a_part_of_every_class_is_held_out(pets: Path, empty: bool) -> None:
    shutil.rmtree(pets / "val_set")
    if empty:
        (pets / "val_set" / "cat").mkdir(parents=True)
    data = load(pets)
    assert min(data.counts("val")) >= 1
    assert not set(data.train) & set(data.val)
    assert len(data.train) + len(data.val) == 20
    assert all(sample.path.is_file() for sample in data.val)
    assert notes_of(data, f"{len(data.val)} of the 20 training pictures, chosen by name, are kept")
    assert not (pets / "val.txt").exists(), "the choice is made anew when there is a val_set one day"


def test_a_class_of_one_picture_keeps_it_for_training(make_imagenet: Make, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path, classes=("a", "b"), train=1, val=0)
    data = load(root)
    assert (data.counts("train"), data.val) == ((1, 1), ())
    assert notes_of(data, "too few training pictures to keep any")


def test_a_flat_val_set_without_val_txt_is_an_error(pets: Path) -> None:
    for picture in list((pets / "val_set").rglob("*.png")):
        picture.rename(pets / "val_set" / picture.name)
    with pytest.raises(DatasetInvalid, match=r"4 pictures in val_set lie in no class folder.*no val\.txt") as caught:
        load(pets)
    assert "val_set/<class name>/" in caught.value.hint


def test_a_flat_test_set_without_test_txt_is_not_used_and_the_user_is_told(pets: Path) -> None:
    for picture in list((pets / "test_set").rglob("*.png")):
        picture.rename(pets / "test_set" / picture.name)
    data = load(pets)
    assert data.test == ()
    assert notes_of(data, "2 pictures in test_set have no labels")
    assert not (pets / "test.txt").exists()


def test_unbalanced_classes_are_one_line_with_the_numbers(pets: Path) -> None:
    for picture in list((pets / "training_set" / "dog").iterdir())[2:]:
        picture.unlink()
    (note,) = notes_of(load(pets), "unbalanced")
    assert "cat has 10 training pictures, dog 2" in note
    assert 'balance="auto"' in note


def test_classes_of_similar_size_are_not_called_unbalanced(pets: Path) -> None:
    next((pets / "training_set" / "cat").iterdir()).unlink()
    for picture in list((pets / "training_set" / "dog").iterdir())[2:]:
        picture.unlink()
    assert not notes_of(load(pets), "unbalanced")


def test_notes_are_chinese_where_the_user_is(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    shutil.rmtree(pets / "val_set")
    assert any("没有验证图片" in note for note in load(pets).notes)


def test_a_read_only_data_set_works_from_memory(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "fsync", refuse)
    before = sorted(pets.rglob("*"))
    data = load(pets, write=True)
    assert (data.classes, data.counts("val")) == (("cat", "dog"), (2, 2))
    assert notes_of(data, "classes.txt, val.txt, test.txt cannot be written here (Read-only file system)")
    assert sorted(pets.rglob("*")) == before


def test_a_file_name_that_is_no_text_works_from_memory(pets: Path) -> None:
    try:
        next((pets / "val_set" / "cat").iterdir()).rename(pets / "val_set" / "cat" / "\udca8.png")
    except (OSError, UnicodeError):
        pytest.skip("this file system holds no such names")
    data = load(pets, write=True)
    assert data.counts("val") == (2, 2)
    assert len(data.fingerprint()) == 64
    assert notes_of(data, "val.txt cannot be written here (the name of a picture is no readable text)")


def test_a_folder_without_permission_to_write_works_from_memory(pets: Path) -> None:
    pets.chmod(0o555)
    try:
        if os.access(pets, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert load(pets, write=True).counts("val") == (2, 2)
    finally:
        pets.chmod(0o755)


def test_the_fingerprint_tells_whether_it_is_the_same_data(pets: Path, tmp_path: Path) -> None:
    first = load(pets).fingerprint()
    assert load(pets).fingerprint() == first
    moved = load(shutil.copytree(pets, tmp_path / "moved"))
    assert moved.fingerprint() == first, "the place does not count"


@pytest.mark.parametrize("change", ["contents", "name", "removed", "order", "class names", "val"])
def test_the_fingerprint_changes_with_the_data(pets: Path, change: str) -> None:
    first = load(pets, write=True).fingerprint()
    (pets / "val.txt").unlink()
    (pets / "test.txt").unlink()
    picture = pets / ("val_set" if change == "val" else "training_set") / "cat"
    picture = sorted(picture.iterdir())[0]
    if change in ("contents", "val"):
        picture.write_bytes(picture.read_bytes() + b"0")
    elif change == "name":
        picture.rename(picture.with_name("a.png"))
    elif change == "removed":
        picture.unlink()
    else:
        names = "dog\ncat\n" if change == "order" else "猫\n狗\n"
        (pets / "classes.txt").write_text(names, encoding="utf-8")
    assert load(pets).fingerprint() != first


def test_the_fingerprint_of_a_file_that_vanished_is_another_one(pets: Path) -> None:
    data = load(pets)
    first = data.fingerprint()
    data.train[3].path.unlink()
    assert data.fingerprint() != first


def test_without_leaves_pictures_out_of_every_part(pets: Path) -> None:
    data = load(pets)
    gone = [data.train[0].path, data.val[0].path, data.test[0].path]
    less = data.without(gone)
    assert (less.counts("train"), less.counts("val"), less.counts("test")) == ((9, 10), (1, 2), (0, 1))
    assert len(data.train) == 20, "the data set itself is unchanged"
    assert data.without([]) == data


def test_without_refuses_to_leave_a_class_without_training_pictures(pets: Path) -> None:
    data = load(pets)
    with pytest.raises(DatasetInvalid, match="No usable training picture is left of the class 'dog'"):
        data.without([sample.path for sample in data.train if sample.label == 1])
