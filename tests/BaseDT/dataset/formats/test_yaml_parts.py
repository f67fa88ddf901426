"""``path``, ``train``, ``val``, ``test`` of a ``data.yaml`` are followed, inside the set's folder; else it is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from BaseDT.dataset import coco
from BaseDT.dataset.data_set import DataSet
from BaseDT.errors import AnnotationMissing, DatasetInvalid

Make = Callable[..., Path]


def put(folder: Path, picture: Make, names: tuple[str, ...]) -> None:
    """Pictures below ``images``, labels below ``labels`` in its place; else beside each other."""
    labels = Path(*("labels" if part == "images" else part for part in folder.parts))
    for name in names:
        picture(folder / f"{name}.jpg")
        label = labels / f"{name}.txt"
        label.parent.mkdir(parents=True, exist_ok=True)
        label.write_text("0 0.5 0.5 0.5 0.4\n", encoding="utf-8")


def yaml(root: Path, text: str, name: str = "data.yaml") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(f"{text}\nnames: [猫]\n", encoding="utf-8")
    return root


def parts(root: Path) -> list[list[str]]:
    data = coco.load(root)
    return [sorted(image.path.stem for image in part) for part in (data.train, data.val, data.test)]


@pytest.fixture
def root(tmp_path: Path, picture: Make) -> Path:
    """Folders that no rule of names would find: two for training, one for validation, one for tests."""
    root = tmp_path / "数据 集"
    for folder, names in {"甲": ("a", "b"), "乙": ("c",), "丙": ("d",), "丁": ("e",), "旧": ("f",)}.items():
        put(root / "images" / folder, picture, names)
    return root


NAMED = [["a", "b"], ["d"], ["e"]]


@pytest.mark.parametrize(
    "text",
    [
        "train: images/甲\nval: images/丙\ntest: images/丁",
        "path: .\ntrain: ./images/甲/\nval: images/丙  # to choose by\ntest: 'images/丁'",
        "path: images\ntrain: 甲\nvalid: 丙\ntest: 丁",
        "path: ../datasets/pets\ntrain: images/甲\nval: images/丙\ntest: images/丁",
        "path: D:\\学生\\pets\ntrain: images\\甲\nval: images\\丙\ntest: images\\丁",
        "train: /content/datasets/pets/images/甲\nval: ../images/丙\ntest: C:/pets/images/丁",
    ],
)
def test_folders_are_followed(root: Path, text: str) -> None:
    assert parts(yaml(root, text)) == NAMED


@pytest.mark.parametrize("train", ["[images/甲, images/乙]", "\n  - images/甲\n  - images/乙"])
def test_several_folders(root: Path, train: str, tmp_path: Path) -> None:
    yaml(root, f"train: {train}\nval: images/丙")
    assert parts(root) == [["a", "b", "c"], ["d"], []]
    report = DataSet(tmp_path / "新").make_dataset(root, "YOLO")
    assert report.pictures == {"train": 3, "val": 1, "test": 0}


@pytest.mark.parametrize("folder", ["test/images", "images/test"])
def test_test_pictures_that_the_file_does_not_name_are_read(root: Path, picture: Make, folder: str) -> None:
    put(root / folder, picture, ("g",))
    assert parts(yaml(root, "train: images/甲\nval: images/丙")) == [["a", "b"], ["d"], ["g"]]
    assert parts(yaml(root, f"train: images/甲\nval: {folder}")) == [["a", "b"], ["g"], []]


def test_lists_of_pictures(root: Path) -> None:
    yaml(root, "train: lists/train.txt\nval: val.txt\ntest: images/丁")
    (root / "lists").mkdir()
    (root / "lists" / "train.txt").write_text("images/甲/a.jpg\n\n/data/pets/images/乙/c.jpg\n", "utf-8")
    (root / "val.txt").write_text("./images/甲/b.jpg\r\n", "utf-8")
    assert parts(root) == [["a", "c"], ["b"], ["e"]]
    assert coco.load(root).counts("train") == (2,)


@pytest.mark.parametrize(
    ("lines", "error"),
    [("images/甲/x.jpg", AnnotationMissing), ("../../外/x.jpg", AnnotationMissing), ("", DatasetInvalid)],
)
def test_lists_that_cannot_be_used(tmp_path: Path, picture: Make, lines: str, error: type[Exception]) -> None:
    root = yaml(tmp_path / "集", "train: train.txt")
    put(root / "甲", picture, ("a",))
    (root / "classes.txt").write_text("猫\n", "utf-8")
    (root / "train.txt").write_text(lines, "utf-8")
    with pytest.raises(error, match=r"train\.txt"):
        DataSet(tmp_path / "新").make_dataset(root, "YOLO")


def test_labels_beside_the_pictures_and_a_set_in_a_folder_of_its_own(tmp_path: Path, picture: Make) -> None:
    root = yaml(tmp_path / "集", "path: pets\ntrain: 甲\nval: 乙")
    put(root / "pets" / "甲", picture, ("a",))
    put(root / "pets" / "乙", picture, ("b",))
    assert coco.looks_like_coco(root)
    assert parts(root) == [["a"], ["b"], []]
    assert coco.load(root).counts("val") == (1,)


def test_the_same_folder_for_two_parts_is_used_once_and_it_is_said(root: Path) -> None:
    yaml(root, "train: images/甲\nval: images/甲  # as in coco8")
    assert parts(root) == [["a", "b"], [], []]
    assert any("names 2 pictures for two parts" in note for note in coco.load(root).notes)


@pytest.mark.parametrize(
    ("val", "says"), [("images/无", "names what is not there: images/无"), ("../外", "leads out of 数据 集")]
)
def test_the_usual_folders_are_read_where_a_path_cannot_be_followed(root: Path, val: str, says: str) -> None:
    (root.parent / "外").mkdir()
    yaml(root, f"train: images/甲\nval: {val}")
    assert parts(root) == [["a", "b", "c", "d", "e", "f"], [], []]
    assert any(says in note and ". The usual folders are read" in note for note in coco.load(root).notes)


@pytest.mark.parametrize(
    ("train", "error", "says"),
    [
        ("无", AnnotationMissing, "train names what is not there: 无"),
        ("../外/甲", DatasetInvalid, "train leads out of 集"),
        ("{a: b}", DatasetInvalid, "'train' cannot be read"),
        ("*all", DatasetInvalid, "'train' cannot be read"),
        ("甲\ntrain: 甲", DatasetInvalid, "'train' cannot be read"),
    ],
)
def test_without_usual_folders_it_is_an_error(
    tmp_path: Path, picture: Make, train: str, error: type[Exception], says: str
) -> None:
    put(tmp_path / "外" / "甲", picture, ("secret",))
    root = yaml(tmp_path / "集", f"train: {train}")
    put(root / "甲", picture, ("a",))
    with pytest.raises(error, match=says):
        DataSet(tmp_path / "新").make_dataset(root, "YOLO")
