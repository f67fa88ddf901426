"""The demo of segmentation: pages whose digits have masks, and every step with few of them; the whole is a bench."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from BaseDT.dataset import segmentation as masks
from MMEdu.cli import app
from MMEdu.demo import pages, segmentation

FEW = {"train": 12, "valid": 4, "test": 4}
SOME = {"train": 3, "valid": 2, "test": 1}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The demo as a user runs it, but with few pages and one epoch."""
    here = tmp_path_factory.mktemp("数据 集") / "演 示"
    here.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        run = segmentation.run
        patch.setattr(segmentation, "run", lambda out, tell, epochs: run(out, tell, epochs, FEW))
        patch.setattr("os.fsync", lambda _: None)
        result = CliRunner().invoke(app, ["demo", "seg", "--out", "图 片 [1]", "--epochs", "1"])
    files = {path.relative_to(here).as_posix() for path in here.rglob("*")}
    return SimpleNamespace(code=result.exit_code, text=result.stdout + result.stderr, files=files, here=here)


def test_every_step_runs_and_names_only_files_that_exist(shown):
    for step in range(1, 6):
        assert f"[{step}/5] " in shown.text, shown.text
    listed = shown.text.partition("Where everything lies:\n")[2].splitlines()
    named = [line.partition(": ")[2].replace("\\", "/") for line in listed if line.startswith("  ")]
    assert len(named) >= 8
    assert set(named) <= shown.files
    assert {f"图 片 [1]/seg_result/test_{number:04}.png" for number in range(4)} <= shown.files


def test_it_shows_the_documented_lines_and_a_table_of_all_classes(shown):
    for line in ("seg('图 片 [1]/unet_digits.toml')", "load_dataset(path='图 片 [1]/masks')", "wf(task='mmedu', "):
        assert line in shown.text
    table = shown.text.partition("digits that it never saw")[2]
    for name in (pages.PAPER, *pages.CLASSES):
        assert re.search(rf"^  {name} +\d+ +(\d+\.\d|-)$", table, re.MULTILINE), name


def test_the_converted_model_says_the_same_and_a_poor_result_is_admitted(shown):
    assert float(re.search(r"says the same of ([\d.]+)% of the pixels of 4 pages", shown.text)[1]) >= 99.9
    assert shown.code == 1
    assert "below the 65 %" in shown.text
    assert "--epochs was given" in shown.text


def test_pages_with_masks_are_a_set_that_the_library_reads_and_the_same_each_time(tmp_path):
    first, second = (pages.write_masks(tmp_path / name, SOME) for name in ("一", "二 组"))
    for path in sorted(first.rglob("*.*")):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()
    dataset = masks.load(first)
    assert dataset.classes == (pages.PAPER, *pages.CLASSES)
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (3, 2, 1)


def test_the_mask_is_the_ink_of_the_digits():
    digits = pages.digits_by_split()["test"]
    for number in range(12):
        page = pages.compose(digits, np.random.default_rng(number))
        assert set(np.unique(page.mask)) <= {0, *(box.label + 1 for box in page.boxes)}
        for box in page.boxes:
            x1, y1, x2, y2 = map(int, box.corners)
            assert (page.mask[y1:y2, x1:x2] == box.label + 1).any() or len(page.boxes) > 1
        if page.boxes:
            dark = page.pixels.min(axis=2) < 120  # ink is dark in at least one colour
            assert (dark & (page.mask > 0)).sum() > 0.8 * dark.sum()
