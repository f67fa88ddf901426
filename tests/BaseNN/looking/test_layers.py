"""``visual_feature``: pictures that one can read, a text for a row of numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from BaseDT import image
from BaseDT.errors import ImageNotFound, InputMismatch, MethodUnsupported, NothingLoaded
from BaseNN import nn
from BaseNN.looking import layers
from BaseNN.looking.maps import WIDTH, drawn
from looks import photo


def _convolutional() -> nn:
    network = nn("cls")
    network.color = "grayscale"
    network.add("conv2d", size=(1, 3), kernel_size=(3, 3), activation="relu")
    network.add("maxpool", kernel_size=(2, 2))
    network.add("linear", size=(3 * 7 * 7, 40), activation="tanh")
    network.add("linear", size=(40, 4), activation="softmax")
    network.img_classes = ["猫", "狗", "bird", "fish"]
    return network


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return image.read(photo(3, (16, 16)), gray=True)


def test_a_picture_for_each_module(tmp_path: Path, picture: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    network, folder = _convolutional(), tmp_path / "层 图"

    network.visual_feature(picture, save_fold=folder)

    count = len(list(network.model.children()))
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{n}.jpg" for n in range(1, count + 1))
    shown = [image.read(folder / f"{n}.jpg") for n in range(1, count + 1)]
    assert all(one.shape[1] == WIDTH for one in shown)
    assert all(np.ptp(one[40:]) > 100 for one in shown)  # something is drawn below the words
    assert str(folder) in capsys.readouterr().out


def test_all_layers_in_one_picture(tmp_path: Path, picture: np.ndarray) -> None:
    network = _convolutional()
    network.visual_feature(picture, save_fold=tmp_path)
    single = [image.read(path) for path in tmp_path.iterdir()]

    network.visual_feature(picture, in1img=True, save_fold=tmp_path)

    total = image.read(tmp_path / "total.jpg")
    assert len(total) > sum(map(len, single))  # all of them, and the input


def test_what_goes_in_is_drawn_as_it_looks(tmp_path: Path, picture: np.ndarray) -> None:
    colour = np.zeros((16, 16, 3), np.uint8)
    colour[:, :8], colour[:, 8:] = (255, 0, 0), (0, 0, 255)  # blue, red
    for data, channels in ((picture, 1), (colour, 3)):
        network = nn("cls")
        network.add("conv2d", size=(channels, 2), kernel_size=3)
        network.visual_feature(data, in1img=True, save_fold=tmp_path)
        shown = image.read(tmp_path / "total.jpg")[28 + 6 : 28 + 6 + 112, 6 : 6 + 112]
        expected = (data if data.ndim == 3 else np.repeat(data[..., None], 3, axis=2)).repeat(7, 0).repeat(7, 1)
        assert np.abs(shown.astype(int) - expected).mean() < 6  # as JPEG keeps it


def test_a_strong_map_leaves_the_others_visible() -> None:
    ramp = np.tile(np.arange(16, dtype=np.float32), (16, 1))
    sheet = drawn(np.stack([ramp, ramp * 1000]), [])
    weak, strong = sheet[6:118, 6:118], sheet[6:118, 124:236]
    assert np.array_equal(weak, strong)
    assert np.ptp(weak) > 100


def test_the_numbers_before_the_last_activation_have_the_names_of_the_classes(
    tmp_path: Path, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[tuple[str, ...]] = []

    def noting(values: np.ndarray, lines: list[str], names: tuple[str, ...] = (), most: int = 64) -> np.ndarray:
        named.append(tuple(names))
        return drawn(values, lines, names, most)

    monkeypatch.setattr(layers, "drawn", noting)
    _convolutional().visual_feature(picture, save_fold=tmp_path)
    assert named[-2:] == [("猫", "狗", "bird", "fish")] * 2
    assert not any(named[:-2])


def test_a_path_a_float_array_and_a_batch_of_one_are_the_same_sample(tmp_path: Path, picture: np.ndarray) -> None:
    network = _convolutional()
    file = image.write(tmp_path / "数据 集" / "图 片.png", picture)

    features = [
        network.extract_feature(data)
        for data in (picture, file, picture / 255, picture.astype(float), picture[:, :, None], picture[None] / 255)
    ]

    assert features[0].shape == (1, 4)
    assert features[0].sum() == pytest.approx(1)
    for other in features[1:]:
        np.testing.assert_allclose(other, features[0], atol=1e-6)


def test_bytes_stay_bytes_for_a_network_that_learned_from_them(picture: np.ndarray, tmp_path: Path) -> None:
    def answered(x: np.ndarray) -> np.ndarray:
        model = nn("cls", save_fold=tmp_path)
        model.set_seed(3)
        model.load_dataset(x, [0, 1, 0, 1])
        model.add("linear", size=2)
        return model.extract_feature(picture), model.model(torch.from_numpy(_rows(x, picture))).detach().numpy()

    def _rows(x: np.ndarray, one: np.ndarray) -> np.ndarray:
        return (one[None, None] / (1 if x.max() > 1 else 255)).astype(np.float32)

    for scale in (1, 255):
        looked, computed = answered(np.tile(picture, (4, 1, 1, 1)) / 255 * scale)
        np.testing.assert_allclose(looked, computed, rtol=1e-4)


def test_numbers_of_a_row_are_written_as_a_text(tmp_path: Path) -> None:
    network = nn("cls")
    network.add("linear", size=(4, 3), activation="relu")
    network.add("linear", size=(3, 2), activation="softmax")

    network.visual_feature([5.1, 3.5, 1.4, 0.2], save_fold=tmp_path)

    lines = (tmp_path / "layer_data.txt").read_text(encoding="utf-8").splitlines()
    assert [path.name for path in tmp_path.iterdir()] == ["layer_data.txt"]
    assert lines[:2] == ["0. input", "[5.1, 3.5, 1.4, 0.2]"]
    assert "Linear(in_features=4, out_features=3, bias=True)" in "\n".join(lines)
    last = [float(number) for number in lines[-1].strip("[]").split(",")]
    assert sum(last) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(network.extract_feature([5.1, 3.5, 1.4, 0.2]), [last], atol=1e-6)


def test_looking_leaves_the_network_as_it_was(picture: np.ndarray, tmp_path: Path) -> None:
    network = nn("cls")
    network.add("dropout", p=0.5)
    network.add("linear", size=(256, 2))
    network.model.train()

    network.visual_feature(picture, save_fold=tmp_path)

    assert all(part.training for part in network.model.modules())
    assert not any(part._forward_hooks for part in network.model.modules())


@pytest.mark.parametrize("data", [np.zeros((5, 5), np.uint8), np.zeros((3, 16, 16, 3), np.float32), [1.0, 2.0]])
def test_a_sample_that_does_not_fit_is_named(data: object, tmp_path: Path) -> None:
    with pytest.raises(InputMismatch, match="-309"):
        _convolutional().visual_feature(data, save_fold=tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_looked_into_is_named(tmp_path: Path, picture: np.ndarray) -> None:
    with pytest.raises(NothingLoaded, match="-602"):
        nn().visual_feature(picture, save_fold=tmp_path)
    with pytest.raises(ImageNotFound):
        _convolutional().extract_feature(tmp_path / "no.png")
    network = nn("gen")
    network.add("diffusion_model", img_size=16, timestep=2, channels=1)
    with pytest.raises(MethodUnsupported, match="-405"):
        network.visual_feature(picture, save_fold=tmp_path)
