"""Results on pictures: readable on every size, in the colour of the class, without touching the original."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from BaseDT import draw, fonts, image
from BaseDT.errors import ParameterInvalid
from BaseDT.results import ClassificationResult, DetectionResult

CAT = ClassificationResult(label=2, score=0.94, name="cat")
Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def _without_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)


def _gray(height: int, width: int, value: int = 128) -> Pixels:
    return np.full((height, width, 3), value, dtype=np.uint8)


def _share_of(pixels: Pixels, colour: draw.Colour) -> float:
    return float((pixels == np.array(colour, dtype=np.uint8)).all(axis=-1).mean())


def test_the_label_is_a_box_in_the_colour_of_the_class_at_the_upper_left() -> None:
    photo = _gray(480, 640)
    drawn = draw.classification(photo, CAT)
    assert drawn.shape == photo.shape
    assert tuple(drawn[0, 0]) == draw.class_colour(2)
    assert 0.002 < _share_of(drawn, draw.class_colour(2)) < 0.1
    np.testing.assert_array_equal(drawn[100:], photo[100:])


def test_text_stands_on_the_colour_of_its_box() -> None:
    colour = draw.class_colour(1)
    drawn = draw.classification(_gray(480, 640), ClassificationResult(label=1, score=0.5, name="a name of some length"))
    box = drawn[: int((drawn[:, 0] == colour).all(axis=1).sum())]
    assert _share_of(box[:, :120], colour) > 0.6
    assert _share_of(drawn, (colour[2], colour[1], colour[0])) == 0


def test_a_narrow_picture_gets_room_for_text_at_its_right() -> None:
    drawn = draw.classification(_gray(1000, 8), CAT)
    assert drawn.shape[0] == 1000
    assert drawn.shape[1] >= 120
    assert (drawn[500, :8] == 128).all()


def test_the_original_stays_as_it_was() -> None:
    photo = _gray(480, 640)
    draw.classification(photo, CAT)
    draw.heatmap(photo, np.ones((7, 7), dtype=np.float32))
    assert (photo == 128).all()


def test_the_text_depends_on_name_and_score() -> None:
    photo = _gray(300, 300)
    one = draw.classification(photo, CAT)
    other_name = draw.classification(photo, ClassificationResult(label=2, score=0.94, name="cow"))
    other_score = draw.classification(photo, ClassificationResult(label=2, score=0.95, name="cat"))
    assert not np.array_equal(one, other_name)
    assert not np.array_equal(one, other_score)


def test_text_and_box_contrast_for_every_class() -> None:
    for label in range(7):
        drawn = draw.classification(_gray(480, 640), ClassificationResult(label=label, score=1.0, name="cat"))
        box = drawn[:20, :60].astype(int).mean(axis=-1)
        assert np.ptp(box) > 80


def test_a_tiny_picture_is_enlarged_evenly() -> None:
    digit = np.arange(28 * 28, dtype=np.uint8).reshape(28, 28)
    drawn = draw.classification(digit, CAT)
    assert drawn.shape == (224, 224, 3)
    enlarged = np.repeat(np.repeat(digit, 8, axis=0), 8, axis=1)
    np.testing.assert_array_equal(drawn[100:, :, 0], enlarged[100:])


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (8, 1000), (1000, 8), (28, 28), (223, 225), (3000, 4000)])
def test_every_size_gets_a_label_that_leaves_the_picture_visible(size: tuple[int, int]) -> None:
    drawn = draw.classification(np.full(size, 200, dtype=np.uint8), CAT)
    assert drawn.dtype == np.uint8
    assert max(drawn.shape) >= 224
    assert _share_of(drawn, draw.class_colour(2)) > 0.0005
    assert _share_of(drawn, (200, 200, 200)) > 0.05


def test_a_long_name_is_cut_but_the_score_stays() -> None:
    photo = _gray(224, 224)
    one = draw.classification(photo, ClassificationResult(label=1, score=0.11, name="n" * 500))
    two = draw.classification(photo, ClassificationResult(label=1, score=0.99, name="n" * 500))
    assert one.shape == photo.shape
    assert not np.array_equal(one, two)


@pytest.mark.usefixtures("_without_chinese_font")
def test_a_name_that_no_font_can_draw_is_shown_by_its_number() -> None:
    assert draw.shown_name("猫", 2) == "#2"
    assert draw.shown_name("", 2) == "#2"
    assert draw.shown_name("two\nlines", 2) == "two lines"
    photo = _gray(300, 300)
    shown = draw.classification(photo, ClassificationResult(label=2, score=0.9, name="猫"))
    same = draw.classification(photo, ClassificationResult(label=2, score=0.9, name="#2"))
    np.testing.assert_array_equal(shown, same)


@pytest.mark.skipif(fonts.cjk_font() is None, reason="no font with Chinese characters on this machine")
def test_chinese_names_are_drawn_where_a_font_is_installed() -> None:
    assert draw.shown_name("猫", 2) == "猫"
    photo = _gray(300, 300)
    cat = draw.classification(photo, ClassificationResult(label=2, score=0.9, name="猫"))
    dog = draw.classification(photo, ClassificationResult(label=2, score=0.9, name="狗"))
    assert not np.array_equal(cat, dog)


def test_a_drawn_picture_can_be_written_under_a_chinese_path(tmp_path: Path) -> None:
    drawn = draw.classification(_gray(60, 60), CAT)
    path = image.write(tmp_path / "数据 集" / "图 片.png", drawn)
    np.testing.assert_array_equal(image.read(path), drawn)


def test_heat_colours_the_hot_part_and_leaves_the_cold_part_clear() -> None:
    heat = np.zeros((4, 4), dtype=np.float32)
    heat[0, 0] = 1.0
    photo = _gray(240, 320)
    drawn = draw.heatmap(photo, heat)
    assert drawn.shape == photo.shape
    blue, _, red = drawn[10, 10].astype(int)
    assert red > blue + 60
    np.testing.assert_array_equal(drawn[120:], photo[120:])


def test_alpha_weighs_the_colours() -> None:
    photo, heat = _gray(240, 320), np.ones((2, 2))
    np.testing.assert_array_equal(draw.heatmap(photo, heat, alpha=0.0), photo)
    assert len(np.unique(draw.heatmap(np.random.default_rng(0).integers(0, 255, (240, 320), np.uint8), heat, 1.0))) <= 3


def test_a_note_stands_below_the_caption() -> None:
    tiles = [draw.Tile(_gray(100, 100), "a", (0, 0, 255), note=note) for note in ("", "文件 1.jpg")]
    plain, noted = draw.contact_sheet(tiles[:1]), draw.contact_sheet(tiles)
    assert noted.shape[0] > plain.shape[0] + 12
    left, right = np.split(noted[plain.shape[0] - 10 : -10], 2, axis=1)
    assert (left == 255).all()
    assert (right < 128).any()


def test_heat_on_a_tiny_picture_is_smooth_on_the_enlarged_one() -> None:
    assert draw.heatmap(np.zeros((28, 28), dtype=np.uint8), np.eye(5)).shape == (224, 224, 3)


def test_a_contact_sheet_has_one_place_for_each_picture() -> None:
    tiles = [draw.Tile(_gray(50, 80, value), f"{value}", (0, 94, 213)) for value in (10, 60, 110, 160, 190, 210, 225)]
    sheet = draw.contact_sheet(tiles, columns=3, tile=100)
    assert sheet.shape[1] // 100 == 3
    assert sheet.shape[0] // 100 >= 3
    assert all(_share_of(sheet, (item.image[0, 0, 0],) * 3) > 0.02 for item in tiles)


def test_a_heading_goes_above_and_has_room() -> None:
    tiles = [draw.Tile(np.zeros((8, 8), dtype=np.uint8), "a", (0, 0, 255))]
    plain = draw.contact_sheet(tiles)
    headed = draw.contact_sheet(tiles, heading="Most confident mistakes\na note")
    assert headed.shape[0] > plain.shape[0]
    assert headed.shape[1] >= 3 * 160
    assert (headed[:40] < 128).any()


@pytest.mark.usefixtures("_without_chinese_font")
def test_captions_never_show_the_box_of_a_missing_character() -> None:
    black = np.zeros((8, 8), dtype=np.uint8)
    shown = draw.contact_sheet([draw.Tile(black, "猫 0.9")])
    np.testing.assert_array_equal(shown, draw.contact_sheet([draw.Tile(black, "? 0.9")]))


def test_a_class_has_one_colour_and_its_neighbours_another() -> None:
    colours = [draw.class_colour(label) for label in range(7)]
    assert len(set(colours)) == 7
    assert draw.class_colour(100) == draw.class_colour(100)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((0, 5), dtype=np.uint8),
        np.zeros((5, 5, 4), dtype=np.uint8),
        np.zeros((1, 5, 5, 3), dtype=np.uint8),
        np.zeros((5, 5, 3)),
        "cat.jpg",
        None,
    ],
)
def test_what_is_no_picture_is_refused(bad: Any) -> None:
    for attempt in (
        lambda: draw.classification(bad, CAT),
        lambda: draw.heatmap(bad, np.ones((2, 2))),
        lambda: draw.contact_sheet([draw.Tile(bad, "")]),
    ):
        with pytest.raises(ParameterInvalid, match="picture to draw on"):
            attempt()


@pytest.mark.parametrize(
    "heat",
    [
        np.ones(4),
        np.ones((0, 4)),
        np.ones((2, 2), dtype=np.int64),
        np.full((2, 2), 1.5),
        np.full((2, 2), -0.1),
        np.full((2, 2), np.nan),
        [[1.0]],
    ],
)
def test_what_is_no_heat_map_is_refused(heat: Any) -> None:
    with pytest.raises(ParameterInvalid, match="heat map"):
        draw.heatmap(_gray(10, 10), heat)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_alpha_outside_its_range_is_refused(alpha: float) -> None:
    with pytest.raises(ParameterInvalid, match="alpha"):
        draw.heatmap(_gray(10, 10), np.ones((2, 2)), alpha)


@pytest.mark.parametrize("sizes", [{"columns": 0}, {"tile": 31}])
def test_a_contact_sheet_of_impossible_sizes_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ParameterInvalid, match=next(iter(sizes))):
        draw.contact_sheet([draw.Tile(_gray(10, 10), "")], **sizes)


def test_a_contact_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterInvalid, match="no pictures"):
        draw.contact_sheet([])


# Boxes


def _found(label: int, box: tuple[float, float, float, float], score: float = 0.9, name: str = "cat") -> Any:
    return DetectionResult(label=label, score=score, box=box, name=name)


def test_a_box_frames_what_was_found_in_the_colour_of_its_class() -> None:
    photo = _gray(480, 640)
    drawn = draw.detections(photo, [_found(1, (100, 150, 300, 350)), _found(2, (400, 20, 500, 120))])
    assert drawn.shape == photo.shape
    assert (photo == 128).all()
    for label, row, column in ((1, 250, 100), (1, 250, 299), (1, 349, 200), (2, 70, 400), (2, 70, 499), (2, 119, 450)):
        assert tuple(drawn[row, column]) == draw.class_colour(label)
    assert (drawn[180:340, 110:290] == 128).all()
    assert (drawn[360:] == 128).all()


def test_the_label_stands_above_its_box_and_within_it_where_there_is_no_room() -> None:
    below = draw.detections(_gray(480, 640), [_found(1, (100, 150, 300, 350))])
    assert tuple(below[148, 101]) == draw.class_colour(1)
    assert (below[:120] == 128).all()
    top = draw.detections(_gray(480, 640), [_found(1, (100, 0, 300, 350))])
    assert _share_of(top[2:20, 100:160], draw.class_colour(1)) > 0.4


def test_labels_of_neighbours_do_not_cover_each_other() -> None:
    results = [_found(1, (100, 150, 300, 350), 0.9, "one"), _found(2, (102, 151, 298, 352), 0.8, "two")]
    both = draw.detections(_gray(480, 640), results)
    alone = draw.detections(_gray(480, 640), results[:1])
    label = np.s_[130:149, 100:150]
    np.testing.assert_array_equal(both[label], alone[label])
    assert _share_of(both, draw.class_colour(2)) > _share_of(alone, draw.class_colour(2)) + 0.003


def test_the_surest_result_is_on_top_in_whatever_order_they_come() -> None:
    results = [_found(1, (100, 150, 300, 350), 0.5), _found(2, (100, 150, 300, 350), 0.9)]
    one, other = draw.detections(_gray(480, 640), results), draw.detections(_gray(480, 640), results[::-1])
    np.testing.assert_array_equal(one, other)
    assert tuple(one[250, 100]) == draw.class_colour(2)


def test_boxes_on_a_tiny_picture_are_enlarged_with_it() -> None:
    drawn = draw.detections(np.full((28, 28), 128, dtype=np.uint8), [_found(1, (10, 14, 20, 24))])
    assert drawn.shape == (224, 224, 3)
    assert tuple(drawn[150, 80]) == draw.class_colour(1)
    assert tuple(drawn[150, 159]) == draw.class_colour(1)


SMALL = [(1, 1), (8, 8), (28, 28), (8, 1000), (1000, 8), (120, 160), (223, 100)]


@pytest.mark.parametrize("size", SMALL)
def test_a_picture_may_keep_its_size_however_small(size: tuple[int, int]) -> None:
    photo = np.full(size, 200, dtype=np.uint8)
    boxed = draw.detections(photo, [_found(1, (0, 0, *size[::-1]), name="n" * 50)], enlarge=False)
    named = draw.classification(photo, CAT, enlarge=False)
    assert boxed.shape == named.shape == (*size, 3)
    assert _share_of(boxed, draw.class_colour(1)) > 0.001
    assert (photo == 200).all()


def test_boxes_on_a_small_picture_stay_where_the_result_says() -> None:
    photo = _gray(120, 160)
    drawn = draw.detections(photo, [_found(1, (10, 70, 60, 110))], enlarge=False)
    for y, x in ((70, 10), (109, 59), (90, 10), (109, 30)):
        assert tuple(drawn[y, x]) == draw.class_colour(1)
    np.testing.assert_array_equal(drawn[111:], photo[111:])


def test_a_small_picture_that_keeps_its_size_stays_visible_under_its_class() -> None:
    drawn = draw.classification(np.full((28, 28), 200, dtype=np.uint8), CAT, enlarge=False)
    assert _share_of(drawn, (200, 200, 200)) > 0.5


@pytest.mark.parametrize("size", [(224, 300), (480, 640), (300, 224)])
def test_pictures_that_are_large_enough_look_alike(size: tuple[int, int]) -> None:
    photo, found = _gray(*size), [_found(1, (10, 70, 60, 110))]
    np.testing.assert_array_equal(draw.detections(photo, found, enlarge=False), draw.detections(photo, found))
    np.testing.assert_array_equal(draw.classification(photo, CAT, enlarge=False), draw.classification(photo, CAT))


def test_labels_cover_no_other_and_are_left_out_where_there_is_no_room() -> None:
    canvas, label = _gray(200, 300), draw.BoxLabel("猫", (50, 60, 150, 120), (0, 0, 220))
    draw.label_boxes(canvas, [label], 13)
    once = _share_of(canvas, (0, 0, 220))
    assert once > 0.001
    again = _gray(200, 300)
    draw.label_boxes(again, [label] * 50, 13)
    assert 2 * once < _share_of(again, (0, 0, 220)) < 5 * once, "above, within at the top and the bottom, below"


def test_nothing_found_leaves_the_picture_as_it_is() -> None:
    np.testing.assert_array_equal(draw.detections(_gray(300, 400), []), _gray(300, 400))


@pytest.mark.parametrize("size", [(1, 1), (1, 1000), (1000, 1), (8, 1000), (28, 28), (223, 225), (2000, 3000)])
@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0, 0, 5000, 5000), (-9, -9, -5, -5), (4000, 4000, 5000, 5000)])
def test_every_size_and_every_box_can_be_drawn(size: tuple[int, int], box: tuple[float, float, float, float]) -> None:
    drawn = draw.detections(np.full(size, 200, dtype=np.uint8), [_found(3, box, name="n" * 300)])
    assert drawn.dtype == np.uint8
    assert max(drawn.shape) >= 224
    assert _share_of(drawn, draw.class_colour(3)) > 0.0001


@pytest.mark.usefixtures("_without_chinese_font")
def test_a_box_of_a_name_that_no_font_can_draw_shows_its_number() -> None:
    shown = draw.detections(_gray(300, 300), [_found(2, (50, 60, 200, 210), name="猫")])
    np.testing.assert_array_equal(shown, draw.detections(_gray(300, 300), [_found(2, (50, 60, 200, 210), name="#2")]))


@pytest.mark.parametrize("bad", [np.zeros((5, 5, 4), dtype=np.uint8), np.zeros((5, 5, 3)), "cat.jpg", None])
def test_boxes_are_not_drawn_on_what_is_no_picture(bad: Any) -> None:
    with pytest.raises(ParameterInvalid, match="picture to draw on"):
        draw.detections(bad, [])


def test_the_layer_of_a_heat_map_is_clear_where_it_is_cold_and_coloured_as_the_map_over_a_picture():
    heat = np.array([[0.0, 0.2, 1.0]], np.float32)
    layer = draw.heat_layer(heat, alpha=0.5)
    assert layer.shape == (1, 3, 4)
    assert (layer[0, 0, 3], layer[0, 2, 3]) == (0, 128)
    over = draw.heatmap(np.zeros((300, 900, 3), np.uint8), heat, alpha=1.0)[150]
    np.testing.assert_allclose(over[-1], draw.heat_layer(heat, alpha=1.0)[0, 2, :3], atol=2)
    for wrong in (np.full((2, 2), 2.0, np.float32), np.full((2, 2), np.nan, np.float32), np.zeros((0, 2), np.float32)):
        with pytest.raises(ParameterInvalid):
            draw.heat_layer(wrong)
