"""The contact sheet shows the mistakes of which the model was surest, and only readable pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT import draw as drawing
from BaseDT import image
from XEdu.evaluation import mistakes
from XEdu.evaluation.evaluated_classes import EvaluatedClasses


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[drawing.Tile], str]]:
    """What was put on the sheets: tiles and heading."""
    seen: list[tuple[list[drawing.Tile], str]] = []
    real = drawing.contact_sheet

    def spy(tiles: list[drawing.Tile], *, columns: int, tile: int, heading: str) -> drawing.Pixels:
        seen.append((list(tiles), heading))
        return real(tiles, columns=columns, tile=tile, heading=heading)

    monkeypatch.setattr(drawing, "contact_sheet", spy)
    return seen


def _evaluated(folder: Path, labels: list[int], scores: list[list[float]]) -> EvaluatedClasses:
    """Write one picture for each label, its brightness the number of the picture."""
    paths = []
    for number in range(len(labels)):
        pixels = np.full((20, 30, 3), number, dtype=np.uint8)
        paths.append(image.write(folder / "数据 集" / f"图 片{number}.png", pixels))
    table = np.array(scores, dtype=np.float32)
    names = ("cat", "dog", "owl")[: table.shape[1]]
    return EvaluatedClasses(names, tuple(paths), np.array(labels), table)


def test_the_surest_mistake_comes_first(tmp_path: Path, sheets: list[tuple[list[drawing.Tile], str]]) -> None:
    labels = [0, 1, 2, 1]
    scores = [[0.4, 0.6, 0.0], [0.93, 0.07, 0.0], [0.0, 0.0, 1.0], [0.3, 0.0, 0.7]]
    pixels = mistakes.draw(_evaluated(tmp_path, labels, scores))
    assert pixels is not None
    assert pixels.shape[1] > 600
    tiles, heading = sheets[0]
    assert [int(tile.image[0, 0, 0]) for tile in tiles] == [1, 3, 0]
    assert [tile.caption.replace("→", "->") for tile in tiles] == [
        "dog -> cat 0.93",
        "dog -> owl 0.70",
        "cat -> dog 0.60",
    ]
    assert [tile.colour for tile in tiles] == [drawing.class_colour(label) for label in (0, 2, 1)]
    assert "3 of 4" in heading


def test_at_most_25_are_shown(tmp_path: Path, sheets: list[tuple[list[drawing.Tile], str]]) -> None:
    mistakes.draw(_evaluated(tmp_path, [0] * 30, [[0.1, 0.9]] * 30))
    tiles, heading = sheets[0]
    assert [int(tile.image[0, 0, 0]) for tile in tiles] == list(range(25))
    assert "30 of 30" in heading


def test_a_picture_that_is_gone_or_damaged_gives_its_place_to_the_next(
    tmp_path: Path, sheets: list[tuple[list[drawing.Tile], str]]
) -> None:
    evaluated = _evaluated(tmp_path, [0] * 28, [[0.1, 0.9]] * 28)
    evaluated.paths[0].unlink()
    evaluated.paths[1].write_bytes(b"no image")
    evaluated.paths[2].write_bytes(evaluated.paths[2].read_bytes()[:-20])
    mistakes.draw(evaluated)
    assert [int(tile.image[0, 0, 0]) for tile in sheets[0][0]] == list(range(3, 28))


def test_no_mistakes_no_sheet(tmp_path: Path) -> None:
    assert mistakes.draw(_evaluated(tmp_path, [0, 1], [[0.9, 0.1], [0.1, 0.9]])) is None


def test_no_sheet_where_no_picture_can_be_read(tmp_path: Path) -> None:
    evaluated = _evaluated(tmp_path, [0], [[0.1, 0.9]])
    evaluated.paths[0].unlink()
    assert mistakes.draw(evaluated) is None
