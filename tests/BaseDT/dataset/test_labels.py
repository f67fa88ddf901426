"""``val.txt`` and ``test.txt``: every form that means one picture is read, everything else is named with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT.dataset.imagenet import ImageNetDataset, load
from BaseDT.errors import DatasetInvalid

Make = Callable[..., Path]


@pytest.fixture
def pets(make_imagenet: Make, tmp_path: Path) -> Path:
    """Two classes with one validation picture each, called ``a.png`` and ``b 1.png``."""
    root = make_imagenet(tmp_path / "数据 集", classes=("cat", "dog"), train=2, val=1)
    rename(root, "cat", "a.png")
    rename(root, "dog", "b 1.png")
    return root


def rename(root: Path, name: str, file: str) -> None:
    (picture,) = (root / "val_set" / name).iterdir()
    picture.rename(picture.with_name(file))


def flat(root: Path) -> None:
    """Put the validation pictures directly into ``val_set``."""
    for picture in list((root / "val_set").rglob("*.png")):
        picture.rename(root / "val_set" / picture.name)
    for folder in [path for path in (root / "val_set").iterdir() if path.is_dir()]:
        folder.rmdir()


def val_of(data: ImageNetDataset) -> list[tuple[str, int]]:
    return [(sample.path.relative_to(data.root / "val_set").as_posix(), sample.label) for sample in data.val]


BOTH = [("cat/a.png", 0), ("dog/b 1.png", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "a.png 0\nb 1.png 1\n",
        "cat/a.png 0\ndog/b 1.png 1",
        "dog\\b 1.png 1\r\ncat\\a.png 0\r\n",
        "val_set/cat/a.png 0\n./dog/b 1.png 1\n",
        "\n  a.png\t0  \n\nb 1.png    1\n\n",
        "\ufeffa.png 0\nb 1.png 1\n",
    ],
)
def test_every_form_of_a_line_is_read(pets: Path, text: str) -> None:
    (pets / "val.txt").write_text(text, encoding="utf-8", newline="")
    assert val_of(load(pets)) == BOTH


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("name", ["猫", "鹿", "è"])
def test_a_name_of_one_character_is_read_in_both_encodings(dataset: Path, name: str, encoding: str) -> None:
    if name == "è" and encoding == "gbk":
        encoding = "gb18030"  # which has it
    (first, *others) = (dataset / "val_set" / "猫").iterdir()
    first.rename(first.with_name(f"{name}.png"))
    for path in (*others, *(dataset / "val_set" / "狗").iterdir()):
        path.unlink()
    (dataset / "val.txt").write_bytes(f"{name}.png 1\n".encode(encoding))
    assert [sample.path.stem for sample in load(dataset).val] == [name]


def test_gbk_names_with_windows_line_ends_are_read(dataset: Path) -> None:
    lines = [
        f"{folder}\\{picture.name} {label}"
        for label, folder in enumerate(("狗", "猫"))
        for picture in (dataset / "val_set" / folder).iterdir()
    ]
    (dataset / "val.txt").write_bytes("\r\n".join(lines).encode("gbk"))
    assert load(dataset).counts("val") == (3, 3)


def test_a_flat_val_set_gets_its_labels_from_the_lines(pets: Path) -> None:
    flat(pets)
    (pets / "val.txt").write_text("a.png 1\nb 1.png 0\n", encoding="utf-8")
    data = load(pets, write=True)
    assert val_of(data) == [("b 1.png", 0), ("a.png", 1)]
    assert data.notes == ("Made the missing classes.txt.",)


def test_the_same_name_in_two_class_folders_is_told_apart_by_the_label(pets: Path) -> None:
    rename(pets, "dog", "a.png")
    (pets / "val.txt").write_text("a.png 1\na.png 0\n", encoding="utf-8")
    assert val_of(load(pets)) == [("cat/a.png", 0), ("dog/a.png", 1)]


def test_the_same_name_in_two_nested_folders_of_a_class_needs_two_lines(pets: Path) -> None:
    for folder in ("1", "2"):
        (pets / "val_set" / "cat" / folder).mkdir()
    (pets / "val_set" / "cat" / "a.png").rename(pets / "val_set" / "cat" / "1" / "a.png")
    (pets / "val_set" / "dog" / "b 1.png").rename(pets / "val_set" / "cat" / "2" / "a.png")
    (pets / "val.txt").write_text("a.png 0\na.png 0\n", encoding="utf-8")
    assert val_of(load(pets)) == [("cat/1/a.png", 0), ("cat/2/a.png", 0)]


def test_a_bare_name_finds_a_picture_in_a_nested_folder(pets: Path) -> None:
    (pets / "val_set" / "cat" / "2023").mkdir()
    (pets / "val_set" / "cat" / "a.png").rename(pets / "val_set" / "cat" / "2023" / "a.png")
    (pets / "val.txt").write_text("a.png 0\nb 1.png 1\n", encoding="utf-8")
    assert val_of(load(pets))[0] == ("cat/2023/a.png", 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.png 0\nb.png 1", r"\. val\.txt:2: there is no picture 'b\.png' in val_set \(and 1 more\)"),
        ("a.png 0\nb 1.png 1\nc.png 1", r"3 lines, val_set has 2 pictures: val\.txt:3: there is no picture 'c\.png'"),
        ("a.png 0", r"1 lines, val_set has 2 pictures: val_set/dog/b 1\.png has no line in val\.txt"),
        ("", r"0 lines, val_set has 2 pictures: val_set/cat/a\.png has no line in val\.txt \(and 1 more\)"),
        ("a.png 0\nb 1.png 2", r"val\.txt:2: label 2 is out of range: there are 2 classes, 0 to 1"),
        ("a.png -1\nb 1.png 1", r"val\.txt:1: label -1 is out of range"),
        ("a.png cat\nb 1.png 1", r"val\.txt:1: expected a name and a number, found 'a\.png cat'"),
        ("a.png\nb 1.png 1", r"val\.txt:1: expected a name and a number, found 'a\.png'"),
        ("a.png ²\nb 1.png 1", r"val\.txt:1: expected a name and a number"),
        (f"a.png {'9' * 5000}\nb 1.png 1", r"val\.txt:1: expected a name and a number"),
        (
            "\ncat/a.png 1\nb 1.png 1",
            r"val\.txt:2: label 1 is 'dog', but 'cat/a\.png' lies in the folder of 'cat', label 0",
        ),
        ("a.png 1\nb 1.png 1", r"val\.txt:1: label 1 is 'dog', but 'cat/a\.png' lies in the folder of 'cat'"),
        ("a.png 0\nb 1.png 1\ncat/a.png 0", r"val\.txt:3: 'cat/a\.png' has a line already \(line 1\)"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(pets: Path, text: str, message: str) -> None:
    (pets / "val.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetInvalid, match=f"Error Code: -201.*{message}") as caught:
        load(pets)
    assert "delete val.txt: it is then made anew" in caught.value.hint
    assert "\n" not in caught.value.message
    assert (pets / "val.txt").read_text(encoding="utf-8") == text


def test_a_flat_val_set_is_not_told_to_delete_its_only_labels(pets: Path) -> None:
    flat(pets)
    (pets / "val.txt").write_text("a.png 0\n", encoding="utf-8")
    with pytest.raises(DatasetInvalid, match="has no line") as caught:
        load(pets)
    assert "delete" not in caught.value.hint


def test_labels_are_checked_against_the_order_of_classes_txt(pets: Path) -> None:
    (pets / "val.txt").write_text("a.png 0\nb 1.png 1\n", encoding="utf-8")
    (pets / "classes.txt").write_text("dog\ncat\n", encoding="utf-8")
    with pytest.raises(
        DatasetInvalid, match=r"val\.txt:1: label 0 is 'dog', but 'cat/a\.png' lies in the folder of 'cat'"
    ):
        load(pets)


def test_lines_without_any_picture_are_an_error(pets: Path) -> None:
    load(pets, write=True)
    for picture in (pets / "val_set").rglob("*.png"):
        picture.unlink()
    with pytest.raises(DatasetInvalid, match=r"val\.txt has 2 lines, val_set has 0 pictures") as caught:
        load(pets)
    assert caught.value.hint == "Put the pictures into val_set, or delete val.txt."


def test_missing_label_files_are_made_as_class_and_file(make_imagenet: Make, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path / "数据 集", classes=("cat", "dog"), train=2, val=1, test=1)
    load(root, write=True)
    assert (root / "val.txt").read_text(encoding="utf-8") == (
        "cat/图 片-val-cat-00.png 0\ndog/图 片-val-dog-00.png 1\n"
    )
    assert (root / "test.txt").read_bytes().startswith("cat/图 片-test-cat-00.png 0\ndog/".encode())


def test_names_that_look_like_separators_survive_being_written_and_read(pets: Path) -> None:
    rename(pets, "cat", " a  0 1.png")
    first = load(pets, write=True)
    assert val_of(load(pets)) == val_of(first) == [("cat/ a  0 1.png", 0), BOTH[1]]


def test_test_txt_is_read_by_the_same_rules(make_imagenet: Make, tmp_path: Path) -> None:
    root = make_imagenet(tmp_path, classes=("cat", "dog"), train=2, val=1, test=1)
    (root / "test.txt").write_text("图 片-test-cat-00.png 1\n", encoding="utf-8")
    with pytest.raises(
        DatasetInvalid, match=r"test\.txt has 1 lines, test_set has 2 pictures: test\.txt:1: label 1 is 'dog'"
    ):
        load(root)
