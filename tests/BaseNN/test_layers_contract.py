"""What every layer must be able to: learn, answer, be saved and loaded, run without torch, refuse data that do not fit.

A layer that is added to ``BaseNN.layers.kinds`` is tried here as soon as it is named in ``NETWORKS``; the first test
fails until it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn as torch_nn

from BaseDT.errors import ExportFailed, XEduError
from BaseNN import nn
from BaseNN.layers.activations import ACTIVATIONS
from BaseNN.layers.kind import all_kinds
from XEdu.hub import Workflow

Array = npt.NDArray[Any]
Layers = tuple[tuple[str, dict[str, Any]], ...]
_SAMPLES = 8


class Gate(torch_nn.Module):
    """A module of the user's own, with weights."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.open = torch_nn.Linear(features, features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        opened: torch.Tensor = x * torch.sigmoid(self.open(x))
        return opened


@dataclass(frozen=True)
class Case:
    """A small network with the layer in it.

    Attributes:
        shape: Of one sample.
        layers: What is added: name, or a module of the user's own, and keywords.
    """

    shape: tuple[int, ...]
    layers: Layers


HEAD: Layers = (("linear", {"size": 3, "activation": "softmax"}),)
PICTURE = (1, 12, 12)
SEQUENCE = (6, 5)
NETWORKS: dict[str, Case] = {
    "linear": Case((4,), (("linear", {"size": (4, 6), "activation": "relu"}), *HEAD)),
    "reshape": Case(PICTURE, (("reshape", {}), *HEAD)),
    "conv2d": Case(PICTURE, (("conv2d", {"size": (1, 4), "kernel_size": 3, "stride": 2, "padding": 1}), *HEAD)),
    "conv1d": Case(SEQUENCE, (("conv1d", {"size": (6, 4), "kernel_size": 3}), *HEAD)),
    "maxpool": Case(PICTURE, (("conv2d", {"size": 4, "kernel_size": 3}), ("maxpool", {"kernel_size": 2}), *HEAD)),
    "avgpool": Case(PICTURE, (("conv2d", {"size": 4, "kernel_size": 3}), ("avgpool", {"kernel_size": (2, 3)}), *HEAD)),
    "dropout": Case((4,), (("dropout", {"p": 0.2}), *HEAD)),
    "batchnorm1d": Case((4,), (("linear", {"size": 6}), ("batchnorm1d", {"size": 6}), *HEAD)),
    "batchnorm2d": Case(PICTURE, (("conv2d", {"size": 4, "kernel_size": 3}), ("batchnorm2d", {"size": 4}), *HEAD)),
    "lstm": Case(SEQUENCE, (("lstm", {"size": (5, 7)}), *HEAD)),
    "action_model": Case(SEQUENCE, (("action_model", {"size": (5, 7)}), *HEAD)),
    "squeeze": Case(PICTURE, (("squeeze", {}), ("lstm", {"size": (12, 5)}), *HEAD)),
    "unsqueeze": Case(SEQUENCE, (("lstm", {"size": (5, 7)}), ("unsqueeze", {}), ("squeeze", {}), *HEAD)),
    "part0": Case(SEQUENCE, (("lstm", {"size": (5, 7)}), ("part0", {}), *HEAD)),
    "res_block": Case((3, 12, 12), (("res_block", {"size": (3, 6), "num_blocks": 2, "stride": 2}), *HEAD)),
    "res_bottleneck": Case((3, 12, 12), (("res_bottleneck", {"size": (3, 2), "stride": 2}), *HEAD)),
    "mobilenet": Case((3, 16, 16), (("mobilenet", {}),)),
    "mobilenet_backbone": Case((3, 16, 16), (("mobilenet_backbone", {}), *HEAD)),
    **{f"own: {name}": Case((4,), (("linear", {"size": 6, "activation": name}), *HEAD)) for name in ACTIVATIONS},
}
GENERATING = {"em_lstm", "diffusion_model"}
"""Whole networks that make something: ``test_life_of_words`` and ``test_life_of_drawings``."""


def data_of(shape: tuple[int, ...], samples: int = _SAMPLES) -> tuple[Array, Array]:
    """Return samples of three classes, (N, …) float32 and (N,)."""
    rng = np.random.default_rng(3)
    return rng.random((samples, *shape), np.float32), np.arange(samples) % 3


def laid(case: Case) -> nn:
    """Return the network, over data."""
    model = nn("cls")
    model.set_seed(5)
    model.load_dataset(*data_of(case.shape))
    for layer, keywords in case.layers:
        model.add(layer, **keywords)
    return model


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "数据 集"
    folder.mkdir()
    monkeypatch.chdir(folder)


def test_every_layer_is_tried() -> None:
    assert {name for name in NETWORKS if not name.startswith("own: ")} | GENERATING == set(all_kinds())


@pytest.mark.parametrize("name", NETWORKS)
def test_life_of_a_layer(name: str) -> None:
    case = NETWORKS[name]
    model = laid(case)
    before = [parameter.detach().clone() for parameter in model.model.parameters()]
    log = model.train(lr=0.01, epochs=2, metrics=["acc"])
    assert len(log) == 2
    assert all(np.isfinite(entry["loss"]) for entry in log)
    assert any(not torch.equal(was, now) for was, now in zip(before, model.model.parameters(), strict=True))
    x, _ = data_of(case.shape)
    answer = model.inference(x)
    assert answer.shape == (_SAMPLES, 3)

    model.save("保 存.pth")
    again = nn()
    again.load("保 存.pth")
    np.testing.assert_allclose(again.inference(x), answer, atol=1e-6)  # in memory they may lie in another order
    assert again._stack.to_plain() == model._stack.to_plain()

    model.convert(checkpoint="checkpoints/basenn.pth", out_file="转 换.onnx")
    workflow = Workflow(task="basenn", checkpoint="转 换.onnx")
    for number in range(3):
        given = x[number : number + 1]
        np.testing.assert_allclose(
            np.asarray(workflow.inference(data=given))[0], answer[number : number + 1], atol=1e-5
        )


@pytest.mark.parametrize("name", NETWORKS)
def test_data_that_do_not_fit(name: str) -> None:
    case = NETWORKS[name]
    model = laid(case)
    model.train(lr=0.01, epochs=1)
    for wrong in ((3,), (2, 7), (5, 3, 3), (1, 2, 3, 4)):
        if wrong != case.shape and len(wrong) != len(case.shape):
            with pytest.raises(XEduError):
                model.inference(np.zeros((2, *wrong), np.float32))
    holed = np.zeros((2, *case.shape), np.float32)
    holed[1] = np.nan
    with pytest.raises(XEduError):
        model.inference(holed)


def test_a_module_of_ones_own(tmp_path: Path) -> None:
    case = Case((4,), ())
    model = laid(case)
    model.add(Gate(4))
    model.add("linear", size=3)
    model.train(lr=0.01, epochs=2)
    x, _ = data_of((4,))
    answer = model.inference(x)
    model.save("own.pth")
    again = nn()
    again.add(Gate(4))
    again.load("own.pth")
    assert np.array_equal(again.inference(x), answer)
    with pytest.raises(XEduError, match="Gate"):
        nn().load("own.pth")
    model.convert(out_file="own.onnx")
    given = Workflow(task="basenn", checkpoint="own.onnx").inference(data=x[:1])
    np.testing.assert_allclose(np.asarray(given)[0], answer[:1], atol=1e-5)


def test_life_of_words() -> None:
    words = {word: number for number, word in enumerate("春眠不觉晓处闻啼鸟")}
    rng = np.random.default_rng(3)
    model = nn("gen")
    model.set_seed(5)
    model.load_dataset(*rng.integers(0, len(words), (2, 6, 5)), word2idx=words)
    model.add("em_lstm", size=(4, 6), num_layers=2)
    assert len(model.train(lr=0.01, epochs=2)) == 2
    answer, hidden = model.inference("春")
    assert answer.shape == (len(words),)
    assert [tuple(part.shape) for part in hidden] == [(2, 1, 6)] * 2
    assert not np.array_equal(model.inference("春", hidden=hidden)[0], answer)

    model.save("词.pth")
    again = nn("gen")
    again.load("词.pth")
    np.testing.assert_allclose(again.inference("春")[0], answer, atol=1e-6)
    model.convert(out_file="词.onnx")
    given = Workflow(task="basenn", checkpoint="词.onnx").inference(data="春")
    np.testing.assert_allclose(np.asarray(given).reshape(-1), answer, atol=1e-5)
    for wrong in ("龙", "", 3.5, [[99]]):
        with pytest.raises(XEduError):
            model.inference(wrong)


def test_life_of_drawings() -> None:
    model = nn("gen")
    model.set_seed(5)
    model.load_dataset(np.random.default_rng(3).random((4, 1, 8, 8), np.float32), None)
    model.add("diffusion_model", img_size=8, timestep=6, dim=8)
    assert len(model.train(lr=0.001, epochs=2)) == 2
    assert model.inference(num=2).shape == (2, 7, 1, 8, 8)

    model.save("画.pth")
    again = nn("gen")
    again.load("画.pth")
    torch.manual_seed(1)
    drawn = model.inference(num=1, return_all_timesteps=False)
    torch.manual_seed(1)
    np.testing.assert_allclose(again.inference(num=1, return_all_timesteps=False), drawn, atol=1e-5)
    with pytest.raises(ExportFailed, match="draws"):
        model.convert(out_file="画.onnx")
    for wrong in (0, -1, "four", 2.5):
        with pytest.raises(XEduError):
            model.inference(num=wrong)
