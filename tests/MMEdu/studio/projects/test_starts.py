"""Sets to start from: the same each time, without torch, as many pictures as they say."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from BaseDT.dataset import imagenet
from BaseDT.errors import ParameterInvalid
from BaseDT.language import use_language
from MMEdu.studio.projects.project_file import Saved
from MMEdu.studio.projects.starts import start_named, starts

NAMES = ["moods", "shapes", "digits", "desk", "pages"]


def filled(folder: Path, identifier: str) -> list[str]:
    """Write a set, and return the names of its classes."""
    saved = Saved("p000000000000", "classify", "x")
    start_named(identifier).fill(folder, saved)
    return [one.name for one in saved.classes]


def test_what_needs_a_package_is_offered_where_it_is() -> None:
    here = find_spec("sklearn") is not None
    assert [start.id for start in starts()] == [one for one in NAMES if here or one not in ("digits", "pages")]
    with pytest.raises(ParameterInvalid, match="no set 'x'"):
        start_named("x")


@pytest.mark.parametrize("identifier", ["moods", "shapes", "digits"])
def test_a_set_of_classes_is_a_data_set(tmp_path: Path, identifier: str) -> None:
    if identifier == "digits":
        pytest.importorskip("sklearn")
    with use_language("zh"):
        names = filled(tmp_path, identifier)
    data = imagenet.load(tmp_path / "pictures", complete=False)
    assert set(data.classes) == set(names)
    assert len(data.train) == start_named(identifier).count
    assert len({sample.path.read_bytes() for sample in data.train}) == len(data.train)


@pytest.mark.parametrize("identifier", ["desk", "pages"])
def test_a_set_of_boxes_has_its_boxes_in_its_pictures(tmp_path: Path, identifier: str) -> None:
    if identifier == "pages":
        pytest.importorskip("sklearn")
    start = start_named(identifier)
    names = filled(tmp_path, identifier)
    text = (tmp_path / "annotations.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert [one["name"] for one in document["categories"]] == names
    assert len(document["images"]) == start.count
    assert {one["category_id"] for one in document["annotations"]} == set(range(1, len(names) + 1))
    sizes = {one["id"]: (one["width"], one["height"]) for one in document["images"]}
    for one in document["annotations"]:
        x, y, width, height = one["bbox"]
        assert 0 <= x < x + width <= sizes[one["image_id"]][0]
        assert 0 <= y < y + height <= sizes[one["image_id"]][1]
    for one in document["images"]:
        picture = cv2.imread(str(tmp_path / "pictures" / one["file_name"]))
        assert picture.shape[1::-1] == (one["width"], one["height"])


def test_a_set_is_the_same_each_time() -> None:
    first, second = ([pixels for _, pixels, _ in start_named("desk").make()] for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_cover_shows_six_pictures() -> None:
    cover = cv2.imdecode(np.frombuffer(start_named("shapes").cover(), np.uint8), cv2.IMREAD_COLOR)
    assert cover.shape == (240, 360, 3)
