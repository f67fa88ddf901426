"""``noisy``: a picture on its way to noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT import image
from BaseDT.errors import ImageNotFound, ParameterInvalid
from BaseNN import nn
from looks import photo


def test_the_picture_first_and_ever_less_of_it(tmp_path: Path) -> None:
    network = nn("gen")
    network.set_seed(1)
    pixels = photo(1, (40, 60))
    file = image.write(tmp_path / "数据 集" / "图 片.png", pixels)

    states = network.noisy(file, timestep=100, num=5)

    clean = pixels.transpose(2, 0, 1) / 255
    likeness = [np.corrcoef(state.ravel(), clean.ravel())[0, 1] for state in states]
    assert [state.shape for state in states] == [(3, 40, 60)] * 5
    np.testing.assert_allclose(states[0], clean, atol=1e-6)
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[-1] < 0.7


def test_the_seed_and_the_colour_of_the_network_count() -> None:
    network = nn("gen")
    network.color = "grayscale"
    shots = []
    for _ in range(2):
        network.set_seed(7)
        shots.append(network.noisy(photo(2, (8, 8)), timestep=10, num=2, show=False))
    assert shots[0][1].shape == (1, 8, 8)
    np.testing.assert_array_equal(shots[0][1], shots[1][1])


@pytest.mark.parametrize("wrong", [{"timestep": 0}, {"num": 0}, {"num": 6, "timestep": 5}, {"show": "yes"}])
def test_numbers_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterInvalid, match="-305"):
        nn("gen").noisy(photo(2, (8, 8)), **wrong)  # type: ignore[arg-type]


def test_a_picture_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound):
        nn("gen").noisy(tmp_path / "no.png")
