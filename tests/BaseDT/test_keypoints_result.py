"""What a result of keypoints holds, the dictionary that it becomes, and its points by name."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from BaseDT.errors import ParameterInvalid
from BaseDT.results import KeypointsResult

NAMES = ("nose", "left_wrist", "right_wrist")
PERSON = KeypointsResult(
    points=np.array([[10.256, 20.0], [30.0, 44.5], [5.0, 41.0]]),
    scores=np.array([0.9, 0.8, 0.123456]),
    box=(1.6, 2.0, 40.2, 60.0),
    score=0.75,
    name="人",
    names=NAMES,
    skeleton=((0, 1), (0, 2)),
)


def changed(**fields: Any) -> KeypointsResult:
    return dataclasses.replace(PERSON, **fields)


def test_the_shown_form_is_a_box_like_a_detectors_and_the_documented_points_and_scores() -> None:
    assert list(PERSON.to_chinese().items()) == [
        ("标签", 0),
        ("置信度", 0.75),
        ("坐标", {"x1": 2, "y1": 2, "x2": 40, "y2": 60}),
        ("预测结果", "人"),
        ("关键点坐标", [[10.26, 20.0], [30.0, 44.5], [5.0, 41.0]]),
        ("分数", [0.9, 0.8, 0.1235]),
    ]


def test_depth_and_number_are_shown_where_they_are_known() -> None:
    shown = changed(depth=np.array([1.0, -2.0, 0.5]), number=3).to_chinese()
    assert next(iter(shown.items())) == ("编号", 3)
    assert shown["深度"] == [1.0, -2.0, 0.5]
    assert not {"编号", "深度"} & PERSON.to_chinese().keys()


def test_all_of_it_can_be_written_as_json() -> None:
    result = KeypointsResult(
        np.ones((2, 2), np.float32), np.ones(2, np.float32), score=np.float32(0.5), label=np.int64(1), number=np.int8(2)
    )
    assert json.loads(json.dumps(result.to_chinese()))["标签"] == 1


def test_points_are_reached_by_name_in_whatever_way_it_is_written() -> None:
    assert PERSON.point("left_wrist") == (30.0, 44.5)
    assert PERSON.point(" Left Wrist ") == PERSON.point("left-wrist") == PERSON.point(1)
    assert PERSON.score_of("right_wrist") == 0.123456
    assert type(PERSON.point("nose")[0]) is float


def test_a_name_that_is_none_gets_the_nearest_offered() -> None:
    with pytest.raises(ParameterInvalid, match="Did you mean 'left_wrist'") as caught:
        PERSON.point("left_wirst")
    assert caught.value.code == -305
    assert "nose, left_wrist, right_wrist" in caught.value.hint


@pytest.mark.parametrize("name", [3, -1, 1.0, None, True, "", "腕"])
def test_what_names_no_point_is_refused(name: Any) -> None:
    with pytest.raises(ParameterInvalid, match="no point"):
        PERSON.point(name)


def test_points_without_names_are_called_by_their_numbers() -> None:
    result = KeypointsResult(np.array([[1, 2], [3, 4]]), np.ones(2))
    assert result.names == ("0", "1")
    assert result.point("1") == result.point(1) == (3.0, 4.0)


def test_without_a_box_the_points_make_one() -> None:
    assert KeypointsResult(np.array([[5, 2], [3, 8]]), np.ones(2)).edges == (3.0, 2.0, 5.0, 8.0)


def test_the_arrays_of_a_result_are_its_own_and_cannot_be_written_to() -> None:
    points = np.zeros((2, 2))
    result = KeypointsResult(points, np.ones(2))
    points[:] = 7
    assert not result.points.any()
    with pytest.raises(ValueError, match="read-only"):
        result.points[0, 0] = 1


def test_equal_results_are_equal_and_a_moved_point_is_not() -> None:
    assert changed() == PERSON
    assert hash(changed()) == hash(PERSON)
    assert changed(points=PERSON.points + 0.001) != PERSON
    assert changed(depth=np.zeros(3)) != PERSON
    assert changed(depth=np.zeros(3)) == changed(depth=np.zeros(3))
    assert PERSON != "人"


def test_rounding_above_one_is_forgiven() -> None:
    assert changed(scores=np.array([1.000001, 0.5, 0])).scores.max() == 1.0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("points", np.zeros((3, 3))),
        ("points", np.zeros((0, 2))),
        ("points", np.full((3, 2), np.nan)),
        ("points", [[1, 2], [3, 4], [5]]),
        ("points", "points"),
        ("points", None),
        ("scores", np.zeros(2)),
        ("scores", np.array([0, 1, 2])),
        ("scores", np.array([0, -0.1, 0.5])),
        ("scores", np.array([0, np.inf, 0.5])),
        ("box", (5, 5, 1, 1)),
        ("box", (1, 2, 3)),
        ("score", 1.5),
        ("label", -1),
        ("name", 3),
        ("names", ("a", "b")),
        ("names", ("a", "b", 3)),
        ("names", "abc"),
        ("names", ([], "b", "c")),
        ("skeleton", ((0, 3),)),
        ("skeleton", ((0, -1),)),
        ("skeleton", ((0, 1, 2),)),
        ("skeleton", ((0, 1.5),)),
        ("skeleton", ((0, []),)),
        ("skeleton", (0, 1)),
        ("skeleton", 5),
        ("depth", np.zeros(2)),
        ("depth", np.array([0, 0, np.nan])),
        ("number", -1),
        ("number", "1"),
    ],
)
def test_a_value_that_cannot_be_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ParameterInvalid, match=field) as caught:
        changed(**{field: value})
    assert caught.value.hint
