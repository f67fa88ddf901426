"""Results of pictures as lines for a person: things on lines of their own, numbers beside each other."""

from __future__ import annotations

import ast

from BaseDT.results.lines import as_lines


def test_points_stand_on_the_line_of_their_person():
    person = {"标签": 0, "关键点坐标": [[94.27, 207.9], [131.33, 168.74]], "分数": [0.76084, 0.9]}
    text = as_lines([[person]])
    assert text.count("\n") == 0
    assert ast.literal_eval(text)[0][0]["关键点坐标"] == person["关键点坐标"]


def test_each_thing_of_a_picture_has_a_line():
    assert as_lines([[{"标签": 0}, {"标签": 1}]]).count("\n") == 1
