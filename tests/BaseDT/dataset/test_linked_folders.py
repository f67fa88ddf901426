"""Class folders that share pictures: links mean several labels, copies alone are mistakes and are named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.labelled import load
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two class folders whose pictures have names of their own."""
    for label, name in enumerate(("猫", "狗")):
        (tmp_path / name).mkdir()
        for index in range(6):
            pixels = np.full((4, 4, 3), 20 * label + index, np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{name}{index}.png")
    return tmp_path


def link(how, root: Path, count: int = 3) -> None:
    for index in range(count):
        how(root / "猫" / f"猫{index}.png", root / "狗" / f"猫{index}.png")


@pytest.mark.parametrize("how", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_linked_pictures_have_the_labels_of_all_their_folders(root, how):
    try:
        link(how, root)
    except OSError:
        pytest.skip("no links here")
    data = load(root)
    assert isinstance(data, MultiLabelDataset)
    assert data.classes == ("狗", "猫")
    samples = [*data.train, *data.val]
    assert len(samples) == 12
    assert sum(sample.labels == (0, 1) for sample in samples) == 3
    assert "3 pictures are linked into several of the 2 class folders" in "\n".join(data.notes)
    assert not (root / "val.txt").exists()


def test_copies_count_where_there_are_links_too(root):
    link(os.link, root, 1)
    shutil.copy(root / "猫" / "猫2.png", root / "狗" / "猫2.png")
    samples = [*(data := load(root)).train, *data.val]
    assert sum(len(sample.labels) == 2 for sample in samples) == 2


def test_copies_alone_stay_classes_and_are_named_once(root):
    link(shutil.copy, root)
    data = load(root)
    assert isinstance(data, ImageNetDataset)
    assert not any("copies" in note for note in data.notes)
    assert "3 pictures lie in several class folders as copies" in "\n".join(data.unchecked_notes)
    checked = "\n".join(DataSet(root).check().notes)
    assert "in two classes, 3 times" in checked
    assert "labels.csv" in checked
    assert "as copies" not in checked


def test_namesakes_with_other_contents_are_nothing_to_tell(make_imagenet, tmp_path):
    root = make_imagenet(tmp_path / "set")
    for name in ("猫", "狗"):
        for index, file in enumerate(sorted((root / "training_set" / name).iterdir())):
            file.rename(file.with_name(f"{index}.png"))
    data = load(root)
    assert isinstance(data, ImageNetDataset)
    assert "copies" not in "\n".join((*data.notes, *data.unchecked_notes))
