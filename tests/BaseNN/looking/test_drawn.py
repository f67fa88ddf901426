"""``show``: what was drawn, in a grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT import image
from BaseDT.errors import GridMismatch, ParameterInvalid
from BaseNN import nn


def _ramp(count: int, steps: int, channels: int = 1) -> np.ndarray:
    """Pictures that get lighter with every step, each of its own."""
    levels = np.arange(count)[:, None] * 0.1 + np.arange(steps)[None] * 0.05
    return np.broadcast_to(levels[:, :, None, None, None], (count, steps, channels, 8, 8)).astype(np.float32)


def test_the_last_step_is_shown_in_reading_order() -> None:
    sheet = nn("gen").show(_ramp(6, 3), size=(2, 3))

    tiles = [sheet[60 + row * 100, 60 + column * 100, 0] for row in range(2) for column in range(3)]
    np.testing.assert_allclose(tiles, np.rint((np.arange(6) * 0.1 + 0.1) * 255), atol=1)


def test_a_row_is_a_picture_on_its_way() -> None:
    sheet = nn("gen").show(_ramp(4, 9), size=(2, 5), visual_timesteps=True)

    assert [sheet[60, 60 + column * 100, 0] for column in (0, 4)] == [0, round(0.4 * 255)]
    assert sheet[160, 60, 0] == pytest.approx(0.1 * 255, abs=1)  # the second picture


def test_pictures_without_steps_and_coloured_ones(tmp_path: Path) -> None:
    values = np.zeros((1, 3, 8, 8), np.float32)
    values[:, 2] = 1.5  # red in the network's order, brighter than white can be

    sheet = nn("gen").show(values, size=(1, 1), save=tmp_path / "图 片.png")

    assert sheet[50, 50].tolist() == [0, 0, 255]
    np.testing.assert_array_equal(image.read(tmp_path / "图 片.png"), sheet)


@pytest.mark.parametrize(("size", "hint"), [((2, 2), r"size=\(2, 3\)"), ((7, 1), r"size=\(2, 3\)")])
def test_a_grid_that_does_not_fit(size: tuple[int, int], hint: str) -> None:
    with pytest.raises(GridMismatch, match="-308") as error:
        nn("gen").show(_ramp(6, 2), size=size)
    assert "6" in error.value.message
    with pytest.raises(GridMismatch, match=hint):
        nn("gen").show(_ramp(6, 2), size=size)


def test_ways_that_are_not_there() -> None:
    with pytest.raises(GridMismatch, match="-308"):
        nn("gen").show(_ramp(2, 3), size=(3, 3), visual_timesteps=True)
    with pytest.raises(GridMismatch, match="return_all_timesteps"):
        nn("gen").show(_ramp(2, 1), size=(2, 5), visual_timesteps=True)


@pytest.mark.parametrize("data", [None, "x.png", np.zeros((2, 2)), np.zeros((0, 1, 1, 8, 8)), np.full((1, 1), "a")])
def test_what_is_no_picture_is_named(data: object) -> None:
    with pytest.raises(ParameterInvalid, match="no drawn pictures"):
        nn("gen").show(data)


@pytest.mark.parametrize("size", [4, (2,), (0, 2), (1.5, 2), None, (10**6, 10**6)])
def test_what_is_no_grid_is_named(size: object) -> None:
    with pytest.raises(ParameterInvalid, match="size="):
        nn("gen").show(_ramp(1, 1), size=size)  # type: ignore[arg-type]
