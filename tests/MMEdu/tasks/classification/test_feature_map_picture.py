"""The drawn map: pictures themselves where they are few, dots where they are many; strangers shown beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT import draw as drawing
from BaseDT import fonts, image
from MMEdu.tasks.classification import feature_map_picture as feature_map
from MMEdu.tasks.classification import projection


@pytest.fixture
def drawn(monkeypatch):
    """What was put together: tiles and heading of each sheet, the arguments of the map."""
    seen: dict[str, list] = {"sheets": [], "maps": []}
    sheet, scatter = drawing.contact_sheet, drawing.scatter

    def sheets(tiles, **options):
        seen["sheets"].append((list(tiles), options["heading"]))
        return sheet(tiles, **options)

    def maps(points, labels, names, **options):
        seen["maps"].append(options)
        return scatter(points, labels, names, **options)

    monkeypatch.setattr(drawing, "contact_sheet", sheets)
    monkeypatch.setattr(drawing, "scatter", maps)
    return seen


def _mapped(labels, wrong=(), classes=("猫 cat", "dog", "owl", "bee"), method="PCA", predicted=False, sources=None):
    """Pictures whose features are their class, but for the wrong ones, which look like class 0."""
    labels = np.array(labels, dtype=np.int64)
    rng = np.random.default_rng(0)
    looks = labels.copy()
    looks[list(wrong)] = 0
    unit = projection.directions((np.eye(8)[looks] + rng.normal(0, 0.05, (len(labels), 8))).astype(np.float32))
    points, share = projection.project(unit, method)
    sources = sources or [np.full((12, 16, 3), index % 200, dtype=np.uint8) for index in range(len(labels))]
    near = projection.neighbours(unit, labels)
    typical = projection.typical(unit, labels)
    return feature_map.MappedPictures(points, labels, classes, sources, near, typical, method, share, predicted)


def test_few_pictures_are_seen_themselves_and_many_are_dots(drawn):
    feature_map.draw(_mapped([0] * 10 + [1] * 10))
    feature_map.draw(_mapped([0] * 100 + [1] * 100))
    few, many = (options["pictures"] for options in drawn["maps"])
    assert len(few) == 20
    assert many is None


def test_strangers_are_numbered_on_the_map_and_shown_beside_it(drawn):
    pixels = feature_map.draw(_mapped([0] * 70 + [1] * 70, wrong=[100], classes=("cat", "dog", "owl", "bee")))
    (typical, _), (strange, heading) = drawn["sheets"]
    assert drawn["maps"][0]["marked"] == [100]
    assert [tile.mark for tile in strange] == ["1"]
    assert int(strange[0].image[0, 0, 0]) == 100
    assert strange[0].caption.startswith("dog")
    assert "cat" in strange[0].caption
    assert strange[0].colour == drawing.class_colour(1)
    assert "(1)" in heading
    assert [tile.colour for tile in typical] == [drawing.class_colour(0), drawing.class_colour(1)]
    assert pixels.shape[1] > pixels.shape[0] > 900


def test_at_most_as_many_as_there_is_room_for(drawn):
    feature_map.draw(_mapped([0] * 150 + [1] * 150, wrong=range(150, 180)))
    strange, heading = drawn["sheets"][1]
    assert len(strange) == 16 == len(drawn["maps"][0]["marked"])
    assert "(30)" in heading


def test_without_strangers_there_is_no_second_sheet(drawn):
    feature_map.draw(_mapped([0] * 20 + [1] * 20))
    assert len(drawn["sheets"]) == 1
    assert drawn["maps"][0]["marked"] == []


def test_a_picture_that_is_gone_is_passed_over(tmp_path: Path, drawn):
    files = [
        image.write(tmp_path / "数据 集" / f"图 片{i}.png", np.full((9, 9, 3), i, dtype=np.uint8)) for i in range(40)
    ]
    mapped = _mapped([0] * 20 + [1] * 20, wrong=[25, 33], sources=files)
    files[mapped.neighbours.strangers[0]].unlink()
    for index in mapped.typical.values():
        files[index].unlink()
    feature_map.draw(mapped)
    ((strange, _),) = drawn["sheets"]
    assert [int(tile.image[0, 0, 0]) for tile in strange] == [mapped.neighbours.strangers[1]]


def _heading(drawn):
    return drawn["maps"][-1]["heading"]


def test_the_heading_says_what_the_map_can_and_cannot_show(drawn):
    feature_map.draw(_mapped([0] * 20 + [1] * 20, wrong=[30]))
    assert "40 pictures" in _heading(drawn)
    assert "PCA" in _heading(drawn)
    assert "98%" in _heading(drawn)
    assert "differences" in _heading(drawn)
    feature_map.draw(_mapped([0] * 20 + [1] * 20, method="t-SNE", predicted=True))
    assert "t-SNE keeps neighbours" in _heading(drawn)
    assert "what the model says" in _heading(drawn)


def test_a_plane_that_shows_everything_is_not_called_a_part(drawn):
    feature_map.draw(_mapped([0, 1]))
    assert "differences" not in _heading(drawn)


def test_one_class_has_no_share_of_its_own(drawn):
    feature_map.draw(_mapped([0] * 8))
    assert "at home" not in _heading(drawn)


@pytest.mark.parametrize("labels", [[0], [0, 1], [0, 1, 2]])
def test_very_few_pictures(labels):
    assert feature_map.draw(_mapped(labels)).size


def test_many_classes(drawn):
    names = tuple(f"类别{number}" for number in range(60))
    mapped = _mapped([number % 8 for number in range(160)], classes=names)
    from dataclasses import replace

    feature_map.draw(replace(mapped, labels=np.arange(160) % 60, typical={n: n for n in range(60)}))
    tiles, heading = drawn["sheets"][0]
    assert len(tiles) == 12
    assert "12 of 60" in heading


def test_in_the_users_language(monkeypatch, drawn):
    if fonts.cjk_font() is None:
        pytest.skip("no Chinese font")
    monkeypatch.setenv("MMEDU_LANG", "zh")
    feature_map.draw(_mapped([0] * 10 + [1] * 10, wrong=[12]))
    assert "20 张图片" in _heading(drawn)
    assert all("类别" in heading for _, heading in drawn["sheets"])


def test_without_a_chinese_font_classes_are_numbers_and_a_line_says_why(monkeypatch, drawn):
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    feature_map.draw(_mapped([0] * 10 + [1] * 10))
    assert "needs a font" in _heading(drawn)
    assert drawn["sheets"][0][0][0].caption == "#0"
