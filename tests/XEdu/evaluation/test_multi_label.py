"""Models of several labels a picture on labelled folders, by the numbers that follow from pictures of mixed colours."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

import models_on_disk
from BaseDT import image
from BaseDT.errors import AnnotationMissing, ClassCountMismatch, DatasetInvalid
from XEdu.hub import Workflow

RED, GREEN, BLUE = models_on_disk.CLASSES
# What is in each picture, as the model sees it: bright blue, green, red channels of BGR.
BRIGHT = {"r": (0, 0, 200), "g": (0, 200, 0), "b": (200, 0, 0), "rg": (0, 200, 200), "rb": (200, 0, 200), "": (0, 0, 0)}
# The colours of each picture, and the labels that the table gives it.
ROWS = (
    ("r", (RED,)),
    ("rg", (RED, GREEN)),
    ("rg", (RED,)),  # green is claimed wrongly
    ("b", (BLUE, GREEN)),  # green is missed
    ("", ()),
    ("rb", (RED, BLUE)),
)


def paint(path: Path, colours: str) -> Path:
    image.write(path, np.full((20, 20, 3), BRIGHT[colours], np.uint8))
    return path


def write(root: Path, rows=ROWS, table: str = "labels.csv") -> Path:
    """Pictures, and a table of labels beside them."""
    lines = ["file,labels"]
    for number, (colours, labels) in enumerate(rows):
        paint(root / f"图 {number}.png", colours)
        lines.append(f"图 {number}.png,{';'.join(labels)}")
    (root / table).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture
def flow(folder: Path) -> Workflow:
    return Workflow(task="mmedu", checkpoint=models_on_disk.several_labels(folder / "多 标签.onnx"))


def test_every_number_follows_from_the_pictures(flow: Workflow, tmp_path: Path) -> None:
    root = write(tmp_path / "测试 集")
    before = sorted(root.rglob("*"))
    result = flow.evaluate(root, isprint=False)
    assert (result["pictures"], result["part"], result["thr"]) == (6, "all", None)
    assert (result["all_right"], result["exact_match"]) == (4, 0.6667)
    assert result["exact_match_interval"] == pytest.approx([0.3, 0.9032], abs=1e-3)
    assert (result["found"], result["missed"], result["false"]) == (7, 1, 1)
    red, green, blue = result["per_class"]
    assert [green[name] for name in ("support", "found", "missed", "false")] == [2, 1, 1, 1]
    assert (green["recall"], green["precision"], green["f1"], green["threshold"]) == (0.5, 0.5, 0.5, 0.5)
    assert green["recall_interval"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    # Two pictures share the highest score, one of them is green; the rest share the lowest: (1/2 + 2/6) / 2.
    assert green["average_precision"] == pytest.approx(0.4167, abs=1e-4)
    assert (red["f1"], blue["average_precision"]) == (1.0, 1.0)
    assert result["mAP"] == pytest.approx((1 + 1 + 5 / 12) / 3, abs=1e-4)
    assert result["CF1"] == pytest.approx((1 + 0.5 + 1) / 3, abs=1e-4)
    assert result["OF1"] == pytest.approx(14 / 16, abs=1e-4)
    assert sorted((tuple(m["missed"]), tuple(m["claimed"])) for m in result["mistakes"]) == [
        ((), (GREEN,)),
        ((GREEN,), ()),
    ]
    assert json.loads(json.dumps(result)) == result
    assert sorted(root.rglob("*")) == before


def test_the_report_has_pictures_and_tables(flow: Workflow, tmp_path: Path) -> None:
    result = flow.evaluate(write(tmp_path / "测试 集"), save_fold=tmp_path / "报告", isprint=False)
    assert set(result["files"]) == {
        "labels.png",
        "worst_mistakes.png",
        "per_class.csv",
        "mistakes.csv",
        "evaluation.json",
    }
    rows = list(csv.DictReader((tmp_path / "报告" / "per_class.csv").read_text("utf-8-sig").splitlines()))
    assert [rows[1][name] for name in ("class", "recall", "recall_high", "support", "false")] == [
        GREEN,
        "0.5000",
        "0.9055",
        "2",
        "1",
    ]
    rows = list(csv.DictReader((tmp_path / "报告" / "mistakes.csv").read_text("utf-8-sig").splitlines()))
    assert {(row["true"], row["missed"], row["claimed"]) for row in rows} == {
        (RED, "", GREEN),
        (f"{GREEN}; {BLUE}", GREEN, ""),
    }
    assert json.loads((tmp_path / "报告" / "evaluation.json").read_text("utf-8")) == result


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("every label right: 4 of 6", "1 claimed wrongly")), ("zh", ("误报 1 个",))]
)
def test_it_is_printed_in_both_languages(lang, words, flow, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", lang)
    flow.evaluate(write(tmp_path / "x"))
    text = capsys.readouterr().out
    assert all(word in text for word in words)


def test_thresholds_are_the_models_own_or_one_for_all(folder: Path, tmp_path: Path) -> None:
    file = models_on_disk.several_labels(folder / "m.onnx", thresholds=(0.5, 0.99, 0.5))
    flow, root = Workflow(task="mmedu", checkpoint=file), write(tmp_path / "x")
    own = flow.evaluate(root, isprint=False)
    assert (own["per_class"][1]["found"], own["per_class"][1]["threshold"], own["thr"]) == (0, 0.99, None)
    of_all = flow.evaluate(root, thr=0.5, isprint=False)
    assert (of_all["per_class"][1]["found"], of_all["per_class"][1]["threshold"], of_all["thr"]) == (1, 0.5, 0.5)


# --- which sets -------------------------------------------------------------------------------------------------------


def test_test_pictures_are_taken_where_there_are_some(flow, tmp_path) -> None:
    write(tmp_path / "x", table="train.csv")
    (tmp_path / "x" / "test.csv").write_text(f"file,labels\n图 0.png,{RED}\n", "utf-8")
    (tmp_path / "x" / "train.csv").write_text(f"file,labels\n图 1.png,{RED};{GREEN}\n图 3.png,{BLUE}\n", "utf-8")
    result = flow.evaluate(tmp_path / "x", isprint=False)
    assert (result["part"], result["pictures"]) == ("test", 1)


def test_a_table_of_test_pictures_alone_does(flow, tmp_path) -> None:
    result = flow.evaluate(write(tmp_path / "x", table="test.csv"), isprint=False)
    assert (result["part"], result["pictures"], result["all_right"]) == ("test", 6, 4)


def test_an_export_of_roboflow_and_a_part_of_it(flow, tmp_path) -> None:
    for split, rows in (("train", ROWS), ("test", ROWS[:3])):
        marks = [f"图 {n}.png,{int(RED in names)},{int(GREEN in names)}" for n, (_, names) in enumerate(rows)]
        write(tmp_path / "x" / split, rows, "unused.txt")
        (tmp_path / "x" / split / "unused.txt").unlink()
        text = "\n".join([f"filename, {RED}, {GREEN}", *marks])
        (tmp_path / "x" / split / "_classes.csv").write_text(text, "utf-8")
    whole = flow.evaluate(tmp_path / "x", isprint=False)
    part = flow.evaluate(tmp_path / "x" / "test", isprint=False)
    assert (whole["part"], whole["pictures"], whole["all_right"]) == ("test", 3, 2)
    assert (part["pictures"], part["mAP"], part["missing_classes"]) == (3, whole["mAP"], [BLUE])


def test_a_label_that_only_test_pictures_have_is_judged(flow, tmp_path) -> None:
    root = write(tmp_path / "x")
    lines = [
        "file,labels,split",
        f"图 0.png,{RED},train",
        f"图 1.png,{RED};{GREEN},train",
        f"图 5.png,{RED};{BLUE},test",
    ]
    (root / "labels.csv").write_text("\n".join(lines), "utf-8")
    result = flow.evaluate(root, isprint=False)
    assert (result["pictures"], result["all_right"], result["false"]) == (1, 1, 0)


def test_linked_class_folders_tell_several_labels(flow, tmp_path) -> None:
    root = tmp_path / "x"
    paint(root / RED / "红绿.png", "rg")
    paint(root / RED / "红.png", "r")
    (root / GREEN).mkdir()
    try:
        os.link(root / RED / "红绿.png", root / GREEN / "红绿.png")
    except OSError:
        pytest.skip("no links here")
    result = flow.evaluate(root, isprint=False)
    assert (result["pictures"], result["all_right"], result["found"]) == (2, 2, 3)


def test_class_folders_are_judged_and_it_is_said_what_they_do_not_tell(flow, tmp_path) -> None:
    paint(tmp_path / "x" / RED / "a.png", "r")
    paint(tmp_path / "x" / GREEN / "b.png", "rg")
    result = flow.evaluate(tmp_path / "x", isprint=False)
    assert (result["pictures"], result["all_right"], result["false"]) == (2, 1, 1)
    assert any("one label of each picture" in note for note in result["notes"])
    assert result["missing_classes"] == [BLUE]


def test_names_are_matched_and_others_are_named(folder, tmp_path) -> None:
    file = models_on_disk.several_labels(folder / "m.onnx", classes=("Red Café", "GREEN", "blue-one"))
    flow = Workflow(task="mmedu", checkpoint=file)
    rows = (("r", ("red café", "fox")), ("rg", ("red café", "green")), ("b", ("blue_one",)))
    result = flow.evaluate(write(tmp_path / "x", rows), isprint=False)
    assert (result["all_right"], result["unknown_classes"], result["missing_classes"]) == (3, ["fox"], [])
    assert any("fox" in note for note in result["notes"])
    with pytest.raises(ClassCountMismatch, match="fox"):
        flow.evaluate(write(tmp_path / "y", (("r", ("fox", "hen")),)), isprint=False)


def test_damaged_pictures_are_named_and_counted(flow, tmp_path) -> None:
    root = write(tmp_path / "x")
    (root / "图 0.png").write_bytes(b"\x89PNG\r\n")
    result = flow.evaluate(root, isprint=False)
    assert (result["pictures"], len(result["damaged"])) == (5, 1)


def test_a_table_without_any_label_is_refused(flow, tmp_path) -> None:
    with pytest.raises(AnnotationMissing, match="No picture has a label"):
        flow.evaluate(write(tmp_path / "x", (("r", ()), ("g", ()))), isprint=False)


# --- the other kind of model ------------------------------------------------------------------------------------------


def test_a_classifier_refuses_pictures_with_several_labels(folder, tmp_path) -> None:
    flow = Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "m.onnx"))
    with pytest.raises(DatasetInvalid, match="4 of the 6 pictures of this set have several labels or none"):
        flow.evaluate(write(tmp_path / "x"), isprint=False)


def test_a_classifier_takes_a_table_of_one_label_each(folder, tmp_path) -> None:
    flow = Workflow(task="mmedu", checkpoint=models_on_disk.classifier(folder / "m.onnx"))
    rows = (("r", (RED,)), ("g", (GREEN,)), ("b", (RED,)))
    result = flow.evaluate(write(tmp_path / "x", rows), isprint=False)
    assert (result["pictures"], result["right"], result["confusion_matrix"][0]) == (3, 2, [1, 0, 1])
