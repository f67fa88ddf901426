"""``target_class=`` keeps what is of some classes; ``bbox=`` says where the objects are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import ParameterInvalid, TaskMismatch
from BaseDT.results import DetectionResult
from XEdu.hub import Workflow
from XEdu.hub.given_boxes import checked_boxes

NOISE = np.random.default_rng(0).integers(0, 256, (32, 64, 3), np.uint8)


@pytest.fixture
def detector(folder: Path) -> Workflow:
    return Workflow(task="mmedu", checkpoint=models.detector(folder / "检 测.onnx"))


@pytest.mark.parametrize("wanted", ["绿色", ["绿色"], ("绿色", "蓝色")])
def test_only_the_wanted_classes_are_left(detector: Workflow, wanted: object) -> None:
    assert {box["预测结果"] for box in detector.inference(NOISE)} == {"绿色", "红色"}
    result, picture = detector.inference(NOISE, target_class=wanted, img_type="cv2")
    assert [box["预测结果"] for box in result] == ["绿色"]
    assert picture.shape == NOISE.shape


@pytest.mark.parametrize("wanted", ["绿", 3, [], ["绿色", None]])
def test_a_class_that_the_model_does_not_know_is_named(detector: Workflow, wanted: object) -> None:
    with pytest.raises(ParameterInvalid, match="target_class"):
        detector.inference(NOISE, target_class=wanted)


def test_classes_and_boxes_belong_to_tasks_that_have_them(folder: Path, detector: Workflow) -> None:
    classifier = Workflow(task="mmedu", checkpoint=models.classifier(folder / "c.onnx"))
    with pytest.raises(TaskMismatch):
        classifier.inference(NOISE, target_class="绿色")
    with pytest.raises(TaskMismatch):
        detector.inference(NOISE, bbox=[0, 0, 4, 4])


@pytest.mark.parametrize(
    "value",
    [
        [1, 2, 3.5, 4],
        np.array([1, 2, 3.5, 4]),
        np.array([[1, 2, 3.5, 4]], np.float32),
        [[1, 2, 3.5, 4]],
        DetectionResult(0, 0.5, (1, 2, 3.5, 4), "hand"),
        {"坐标": {"x1": 1, "y1": 2, "x2": 3.5, "y2": 4}, "标签": 0},
        [{"coordinates": {"x1": 1, "y1": 2, "x2": 3.5, "y2": 4}}],
        {"x1": 1, "y1": 2, "x2": 3.5, "y2": 4},
    ],
)
def test_a_box_may_have_any_form(value: object) -> None:
    assert checked_boxes(value) == [(1, 2, 3.5, 4)]


def test_several_boxes_and_none(detector: Workflow) -> None:
    assert len(checked_boxes(detector.inference(NOISE))) == 2
    assert checked_boxes([]) == checked_boxes(np.empty((0, 4))) == []


@pytest.mark.parametrize(
    "value", [7, "1,2,3,4", [1, 2, 3], [3, 2, 1, 4], [1, 2, np.nan, 4], [[1, 2, 3, 4], 5], {"x1": 1}, [[[1, 2, 3, 4]]]]
)
def test_what_is_no_box_is_named(value: object) -> None:
    with pytest.raises(ParameterInvalid, match="bbox"):
        checked_boxes(value)
