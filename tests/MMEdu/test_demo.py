"""The main job on real digits: it reaches its goal, leaves what it names, and spares the files of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from BaseDT import image
from BaseDT.dataset.imagenet import load
from MMEdu.cli import app
from MMEdu.demo import classification, digits, registry


@dataclass(frozen=True)
class Shown:
    """A demo that ran in ``here``."""

    here: Path
    code: int
    text: str
    files: frozenset[str]


def demo(here: Path, *options: str) -> Shown:
    result = CliRunner().invoke(app, ["demo", *options])
    files = {path.relative_to(here).as_posix() for path in here.rglob("*")}
    return Shown(here, result.exit_code, result.stdout + result.stderr, frozenset(files))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The whole demo, as a user runs it."""
    here = tmp_path_factory.mktemp("数据 集") / "演 示"
    here.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        yield demo(here, "cls", "--out", "图 片 [1]")


def test_the_demo_reaches_its_goal_and_names_only_files_that_exist(shown):
    assert shown.code == 0, shown.text
    accuracy = float(re.search(r"Test set: ([\d.]+) % of 269", shown.text)[1])
    assert accuracy >= classification.GOAL == 97
    named = [line.partition(": ")[2] for line in shown.text.partition("Where everything lies:\n")[2].splitlines()]
    assert len(named) >= 8
    assert {name.replace("\\", "/") for name in named} <= shown.files


def test_the_demo_shows_the_documented_lines_and_runs_every_step(shown):
    for line in ("cls('LeNet')", "model.num_classes = 10", "load_dataset(path='图 片 [1]/digits')", "validate=True"):
        assert line in shown.text
    assert "分类结果如下：\n[{'标签': 7, " in shown.text
    assert re.search(r"A folder: .*: \d+ of 27 were recognised as 3\.", shown.text)
    results = {name for name in shown.files if name.startswith("图 片 [1]/cls_result/")}
    assert sum(Path(name).name.startswith("7_") for name in results) == 2
    assert sum(Path(name).name.startswith("3_") for name in results) == 27


@pytest.mark.full
def test_a_second_run_spares_foreign_files_and_admits_a_poor_result(shown):
    foreign = [shown.here / "图 片 [1]" / place for place in ("我的.txt", "model/我的.pth", "cls_result/我的.png")]
    for path in foreign:
        path.write_text("mine", encoding="utf-8")
    again = demo(shown.here, "--out", "图 片 [1]", "--epochs", "1")
    assert again.code == 1
    assert float(re.search(r"Test set: ([\d.]+) %", again.text)[1]) < classification.GOAL
    assert "below the 97 %" in again.text
    assert [path.read_text(encoding="utf-8") for path in foreign] == ["mine"] * 3


def test_the_digits_are_all_there_and_each_split_has_its_share(tmp_path):
    data = load(digits.write(tmp_path / "数 字"))
    assert data.classes == tuple("0123456789")
    assert (len(data.train), len(data.val), len(data.test)) == (5 * 1259, 269, 269)
    shares = np.array([np.array(data.counts("train")) / 5, data.counts("val"), data.counts("test")])
    assert np.allclose(shares / shares.sum(0), [[0.7], [0.15], [0.15]], atol=0.01)
    originals = {path.name for path in (tmp_path / "数 字").rglob("*.png") if "_" not in path.stem[2:]}
    assert len(originals) == 1797, "no digit is in two splits"


def test_the_digits_are_the_same_bytes_each_time(tmp_path):
    first, second = (digits.write(tmp_path / name) for name in ("一", "二"))
    for path in first.rglob("*.png"):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()


def test_a_digit_is_gray_and_white_on_black(tmp_path):
    folder = digits.write(tmp_path / "数 字")
    pixels = image.read(next((folder / "test_set" / "1").glob("*.png")), gray=True)
    assert pixels.shape == (28, 28)
    assert pixels.max() == 255
    assert np.median(pixels[:, [0, -1]]) < 64


@pytest.mark.parametrize("options", [["det2"], ["--epochs", "0"], ["cls", "cls"]])
def test_a_mistake_in_the_usage_makes_no_folder(tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    assert demo(tmp_path, *options).code == 2
    assert list(tmp_path.iterdir()) == []


def test_every_task_that_names_a_demo_has_it_and_the_help_says_what_it_shows(monkeypatch):
    assert list(registry.demos())[:2] == ["cls", "det"]
    for lang, place in (("en", 0), ("zh", 1)):
        monkeypatch.setenv("MMEDU_LANG", lang)
        text = "".join(CliRunner().invoke(app, ["demo", "--help"]).stdout.split())
        for name, entry in registry.demos().items():
            assert callable(registry.load(entry))
            assert f"{name}{':：'[place]}{''.join(entry.shows[place].split())}" in text


def test_a_place_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("占 用").write_text("a file", encoding="utf-8")
    ended = demo(tmp_path, "--out", "占 用")
    assert ended.code == 1
    assert "Error Code: -104. " in ended.text
