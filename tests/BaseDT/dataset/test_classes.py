"""The classes: which folders count, and how ``classes.txt`` orders or names them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT.dataset.class_order import by_number
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.imagenet import ImageNetDataset, load
from BaseDT.errors import DatasetInvalid

Make = Callable[..., Path]


def folders_by_label(data: ImageNetDataset) -> list[str]:
    """The training folder of each label."""
    folder = {sample.label: sample.path.parent.name for sample in data.train}
    return [folder[label] for label in range(len(data.classes))]


@pytest.fixture
def pets(make_imagenet: Make, tmp_path: Path) -> Path:
    return make_imagenet(tmp_path / "数据 集", classes=("cat", "dog", "bird"), train=2, val=1)


def test_folders_are_sorted_by_name_and_written_to_classes_txt(pets: Path) -> None:
    data = load(pets, write=True)
    assert data.classes == ("bird", "cat", "dog") == tuple(folders_by_label(data))
    assert (pets / "classes.txt").read_bytes() == b"bird\ncat\ndog\n"
    assert any("Made the missing classes.txt, val.txt" in note for note in data.notes)


def test_the_second_reading_of_a_completed_set_gives_the_same_and_no_note(pets: Path) -> None:
    first, second = load(pets, write=True), load(pets)
    assert (second.classes, second.train, second.val) == (first.classes, first.train, first.val)
    assert second.notes == ()


@pytest.mark.parametrize(
    "text", ["dog\ncat\nbird\n", "dog \r\n\r\n cat\r\nbird", "\ufeffdog\ncat\nbird", "Dog\nCAT\nbird\n"]
)
def test_the_same_names_in_another_order_make_the_line_the_label(pets: Path, text: str) -> None:
    (pets / "classes.txt").write_text(text, encoding="utf-8", newline="")
    data = load(pets)
    assert folders_by_label(data) == ["dog", "cat", "bird"]
    assert [sample.path.parent.name for sample in data.val] == ["dog", "cat", "bird"]
    assert tuple(name.lower() for name in data.classes) == ("dog", "cat", "bird")


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ([str(number) for number in range(12)], "label 2 is '10', not '2'"),
        ([f"class{number}" for number in range(1, 11)], "label 1 is 'class10', not 'class2'"),
        (["第2组", "第10组"], "label 0 is '第10组', not '第2组'"),
        ([f"{number:02}" for number in range(12)], ""),
        (["1", "2", "3"], ""),
        (["a", "b", "cat 7", "dog 7"], ""),
        (["v1.9", "v1.10", "v2"], "label 0 is 'v1.10', not 'v1.9'"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_labels_that_do_not_follow_the_numbers_in_names_are_told_of(make_imagenet: Make, tmp_path, names, note) -> None:
    root = make_imagenet(tmp_path, classes=names, train=1, val=1)
    for data in (load(root, write=True), load(root)):  # the second time with the lists that the first one wrote
        found = [line for line in data.notes if "Labels follow" in line]
        assert [note in line for line in found] == ([True] if note else [])
        assert data.classes == tuple(sorted(names))
    (root / "val.txt").unlink()
    (root / "classes.txt").write_text("\n".join(names), encoding="utf-8")
    data = load(root)
    assert data.classes == tuple(names)
    assert not [line for line in data.notes if "Labels follow" in line]


def test_display_names_count_the_numbers_in_folders(make_imagenet: Make, tmp_path: Path) -> None:
    folders = [f"class{number}" for number in range(1, 12)]
    root = make_imagenet(tmp_path, classes=folders, train=1, val=0)
    (root / "classes.txt").write_text("\n".join("甲乙丙丁戊己庚辛壬癸子"), encoding="utf-8")
    assert folders_by_label(load(root)) == folders


def test_a_name_of_thousands_of_digits_is_sorted_too() -> None:
    assert sorted(["9" * 5000, "1" + "0" * 5000, "2"], key=by_number)[0] == "2"


def test_gbk_names_are_read(dataset: Path) -> None:
    (dataset / "classes.txt").write_bytes("猫\r\n狗\r\n".encode("gbk"))
    assert load(dataset).classes == ("猫", "狗")


@pytest.mark.parametrize(
    ("folders", "names"), [(("0", "1"), ("猫", "鹿")), (("猫", "鹿"), ("鹿", "猫")), (("a", "b"), ("猫", "b2"))]
)
def test_a_single_character_in_gbk_is_read(make_imagenet: Make, tmp_path: Path, folders, names) -> None:
    root = make_imagenet(tmp_path, classes=folders, train=2, val=1)
    (root / "classes.txt").write_bytes("\n".join(names).encode("gbk"))
    assert load(root).classes == names


@pytest.mark.parametrize(
    ("encoding", "folders"), [("big5", ("貓", "狗")), ("gbk", ("cat猫", "dog")), ("utf-8", ("è", "é"))]
)
def test_the_folders_tell_what_bytes_of_two_readings_mean(
    make_imagenet: Make, tmp_path: Path, encoding, folders
) -> None:
    root = make_imagenet(tmp_path, classes=folders, train=2, val=1)
    (root / "classes.txt").write_bytes("\n".join(folders).encode(encoding))
    assert load(root).classes == folders


def test_letters_that_macos_decomposes_are_the_same_name(make_imagenet: Make, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path, classes=(unicodedata.normalize("NFD", "café"), "bar"), train=2, val=0)
    (root / "classes.txt").write_text("café\nbar\n", encoding="utf-8")
    assert folders_by_label(load(root))[1] == "bar"


def test_as_many_other_names_are_names_to_show_for_the_sorted_folders(pets: Path) -> None:
    (pets / "classes.txt").write_text("鸟\n猫\n狗\n", encoding="utf-8")
    data = load(pets)
    assert data.classes == ("鸟", "猫", "狗")
    assert folders_by_label(data) == ["bird", "cat", "dog"]
    assert "classes.txt gives the folders their names: bird = 鸟, cat = 猫, dog = 狗" in data.notes


def test_names_to_show_for_numbered_folders_follow_the_numbers(make_imagenet: Make, tmp_path: Path) -> None:
    names = [f"digit {number}" for number in range(12)]
    root = make_imagenet(tmp_path, classes=[str(number) for number in range(12)], train=1, val=1)
    (root / "classes.txt").write_text("\n".join(names), encoding="utf-8")
    data = load(root)
    assert folders_by_label(data) == [str(number) for number in range(12)]
    assert data.classes[10] == "digit 10"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("cat\ndgo\nbird", r"classes\.txt:2: there is no folder 'dgo' in training_set", "Did you mean 'dog'?"),
        ("cat\ndog\nbird\nfish", r"classes\.txt:4: .*'fish'.*4 lines, training_set has 3 classes", "made anew"),
        ("bird\ncat", r"no line for the folder training_set/dog \(classes\.txt has 2 lines", "made anew"),
        ("bird\ncat\ncat", r"classes\.txt:3: 'cat' is there twice \(first in line 2\)", "one line"),
        ("cat\nCAT\nbird\ndog", r"classes\.txt:2: 'CAT' is there twice", "one line"),
        ("", r"no line for the folder training_set/bird \(classes\.txt has 0 lines", "made anew"),
        ("x\ny", r"classes\.txt:1: there is no folder 'x'", "made anew"),
    ],
)
def test_any_other_disagreement_is_an_error_that_names_its_first_place(
    pets: Path, text: str, message: str, hint: str
) -> None:
    (pets / "classes.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetInvalid, match=f"Error Code: -201.*{message}") as caught:
        load(pets)
    assert hint in caught.value.hint
    assert (pets / "classes.txt").read_text(encoding="utf-8") == text, "the user's file is never overwritten"


def test_an_empty_class_folder_is_ignored_and_counted(pets: Path) -> None:
    (pets / "training_set" / "fish").mkdir()
    data = load(pets)
    assert data.classes == ("bird", "cat", "dog")
    assert any("1 empty folders" in note for note in data.notes)


def test_an_empty_class_folder_that_classes_txt_lists_is_an_error(pets: Path) -> None:
    (pets / "training_set" / "fish").mkdir()
    (pets / "classes.txt").write_text("bird\ncat\ndog\nfish\n", encoding="utf-8")
    with pytest.raises(DatasetInvalid, match=r"classes\.txt:4: there is no picture in training_set/fish") as caught:
        load(pets)
    assert "Put pictures into the folder" in caught.value.hint


def test_an_empty_class_folder_is_not_hidden_by_names_to_show(dataset: Path) -> None:
    (dataset / "training_set" / "fish").mkdir()
    (dataset / "classes.txt").write_text("cat\nfish\n", encoding="utf-8")
    with pytest.raises(DatasetInvalid, match=r"classes\.txt:1: there is no folder 'cat'"):
        load(dataset)


def test_one_class_only_is_an_error_that_names_it_and_the_empty_folder(make_imagenet: Make, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", classes=("cat",))
    (root / "training_set" / "dog").mkdir()
    (root / "training_set" / "dog" / "1.heic").touch()
    with pytest.raises(DatasetInvalid, match=r"-201\..*at least two classes, found one: 'cat'") as caught:
        load(root)
    assert "Without pictures: dog" in caught.value.hint
    assert ".heic (1)" in caught.value.hint


def test_no_picture_at_all_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "training_set" / "cat").mkdir(parents=True)
    (tmp_path / "training_set" / "dog").mkdir()
    with pytest.raises(DatasetInvalid, match=r"-201\..*found no pictures in class folders in training_set"):
        load(tmp_path)


def test_a_folder_name_that_is_no_text_is_named(pets: Path) -> None:
    try:
        (pets / "training_set" / "cat").rename(pets / "training_set" / "\udca8\udcc3")
    except (OSError, UnicodeError):
        pytest.skip("this file system holds no such names")
    with pytest.raises(DatasetInvalid, match="name of a class folder cannot be read"):
        load(pets)


@pytest.mark.parametrize("name", ["cat ", "猫\u3000", "cat\xa0", "red  apple", "红\u3000苹果"])
def test_a_folder_with_odd_blanks_is_read_again_as_it_was(make_imagenet: Make, tmp_path: Path, name: str) -> None:
    root = make_imagenet(tmp_path / "x", classes=(name, "dog"), val=0)
    first = load(root, write=True)
    again = load(root, write=True)
    assert first.classes == again.classes == tuple(sorted((" ".join(name.split()), "dog")))
    assert first.fingerprint() == again.fingerprint()
    made = DataSet(tmp_path / "y")
    made.make_dataset(root)
    assert set(made.check().classes) == set(first.classes)
