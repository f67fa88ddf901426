"""MMBase: the documents' programs, as they stand there."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from sklearn.datasets import load_iris

from BaseDT.errors import CheckpointNotFound, NothingLoaded, NothingToShow, ParameterInvalid, ParameterUnknown
from BaseNN import nn
from MMEdu import MMBase

Arrays = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "作 品"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture(scope="module")
def iris() -> Arrays:
    """(x, y) to learn from, and every fifth flower to ask for."""
    x, y = load_iris(return_X_y=True)
    held = np.arange(len(x)) % 5 == 0
    return x[~held], y[~held], x[held], y[held]


def test_program_of_the_tutorial(iris: Arrays) -> None:
    x, y, test_x, test_y = iris
    model = MMBase()
    model.set_seed(1)
    model.load_data(x, y)
    model.add_layer("Linear", 4, 10)
    model.add_layer("ReLU")
    model.add_layer("Linear", 10, 3)
    model.add_layer("Softmax")
    model.train(lr=0.1, epochs=30)
    answer = model.inference(data=test_x)
    assert isinstance(answer, torch.Tensor)
    assert answer.shape == (30, 3)
    assert (answer.argmax(dim=1).numpy() == test_y).mean() >= 0.9
    model.save("mmbase_net.pkl")
    again = MMBase()
    again.load("mmbase_net.pkl")
    assert torch.equal(again.inference(data=test_x), answer)


def test_program_of_the_web_application(iris: Arrays, capsys: pytest.CaptureFixture[str]) -> None:
    x, y, test_x, test_y = iris
    learnt = MMBase()
    learnt.set_seed(1)
    learnt.load_data(x, y)
    learnt.add(layer="Linear", size=(4, 10), activation="ReLU")
    learnt.add(layer="Linear", size=(10, 3), activation="Softmax")
    learnt.train(lr=0.01, epochs=300)

    model = MMBase()
    model.load("./checkpoints/mmbase_net.pkl")
    told = []
    for flower in test_x:
        model.inference([flower.tolist()])
        r = model.print_result()
        told.append(r[0]["预测值"])
    assert np.mean(np.array(told) == test_y) >= 0.96
    assert "推理结果为" in capsys.readouterr().out
    assert 0 <= float(r[0]["置信度"]) <= 1


def test_names_of_the_module() -> None:
    names: dict[str, Any] = {}
    exec("from MMBase import *", names)  # the documents' first line
    assert {"MMBase", "Variable", "torch"} <= set(names)
    assert names["MMBase"] is MMBase


def test_picture_layers_in_the_first_spelling() -> None:
    model = MMBase()
    model.add_layer("Conv", 1, 6, 5, 3)
    model.add_layer("MaxPool", 2)
    model.add_layer("AvgPool", 2)
    model.add_layer("Reshape")
    model.add_layer("Linear", 216, 10)
    assert model.model(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_two_networks_are_two_networks(iris: Arrays) -> None:
    one, other = MMBase(), MMBase()
    one.add_layer("Linear", 4, 3)
    assert other.layers == []


@pytest.mark.parametrize(
    ("module", "size", "says"),
    [
        ("Linear", (4,), "takes 2 numbers; given: 4"),
        ("Linear", (), "takes 2 numbers; given: nothing"),
        ("Conv", (1, 6), "takes 4 numbers"),
        ("ReLU", (3,), "takes 0 numbers"),
        ("Linaer", (4, 3), "module='Linaer'"),
        (None, (), "module=None"),
        ("Linear", ("four", 3), "size"),
    ],
)
def test_layers_that_are_none(module: Any, size: tuple[Any, ...], says: str) -> None:
    with pytest.raises(ParameterInvalid, match=says):
        MMBase().add_layer(module, *size)


def test_the_nearest_layer_is_spelt_as_in_the_documents() -> None:
    with pytest.raises(ParameterInvalid) as caught:
        MMBase().add_layer("Relu6")
    assert "Did you mean 'ReLU'?" in caught.value.hint


def test_calls_in_another_order() -> None:
    with pytest.raises(NothingLoaded):
        MMBase().inference([[1.0, 2.0, 3.0, 4.0]])
    with pytest.raises(NothingToShow):
        MMBase().print_result()
    with pytest.raises(CheckpointNotFound):
        MMBase().load("./checkpoints/mmbase_net.pkl")
    with pytest.raises(ParameterUnknown):
        MMBase().train(epoch=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["train", "inference"])
def test_arguments_are_those_of_nn(name: str) -> None:
    ours, theirs = (inspect.signature(getattr(kind, name)).parameters for kind in (MMBase, nn))
    assert list(ours) == list(theirs)
    other = {key for key in ours if ours[key].default != theirs[key].default}
    assert other == ({"filename"} if name == "train" else set())
