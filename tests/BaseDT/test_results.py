"""What a result holds, and the dictionaries that it becomes."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from BaseDT.errors import ParameterInvalid
from BaseDT.results import ClassificationResult, DetectionResult

PLATE = DetectionResult(label=0, score=0.63, box=(96.6, 150.4, 230.0, 187.5), name="车牌")
CAT = ClassificationResult(label=0, score=0.94, name="猫")


def test_the_workflow_shape_has_the_documented_chinese_keys_in_order() -> None:
    assert list(CAT.to_chinese().items()) == [("标签", 0), ("置信度", 0.94), ("预测结果", "猫")]


def test_the_inference_shape_has_the_documented_keys_in_order() -> None:
    assert list(CAT.to_prediction().items()) == [("pred_label", 0), ("pred_score", 0.94), ("pred_class", "猫")]


def test_a_file_name_comes_last_and_only_where_there_is_one() -> None:
    named = dataclasses.replace(CAT, file="图 片.jpg")
    assert list(named.to_chinese().items())[-1] == ("文件名", "图 片.jpg")
    assert list(named.to_prediction().items())[-1] == ("file_name", "图 片.jpg")
    assert "file_name" not in CAT.to_prediction()


def test_numpy_scalars_become_plain_numbers_that_json_can_write() -> None:
    result = ClassificationResult(label=np.int64(3), score=np.float32(0.5), name="dog")  # type: ignore[arg-type]
    assert type(result.label) is int
    assert type(result.score) is float
    assert json.loads(json.dumps(result.to_chinese())) == {"标签": 3, "置信度": 0.5, "预测结果": "dog"}


def test_the_highest_score_wins() -> None:
    scores = np.array([0.1, 0.7, 0.2], dtype=np.float32)
    result = ClassificationResult.from_scores(scores, ["a", "b", "c"], file="x.png")
    assert (result.label, result.name, result.file) == (1, "b", "x.png")
    assert result.score == pytest.approx(0.7)


def test_the_first_of_equal_scores_wins() -> None:
    assert ClassificationResult.from_scores(np.array([0.2, 0.4, 0.4]), ["a", "b", "c"]).label == 1


def test_the_rounding_of_a_float32_softmax_is_forgiven() -> None:
    assert ClassificationResult(label=0, score=float(np.float32(1.0000001)), name="a").score == 1.0


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CAT.score = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan"), "0.9", None, True])
def test_a_score_that_is_no_probability_is_refused(score: object) -> None:
    with pytest.raises(ParameterInvalid, match="score is"):
        ClassificationResult(label=0, score=score, name="a")  # type: ignore[arg-type]


@pytest.mark.parametrize("label", [-2, 1.0, "1", None, True])
def test_a_label_that_is_no_class_number_is_refused(label: object) -> None:
    with pytest.raises(ParameterInvalid, match="label is"):
        ClassificationResult(label=label, score=0.5, name="a")  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [("name", None), ("name", 3), ("file", 3)])
def test_texts_must_be_texts(field: str, value: object) -> None:
    with pytest.raises(ParameterInvalid, match=f"{field} is"):
        dataclasses.replace(CAT, **{field: value})


@pytest.mark.parametrize("shape", [(2,), (4,), (1, 3), (), (0,)])
def test_scores_must_fit_the_classes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterInvalid, match="do not fit 3 classes"):
        ClassificationResult.from_scores(np.zeros(shape), ["a", "b", "c"])


def test_no_classes_at_all_are_refused() -> None:
    with pytest.raises(ParameterInvalid, match="do not fit 0 classes"):
        ClassificationResult.from_scores(np.zeros(0), [])


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ParameterInvalid, match="finite"):
        ClassificationResult.from_scores(np.array([0.5, np.nan]), ["a", "b"])


def test_the_hint_speaks_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    with pytest.raises(ParameterInvalid, match="概率"):
        ClassificationResult(label=0, score=2.0, name="a")


# What a detector found


def test_a_detection_has_the_documented_chinese_keys_in_order_and_whole_pixels() -> None:
    shown = PLATE.to_chinese()
    assert list(shown) == ["标签", "置信度", "坐标", "预测结果"]
    assert shown == {
        "标签": 0,
        "置信度": 0.63,
        "坐标": {"x1": 97, "y1": 150, "x2": 230, "y2": 188},
        "预测结果": "车牌",
    }
    assert list(shown["坐标"]) == ["x1", "y1", "x2", "y2"]  # type: ignore[arg-type]


def test_a_detection_has_another_first_key_where_mmdetection_gives_it() -> None:
    prediction = PLATE.to_prediction()
    assert list(prediction) == ["类别标签", "置信度", "坐标", "预测结果"]
    assert list(prediction.values()) == list(PLATE.to_chinese().values())


def test_numpy_boxes_become_plain_numbers_that_json_can_write() -> None:
    for box in (np.array([1, 2, 3, 4], np.float32), [np.float32(1), 2, np.int64(3), 4.0]):
        result = DetectionResult(np.int64(1), np.float32(0.5), box, "a")  # type: ignore[arg-type]
        assert result.box == (1.0, 2.0, 3.0, 4.0)
        assert all(type(edge) is float for edge in result.box)
        assert json.loads(json.dumps(result.to_chinese()))["坐标"] == {"x1": 1, "y1": 2, "x2": 3, "y2": 4}


@pytest.mark.parametrize(
    "box",
    [
        (1, 2, 3),
        (1, 2, 3, 4, 5),
        (3, 2, 1, 4),
        (1, 4, 3, 2),
        (1, 2, 3, float("nan")),
        (1, 2, float("inf"), 4),
        ("1", "2", "3", "4"),
        (False, False, True, True),
        np.zeros((1, 4)),
        "1234",
        7,
        None,
    ],
)
def test_a_box_that_is_none_is_refused(box: object) -> None:
    with pytest.raises(ParameterInvalid, match="box is"):
        dataclasses.replace(PLATE, box=box)  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [("score", 1.5), ("label", -1), ("name", None)])
def test_the_other_fields_of_a_detection_are_checked_as_those_of_a_class(field: str, value: object) -> None:
    with pytest.raises(ParameterInvalid, match=f"{field} is"):
        dataclasses.replace(PLATE, **{field: value})


def test_a_wrong_box_is_named_in_plain_numbers() -> None:
    with pytest.raises(ParameterInvalid, match=r"box is \(9\.0, 9\.0, 1\.0, 1\.0\)"):
        DetectionResult(0, 0.5, tuple(np.array([9.0, 9.0, 1.0, 1.0])), "x")
