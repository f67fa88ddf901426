"""Measurements of real models in real processes: what the figures are, and what becomes of bad input."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from BaseDT import image
from BaseDT.errors import CheckpointNotFound, DatasetInvalid, DatasetNotFound, ParameterInvalid
from XEdu import benchmark
from XEdu.benchmark import machine
from XEdu.benchmark.report import Row

QUICK = 0.05


def only(report: benchmark.Report) -> Row:
    (row,) = report.rows
    assert row.error == ""
    return row


def test_a_model_is_measured_on_generated_pictures_and_it_is_said(model: Path) -> None:
    report = benchmark.run([model], threads=[1], seconds=QUICK)
    row = only(report)
    assert "generated" in report.pictures
    assert (row.model, row.backend, row.threads, row.precision) == ("颜色.onnx", "onnxruntime", 1, "FP32")
    assert row.input == (1, 3, 16, 16)
    assert row.size_mb == pytest.approx(model.stat().st_size / 1e6)
    assert row.metrics == {}
    assert row.model_per_s > row.images_per_s > 0
    assert 0 < row.p50_ms <= row.p95_ms
    assert 0 < row.load_s < 30
    assert 20 < row.peak_mb < 500


def test_pictures_in_folders_of_classes_give_the_accuracy(model: Path, colours: Path) -> None:
    report = benchmark.run([model], images=colours, threads=[1], seconds=QUICK)
    row = only(report)
    assert row.metrics["top1"] == pytest.approx(100 * 11 / 12), "one red picture lies among the blue ones"
    assert row.judged == 12
    assert "top5" not in row.metrics, "of three classes the right one is always among the first five"
    assert str(colours) in report.pictures


def test_top_5_is_told_where_it_says_something(make_model, colours: Path, tmp_path: Path) -> None:
    model = make_model(tmp_path / "六.onnx", ("红", "绿", "蓝", "黑", "白", "黄"))
    row = only(benchmark.run([model], images=colours, threads=[1], seconds=QUICK))
    assert row.metrics == pytest.approx({"top1": 100 * 11 / 12, "top5": 100})


def test_of_an_imagenet_style_set_the_validation_pictures_are_judged(model: Path, colours: Path) -> None:
    root = colours.parent / "数据 集"
    shutil.copytree(colours, root / "training_set")
    for name in ("红", "绿", "蓝"):
        (root / "val_set" / name).mkdir(parents=True)
        shutil.copy(colours / name / "图 1.png", root / "val_set" / name)
    row = only(benchmark.run([model], images=root, threads=[1], seconds=QUICK))
    assert (row.judged, row.metrics) == (3, {"top1": 100.0})


def test_each_number_of_threads_has_its_row_and_the_accuracy_is_the_same(model: Path, colours: Path) -> None:
    told: list[str] = []
    report = benchmark.run([model], images=colours, threads=[1, 2, 1], seconds=QUICK, tell=told.append)
    assert [row.threads for row in report.rows] == [1, 2]
    assert report.rows[0].metrics == report.rows[1].metrics != {}
    assert len(told) == 2


def test_by_default_one_thread_and_all_cores(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("XEdu.runtime.threads.available", lambda: 3)
    assert [row.threads for row in benchmark.run([model], seconds=QUICK).rows] == [1, 3]


def test_folders_that_are_no_class_and_pictures_that_are_damaged_are_counted(model: Path, colours: Path) -> None:
    (colours / "绿").rename(colours / "紫")
    (colours / "红" / "图 3.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    report = benchmark.run([model], images=colours, threads=[1], seconds=QUICK)
    assert report.rows[0].judged == 7
    assert any("4 pictures" in note and "none of its classes" in note for note in report.notes)
    assert any("cannot be read: 1 picture." in note for note in report.notes)


def test_pictures_without_folders_are_timed_and_not_judged(model: Path, colours: Path) -> None:
    row = only(benchmark.run([model], images=colours / "红", threads=[1], seconds=QUICK))
    assert (row.metrics, row.judged) == ({}, 0)


def test_a_model_that_says_nothing_of_itself_is_timed_alone(make_model, tmp_path: Path) -> None:
    foreign = make_model(tmp_path / "外.onnx", ())
    report = benchmark.run([foreign], threads=[1], seconds=QUICK)
    row = only(report)
    assert row.images_per_s is None
    assert row.model_per_s > 0
    assert row.p95_ms > 0
    assert "外.onnx" in report.notes[0]


def test_the_precision_is_what_the_file_says(make_model, tmp_path: Path) -> None:
    small = make_model(tmp_path / "小.onnx", precision="int8")
    assert only(benchmark.run([small], threads=[1], seconds=QUICK)).precision == "INT8"


def test_a_file_beside_the_script_does_not_stand_in_for_pythons_own(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('mine')", encoding="utf-8")
    (tmp_path / "numpy.py").write_text("raise SystemExit('mine')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    only(benchmark.run([model.relative_to(tmp_path)], threads=[1], seconds=QUICK))


def test_the_memory_is_that_of_the_model_not_of_this_process(model: Path) -> None:
    hoard = np.ones(400_000_000, np.uint8)
    assert only(benchmark.run([model], threads=[1], seconds=QUICK)).peak_mb < 400
    assert hoard[0] == 1


def test_peak_memory_is_known_and_grows() -> None:
    before = machine.peak_memory()
    assert before is not None
    hoard = np.ones(int(before * 1e6) + 50_000_000, np.uint8)
    assert machine.peak_memory() >= hoard.nbytes / 1e6


# --- bad input -----------------------------------------------------------------------------------------------------


def test_a_broken_model_has_a_row_that_says_so_and_the_others_are_measured(model: Path) -> None:
    broken = model.with_name("坏.onnx")
    broken.write_bytes(b"no model")
    report = benchmark.run([broken, model], threads=[1], seconds=QUICK)
    assert "-202" in report.rows[0].error
    assert report.rows[0].images_per_s is None
    assert report.rows[1].error == ""


def test_a_worker_that_dies_is_told(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("XEdu.benchmark.conduct._START", "import os; print('last words'); os._exit(9)")
    # The words of a process that ends at once may be lost; its exit code is not.
    (row,) = benchmark.run([model], threads=[1], seconds=QUICK).rows
    assert "9" in row.error


def test_a_missing_model_offers_its_neighbour_before_anything_is_measured(model: Path) -> None:
    with pytest.raises(CheckpointNotFound) as caught:
        benchmark.run([model, model.with_name("颜色2.onnx")], seconds=QUICK)
    assert "颜色.onnx" in caught.value.hint


def test_a_missing_folder_and_one_without_pictures_are_named(model: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound):
        benchmark.run([model], images=tmp_path / "没有")
    (tmp_path / "空").mkdir()
    with pytest.raises(DatasetInvalid):
        benchmark.run([model], images=tmp_path / "空")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"threads": value} for value in ([0], [True], ["1"], 1, "12", None)),
        *({"seconds": value} for value in (0, "x", None, True, float("nan"))),
        *({"images": value} for value in (5, "")),
    ],
)
def test_a_value_that_cannot_work_is_named(model: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterInvalid, match=next(iter(wrong))) as caught:
        benchmark.run([model], **wrong)
    assert caught.value.hint


@pytest.mark.parametrize("models", [[], None, 5, [None], ""])
def test_no_model_is_a_mistake(models: object) -> None:
    with pytest.raises(ParameterInvalid, match="models"):
        benchmark.run(models)


def test_a_path_alone_is_one_model(model: Path) -> None:
    for one in (model, str(model)):
        only(benchmark.run(one, threads=[1], seconds=QUICK))


def test_models_of_one_name_are_shown_with_their_paths(
    make_model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [Path("甲", "m.onnx"), Path("乙", "m.onnx"), Path("乙", "n.onnx")]
    for path in paths:
        make_model(path)
    told: list[str] = []
    report = benchmark.run(paths, threads=[1], seconds=QUICK, tell=told.append)
    assert [row.model for row in report.rows] == [str(paths[0]), str(paths[1]), "n.onnx"]
    assert [row.file for row in report.rows] == [str(path.absolute()) for path in paths]
    assert told[2] == "n.onnx, 1 thread …"


def test_generated_pictures_are_the_same_every_time(tmp_path: Path) -> None:
    from XEdu.benchmark.pictures import generate

    sets = [generate(folder).files for folder in (tmp_path, tmp_path) if folder.mkdir(exist_ok=True) is None]
    assert len(sets[0]) == 10
    assert image.read(sets[0][0]).shape == (480, 640, 3)
    assert sets[0][0].read_bytes() == sets[1][0].read_bytes()
