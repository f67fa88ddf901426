"""16-bit pictures with values of 12 bits are named: they are read as nearly black."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from BaseDT.dataset.data_set import DataSet
from BaseDT.dataset.depth import dim_notes


def write(path: Path, highest: int, dtype: type = np.uint16) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.linspace(0, highest, 30 * 40).reshape(30, 40).astype(dtype)
    ok, data = cv2.imencode(path.suffix, pixels)
    assert ok
    path.write_bytes(data.tobytes())
    return path


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize(
    ("highest", "named"), [([199, 199], True), ([4095], True), ([199, 60000], False), ([4096], False), ([0], True)]
)
def test_dim_pictures(tmp_path: Path, suffix: str, highest: list[int], named: bool) -> None:
    paths = [write(tmp_path / f"图 {i}{suffix}", value) for i, value in enumerate(highest)]
    notes = list(dim_notes(paths))
    assert len(notes) == named
    if named and highest[0] == 199:
        assert "none has a value above 199 of 65535" in notes[0]
        assert "pixels * 329" in notes[0]


def test_what_has_no_16_bits_or_cannot_be_read_is_no_matter(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.png", 9, np.uint8), tmp_path / "none.png", tmp_path / "b.png", tmp_path / "c.jpg"]
    paths[2].write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 16 + b"\x10")
    Image.new("L", (8, 8)).save(paths[3])
    assert list(dim_notes(paths)) == []
    assert list(dim_notes([])) == []


def test_few_of_many_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []

    def look(path: Path) -> int:
        looked.append(path)
        return 9

    monkeypatch.setattr("BaseDT.dataset.depth._brightest", look)
    list(dim_notes([tmp_path / f"{number}.png" for number in range(10_000)]))
    assert len(looked) == 8
    assert looked[0].name == "0.png"
    assert looked[-1].name == "9999.png"


def test_a_check_and_a_new_set_say_it(tmp_path: Path, make_imagenet: Callable[..., Path]) -> None:
    for name in ("猫", "狗"):
        for number in range(3):
            write(tmp_path / "源" / name / f"{number}.png", 199)
    report = DataSet(tmp_path / "新").make_dataset(tmp_path / "源", "IMAGENET", 1, 0, 0)
    assert any("nearly black" in note for note in report.notes)
    assert any("nearly black" in note for note in DataSet(tmp_path / "新").check().notes)
