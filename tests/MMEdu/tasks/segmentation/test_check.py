"""What a check says of a set of masks: counted, drawn, and all that is wrong named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import segmentation_data
from PIL import Image

from BaseDT import image
from MMEdu.tasks.segmentation.check import check


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return segmentation_data.write(tmp_path / "数据 集")


def test_counts_and_draws(dataset: Path, tmp_path: Path) -> None:
    told = check(dataset, "UNet", tmp_path / "图.png", lambda event: None, fix=False, deep=tmp_path / "深")
    assert told.ok
    assert told.content["train"] == [8, 4, 3]
    assert told.content["val"] == [4, 2, 1]
    assert told.content["classes"] == list(segmentation_data.CLASSES)
    assert sum(told.content["shares"]) == pytest.approx(1, abs=1e-5)
    assert [row[0] for row in told.table] == ["class", *segmentation_data.CLASSES, "pictures"]
    assert any("2 pictures show nothing but the background" in line for line in told.lines)
    assert any(line.startswith("UNet sees") for line in told.lines)
    assert image.read(told.content["sheet"]).shape[1] > 1000
    assert json.dumps(told.content, ensure_ascii=False)


def test_names_all_that_is_wrong(dataset: Path, tmp_path: Path) -> None:
    masks = sorted((dataset / "labels").glob("train*.png"))
    for path in masks[:2]:
        Image.fromarray(np.full((90, 120), 9, np.uint8)).save(path)
    masks[2].write_bytes(masks[2].read_bytes()[:-40])
    told = check(dataset, None, tmp_path / "图.png", lambda event: None, fix=False, deep=None)
    assert not told.ok
    assert len(told.content["wrong"]) == 2
    assert len(told.content["damaged"]) == 1
    assert sum("has the values 9" in line for line in told.lines) == 2
    assert told.lines[-1] == "12 pictures, 1 damaged."
