"""Folders of pictures with masks: every layout, what values mean, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from BaseDT.dataset.segmentation import load, looks_like_segmentation

HEIGHT, WIDTH = 12, 16


def blobs(background: int = 0, first: int = 1, second: int = 2) -> np.ndarray:
    """A mask with two squares and a border of 255 at its top."""
    mask = np.full((HEIGHT, WIDTH), background, np.uint8)
    mask[3:8, 2:7], mask[6:11, 9:14] = first, second
    mask[0] = 255
    return mask


def save(path: Path, pixels: np.ndarray, **how: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return path


def photo(path: Path, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
    rng = np.random.default_rng(list(path.name.encode()))
    return save(path, rng.integers(0, 255, (*size, 3), np.uint8))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures and masks in the documented layout, with a list of classes."""
    root = tmp_path / "数据 集"
    for number in range(10):
        photo(root / "images" / f"图 {number}.jpg")
        save(root / "labels" / f"图 {number}.png", blobs())
    (root / "classes.txt").write_text("背景\n猫\n狗\n", encoding="utf-8")
    return root


def test_the_documented_layout(folder: Path) -> None:
    (folder / "splits").mkdir()
    for name, numbers in (("train", range(6)), ("val", range(6, 9)), ("test", range(9, 10))):
        (folder / "splits" / f"{name}.txt").write_text("\n".join(f"图 {i}" for i in numbers), encoding="utf-8")
    data = load(folder)
    assert [len(data.train), len(data.val), len(data.test)] == [6, 3, 1]
    assert data.classes == ("背景", "猫", "狗")
    assert data.notes == ()
    assert not data.holds_out
    (one, *_) = data.train
    assert (one.height, one.width) == (HEIGHT, WIDTH)
    assert (one.read_mask() == blobs()).all()
    assert one.read_mask().dtype == np.uint8
    assert looks_like_segmentation(folder)


def test_without_lists_a_part_is_held_out_by_name(folder: Path) -> None:
    data = load(folder)
    assert [len(data.train), len(data.val)] == [8, 2]
    assert data.holds_out
    assert any("chosen by name" in note for note in data.notes)
    whole = data.without_validation()
    assert (len(whole.train), whole.val, whole.holds_out) == (10, (), False)
    assert whole.without_validation() is whole
    assert load(folder, complete=False).val == ()
