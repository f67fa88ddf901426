"""Raw arrays of models of keypoints become points: more exact than a cell, and sure where there is something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from BaseDT.errors import CheckpointInvalid
from XEdu.outputs.parts import point_arrays

Floats = npt.NDArray[np.float64]


def truth(pictures: int, points: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).uniform(0.1, 0.9, (pictures, points, 2))


def heatmaps_of(
    points: Floats, size: tuple[int, int], sigma: float = 2.0, noise: float = 0.0
) -> npt.NDArray[np.float32]:
    """Gaussians around points (N, K, 2), which are shares of the picture."""
    height, width = size
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    across = ((x - points[..., 0, None]) * width)[..., None, :] ** 2
    down = ((y - points[..., 1, None]) * height)[..., :, None] ** 2
    maps = np.exp(-(across + down) / (2 * sigma**2))
    return (maps + noise * np.random.default_rng(1).standard_normal(maps.shape)).astype(np.float32)


def logits_of(shares: Floats, bins: int, sigma: float = 6.0, noise: float = 0.0) -> npt.NDArray[np.float32]:
    """The logarithm of Gaussians around shares (N, K) of an axis, over a floor."""
    steps = (np.arange(bins) + 0.5) - shares[..., None] * bins
    values = np.log(np.exp(-(steps**2) / (2 * sigma**2)) + 1e-5)
    return (values + noise * np.random.default_rng(2).standard_normal(values.shape)).astype(np.float32)


def missed(found: Floats, points: Floats, size: tuple[int, int]) -> float:
    """The mean distance, in cells."""
    return float(np.linalg.norm((found - points) * size[::-1], axis=-1).mean())


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_the_top_of_a_gaussian_is_found_between_the_cells(sigma: float) -> None:
    points = truth(20, 5)
    found, scores = point_arrays.heatmaps([heatmaps_of(points, (64, 48), sigma)], ["heatmaps"], 5)
    assert missed(found, points, (64, 48)) < 0.001
    assert found.shape == (20, 5, 2)
    assert scores.shape == (20, 5)
    assert scores.min() > 0.75  # the highest cell of a narrow one lies beside its top


@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_with_noise_it_is_a_quarter_as_far_off_as_the_shift_by_a_quarter(noise: float) -> None:
    points = truth(50, 5)
    maps = heatmaps_of(points, (64, 48), 2.0, noise)
    found, _ = point_arrays.heatmaps([maps], ["heatmaps"], 5)
    best = maps.reshape(-1, 64 * 48).argmax(axis=1)
    row, column = np.divmod(best, 48)
    flat = maps.reshape(-1, 64, 48)
    every = np.arange(len(flat))
    shift = [
        0.25 * np.sign(flat[every, row, (column + 1).clip(0, 47)] - flat[every, row, column - 1]),
        0.25 * np.sign(flat[every, (row + 1).clip(0, 63), column] - flat[every, row - 1, column]),
    ]
    quarter = ((np.stack([column, row], 1) + 0.5 + np.stack(shift, 1)) / (48, 64)).reshape(points.shape)
    assert missed(found, points, (64, 48)) < missed(quarter, points, (64, 48)) / 3.5


def test_a_point_at_the_border_stays_at_the_border() -> None:
    points = np.array([[[0.0, 0.0], [1.0, 1.0], [0.5, 0.0]]])
    found, _ = point_arrays.heatmaps([heatmaps_of(points, (16, 16), 1.0)], ["heatmaps"], 3)
    assert np.abs(found - points).max() <= 0.5 / 16 + 1e-9
    assert found[0, 2, 0] == pytest.approx(0.5, abs=1e-6)


def test_a_map_of_one_value_is_unsure_and_no_accident() -> None:
    found, scores = point_arrays.heatmaps([np.zeros((1, 2, 8, 8), np.float32)], ["heatmaps"], 2)
    assert np.isfinite(found).all()
    assert not scores.any()


def test_a_map_of_one_cell_gives_its_middle() -> None:
    found, _ = point_arrays.heatmaps([np.ones((1, 1, 1, 1), np.float32)], ["heatmaps"], 1)
    assert found.tolist() == [[[0.5, 0.5]]]


def test_scores_are_shares_whatever_the_map_says() -> None:
    maps = np.stack([np.full((4, 4), 7.0), np.full((4, 4), -3.0)])[None].astype(np.float32)
    _, scores = point_arrays.heatmaps([maps], ["heatmaps"], 2)
    assert scores.tolist() == [[1.0, 0.0]]


def test_heat_maps_are_found_by_name_else_the_first_output_is_taken() -> None:
    maps = heatmaps_of(truth(1, 2), (8, 8))
    other = np.zeros((1, 2, 8, 8), np.float32)
    named, _ = point_arrays.heatmaps([other, maps], ["features", "heatmaps"], 2)
    alone, _ = point_arrays.heatmaps([maps], ["out"], 2)
    assert np.array_equal(named, alone)


def test_half_precision_is_read_too() -> None:
    points = truth(4, 3)
    found, _ = point_arrays.heatmaps([heatmaps_of(points, (32, 32)).astype(np.float16)], ["heatmaps"], 3)
    assert missed(found, points, (32, 32)) < 0.02


def test_the_top_of_a_distribution_is_found_between_the_bins() -> None:
    points = truth(20, 5)
    outputs = [logits_of(points[..., 0], 96), logits_of(points[..., 1], 128)]
    found, scores = point_arrays.simcc(outputs, ["simcc_x", "simcc_y"], 5)
    assert missed(found, points, (128, 96)) < 0.01
    assert scores.min() > 0.35


def test_with_noise_it_is_nearer_than_the_likeliest_bin() -> None:
    points = truth(50, 5)
    outputs = [logits_of(points[..., axis], 256, noise=0.1) for axis in (0, 1)]
    found, _ = point_arrays.simcc(outputs, ["simcc_x", "simcc_y"], 5)
    likeliest = np.stack([(array.argmax(axis=2) + 0.5) / 256 for array in outputs], axis=2)
    assert missed(found, points, (256, 256)) < 0.7 * missed(likeliest, points, (256, 256))


def test_simcc_outputs_are_found_by_name_in_whatever_order() -> None:
    x, y = (logits_of(truth(1, 2)[..., axis], 64) for axis in (0, 1))
    straight = point_arrays.simcc([x, y], ["simcc_x", "simcc_y"], 2)
    assert np.array_equal(straight[0], point_arrays.simcc([y, x], ["simcc_y", "simcc_x"], 2)[0])
    assert np.array_equal(straight[0], point_arrays.simcc([x, y], ["a", "b"], 2)[0])


def test_who_is_sure_of_one_axis_alone_is_not_sure() -> None:
    sharp, flat = logits_of(np.full((1, 1), 0.5), 256), np.zeros((1, 1, 256), np.float32)
    _, sure = point_arrays.simcc([sharp, sharp], ["simcc_x", "simcc_y"], 1)
    _, unsure = point_arrays.simcc([sharp, flat], ["simcc_x", "simcc_y"], 1)
    assert sure[0, 0] > 0.8
    assert unsure[0, 0] < 0.1


def test_large_logits_do_not_overflow() -> None:
    far = np.full((1, 1, 64), -1e4, np.float32)
    far[0, 0, 20] = 1e4
    found, scores = point_arrays.simcc([far, far], ["simcc_x", "simcc_y"], 1)
    assert scores[0, 0] == 1.0
    assert found[0, 0, 0] == pytest.approx(20.5 / 64, abs=1 / 64)


@pytest.mark.parametrize("shape", [(1, 4, 8, 8), (1, 3, 8), (3, 8, 8), (1, 3, 0, 8)])
def test_heat_maps_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(CheckpointInvalid, match="3 points") as caught:
        point_arrays.heatmaps([np.zeros(shape, np.float32)], ["heatmaps"], 3)
    assert caught.value.code == -202
    assert "convert it again" in caught.value.hint.lower()


@pytest.mark.parametrize(
    "shapes", [[(1, 3, 8)], [(1, 3, 8), (1, 4, 8)], [(1, 3, 8), (2, 3, 8)], [(1, 3, 8, 8)] * 2, [(1, 3, 8), (1, 3, 0)]]
)
def test_distributions_of_another_shape_are_refused(shapes: list[tuple[int, ...]]) -> None:
    with pytest.raises(CheckpointInvalid, match="shapes"):
        point_arrays.simcc([np.zeros(shape, np.float32) for shape in shapes], ["simcc_x", "simcc_y"], 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    broken = np.zeros((1, 2, 8, 8), np.float32)
    broken[0, 1, 3, 3] = value
    with pytest.raises(CheckpointInvalid, match="no numbers"):
        point_arrays.heatmaps([broken], ["heatmaps"], 2)
    with pytest.raises(CheckpointInvalid, match="no numbers"):
        point_arrays.simcc([broken[:, :, 0], broken[:, :, 3]], ["simcc_x", "simcc_y"], 2)
