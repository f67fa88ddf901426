"""Evaluating a segmenter: numbers, the worst pictures and files; sets that do not fit are named."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

import models_on_disk
from BaseDT import image
from BaseDT.errors import ClassCountMismatch, DatasetInvalid, ImageDamaged, XEduError
from XEdu import benchmark
from XEdu.evaluation.evaluated_masks import SHOWN_SIDE, MaskTally
from XEdu.evaluation.mask_files import per_picture
from XEdu.evaluation.mask_sheet import FALSE, MISSED, OTHER, RIGHT, judged_pixels
from XEdu.evaluation.mask_sheet import draw as draw_sheet
from XEdu.hub import Workflow
from XEdu.outputs.kind import find
from XEdu.outputs.segmentation import KIND
from XEdu.runtime.model import Model

NAMES = ("红色", "background", "蓝色")  # of red, green and blue


def flag(*colours: str) -> np.ndarray:
    return np.concatenate([models_on_disk.picture(colour, (32, 16)) for colour in colours], axis=1)


def mask_set(root: Path, truths: dict[str, tuple[tuple[str, ...], tuple[int, ...]]], names=NAMES) -> Path:
    """Write pictures of stripes, and masks with a label for each stripe."""
    for name, (colours, labels) in truths.items():
        image.write(root / "images" / f"{name}.png", flag(*colours))
        mask = np.repeat(np.array([labels], np.uint8), 16, axis=1).repeat(32, axis=0)
        image.write(root / "labels" / f"{name}.png", mask)
    if names:
        (root / "classes.txt").write_text("\n".join(names), encoding="utf-8")
    return root


RIGHT_SET = {
    "图 1": (("red", "green", "blue"), (0, 1, 2)),
    "图 2": (("red", "red", "blue"), (0, 0, 2)),
    "图 3": (("green", "green", "green"), (1, 1, 1)),
}
WRONG = {**RIGHT_SET, "图 4": (("red", "blue", "green"), (1, 0, 2))}


@pytest.fixture
def flow(folder: Path) -> Workflow:
    return Workflow("mmedu", models_on_disk.segmenter(folder / "分 割.onnx", classes=NAMES, size=(32, 48)))


def test_everything_right_is_one(flow: Workflow, tmp_path: Path):
    found = flow.evaluate(mask_set(tmp_path / "数据 集", RIGHT_SET), save_fold=tmp_path / "out")
    assert (found["mIoU"], found["pixel_accuracy"], found["mean_accuracy"]) == (1.0, 1.0, 1.0)
    assert found["pictures"] == 3
    assert found["mistakes"] == []
    assert found["confusion_matrix"] == [[1536, 0, 0], [0, 2048, 0], [0, 0, 1024]]
    assert not (tmp_path / "out" / "mistakes.csv").exists()


def test_mistakes_are_counted_and_the_worst_picture_comes_first(flow: Workflow, tmp_path: Path, capsys):
    root = mask_set(tmp_path / "数据 集", WRONG)
    found = flow.evaluate(root, save_fold=tmp_path / "报 告")
    assert found["pixel_accuracy"] == pytest.approx(9 / 12)
    red, green, blue = found["per_class"]
    assert red["IoU"] == pytest.approx(3 / 5)
    assert red["recall"] == pytest.approx(3 / 4)
    assert green["IoU"] == pytest.approx(4 / 6, abs=1e-4)
    assert blue["pictures"] == 3
    assert red["IoU_interval"][0] <= red["IoU"] <= red["IoU_interval"][1]
    assert found["mIoU"] == pytest.approx((3 / 5 + 4 / 6 + 2 / 4) / 3, abs=1e-4)
    assert [Path(one["file"]).stem for one in found["mistakes"]] == ["图 4"]
    assert found["mistakes"][0]["mIoU"] == 0
    assert json.loads((tmp_path / "报 告" / "evaluation.json").read_text("utf-8"))["mIoU"] == found["mIoU"]
    assert sorted(path.name for path in (tmp_path / "报 告").iterdir()) == [
        "confusion_matrix.png",
        "evaluation.json",
        "iou.png",
        "masks.png",
        "mistakes.csv",
        "per_class.csv",
    ]
    table = list(csv.DictReader(io.StringIO((tmp_path / "报 告" / "per_class.csv").read_text("utf-8-sig"))))
    assert [row["class"] for row in table] == list(NAMES)
    assert "mIoU 0.589" in capsys.readouterr().out


def test_ignored_pixels_are_not_judged(flow: Workflow, tmp_path: Path):
    truths = {"a": (("red", "green", "blue"), (0, 255, 2)), "b": (("green", "red", "blue"), (255, 0, 2))}
    found = flow.evaluate(mask_set(tmp_path / "set", truths), save_fold=tmp_path / "out")
    assert (found["pixels"], found["pixel_accuracy"]) == (4 * 512, 1.0)
    assert found["per_class"][1]["IoU"] is None
    assert found["missing_classes"] == ["background"]


def test_classes_are_matched_by_name_in_any_order(flow: Workflow, tmp_path: Path):
    names = ("蓝色", "红色", "Background")
    truths = {"a": (("red", "green", "blue"), (1, 2, 0)), "b": (("red", "red", "blue"), (1, 1, 0))}
    found = flow.evaluate(mask_set(tmp_path / "set", truths, names), save_fold=tmp_path / "out")
    assert found["mIoU"] == 1.0


def test_classes_that_the_model_does_not_know_are_left_out(flow: Workflow, tmp_path: Path, capsys):
    names = ("红色", "马", "蓝色")
    truths = {"a": (("red", "green", "blue"), (0, 1, 2)), "b": (("red", "red", "blue"), (0, 0, 2))}
    found = flow.evaluate(mask_set(tmp_path / "set", truths, names), save_fold=tmp_path / "out")
    assert (found["unknown_classes"], found["unknown_pixels"], found["mIoU"]) == (["马"], 512, 1.0)
    assert "马" in capsys.readouterr().out


def test_a_set_without_names_has_those_of_the_model(flow: Workflow, tmp_path: Path):
    found = flow.evaluate(mask_set(tmp_path / "set", RIGHT_SET, ()), save_fold=tmp_path / "out")
    assert found["mIoU"] == 1.0


def test_no_class_in_common(flow: Workflow, tmp_path: Path, refused):
    with refused(ClassCountMismatch, "猫"):
        flow.evaluate(mask_set(tmp_path / "set", RIGHT_SET, ("猫", "狗", "马")))


def test_pixels_that_are_too_unsure_count_as_missed(flow: Workflow, tmp_path: Path, capsys):
    found = flow.evaluate(mask_set(tmp_path / "set", RIGHT_SET), thr=1.0, save_fold=tmp_path / "out")
    assert found["unanswered"] > 0.9 * found["pixels"]
    assert found["pixel_accuracy"] < 0.1
    assert "count as missed" in capsys.readouterr().out


def test_damaged_masks_and_pictures_are_named(flow: Workflow, tmp_path: Path):
    root = mask_set(tmp_path / "set", WRONG)
    file = root / "labels" / "图 2.png"
    file.write_bytes(file.read_bytes()[:50])
    picture = root / "images" / "图 3.png"
    picture.write_bytes(picture.read_bytes()[:70])
    found = flow.evaluate(root, save_fold=tmp_path / "out")
    assert found["pictures"] == 2
    assert {Path(item["file"]).name for item in found["damaged"]} == {"图 2.png", "图 3.png"}


def test_nothing_that_can_be_read(flow: Workflow, tmp_path: Path, refused):
    root = mask_set(tmp_path / "set", RIGHT_SET)
    for file in (root / "labels").iterdir():
        file.write_bytes(file.read_bytes()[:50])
    with refused(DatasetInvalid):
        flow.evaluate(root)


def test_a_folder_without_masks(flow: Workflow, tmp_path: Path):
    image.write(tmp_path / "set" / "猫" / "1.png", flag("red"))
    with pytest.raises(XEduError):
        flow.evaluate(tmp_path / "set")


# --- a benchmark ------------------------------------------------------------------------------------------------------


def test_a_benchmark_has_its_columns(folder: Path, tmp_path: Path):
    file = models_on_disk.segmenter(folder / "x.onnx", classes=NAMES, size=(32, 48))
    report = benchmark.run(file, images=mask_set(tmp_path / "set", WRONG), threads=[1], seconds=0.05)
    (row,) = report.rows
    assert row.error == ""
    assert row.judged == 4
    assert row.metrics == pytest.approx({"miou": 58.889, "pixel_accuracy": 75.0}, abs=0.01)
    assert "| mIoU |" in benchmark.as_markdown(report)


def scored(model: Path, root: Path):
    """What a benchmark asks a kind of output for."""
    opened = Model.load(model)
    labelled = KIND.labelled(root)
    assert labelled is not None
    score = KIND.score(opened, labelled)
    return score, KIND.notes(model.name, score.counts)


def test_a_benchmark_takes_the_models_names_where_the_set_has_none(folder: Path, tmp_path: Path):
    file = models_on_disk.segmenter(folder / "x.onnx", classes=NAMES, size=(32, 48))
    score, notes = scored(file, mask_set(tmp_path / "set", RIGHT_SET, ()))
    assert score.metrics["miou"] == pytest.approx(100)
    assert notes == []


def test_pixels_of_unknown_classes_are_told(folder: Path, tmp_path: Path):
    file = models_on_disk.segmenter(folder / "x.onnx", classes=NAMES, size=(32, 48))
    score, notes = scored(file, mask_set(tmp_path / "set", RIGHT_SET, ("红色", "马", "蓝色")))
    assert score.metrics["miou"] == pytest.approx(100)
    assert "2048 pixels" in notes[0]


def test_where_no_class_is_known_there_is_no_score(folder: Path, tmp_path: Path):
    file = models_on_disk.segmenter(folder / "x.onnx", classes=NAMES, size=(32, 48))
    score, _ = scored(file, mask_set(tmp_path / "set", RIGHT_SET, ("猫", "狗", "马")))
    assert (score.metrics, score.judged) == ({}, 0)


def test_labels_of_another_kind_give_no_score_and_it_is_said(tmp_path: Path):
    for name in NAMES[:2]:
        image.write(tmp_path / "set" / name / "1.png", flag("red"))
    folders = find("classification").labelled(tmp_path / "set")
    assert KIND.labelled(tmp_path / "set") is None
    assert "mIoU" in KIND.other_labels("x.onnx", folders)
    masks = KIND.labelled(mask_set(tmp_path / "masks", RIGHT_SET))
    assert find("classification").other_labels("c.onnx", masks)


# --- the parts --------------------------------------------------------------------------------------------------------


def test_what_became_of_each_pixel():
    truth = np.array([[0, 0, 1, 1, 1, 255]], np.uint8)
    predicted = np.array([[0, 1, 1, 0, 2, 1]], np.uint8)
    codes = judged_pixels(truth, predicted, ("背景", "a", "b"))
    assert codes.tolist() == [[0, FALSE, RIGHT, MISSED, OTHER, 0]]
    assert judged_pixels(truth, predicted, ("c", "a", "b"))[0, 0] == RIGHT
    unanswered = judged_pixels(truth, np.full_like(truth, 255), ("背景", "a", "b"))
    assert unanswered.tolist() == [[0, 0, MISSED, MISSED, MISSED, 0]]


def test_only_the_worst_masks_are_kept_and_small(tmp_path: Path):
    tally = MaskTally(("background", "a"))
    for number in range(30):
        truth = np.zeros((500, 700), np.uint8)
        truth[:, : 10 * (number + 1)] = 1
        predicted = np.zeros_like(truth)
        predicted[:, :300] = 1
        tally.add(tmp_path / f"{number}.png", truth, predicted)
    evaluated = tally.evaluated()
    assert len(evaluated.worst) == 20
    assert max(evaluated.worst[0].truth.shape) == SHOWN_SIDE
    values = [shown.miou for shown in evaluated.worst]
    assert values == sorted(values)
    assert values[0] == min(value for value in evaluated.picture_miou if value is not None)
    assert per_picture(evaluated)[0]["file"] == str(evaluated.worst[0].path)
    assert len(per_picture(evaluated)) == 29, "one is right"


def test_masks_of_counted_pictures_are_asked_for_where_they_are_shown(tmp_path: Path):
    tally, asked = MaskTally(("background", "a")), []

    def masks(number: int):
        asked.append(number)
        if number == 3:
            raise ImageDamaged("gone")
        return np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)

    for number in range(40):
        counts = np.array([[10, number, 0], [0, 5, 0]])
        tally.add_counted(tmp_path / f"{number}.png", counts, lambda number=number: masks(number))
    evaluated = tally.evaluated()
    assert len(evaluated.paths) == 40
    assert [shown.path.stem for shown in evaluated.worst] == [str(number) for number in range(39, 19, -1)]
    assert len(asked) == 40, "each was the worst of those before it"
    asked.clear()
    tally.add_counted(tmp_path / "right.png", np.array([[10, 0, 0], [0, 5, 0]]), lambda: masks(0))
    assert asked == []


def test_of_no_pictures_nothing_is_drawn():
    evaluated = MaskTally(("background", "a")).evaluated()
    assert draw_sheet(evaluated) is None
    assert evaluated.miou is None
    assert evaluated.intervals.mean_iou is None


def test_a_picture_of_which_nothing_is_judged(tmp_path: Path):
    tally = MaskTally(("background", "a"))
    tally.add(tmp_path / "x.png", np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.uint8))
    evaluated = tally.evaluated()
    assert evaluated.picture_miou == (None,)
    assert per_picture(evaluated) == []
    assert evaluated.worst == ()
