"""Models of keypoints on labelled sets: what is right, what is wrong and shown first, and what cannot be judged."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import models_on_disk as models
from BaseDT import image
from BaseDT.dataset import keypoints as datasets
from BaseDT.errors import ClassCountMismatch, DatasetInvalid, DatasetNotFound, ParameterInvalid
from BaseDT.language import use_language
from BaseDT.plot import pck_curve, point_bars
from XEdu.evaluation import pose_sheet
from XEdu.evaluation.evaluated_points import EvaluatedPoints
from XEdu.evaluation.run import evaluate
from XEdu.outputs.keypoints import KIND
from XEdu.runtime.model import Model

SIZE = (120, 260)
LEFT = [(30.5, 40.5), (90.5, 50.5), (45.5, 90.5)]
RIGHT = [(180.5, 80.5), (230.5, 30.5), (200.5, 60.5)]


def posed(
    root: Path,
    people: Sequence[Sequence[Sequence[float]]] = (LEFT, RIGHT),
    *,
    names: Sequence[str] = models.POINT_NAMES,
    said: dict[int, Any] | None = None,
    boxes: bool = True,
    area: bool = True,
    parts: Sequence[str] = ("train", "valid"),
    pictures: int = 2,
    crowds: Sequence[int] = (),
) -> Path:
    """Write a set whose pictures all show these persons; ``said`` changes what is labelled of a picture's first."""
    images, annotations = [], []
    for part in parts:
        for number in range(1, pictures + 1):
            pixels = sum(models.spots(SIZE, spots, 4.0).astype(int) for spots in people)
            image.write(root / "images" / part / f"图 {number}.png", np.clip(pixels, 0, 255).astype(np.uint8))
    for number in range(1, pictures + 1):
        images.append({"id": number, "file_name": f"图 {number}.png", "height": SIZE[0], "width": SIZE[1]})
        for person, spots in enumerate(people):
            points = (said or {}).get(number, spots) if person == 0 else spots
            flat = [value for x, y, *v in points for value in (x, y, *(v or [2]))]
            entry = {"id": len(annotations) + 1, "image_id": number, "category_id": 1, "keypoints": flat}
            entry["iscrowd"] = int(person in crowds)
            if boxes:
                left, top = np.min(spots, axis=0) - 15
                width, height = np.ptp(spots, axis=0) + 30
                entry |= {"bbox": [left, top, width, height]}
            if area:
                entry |= {"area": 3000.0}
            annotations.append(entry)
    category = {"id": 1, "name": "人", "keypoints": list(names), "skeleton": [[1, 2], [2, 3]]}
    document = {"images": images, "annotations": annotations, "categories": [category]}
    (root / "annotations").mkdir(parents=True)
    for part in parts:
        (root / "annotations" / f"{part}.json").write_text(json.dumps(document, default=float), encoding="utf-8")
    return root


@pytest.fixture
def model(folder: Path) -> Model:
    return Model.load(models.point_finder(folder / "点.onnx"))


def report(model: Model, data: Path, folder: Path) -> tuple[dict[str, Any], list[str], Path]:
    with use_language("en"):
        done = evaluate(model, data, save_fold=folder / "报告")
    return dict(done.content), list(done.text), folder / "报告"


def test_persons_are_looked_at_in_their_boxes_and_every_point_counts(model: Model, folder: Path) -> None:
    content, text, saved = report(model, posed(folder / "数据 集"), folder)
    assert (content["pictures"], content["people"], content["labelled"], content["right"]) == (2, 4, 12, 12)
    assert content["part"] == "val"
    assert content["PCK"] == content["PCK_mean"] == 1.0
    assert content["PCK_interval"][0] < 0.8
    assert content["PCK_at"]["0.05"] == 1.0
    assert content["OKS"]["AP_50"] == 1.0
    assert content["mistakes"] == []
    assert [row["point"] for row in content["per_point"]] == list(models.POINT_NAMES)
    assert any("PCK@0.2, right points: 12 of 12" in line for line in text)
    assert any("OKS-AP" in line for line in text)
    files = {"evaluation.json", "skeletons.png", "pck_per_point.png", "pck_curve.png", "per_point.csv"}
    assert {file.name for file in saved.iterdir()} == files
    json.loads((saved / "evaluation.json").read_text(encoding="utf-8"))


def test_wrong_points_are_counted_and_named_the_worst_first(model: Model, folder: Path) -> None:
    one_off = [LEFT[0], LEFT[1], (100.5, 20.5)]
    two_off = [(90.5, 50.5), (30.5, 40.5), LEFT[2]]
    content, _, saved = report(model, posed(folder / "d", said={1: one_off, 2: two_off}), folder)
    assert (content["labelled"], content["right"]) == (12, 9)
    assert [(Path(row["file"]).name, row["person"], row["wrong"]) for row in content["mistakes"]] == [
        ("图 2.png", 1, 2),
        ("图 1.png", 1, 1),
    ]
    assert content["mistakes"][1]["worst_point"] == "top_blue"
    assert [row["right"] for row in content["per_point"]] == [3, 3, 3]
    rows = list(csv.DictReader((saved / "per_point.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["PCK"] for row in rows] == ["0.7500"] * 3
    assert (saved / "mistakes.csv").exists()


def test_points_that_nobody_labelled_do_not_count(model: Model, folder: Path) -> None:
    said = [LEFT[0], (0, 0, 0), (*LEFT[2], 1)]
    content, _, _ = report(model, posed(folder / "d", said={1: said, 2: said}), folder)
    assert [row["labelled"] for row in content["per_point"]] == [4, 2, 4]
    assert content["PCK"] == 1.0


def test_groups_are_neither_right_nor_wrong(model: Model, folder: Path) -> None:
    content, _, _ = report(model, posed(folder / "d", crowds=(1,)), folder)
    assert (content["labelled"], content["OKS"]["AP_50"]) == (6, 1.0)


def test_left_and_right_exchanged_is_told(model: Model, folder: Path) -> None:
    said = [LEFT[1], LEFT[0], LEFT[2]]
    content, text, _ = report(model, posed(folder / "d", said={1: said}), folder)
    assert (content["right"], content["exchanged"]) == (10, 1)
    assert any("left and right exchanged" in line for line in text)


def test_without_boxes_the_whole_picture_is_the_person(model: Model, folder: Path) -> None:
    content, _, _ = report(model, posed(folder / "d", (LEFT,), boxes=False, area=False), folder)
    assert (content["people"], content["PCK"]) == (2, 1.0)
    assert content["OKS"] is None


def test_points_go_together_by_name_in_whatever_order(model: Model, folder: Path) -> None:
    # The set has them in another order, in another spelling, and one that the model does not know.
    turned = [(LEFT[2], LEFT[0], LEFT[1])]
    data = posed(folder / "d", names=("Top Blue", "left_红", "elbow"), people=turned)
    content, text, _ = report(model, data, folder)
    # The spots are drawn by their place in the picture's colours: red is where the set's first point is.
    assert content["unknown_points"] == ["elbow"]
    assert content["missing_points"] == ["right_绿"]
    assert content["labelled"] == 4
    assert any("elbow" in line for line in text)


def test_a_set_of_other_points_is_refused(model: Model, folder: Path) -> None:
    with pytest.raises(ClassCountMismatch, match="none of the points") as caught:
        report(model, posed(folder / "d", names=("a", "b", "c")), folder)
    assert "left_红" in caught.value.hint


def test_a_folder_without_keypoints_is_refused(model: Model, folder: Path) -> None:
    image.write(folder / "猫" / "1.png", models.picture())
    with pytest.raises(DatasetInvalid, match="no keypoints") as caught:
        report(model, folder, folder / "r")
    assert "猫" in str(caught.value)
    with pytest.raises(DatasetNotFound):
        report(model, folder / "nowhere", folder / "r")


def test_damaged_pictures_are_named_and_the_rest_is_judged(model: Model, folder: Path) -> None:
    data = posed(folder / "d")
    (data / "images" / "valid" / "图 1.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    content, _, _ = report(model, data, folder)
    assert content["people"] == 2
    assert [Path(item["file"]).name for item in content["damaged"]] == ["图 1.png"]


def test_a_set_for_tests_alone_is_judged_as_a_whole(model: Model, folder: Path) -> None:
    content, _, _ = report(model, posed(folder / "d", parts=("test",), pictures=6), folder)
    assert (content["part"], content["pictures"]) == ("test", 6)


def test_persons_whom_inference_would_not_show_count_and_are_told(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx"))
    data = posed(folder / "d")
    for part in ("train", "valid"):
        for file in (data / "images" / part).iterdir():
            image.write(file, (image.read(file) // 8).astype(np.uint8))
    content, text, _ = report(model, data, folder)
    assert content["below_thr"] == 4
    assert content["PCK"] == 1.0
    assert any("4 persons have a score below 0.2" in line for line in text)


def test_int8_and_benchmark_judge_by_the_same_share(model: Model, folder: Path) -> None:
    said = [LEFT[0], LEFT[1], (100.5, 20.5)]
    data = posed(folder / "d", said={1: said, 2: said})
    labelled = KIND.labelled(data)
    assert labelled is not None
    score = KIND.score(model, labelled)
    assert score.metrics["pck"] == pytest.approx(100 * 10 / 12)
    assert (score.judged, score.counts) == (2, {"damaged": 0, "foreign_points": 0})
    assert KIND.labelled(folder / "nothing") is None


def test_a_set_of_other_points_gives_no_score_and_says_why(model: Model, folder: Path) -> None:
    labelled = KIND.labelled(posed(folder / "d", names=("a", "b", "c")))
    assert labelled is not None
    score = KIND.score(model, labelled)
    assert not score.metrics
    with use_language("en"):
        assert "3 points of the set" in KIND.notes("m", score.counts)[0]
        assert "no PCK" in KIND.other_labels("m", labelled)


# --- the pictures -----------------------------------------------------------------------------------------------------


def evaluated(folder: Path, shift: float = 0.0, **more: Any) -> EvaluatedPoints:
    people = datasets.load(posed(folder / "d")).val
    truth = np.array([person.points for person in people])
    found = truth[:, :, :2].copy()
    found[0, 0] += shift
    fields = {"scores": np.ones((4, 3)), "found": found, **more}
    return EvaluatedPoints(models.POINT_NAMES, ((0, 1), (1, 2)), people, truth, **fields)


def test_the_sheet_shows_both_skeletons_and_the_error(folder: Path) -> None:
    sheet = pose_sheet.draw(evaluated(folder, 40.0))
    assert sheet is not None
    for colour in (pose_sheet.TRUE, pose_sheet.PREDICTED, pose_sheet.WRONG):
        assert (sheet == colour).all(axis=2).any()


def test_who_was_not_found_is_shown_without_a_prediction(folder: Path) -> None:
    sheet = pose_sheet.draw(evaluated(folder, found=np.full((4, 3, 2), np.nan)))
    assert sheet is not None
    assert not (sheet == pose_sheet.PREDICTED).all(axis=2).any()


def test_a_sheet_of_pictures_that_are_gone_is_none(folder: Path) -> None:
    gone = evaluated(folder)
    for person in gone.people:
        person.path.unlink(missing_ok=True)
    assert pose_sheet.draw(gone) is None


def test_where_nothing_is_labelled_nothing_is_drawn(folder: Path) -> None:
    nothing = evaluated(folder)
    nothing.truth[:, :, 2] = 0
    assert nothing.points.pck is None
    assert nothing.worst_first() == []
    assert point_bars.draw(nothing.points, nothing.names) is None
    assert pck_curve.draw(nothing.distances, nothing.names, 0.2) is None
    assert pose_sheet.draw(nothing) is None


def test_numbers_that_do_not_fit_are_refused(folder: Path) -> None:
    with pytest.raises(ParameterInvalid):
        evaluated(folder, scores=np.ones((4, 2)))
