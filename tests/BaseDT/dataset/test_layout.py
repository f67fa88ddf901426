"""Which folder is a data set. Folders that are nearly right are named, with what makes them right."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from BaseDT.dataset import layout, scan
from BaseDT.dataset.imagenet import load
from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.image import phone_formats


@pytest.mark.parametrize(
    ("path", "kind"), [(None, "NoneType"), (3, "int"), (b"data", "bytes"), (["data"], "list"), ({}, "dict")]
)
def test_an_argument_that_is_no_path_is_named_with_its_type(path: object, kind: str) -> None:
    with pytest.raises(DatasetInvalid, match=f"-201.*as a path, not as {kind}") as caught:
        load(path)  # type: ignore[arg-type]
    assert "dataset/cls/hand_gray" in caught.value.hint


def test_a_missing_folder_is_the_documented_error_and_offers_its_neighbour(dataset: Path) -> None:
    wrong = dataset.with_name("数据集")
    with pytest.raises(DatasetNotFound) as caught:
        load(wrong)
    assert str(caught.value).startswith(f"Error Code: -101. No such dataset directory: {wrong}\n")
    assert "Did you mean '数据 集'?" in caught.value.hint
    assert isinstance(caught.value, FileNotFoundError)


def test_the_hint_says_where_a_long_path_ends(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    with pytest.raises(DatasetNotFound) as caught:
        load(tmp_path / "datasets" / "cls" / "cats")
    assert f"There is no 'datasets' in {tmp_path}" in caught.value.hint
    assert "Did you mean 'dataset'?" in caught.value.hint


def test_a_relative_path_is_explained_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetNotFound, match="-101") as caught:
        load("cats")
    assert str(tmp_path) in caught.value.hint


def test_an_empty_path_is_not_taken_for_the_working_folder(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dataset)
    with pytest.raises(DatasetNotFound, match="the path is empty"):
        load("")


@pytest.mark.parametrize("path", ["C:\new\test", "D:\table", "a\0b"])
def test_a_windows_path_with_unwanted_escapes_is_explained(path: str) -> None:
    with pytest.raises(DatasetNotFound, match="No such dataset directory: '") as caught:
        load(path)
    assert r"r'C:\data\test'" in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "图 片.zip"
    archive.write_bytes(b"PK")
    with pytest.raises(DatasetInvalid, match=r"-201\..*must be a folder") as caught:
        load(archive)
    assert "Unpack" in caught.value.hint


def test_errors_are_chinese_where_the_user_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    (tmp_path / "猫狗").mkdir()
    with pytest.raises(DatasetNotFound, match="找不到数据集文件夹") as caught:
        load(tmp_path / "猫狗集")
    assert caught.value.message_en.startswith("No such dataset directory")
    assert "你是不是想写 '猫狗'" in caught.value.hint


@pytest.mark.parametrize("name", ["training_set", "trainning_set", "Training_Set"])
def test_every_spelling_of_the_training_folder_is_read(dataset: Path, name: str) -> None:
    (dataset / "training_set").rename(dataset / name)
    data = load(str(dataset))
    assert len(data.train) == 12
    assert data.train[0].path.parent.parent == dataset / name


def test_two_training_folders_are_an_error_that_names_both(dataset: Path) -> None:
    shutil.copytree(dataset / "training_set", dataset / "trainning_set")
    with pytest.raises(DatasetInvalid, match="both training_set and trainning_set"):
        load(dataset)


@pytest.mark.parametrize("name", ["training_set", "val_set"])
def test_a_file_in_the_place_of_a_part_is_named(dataset: Path, name: str) -> None:
    shutil.rmtree(dataset / name)
    (dataset / name).touch()
    with pytest.raises(DatasetInvalid, match=f"{name} is a file, not a folder"):
        load(dataset)


@pytest.mark.parametrize("inside", ["training_set", "val_set", "training_set/猫", "."])
def test_the_path_to_use_is_said_where_a_part_was_given(dataset: Path, inside: str) -> None:
    wrong = dataset / inside if inside != "." else dataset.parent
    with pytest.raises(DatasetInvalid, match="no training_set in") as caught:
        load(wrong)
    assert caught.value.hint == f"Give this path: {dataset.resolve()}"


def test_class_folders_directly_in_the_root_are_taken_as_training_pictures(dataset: Path) -> None:
    root = dataset / "training_set"
    root = root.rename(dataset.parent / "我的 图片")
    data = load(root)
    assert data.classes == ("狗", "猫")
    assert len(data.train) + len(data.val) == 12
    assert any("taken as the classes: 狗, 猫" in note for note in data.notes)
    assert not list(root.glob("*.txt")), "a folder of the user's own pictures stays as it is"


def test_only_folders_with_pictures_in_them_are_classes_of_such_a_root(dataset: Path) -> None:
    root = (dataset / "training_set").rename(dataset.parent / "my pictures")
    shutil.copytree(root / "猫", root / "old" / "1")
    (root / "classes.txt").write_text("猫\n狗\n", encoding="utf-8")
    (root / "val.txt").write_text("left over from another set\n", encoding="utf-8")
    data = load(root)
    assert data.classes == ("猫", "狗")
    assert len(data.train) + len(data.val) == 12
    assert not [note for note in data.notes if note.startswith("Ignored")]


def test_a_class_may_be_called_like_a_part_of_a_data_set(dataset: Path) -> None:
    root = (dataset / "training_set").rename(dataset.parent / "vehicles")
    (root / "猫").rename(root / "train")
    assert load(root).classes == ("train", "狗")


def test_other_names_for_the_parts_are_an_error_that_says_the_renaming(dataset: Path) -> None:
    (dataset / "training_set").rename(dataset / "train_data")
    (dataset / "val_set").rename(dataset / "valid")
    with pytest.raises(DatasetInvalid, match="no training_set") as caught:
        load(dataset)
    assert caught.value.hint == "Rename: train_data -> training_set, valid -> val_set"


@pytest.mark.parametrize("names", [("train", "valid"), ("train", "val"), ("Train", "validation")])
def test_an_export_is_read_as_it_is(dataset: Path, names: tuple[str, str]) -> None:
    expected = load(dataset)
    for name in ("classes.txt", "val.txt"):
        (dataset / name).unlink(missing_ok=True)
    for old, new in zip(("training_set", "val_set"), names, strict=True):
        (dataset / old).rename(dataset / new)
    for _ in range(2):  # with and without the text files that the first time makes
        data = load(dataset)
        assert data.classes == expected.classes
        assert (data.counts("train"), data.counts("val")) == (expected.counts("train"), expected.counts("val"))
        assert not any("taken as the classes" in note for note in data.notes)


def test_a_missing_training_folder_beside_val_set_is_named(dataset: Path) -> None:
    shutil.rmtree(dataset / "training_set")
    with pytest.raises(DatasetInvalid, match=r"no training_set in .* \(found: val_set\)") as caught:
        load(dataset)
    assert "training_set/<class name>/<pictures>" in caught.value.hint


def test_an_empty_folder_is_an_error_that_says_the_layout(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="found: no folder"):
        load(tmp_path)


def without_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a computer that cannot read what telephones write."""
    monkeypatch.setattr(phone_formats, "readable", frozenset)
    for function in (scan.is_picture, scan.holds_pictures):
        monkeypatch.setattr(function, "__defaults__", (scan.PICTURES - phone_formats.SUFFIXES.keys(),))
    for module in (scan, layout):
        monkeypatch.setattr(module, "PICTURES", scan.PICTURES - phone_formats.SUFFIXES.keys())


@pytest.mark.parametrize("place", ["", "training_set", "train"])
@pytest.mark.parametrize("suffix", [".heic", ".HEIC", ".avif"])
def test_folders_of_pictures_that_nothing_decodes_are_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, suffix: str
) -> None:
    without_decoder(monkeypatch)
    for name in ("狗", "猫"):
        (tmp_path / place / name).mkdir(parents=True)
        (tmp_path / place / name / f"IMG_1{suffix}").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(DatasetInvalid) as caught:
        load(tmp_path)
    assert f"{suffix.lower()} (2)" in caught.value.hint
    assert "pip install" in caught.value.hint


def test_a_class_of_pictures_that_nothing_decodes_is_not_left_out_silently(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_decoder(monkeypatch)
    (dataset / "training_set" / "鸟").mkdir()
    (dataset / "training_set" / "鸟" / "IMG_1.heic").write_bytes(b"")
    data = load(_moved_up(dataset))
    assert data.classes == ("狗", "猫")
    assert any("1 HEIC or AVIF pictures cannot be read here" in note for note in data.notes)


def _moved_up(dataset: Path) -> Path:
    """The class folders alone, in a folder of another name."""
    return (dataset / "training_set").rename(dataset.parent / "图片")


def test_a_detection_dataset_is_sent_to_the_other_class(dataset: Path) -> None:
    root = (dataset / "training_set").rename(dataset.parent / "plates")
    (root / "猫").rename(root / "images")
    (root / "annotations").mkdir()
    with pytest.raises(DatasetInvalid, match="for detection") as caught:
        load(root)
    assert "MMDetection" in caught.value.hint


def test_the_root_stays_valid_when_the_working_folder_changes(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dataset.parent)
    data = load("数据 集")
    monkeypatch.chdir("/")
    assert data.root.is_absolute()
    assert all(sample.path.is_file() for sample in data.train)
    assert pickle.loads(pickle.dumps(data)) == data  # noqa: S301
