"""Classifiers on labelled folders, by the numbers that follow from pictures of one colour each."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import models_on_disk
from BaseDT import image
from BaseDT.errors import (
    CheckpointInvalid,
    ClassCountMismatch,
    DatasetInvalid,
    DatasetNotFound,
    ParameterInvalid,
    PathExists,
)
from XEdu.hub import Workflow

# What is in the folders; each picture is of one colour, so that the model's answer is known.
FOLDERS = {"红色": ("red",) * 4 + ("green",), "绿色": ("green",) * 3, "蓝色": ("blue", "red")}


def write(root: Path, folders: dict[str, tuple[str, ...]] = FOLDERS) -> Path:
    for name, colours in folders.items():
        for number, colour in enumerate(colours):
            image.write(root / name / f"图 {number}.png", models_on_disk.picture(colour))
    return root


@pytest.fixture
def flow(folder: Path) -> Workflow:
    return Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "颜色.onnx"))


def test_every_number_follows_from_the_pictures(flow: Workflow, tmp_path: Path) -> None:
    result = flow.evaluate(write(tmp_path / "测试 集"), isprint=False)
    assert (result["pictures"], result["right"], result["accuracy"]) == (10, 8, 0.8)
    assert result["accuracy_interval"] == pytest.approx([0.4902, 0.9433], abs=1e-4)
    assert result["classes"] == list(models_on_disk.CLASSES)
    assert result["confusion_matrix"] == [[4, 1, 0], [0, 3, 0], [1, 0, 1]]
    red = result["per_class"][0]
    assert (red["support"], red["recall"], red["precision"], red["f1"]) == (5, 0.8, 0.8, 0.8)
    assert result["per_class"][2]["recall_interval"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    assert {(Path(m["file"]).parent.name, m["predicted"]) for m in result["mistakes"]} == {
        ("红色", "绿色"),
        ("蓝色", "红色"),
    }
    assert json.loads(json.dumps(result)) == result
    assert (result["top5_accuracy"], result["rejection"], result["damaged"]) == (None, None, [])


def test_the_report_is_that_of_a_training_in_a_folder_of_its_own(flow: Workflow, tmp_path: Path) -> None:
    pictures = write(tmp_path / "测试 集")
    before = sorted(pictures.rglob("*"))
    first, second = (flow.evaluate(pictures, isprint=False) for _ in range(2))
    assert first["save_fold"] != second["save_fold"]
    assert sorted(pictures.rglob("*")) == before
    place = Path(first["save_fold"])
    assert sorted(path.name for path in place.iterdir()) == sorted(first["files"])
    assert {"confusion_matrix.png", "worst_mistakes.png", "per_class.csv", "mistakes.csv"} < set(first["files"])
    rows = list(csv.DictReader((place / "per_class.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [rows[0][name] for name in ("class", "recall", "support", "recall_high")] == [
        "红色",
        "0.8000",
        "5",
        "0.9638",
    ]
    written = json.loads((place / "evaluation.json").read_text(encoding="utf-8"))
    assert written == first
    with pytest.raises(PathExists):
        flow.evaluate(pictures, save_fold=place)
    assert json.loads((place / "evaluation.json").read_text(encoding="utf-8")) == first


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Right: 8 of 10, 80.0 %", "between 49 and 94 %", "true \\ said")),
        ("zh", ("10 个中 8 个", "真实 \\ 预测")),
    ],
)
def test_it_is_printed_in_both_languages(
    lang: str, words: tuple[str, ...], flow: Workflow, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setenv("MMEDU_LANG", lang)
    flow.evaluate(write(tmp_path / "测试 集"))
    text = capsys.readouterr().out
    for word in words:
        assert word in text


def test_names_are_matched_in_any_order_letter_case_and_spelling(folder: Path, tmp_path: Path) -> None:
    known = models_on_disk.info(("Red Café", "GREEN", "blue-one"))
    flow = Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "m.onnx", known=known))
    pictures = {"blue_one": ("blue",), "green": ("green",), "red café": ("red", "red")}
    result = flow.evaluate(write(tmp_path / "x", pictures), isprint=False)
    assert (result["accuracy"], result["unknown_classes"], result["missing_classes"]) == (1.0, [], [])


def test_names_that_only_letter_case_tells_apart_are_not_mixed_up(folder: Path, tmp_path: Path) -> None:
    known = models_on_disk.info(("a", "A", "b"))
    flow = Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "m.onnx", known=known))
    result = flow.evaluate(write(tmp_path / "x", {"A": ("green",), "B": ("blue",)}), isprint=False)
    assert result["confusion_matrix"] == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert result["missing_classes"] == ["a"]


def test_classes_that_the_model_does_not_know_are_named_and_left_out(flow: Workflow, tmp_path: Path) -> None:
    result = flow.evaluate(write(tmp_path / "x", {"红色": ("red",), "狐狸": ("green",) * 3}), isprint=False)
    assert (result["pictures"], result["accuracy"], result["unknown_classes"]) == (1, 1.0, ["狐狸"])
    assert result["missing_classes"] == ["绿色", "蓝色"]
    assert any("狐狸" in note for note in result["notes"])
    with pytest.raises(ClassCountMismatch, match="狐狸"):
        flow.evaluate(write(tmp_path / "y", {"狐狸": ("green",)}), isprint=False)


def test_with_a_threshold_none_of_these_is_an_answer(folder: Path, tmp_path: Path) -> None:
    flow = Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "m.onnx"))
    root = write(tmp_path / "x", {"红色": ("red", "red"), "蓝色": ("blue",)})
    # Half as bright: the model is less sure.
    for place in (root / "红色" / "dim.png", root / "狐狸" / "a.png"):
        image.write(place, models_on_disk.picture("red") // 4)
    image.write(root / "狐狸" / "b.png", models_on_disk.picture("green"))
    sure = flow.inference(data=str(root / "红色" / "图 0.png"))["置信度"]
    unsure = flow.inference(data=str(root / "红色" / "dim.png"))["置信度"]
    assert unsure < sure
    result = flow.evaluate(root, thr=(sure + unsure) / 2, isprint=False)
    assert (result["pictures"], result["right"], result["accuracy"]) == (6, 4, 1.0)
    rejection = result["rejection"]
    assert (rejection["rejected"]["count"], rejection["rejected"]["of"]) == (1, 4)
    assert (rejection["kept_right"]["count"], rejection["kept_right"]["of"]) == (3, 3)
    assert (rejection["unknown_rejected"]["count"], rejection["unknown_rejected"]["of"]) == (1, 2)
    assert result["classes"][-1] == "none of these"
    assert result["confusion_matrix"] == [[2, 0, 0, 1], [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1]]
    assert [(m["true"], m["predicted"]) for m in result["mistakes"]] == [("狐狸", "绿色")]


def test_a_folder_of_nothing_but_unknown_pictures_tells_how_many_are_rejected(flow: Workflow, tmp_path: Path) -> None:
    root = write(tmp_path / "x", {"狐狸": ("green",) * 3})
    result = flow.evaluate(root, thr=0.999, isprint=False)
    assert (result["accuracy"], result["rejection"]["unknown_rejected"]["of"]) == (None, 3)


def test_damaged_pictures_are_named_and_counted(flow: Workflow, tmp_path: Path) -> None:
    root = write(tmp_path / "x")
    whole = (root / "红色" / "图 0.png").read_bytes()
    (root / "红色" / "坏.png").write_bytes(whole[: len(whole) // 2])
    result = flow.evaluate(root, isprint=False)
    assert (result["pictures"], [Path(item["file"]).name for item in result["damaged"]]) == (10, ["坏.png"])
    assert any("坏.png" in note for note in result["notes"])
    for path in root.rglob("*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(DatasetInvalid, match="None of the 11"):
        flow.evaluate(root, isprint=False)


def test_top5_is_told_of_more_than_five_classes(folder: Path, tmp_path: Path) -> None:
    names = tuple("abcdefg")
    model = models_on_disk.classifier(folder / "m.onnx", known=models_on_disk.info(names), classes=7)
    flow = Workflow(task="mmedu", checkpoint=model)
    result = flow.evaluate(write(tmp_path / "x", {"a": ("red",), "b": ("green",)}), isprint=False)
    assert result["top5_accuracy"] == 1.0


def test_one_class_alone_is_judged_and_it_is_said_what_that_leaves_open(flow: Workflow, tmp_path: Path) -> None:
    result = flow.evaluate(write(tmp_path / "x", {"红色": ("red", "blue")}), isprint=False)
    assert result["accuracy"] == 0.5
    assert any("one class" in note for note in result["notes"])


@pytest.mark.parametrize("count", [400, 6])
def test_only_of_few_pictures_it_is_said_that_they_tell_little(count: int, flow: Workflow, tmp_path: Path) -> None:
    root = write(tmp_path / "x", {"红色": ("red",), "绿色": ("red",)})
    for name in ("红色", "绿色"):
        for number in range(1, count // 2):
            shutil.copy(root / name / "图 0.png", root / name / f"{number}.png")
    result = flow.evaluate(root, isprint=False)
    assert any("little can be told" in note for note in result["notes"]) is (count < 100)


@pytest.mark.parametrize("what", ["empty", "loose", "file", "nothing", "text"])
def test_what_is_no_labelled_folder_is_refused(what: str, flow: Workflow, tmp_path: Path, refused) -> None:
    place = tmp_path / "x"
    if what in ("empty", "loose"):
        place.mkdir()
    if what == "loose":
        image.write(place / "a.png", models_on_disk.picture())
    if what == "file":
        image.write(place.with_suffix(".png"), models_on_disk.picture())
        place = place.with_suffix(".png")
    expected = DatasetNotFound if what == "nothing" else ParameterInvalid if what == "text" else DatasetInvalid
    with refused(expected):
        flow.evaluate(7 if what == "text" else place)
    assert not Path("eval_result").exists()


def test_a_set_of_boxes_is_named_as_such(flow: Workflow, tmp_path: Path, refused) -> None:
    (tmp_path / "x" / "annotations").mkdir(parents=True)
    image.write(tmp_path / "x" / "images" / "a.png", models_on_disk.picture())
    (tmp_path / "x" / "annotations" / "a.xml").write_text("<annotation/>", encoding="utf-8")
    with refused(DatasetInvalid, "boxes"):
        flow.evaluate(tmp_path / "x")


def test_a_model_that_tells_nothing_of_itself_is_refused(folder: Path, tmp_path: Path, refused) -> None:
    flow = Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "m.onnx", known={}))
    with refused(CheckpointInvalid):
        flow.evaluate(write(tmp_path / "x"))


def test_a_report_that_cannot_be_written_costs_no_number(flow: Workflow, tmp_path: Path, capsys) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    result = flow.evaluate(write(tmp_path / "x"), save_fold=blocked / "report")
    assert (result["accuracy"], result["save_fold"], result["files"]) == (0.8, None, [])
    assert "report" in capsys.readouterr().out


def test_names_of_folders_are_no_formulas(folder: Path, tmp_path: Path) -> None:
    model = models_on_disk.classifier(folder / "m.onnx", known=models_on_disk.info(("=1+1", "b", "c")))
    result = Workflow(task="mmedu", checkpoint=model).evaluate(write(tmp_path / "x", {"=1+1": ("red",)}))
    table = (Path(result["save_fold"]) / "per_class.csv").read_text(encoding="utf-8-sig")
    assert table.splitlines()[1].startswith("'=1+1")


def test_gray_networks_and_gray_pictures(folder: Path, tmp_path: Path) -> None:
    known = models_on_disk.info(("dark", "light"), channels=1)
    model = models_on_disk.classifier(folder / "m.onnx", known=known, classes=2, channels=1)
    for name, value in (("dark", 10), ("light", 240)):
        image.write(tmp_path / "x" / name / "a.png", np.full((20, 30), value, np.uint8))
    assert Workflow(task="mmedu", checkpoint=model).evaluate(tmp_path / "x", isprint=False)["accuracy"] == 1.0


def test_a_report_never_lies_inside_the_set(flow: Workflow, tmp_path: Path, monkeypatch, refused) -> None:
    root = write(tmp_path / "x")
    with refused(ParameterInvalid, "inside"):
        flow.evaluate(root, save_fold=root / "report")
    monkeypatch.chdir(root)
    result = flow.evaluate(root, isprint=False)
    assert Path(result["save_fold"]).parent == tmp_path / "eval_result"
    assert flow.evaluate(root, isprint=False)["unknown_classes"] == []


def test_pictures_that_nothing_here_reads_are_named(flow: Workflow, tmp_path: Path, refused) -> None:
    (tmp_path / "x" / "红色").mkdir(parents=True)
    (tmp_path / "x" / "红色" / "a.webm").write_bytes(b"0")
    with refused(DatasetInvalid, ".webm"):
        flow.evaluate(tmp_path / "x")
