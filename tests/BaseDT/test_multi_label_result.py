"""The result of a picture with several labels, and how it is drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest

from BaseDT import draw
from BaseDT.errors import ParameterInvalid
from BaseDT.results import MultiLabelResult

NAMES = ("cat", "狗", "bird")


def test_labels_that_reach_their_threshold_come_the_surest_first():
    result = MultiLabelResult.from_scores(np.float32([0.7, 0.2, 0.9]), NAMES, [0.7, 0.1, 0.95])
    assert (result.labels, result.names) == ((0, 1), ("cat", "狗"))
    assert json.loads(json.dumps(result.to_chinese()))["标签"] == [0, 1]
    assert type(result.to_prediction()["pred_score"][0]) is float


def test_none_reaches_it():
    result = MultiLabelResult.from_scores(np.array([0.1, 0.2, 0.3]), NAMES, file="图 片.png")
    assert result.is_none
    assert result.to_chinese() == {"标签": [], "置信度": [], "预测结果": [], "文件名": "图 片.png"}


@pytest.mark.parametrize(
    ("scores", "thresholds"), [([0.1, 0.2], 0.5), ([0.1, np.nan, 0.3], 0.5), ([0.1, 0.2, 0.3], [0.5, 0.5])]
)
def test_scores_that_do_not_fit(scores, thresholds):
    with pytest.raises(ParameterInvalid):
        MultiLabelResult.from_scores(np.array(scores), NAMES, thresholds)


def test_labels_scores_and_names_belong_together():
    for fields in (((0, 0), (0.5, 0.5), ("a", "a")), ((0,), (0.5, 0.4), ("a",)), ((-1,), (0.5,), ("a",))):
        with pytest.raises(ParameterInvalid):
            MultiLabelResult(*fields)


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (480, 640), (600, 40), (1, 300, 3)])
@pytest.mark.parametrize("count", [0, 3, 40])
def test_any_number_of_labels_is_drawn_on_any_picture(size, count):
    picture = np.full(size, 120, np.uint8)
    result = MultiLabelResult(tuple(range(count)), (0.5,) * count, tuple(f"label {i}" for i in range(count)))
    small = draw.multi_label(picture, result, enlarge=False)
    assert small.shape[:2] == size[:2]
    large = draw.multi_label(picture, result)
    assert min(large.shape[:2]) >= min(size[:2])
    assert (large != 120).any()


def test_names_that_would_cover_a_picture_get_a_margin():
    result = MultiLabelResult(tuple(range(9)), (0.5,) * 9, tuple("abcdefghi"))
    drawn = draw.multi_label(np.full((224, 224, 3), 120, np.uint8), result)
    assert drawn.shape[0] > 300
    assert (drawn[-224:] == 120).all()
