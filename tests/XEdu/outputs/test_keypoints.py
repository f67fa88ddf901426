"""Models of keypoints: raw outputs onto pictures, whole or in boxes; their words, and what their files may say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import CheckpointInvalid, ModelUnsupported, NothingToShow, ParameterInvalid, TaskMismatch
from BaseDT.geometry.regions import RotatedRegion
from BaseDT.language import use_language
from BaseDT.model_info import ModelInfo
from BaseDT.results import KeypointsResult
from XEdu.hub import Workflow
from XEdu.outputs import keypoints
from XEdu.outputs.key_names import LANGUAGES
from XEdu.outputs.keypoints import KIND
from XEdu.outputs.kind import OutputBatch, Placement, kind_of
from XEdu.runtime.model import Model

SPOTS = ((40.0, 90.0), (150.0, 30.0), (100.0, 70.0))
"""Red, green and blue."""
PICTURE = models.spots((120, 200), SPOTS)
PERSON = KeypointsResult(np.array(SPOTS), np.array([0.9, 0.8, 0.1]), None, 0.6, 0, "人", models.POINT_NAMES, ((0, 1),))


@pytest.fixture(params=["heatmaps", "simcc"])
def model(request: pytest.FixtureRequest, folder: Path) -> Model:
    return Model.load(models.point_finder(folder / "数据 集" / "点.onnx", decode=request.param))


def off(person: KeypointsResult, points: Any = SPOTS) -> float:
    """The largest distance from where the points are, in pixels."""
    return float(np.linalg.norm(person.points - points, axis=1).max())


def test_without_boxes_the_whole_picture_is_one_person(model: Model) -> None:
    (people,) = model.predict([PICTURE])
    (person,) = people
    assert off(person) < 1.5
    assert person.names == models.POINT_NAMES
    assert person.skeleton == ((0, 1), (1, 2))
    assert person.name == "人"
    assert person.score == pytest.approx(person.scores.mean())


def test_pictures_of_any_shape_are_mapped_back(model: Model) -> None:
    for size, points in (
        ((300, 100), [(20, 200), (70, 60), (50, 150)]),
        ((120, 400), [(50, 40), (350, 80), (200, 60)]),
    ):
        picture = models.spots(size, points, sigma=max(size) / 25)
        assert off(model.predict([picture])[0][0], points) < 5.0  # a fifth of a cell of its heat maps


def test_without_a_box_it_is_the_smallest_around_the_points_that_are_seen(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx"))
    unseen = PICTURE.copy()
    unseen[..., 1] //= 8  # the green point is a guess
    (person,) = model.predict([unseen], threshold=0.0)[0]
    assert person.edges == pytest.approx((40, 70, 100, 90), abs=1.5)
    (nobody,) = model.predict([PICTURE // 8], threshold=0.0)[0]
    assert nobody.edges == pytest.approx((40, 30, 150, 90), abs=3)


def test_several_pictures_are_run_at_once_and_kept_apart(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx", batch="N"))
    other = SPOTS[::-1]
    first, second = model.predict([PICTURE, models.spots((120, 200), other)])
    assert off(first[0]) < 1.5
    assert off(second[0], other) < 1.5


def test_who_is_less_sure_than_the_threshold_is_nobody(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx"))
    black = np.zeros_like(PICTURE)
    assert model.predict([black]) == [[]]
    assert len(model.predict([black], threshold=0.0)[0]) == 1


@pytest.mark.parametrize("batch", [1, "N", 4])
def test_each_box_is_looked_at_by_itself(folder: Path, batch: int | str) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx", batch=batch))
    left, right = [(30, 40), (60, 50), (45, 80)], [(220, 60), (250, 30), (260, 90)]
    picture = models.spots((120, 300), left, 5) + models.spots((120, 300), right, 5)
    boxes = [(200.0, 10.0, 280.0, 110.0), (10.0, 20.0, 80.0, 100.0)]
    people = keypoints.in_boxes(model, picture, boxes)
    assert off(people[0], right) < 1.0
    assert off(people[1], left) < 1.0
    assert [person.box for person in people] == boxes
    assert keypoints.in_boxes(model, picture, []) == []


def test_a_box_is_padded_as_the_file_says(folder: Path) -> None:
    settings = keypoints.options(models.POINT_NAMES, box_padding=3.0)
    base = Model.load(models.point_finder(folder / "p.onnx"))
    assert base.info is not None
    wide = dataclasses.replace(base.info, options=settings)
    model = Model.load(models.point_finder(folder / "wide.onnx", known=wide))
    box = (90.0, 45.0, 110.0, 75.0)  # the spots lie beside it, two of them beyond the usual padding
    assert off(keypoints.in_boxes(base, PICTURE, [box])[0]) > 20
    near = [(80.0, 60.0), (120.0, 60.0), (100.0, 75.0)]
    assert off(keypoints.in_boxes(model, models.spots((120, 200), near, 5), [box])[0], near) < 1.0


def test_turned_regions_are_read_by_the_same_function(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx"))
    assert model.info is not None
    assert model.info.preprocess is not None
    region = RotatedRegion(100, 60, 120, 180, angle=0.7)
    crop = region.crop(PICTURE, model.info.preprocess.size)
    (batch,) = model.output_batches([crop])
    (person,) = keypoints.of_regions(batch.arrays, batch.names, model.info, [region])
    assert off(person) < 2.0


def test_points_of_a_finished_tensor_stay_in_pixels_of_the_input(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx"))
    picture = models.spots((96, 64), [(10, 80), (50, 20), (32, 48)], 5)
    outputs = model.run(model.tensor(picture))
    (person,) = model.result_of(outputs, Placement.of_input(), 0.1)
    assert off(person, [(10, 80), (50, 20), (32, 48)]) < 0.5


def test_the_workflow_gives_persons_in_five_languages(folder: Path) -> None:
    workflow = Workflow(task="mmedu", checkpoint=models.point_finder(folder / "点.onnx"))
    (person,) = workflow.inference(PICTURE)
    assert list(person) == ["标签", "置信度", "坐标", "预测结果", "关键点坐标", "分数"]
    assert np.abs(np.array(person["关键点坐标"]) - SPOTS).max() < 1.5
    keys = {lang: tuple(workflow.format_output(lang=lang, isprint=False)[0]) for lang in LANGUAGES}
    assert len(set(keys.values())) == len(LANGUAGES)
    assert keys["en"][-2:] == ("keypoints", "scores")
    json.dumps(workflow.format_output(lang="fr", isprint=False), ensure_ascii=False)


def test_the_workflow_takes_boxes(folder: Path) -> None:
    workflow = Workflow(task="mmedu", checkpoint=models.point_finder(folder / "点.onnx"))
    people = workflow.inference(PICTURE, bbox=[[10, 10, 190, 110], [20, 5, 180, 115]])
    assert len(people) == 2
    assert people[0]["坐标"] == {"x1": 10, "y1": 10, "x2": 190, "y2": 110}
    with pytest.raises(ParameterInvalid, match="one picture"):
        workflow.inference([PICTURE, PICTURE], bbox=[0, 0, 10, 10])
    with pytest.raises(ParameterInvalid, match="bbox"):
        workflow.inference(PICTURE, bbox=[10, 10, 5, 20])


def test_the_workflow_gives_features_to_learn_from(folder: Path) -> None:
    workflow = Workflow(task="mmedu", checkpoint=models.point_finder(folder / "点.onnx"))
    with pytest.raises(NothingToShow):
        workflow.features()
    workflow.inference([PICTURE, PICTURE])
    assert workflow.features().shape == (2, 3 * 2 + 1)
    workflow.inference(np.zeros_like(PICTURE))
    assert len(workflow.features()) == 0
    with pytest.raises(ParameterInvalid, match="upright"):
        workflow.features(upright=2)  # type: ignore[arg-type]


def test_results_without_points_have_no_features(folder: Path) -> None:
    workflow = Workflow(task="mmedu", checkpoint=models.classifier(folder / "c.onnx"))
    workflow.inference(models.picture())
    with pytest.raises(TaskMismatch, match="no keypoints"):
        workflow.features()


def test_a_drawn_picture_keeps_its_size_and_changes(folder: Path) -> None:
    workflow = Workflow(task="mmedu", checkpoint=models.point_finder(folder / "点.onnx"))
    large = models.spots((300, 400), [(50, 250), (300, 50), (200, 150)], 20)
    _, drawn = workflow.inference(large, img_type="cv2")
    assert drawn.shape == large.shape
    assert (drawn != large).any()


def test_words_for_live_pictures_and_the_terminal() -> None:
    tracked = dataclasses.replace(PERSON, number=4)
    with use_language("en"):
        assert KIND.line([]) == "nobody found"
        assert KIND.line([PERSON, tracked]) == "2: 人 0.60 (2 of 3 points), #4 人 0.60 (2 of 3 points)"
        assert KIND.summary(KIND.documented([PERSON])) == "人 0.6000 (2/3)"
    with use_language("zh"):
        assert KIND.line([PERSON]) == "1: 人 0.60 （3 个关键点中 2 个）"
        assert KIND.summary([]) == "没有检测到关键点"


def test_rows_for_programs_have_english_keys() -> None:
    (row,) = KIND.row(KIND.documented([dataclasses.replace(PERSON, number=1, depth=np.zeros(3))]))["objects"]
    assert list(row) == ["number", "label", "score", "box", "class", "points", "point_scores", "depth"]


def test_results_of_this_kind_are_known_and_can_be_followed() -> None:
    assert kind_of([PERSON]) is KIND
    assert kind_of(PERSON) is KIND
    assert KIND.boxes is not None
    (box,) = KIND.boxes([PERSON])
    assert (box.box, box.name, box.score) == (PERSON.box, "人", 0.6)


def test_only_what_has_a_name_is_kept() -> None:
    other = dataclasses.replace(PERSON, name="手")
    assert KIND.only is not None
    assert KIND.only([PERSON, other], ["手"]) == [other]


# --- what a file says of itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"names": []},
        {"names": "abc"},
        {"names": ["a", 3]},
        {"names": ["a"], "skeleton": [[0, 1]]},
        {"names": ["a", "b"], "skeleton": [[0]]},
        {"names": ["a", "b"], "skeleton": [[0, True]]},
        {"names": ["a", "b"], "skeleton": 5},
        {"names": ["a", "b"], "flip_pairs": [[0, -1]]},
        {"names": ["a"], "decode": 3},
        {"names": ["a"], "box_padding": 0},
        {"names": ["a"], "box_padding": "1"},
        {"names": ["a"], "box_padding": float("nan")},
    ],
)
def test_a_file_whose_options_cannot_be_is_damaged(folder: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(CheckpointInvalid) as caught:
        Model.load(models.point_finder(folder / "p.onnx", known=info(settings)))
    assert caught.value.code == -202


@pytest.mark.parametrize("more", [{"decode": "regression"}, {"sigma": 2}])
def test_what_a_newer_version_wrote_is_named(folder: Path, more: dict[str, Any]) -> None:
    settings = {**keypoints.options(models.POINT_NAMES), **more}
    with pytest.raises(ModelUnsupported) as caught:
        Model.load(models.point_finder(folder / "p.onnx", known=info(settings)))
    assert caught.value.code == -206


def test_another_number_of_points_than_the_file_names_is_refused(folder: Path) -> None:
    model = Model.load(models.point_finder(folder / "p.onnx", known=info(keypoints.options(("a", "b")))))
    with pytest.raises(CheckpointInvalid, match="2 points"):
        model.predict([PICTURE])


def test_outputs_for_fewer_pictures_than_were_given_are_refused() -> None:
    maps = np.zeros((1, 3, 8, 8), np.float32)
    batch = OutputBatch([maps], ["heatmaps"], [Placement.of_input()] * 2)
    with pytest.raises(CheckpointInvalid, match="1 pictures of 2"):
        KIND.decode(batch, info(keypoints.options(models.POINT_NAMES)), 0.0)


def info(settings: dict[str, Any]) -> ModelInfo:
    return ModelInfo("pose", "Spots", (), models.preprocess(size=(96, 64)), "keypoints", settings)
