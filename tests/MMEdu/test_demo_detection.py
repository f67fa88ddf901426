"""The demo of detection: its pages are what they say, and every step runs and leaves what it names."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from BaseDT import image
from BaseDT.dataset import coco
from MMEdu.cli import app
from MMEdu.demo import detection, digits, pages

FEW = {"train": 24, "valid": 4, "test": 6}
MANY = 60


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.write(tmp_path_factory.mktemp("数据 集") / "页 面", FEW)


@pytest.fixture(scope="module")
def composed() -> list[pages.Page]:
    digits_of = pages.digits_by_split()["test"]
    return [pages.compose(digits_of, np.random.default_rng(number)) for number in range(MANY)]


def test_the_pages_are_the_same_bytes_each_time_and_spare_the_files_of_others(written, tmp_path):
    foreign = tmp_path / "images" / "train" / "我的.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine", encoding="utf-8")
    pages.write(tmp_path, {"train": 3, "valid": 4, "test": 6})
    images = sorted(tmp_path.rglob("*.png"))
    assert len(images) == 13
    for path in (*images, tmp_path / "annotations" / "test.json"):
        assert path.read_bytes() == (written / path.relative_to(tmp_path)).read_bytes()
    assert foreign.read_text(encoding="utf-8") == "mine"


def test_they_load_as_a_set_of_ten_classes_with_nothing_to_repair(written):
    data = coco.load(written)
    assert data.classes == tuple("0123456789")
    assert (len(data.train), len(data.val), len(data.test)) == tuple(FEW.values())
    assert not [note for note in data.notes if "No training boxes" not in note]
    assert all(image.read(picture.path).shape == (320, 320, 3) for picture in data.val)


def test_a_digit_is_on_the_pages_of_one_split_only():
    digits_of = pages.digits_by_split()
    assert [len(digits_of[split]) for split in ("train", "valid", "test")] == [1259, 269, 269]
    # All are different pictures, so that none can be in two splits.
    assert len({one.pixels.tobytes() for some in digits_of.values() for one in some}) == 1797
    test = {pixels.tobytes() for split, _, _, pixels in digits.originals() if split == "test_set"}
    assert {one.pixels.tobytes() for one in digits_of["test"]} == test


def test_a_box_ends_where_the_ink_ends(composed):
    page = next(page for page in composed if len(page.boxes) == 1)
    x1, y1, x2, y2 = map(int, page.boxes[0].corners)
    # Ink is dark in at least one colour; paper, its shadow and its lines are not.
    dark = page.pixels.min(axis=2) < 120
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    assert np.abs(np.subtract([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], [x1, y1, x2, y2])).max() <= 2


def test_pages_have_none_to_six_digits_of_many_sizes_some_overlapping(composed):
    assert {len(page.boxes) for page in composed} == set(range(7))
    heights = [box.size()[1] for page in composed for box in page.boxes]
    assert min(heights) < 50
    assert max(heights) > 110
    overlaps = [
        max((pages.shared(a.corners, b.corners) for a in page.boxes for b in page.boxes if a is not b), default=0.0)
        for page in composed
    ]
    assert 0.05 < np.mean(np.array(overlaps) > 0) < 0.5
    assert max(overlaps) <= 0.25
    assert all(0 <= value <= 320 for page in composed for box in page.boxes for value in box.corners)


def test_the_label_of_a_box_is_that_of_the_digit_that_stands_there(composed):
    digits_of = pages.digits_by_split()["test"]
    for page in composed:
        assert [box.label for box in page.boxes] == [digits_of[choice].label for choice in page.used]
        assert len(set(page.used)) == len(page.used)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The demo as a user runs it, but with few pages and one epoch."""
    here = tmp_path_factory.mktemp("数据 集") / "演 示"
    here.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        run = detection.run
        patch.setattr(detection, "run", lambda out, tell, epochs: run(out, tell, epochs, FEW))
        patch.setattr("os.fsync", lambda _: None)
        result = CliRunner().invoke(app, ["demo", "det", "--out", "图 片 [1]", "--epochs", "1"])
    files = {path.relative_to(here).as_posix() for path in here.rglob("*")}
    return SimpleNamespace(code=result.exit_code, text=result.stdout + result.stderr, files=files, here=here)


def test_every_step_runs_and_names_only_files_that_exist(shown):
    for step in range(1, 6):
        assert f"[{step}/5] " in shown.text, shown.text
    listed = shown.text.partition("Where everything lies:\n")[2].splitlines()
    named = [line.partition(": ")[2].replace("\\", "/") for line in listed if line.startswith("  ")]
    assert len(named) >= 7
    assert set(named) <= shown.files
    assert {f"图 片 [1]/det_result/page_{number:04}.png" for number in range(6)} <= shown.files


def test_it_shows_the_documented_lines_and_a_table_of_all_classes(shown):
    for line in ("det('图 片 [1]/ssd_lite_digits.toml')", "load_dataset(path='图 片 [1]/pages')", "wf(task='mmedu', "):
        assert line in shown.text
    assert "检测结果如下：\n[" in shown.text
    table = shown.text.partition("digits that it never saw")[2]
    for name in (*"0123456789", "ten classes", "digit"):
        assert re.search(rf"^  {name} +\d+ +(\d+\.\d|-) +(\d+\.\d|-)$", table, re.MULTILINE), name


def test_the_converted_model_says_the_same_and_a_poor_result_is_admitted(shown):
    assert "says the same on 6 of 6 pages" in shown.text
    assert shown.code == 1
    assert "below the 90 %" in shown.text
    assert "--epochs was given" in shown.text


BOX = {"预测结果": "3", "置信度": 0.8, "坐标": {"x1": 10, "y1": 20, "x2": 30, "y2": 60}}
UNSURE = {**BOX, "置信度": 0.3005}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ([BOX], True),
        ([{**BOX, "置信度": 0.8004, "坐标": {**BOX["坐标"], "x2": 31}}], True),
        ([BOX, UNSURE], True),  # it would be below the threshold elsewhere
        ([], False),
        ([BOX, BOX], False),
        ([{**BOX, "预测结果": "8"}], False),
        ([{**BOX, "置信度": 0.81}], False),
        ([{**BOX, "坐标": {**BOX["坐标"], "y1": 22}}], False),
    ],
)
def test_answers_agree_when_their_boxes_are_the_same(other, same):
    assert detection.agree([BOX], other) is same
    assert detection.agree(other, [BOX]) is same
