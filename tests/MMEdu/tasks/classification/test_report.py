"""The files of a report: which there are, that they are whole, that old ones go, and what is said when they cannot."""

from __future__ import annotations

import csv
import errno
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT import fonts, image
from BaseDT.errors import DiskFull, ParameterInvalid, PathNotWritable
from MMEdu.tasks.classification import report

LOG = [
    {"mode": "env"},
    {"mode": "train", "epoch": 1, "iter": 10, "lr": 0.01, "loss": 1.0},
    {"mode": "val", "epoch": 1, "iter": 10, "lr": 0.01, "accuracy_top-1": 75.0, "loss": 0.9},
]
ALL = ["confusion_matrix.png", "curves.png", "per_class.csv", "worst_mistakes.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "我的 模型"


def _evaluated(tmp_path: Path, wrong: bool = True) -> report.EvaluatedClasses:
    photo = image.write(tmp_path / "数据 集" / "图 片.jpg", np.full((40, 30, 3), 99, dtype=np.uint8))
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]], dtype=np.float32)
    labels = np.array([0, 1, 1, 1 if wrong else 0])
    return report.EvaluatedClasses(("猫", "a, b"), (photo,) * 4, labels, scores)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_leaves_four_files_and_nothing_else(tmp_path: Path, folder: Path) -> None:
    written = report.write(folder, LOG, _evaluated(tmp_path))
    assert sorted(path.name for path in written) == _names(folder) == ALL
    for name in ALL[:2] + ALL[3:]:
        assert image.decode((folder / name).read_bytes(), strict=True).ndim == 3


def test_the_table_opens_in_excel_with_chinese_names(tmp_path: Path, folder: Path) -> None:
    report.write(folder, LOG, _evaluated(tmp_path))
    assert (folder / "per_class.csv").read_bytes().startswith(b"\xef\xbb\xbfclass,")
    with (folder / "per_class.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.reader(table))
    assert rows == [
        ["class", "precision", "recall", "f1", "support"],
        ["猫", "0.5000", "1.0000", "0.6667", "1"],
        ["a, b", "1.0000", "0.6667", "0.8000", "3"],
    ]


def test_a_class_in_the_table_is_no_formula(tmp_path: Path) -> None:
    evaluated = replace(_evaluated(tmp_path), classes=("=HYPERLINK(1)", "\x1b[31m"))
    rows = list(csv.reader(report.per_class_table(evaluated).splitlines()))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "\\x1b[31m"]


def test_what_has_nothing_to_show_is_removed(tmp_path: Path, folder: Path) -> None:
    report.write(folder, LOG, _evaluated(tmp_path))
    written = report.write(folder, LOG, _evaluated(tmp_path, wrong=False))
    assert folder / "worst_mistakes.png" not in written
    assert "worst_mistakes.png" not in _names(folder)
    assert report.write(folder, LOG, None) == (folder / "curves.png",)
    assert _names(folder) == ["curves.png"]
    assert report.write(folder, [], None) == ()
    assert _names(folder) == []


def test_an_evaluation_of_no_pictures_is_none(folder: Path) -> None:
    nothing = report.EvaluatedClasses(("a", "b"), (), np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.float32))
    assert report.write(folder, LOG, nothing) == (folder / "curves.png",)


def test_without_a_chinese_font_everything_is_written_without_a_warning(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    monkeypatch.setenv("MMEDU_LANG", "zh")
    report.write(folder, LOG, _evaluated(tmp_path))
    assert _names(folder) == ALL


@pytest.mark.skipif(fonts.cjk_font() is None, reason="no font with Chinese characters on this machine")
def test_with_a_chinese_font_everything_is_written_in_chinese(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report.write(folder, LOG, _evaluated(tmp_path))
    english = image.read(folder / "curves.png")
    monkeypatch.setenv("MMEDU_LANG", "zh")
    report.write(folder, LOG, _evaluated(tmp_path))
    assert not np.array_equal(image.read(folder / "curves.png"), english)


def test_the_users_own_matplotlib_style_is_neither_used_nor_changed(tmp_path: Path, folder: Path) -> None:
    import matplotlib

    report.write(folder, LOG, _evaluated(tmp_path))
    usual = (folder / "curves.png").read_bytes()
    with matplotlib.rc_context({"axes.facecolor": "black", "font.family": ["No Such Font"], "text.usetex": True}):
        report.write(folder, LOG, _evaluated(tmp_path))
        assert matplotlib.rcParams["axes.facecolor"] == "black"
    assert (folder / "curves.png").read_bytes() == usual


def _fail(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def no_room(path: Path, target: Path) -> Path:
        raise OSError(number, "refused")

    monkeypatch.setattr(Path, "replace", no_room)


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, DiskFull), (errno.EACCES, PathNotWritable)])
def test_a_file_that_cannot_be_written_is_a_named_error_and_the_old_report_stays(
    number: int, error: type[Exception], tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated = _evaluated(tmp_path)
    report.write(folder, LOG, evaluated)
    before = {name: (folder / name).read_bytes() for name in ALL}
    with monkeypatch.context() as patch:
        _fail(patch, number)
        with pytest.raises(error, match=r"curves\.png"):
            report.write(folder, LOG, evaluated)
    assert {name: (folder / name).read_bytes() for name in _names(folder)} == before


def test_a_stale_file_that_cannot_be_removed_is_a_named_error(folder: Path) -> None:
    (folder / "curves.png").mkdir(parents=True)
    with pytest.raises(PathNotWritable, match=r"curves\.png"):
        report.write(folder, [], None)


@pytest.mark.parametrize(
    ("paths", "labels", "scores"),
    [(3, (4,), (4, 2)), (4, (3,), (4, 2)), (4, (4,), (4, 3)), (4, (4, 1), (4, 2)), (4, (4,), (8,))],
)
def test_an_evaluation_whose_parts_do_not_fit_is_refused(paths: int, labels: Any, scores: Any) -> None:
    arrays = np.zeros(labels, np.int64), np.zeros(scores, np.float32)
    with pytest.raises(ParameterInvalid, match="an evaluation of"):
        report.EvaluatedClasses(("a", "b"), (Path("x.png"),) * paths, *arrays)


def test_the_import_brings_neither_torch_nor_matplotlib_and_drawing_no_pyplot(folder: Path) -> None:
    code = f"""
import sys
from MMEdu.tasks.classification import report
from dataclasses import replace
from pathlib import Path
assert "torch" not in sys.modules and "matplotlib" not in sys.modules
report.write(Path({str(folder)!r}), {LOG!r}, None)
assert "torch" not in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
