"""Paths as people paste and drag them lead where they were meant to, through every door that takes a path."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import BaseDeploy
import models_on_disk
from BaseDT import image
from BaseDT.arguments import checked_path
from BaseDT.data import ImageData, ModelData
from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.imagenet import load
from BaseDT.errors import ImageNotFound
from BaseDT.image.reading import Reading
from BaseDT.pasted import as_meant
from MMEdu.info import read
from MMEdu.models import recipe_file
from XEdu.hub import Workflow
from XEdu.live.sources import opened

WAYS: dict[str, Callable[[Path], str]] = {
    "double quotes": lambda path: f'"{path}"',
    "single quotes": lambda path: f"'{path}'",
    "typographic quotes": lambda path: f"“{path}”",
    "quotes in quotes": lambda path: f"'\"{path}\"'",
    "blanks": lambda path: f"  {path} \n",
    "quotes and blanks": lambda path: f' " {path} " ',
    "Windows' properties": lambda path: f"\u202a{path}",
    "PowerShell": lambda path: f"& '{path}'",
    "address": lambda path: path.as_uri(),
    "address that is not escaped": lambda path: f"file://{path}",
}
on_posix = pytest.mark.skipif(os.name == "nt", reason="there a backslash is no escape")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "我的 图 片" / "猫 (1).png"
    path.parent.mkdir()
    Image.new("RGB", (8, 8)).save(path)
    return path


@pytest.mark.parametrize("way", WAYS)
def test_what_was_pasted_is_found(photo: Path, way: str) -> None:
    pasted = WAYS[way](photo)
    assert as_meant(pasted) == photo
    assert image.read(pasted).shape == (8, 8, 3)
    assert [item.name for item in image.expand(pasted)[0]] == [photo.name]
    assert image.expand(WAYS[way](photo.parent))[1]
    assert checked_path("path", pasted) == photo
    assert ImageData(pasted).raw_value.shape == (8, 8, 3)
    with opened(pasted, print, Reading()) as source:
        assert next(iter(source.frames)).name == photo.name


@pytest.mark.parametrize("way", WAYS)
def test_models_are_found(photo: Path, tmp_path: Path, way: str) -> None:
    model = models_on_disk.classifier(tmp_path / "模 型.onnx")
    pasted = WAYS[way](model)
    assert Workflow(task="mmedu", checkpoint=pasted).inference(WAYS[way](photo))
    assert BaseDeploy(pasted).inference(WAYS[way](photo)) is not None  # type: ignore[operator]
    assert ModelData(pasted).get_labels()
    assert read(pasted)["CLASSES"]


@pytest.mark.parametrize("way", WAYS)
def test_folders_and_recipes_are_found(make_imagenet: Callable[..., Path], tmp_path: Path, way: str) -> None:
    root = make_imagenet(tmp_path / "数据 集", train=2, val=1)
    recipe = tmp_path / "配 方.toml"
    recipe.write_text('backbone = "LeNet"', encoding="utf-8")
    assert load(WAYS[way](root)).root == root
    assert DataSet(WAYS[way](root)).path == root
    assert recipe_file.backbone_name(WAYS[way](recipe)) == "LeNet"


@on_posix
def test_what_was_dragged_into_a_terminal_is_found(photo: Path) -> None:
    dragged = str(photo)
    for character in " ()":
        dragged = dragged.replace(character, f"\\{character}")
    assert as_meant(dragged) == photo
    assert as_meant(f"{dragged} ") == photo


@on_posix
@pytest.mark.parametrize("name", ['"a".png', "a.png ", "'a.png'", "a\\ b.png", "“a”"])
def test_what_is_called_so_is_not_read_in_another_way(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / name).touch()
    assert as_meant(str(tmp_path / name)) == tmp_path / name


def test_what_is_nowhere_is_named_without_its_quotes(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.png"
    with pytest.raises(ImageNotFound) as caught:
        image.read(f'"{missing}"')
    assert str(missing) in caught.value.message
    assert '"' not in caught.value.message
    assert checked_path("save_fold", f"'{missing}'") == missing
    assert as_meant(f"{missing} ") == Path(f"{missing} ")


@pytest.mark.parametrize("text", ["", " ", '"', '""', "'", "&", "file:", "file://", "\\", "a" * 5000, "\u202a"])
def test_what_leads_nowhere_raises_nothing(text: str) -> None:
    assert isinstance(as_meant(text), Path)
