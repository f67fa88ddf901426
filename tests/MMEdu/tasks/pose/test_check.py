"""``mmedu check`` of a set of keypoints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from BaseDT import image
from MMEdu.demo import figures
from MMEdu.tasks.pose.check import check


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return figures.write(tmp_path / "数据 集", {"train": 12, "valid": 4, "test": 0})


def test_points_persons_and_pictures_are_counted_and_drawn(root: Path, tmp_path: Path) -> None:
    found = check(root, None, tmp_path / "图 片" / "points.png", lambda _: None, fix=False, deep=None)
    assert found.ok
    assert found.table[1] == ("head", 12, 4, 0)
    assert found.table[-3:] == [("persons", 12, 4, 0), ("pictures", 12, 4, 0), ("without persons", 0, 0, 0)]
    assert "128 of 128 points are labelled (100%), 0 of them hidden." in found.lines
    assert found.lines[-1] == "16 pictures, 0 damaged."
    assert image.read(tmp_path / "图 片" / "points.png").size
    json.dumps(found.content)


def test_a_closer_look_finds_a_person_that_is_there_twice(root: Path, tmp_path: Path) -> None:
    file = root / "annotations" / "valid.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["annotations"].append({**document["annotations"][0], "id": 999})  # the same person once more
    file.write_text(json.dumps(document), encoding="utf-8")
    found = check(root, "SimpleBaseline_MobileNet", tmp_path / "points.png", lambda _: None, fix=False, deep=tmp_path)
    assert (tmp_path / "deep.html").is_file()
    assert any(line.startswith("The same person twice: 1") for line in found.lines)
    assert any("SimpleBaseline_MobileNet" in line for line in found.lines)


def test_damaged_pictures_are_named_once(root: Path, tmp_path: Path) -> None:
    broken = next((root / "images" / "train").iterdir())
    broken.write_bytes(broken.read_bytes()[:80])
    found = check(root, None, tmp_path / "points.png", lambda _: None, fix=False, deep=None)
    assert not found.ok
    assert sum(line.startswith("Damaged:") for line in found.lines) == 1
