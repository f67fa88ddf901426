"""The diffusion model is trained over the engine, draws, and is kept in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from BaseDT import image
from BaseDT.errors import DatasetInvalid, NothingLoaded, ParameterInvalid
from BaseNN import nn

COUNT = 32


def _pictures(folder: Path, *, colour: bool = False) -> Path:
    """A light square, left or right, as pictures of 8 × 8."""
    for number in range(COUNT):
        pixels = np.zeros((8, 8, 3) if colour else (8, 8), np.uint8)
        pixels[2:6, slice(0, 4) if number % 2 else slice(4, 8)] = (255, 120, 0) if colour else 255
        image.write(folder / ("左" if number % 2 else "右") / f"{number}.png", pixels)
    return folder


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> nn:
    folder = tmp_path_factory.mktemp("数据 集")
    model = nn("gen", save_fold=folder / "训练")
    model.set_seed(1)
    model.load_img_data(_pictures(folder / "图 片"), color="grayscale", batch_size=32)
    model.add("diffusion_model", img_size=8, timestep=20, dim=16)
    model.log = model.train(lr=0.015, epochs=50)
    return model


def test_the_loss_falls_and_what_is_drawn_is_like_what_was_seen(network: nn) -> None:
    losses = [line["loss"] for line in network.log]
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:4])
    torch.manual_seed(0)
    steps = network.inference(num=8)
    seen = network._data.inputs.astype(np.float32) / 255
    first, last = (np.abs(steps[:, step, None] - seen[None]).mean((2, 3, 4)).min(1) for step in (0, -1))
    assert last.mean() < 0.5 * first.mean()


def test_the_classes_of_the_data_are_drawn_in_turn(network: nn) -> None:
    assert network.model.classes == 2
    torch.manual_seed(0)
    drawn = network.inference(num=8, return_all_timesteps=False)
    left, right = drawn[:, 0, :, :4].mean((1, 2)), drawn[:, 0, :, 4:].mean((1, 2))
    assert ((left > right) == [False, True] * 4).all()  # 右, 左


def test_every_step_from_noise_to_picture(network: nn) -> None:
    network.set_seed(5)
    steps = network.inference(num=2)
    assert steps.shape == (2, 21, 1, 8, 8)
    assert steps.dtype == np.float32
    assert 0 <= steps.min() <= steps.max() <= 1
    network.set_seed(5)
    np.testing.assert_array_equal(network.inference(num=2, return_all_timesteps=False), steps[:, -1])
    assert network.show(steps, size=(2, 5), visual_timesteps=True).shape[0] > 100


def test_the_file_holds_the_average_and_draws_the_same(network: nn) -> None:
    other = nn("gen")
    other.load(Path(network.save_fold) / "basenn.pth")
    for one, two in zip(network.model.parameters(), other.model.parameters(), strict=True):
        torch.testing.assert_close(one.cpu(), two.cpu(), rtol=0, atol=0)
    network.set_seed(3)
    first = network.inference(num=1)
    other.set_seed(3)
    np.testing.assert_allclose(other.inference(num=1), first, atol=1e-5)


def test_coloured_pictures_whose_size_the_data_say_and_a_held_out_part(tmp_path: Path) -> None:
    model = nn(save_fold=tmp_path)
    model.add("diffusion_model", timestep=3, dim=8)
    model.load_img_data(_pictures(tmp_path / "图 片", colour=True), batch_size=8, train_val_ratio=0.75)
    log = model.train(lr=0.001, epochs=2)
    assert model.inference(num=1).shape == (1, 4, 3, 8, 8)
    assert len(log) == 6


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    class Stop:
        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 6

    folder = _pictures(tmp_path / "图 片")

    def made(name: str) -> nn:
        model = nn("gen", save_fold=tmp_path / name)
        model.set_seed(2)
        model.load_img_data(folder, color="grayscale", batch_size=16)
        model.add("diffusion_model", img_size=8, timestep=4, dim=8)
        return model

    whole = made("一次")
    whole.train(lr=0.01, epochs=5)
    parts = made("两次")
    with pytest.raises(KeyboardInterrupt):
        parts.train(lr=0.01, epochs=5, stop=Stop())
    again = made("两次")
    again.train(lr=0.01, epochs=5, resume=True)
    for one, two in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        torch.testing.assert_close(one, two)


def test_the_documented_rate_is_too_large_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = nn("gen", save_fold=tmp_path)
    model.load_img_data(_pictures(tmp_path / "图 片"), color="grayscale")
    model.add("diffusion_model", timestep=2, dim=8)
    model.train(epochs=1)
    assert "lr=0.1 is too large for diffusion_model: it learns with lr=0.004" in capsys.readouterr().out


@pytest.mark.parametrize(("scale", "low"), [(255, 0), (1, 0)])
def test_arrays_of_brightness_in_both_usual_units(tmp_path: Path, scale: float, low: float) -> None:
    model = nn("gen", save_fold=tmp_path)
    model.set_seed(1)
    model.load_dataset(np.random.default_rng(0).random((8, 1, 8, 8)) * scale + low, None)
    model.add("diffusion_model", timestep=4, dim=8)
    assert model.train(lr=0.001, epochs=1)[0]["loss"] < 2


@pytest.mark.parametrize("values", [np.full((4, 1, 8, 8), -1.0), np.full((4, 1, 8, 8), 300.0)])
def test_values_that_are_no_brightness(tmp_path: Path, values: np.ndarray) -> None:
    model = nn("gen", save_fold=tmp_path)
    model.load_dataset(values, None)
    model.add("diffusion_model", timestep=4, dim=8)
    with pytest.raises(DatasetInvalid, match="0 to 255"):
        model.train(lr=0.001, epochs=1)


def test_what_cannot_be_drawn(network: nn) -> None:
    with pytest.raises(ParameterInvalid, match="num="):
        network.inference(num=0)
    with pytest.raises(ParameterInvalid, match="return_all_timesteps"):
        network.inference(num=1, return_all_timesteps="no")
    fresh = nn("gen")
    fresh.add("diffusion_model", channels=1)
    with pytest.raises(NothingLoaded, match="-602"):
        fresh.inference(num=1)
