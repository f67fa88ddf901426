"""A line of text that was read: its values, its words, its drawing."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from BaseDT import draw
from BaseDT.errors import ParameterInvalid
from BaseDT.results import TextResult
from XEdu.outputs import kind as kinds

CORNERS = ((10.4, 20.6), (110.0, 20.0), (110.0, 60.0), (10.0, 60.0))
LINE = TextResult("温度 23.5", 0.98, CORNERS)
KIND = kinds.find("text")


def test_it_knows_its_box_and_angle():
    assert LINE.box == (10.0, 20.0, 110.0, 60.0)
    assert LINE.angle == pytest.approx(-0.345, abs=0.01)
    turned = TextResult("a", 1, (CORNERS[1], CORNERS[2], CORNERS[3], CORNERS[0]))
    assert turned.angle == pytest.approx(90)


def test_numpys_numbers_become_pythons_own():
    line = TextResult("a", np.float32(0.5), [[np.float32(x), np.float64(y)] for x, y in CORNERS])
    assert json.loads(json.dumps(line.to_chinese()))["置信度"] == 0.5
    assert type(line.corners[0][0]) is float


@pytest.mark.parametrize(
    ("text", "score", "corners"),
    [
        (5, 0.5, CORNERS),
        ("a", 1.5, CORNERS),
        ("a", math.nan, CORNERS),
        ("a", 0.5, CORNERS[:3]),
        ("a", 0.5, None),
        ("a", 0.5, ((1, 2), (3, 4), (5, math.inf), (7, 8))),
        ("a", 0.5, ((1, 2), (3, 4), (5,), (7, 8))),
        ("a", 0.5, ((1, 2), (3, 4), (True, 6), (7, 8))),
    ],
)
def test_what_cannot_be_is_refused(text, score, corners, refused):
    with refused(ParameterInvalid):
        TextResult(text, score, corners)


def test_its_words_in_five_languages():
    expected = {
        "zh": ("文本", "置信度", "坐标", "顶点"),
        "en": ("text", "confidence", "box", "corners"),
        "ru": ("текст", "уверенность", "рамка", "углы"),
        "de": ("Text", "Konfidenz", "Rahmen", "Ecken"),
        "fr": ("texte", "confiance", "cadre", "coins"),
    }
    for lang, keys in expected.items():
        (words,) = KIND.in_words([LINE], lang)
        assert tuple(words) == keys
        assert next(iter(words.values())) == "温度 23.5"
    assert KIND.in_words(LINE, "en")["corners"] == [[10, 21], [110, 20], [110, 60], [10, 60]]


def test_its_row_and_its_summary():
    documented = KIND.documented([LINE, LINE])
    assert KIND.row(documented)["lines"][0] == {
        "text": "温度 23.5",
        "confidence": 0.98,
        "box": {"x1": 10, "y1": 20, "x2": 110, "y2": 60},
        "corners": [[10, 21], [110, 20], [110, 60], [10, 60]],
    }
    assert KIND.summary(documented) == KIND.line([LINE, LINE]) == "温度 23.5 / 温度 23.5"
    many = [TextResult(f"{n}", 1, CORNERS) for n in range(5)]
    assert KIND.summary(KIND.documented(many)) == "0 / 1 / 2 / 3 / 4"
    assert KIND.line([TextResult(f"{n}\x1b[31m", 1, CORNERS) for n in range(5)]).endswith("…")
    assert "\x1b" not in KIND.line([TextResult("\x1b[31m", 1, CORNERS)])
    assert KIND.summary([]) == KIND.line([]) == "no text"


def test_it_is_told_apart_from_boxes():
    assert kinds.kind_of([LINE]) is KIND
    assert kinds.kind_of(LINE) is KIND
    assert kinds.kind_of([]) is not KIND
    assert KIND.names([LINE]) == ["温度 23.5"]


@pytest.mark.parametrize("shape", [(300, 400, 3), (300, 400), (60, 30, 3)])
def test_the_drawing_has_a_page_at_its_right(shape):
    picture = np.full(shape, 90, np.uint8)
    before = picture.copy()
    drawn = KIND.draw(picture, [LINE])
    np.testing.assert_array_equal(picture, before)
    factor = drawn.shape[0] // shape[0]
    assert drawn.shape == (shape[0] * factor, 2 * shape[1] * factor, 3)
    page = drawn[:, drawn.shape[1] // 2 :]
    if shape[1] > 110:
        assert (page[100:] == 255).all()
        assert page[25:55, 15:105].min() < 100  # the text
        assert (drawn[100:, : shape[1]] == 90).all()


def test_live_pictures_keep_their_pixels():
    picture = np.full((30, 40, 3), 90, np.uint8)
    many = [TextResult("很长的一行文字" * 300, 0.9, CORNERS)] * 20
    for lines in (many, []):
        drawn = draw.text_lines(picture, lines, enlarge=False)
        assert drawn.shape == (30, 80, 3)
    np.testing.assert_array_equal(drawn[:, :40], picture)
    assert (drawn[:, 40:] == 255).all()


def test_a_line_outside_of_the_picture_is_drawn_as_far_as_it_can_be():
    picture = np.full((100, 100, 3), 90, np.uint8)
    for corners in (
        ((-500, -500), (-400, -500), (-400, -450), (-500, -450)),
        ((-50, 10), (400, 10), (400, 60), (-50, 60)),
        ((50, 50), (50, 50), (50, 50), (50, 50)),
    ):
        for enlarge in (True, False):
            draw.text_lines(picture, [TextResult("abc", 0.9, corners)], enlarge=enlarge)
