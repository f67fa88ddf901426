"""``nn.add``: the network that comes of it, before and after the data, with modules of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn as torch_nn

from BaseDT.errors import DeviceUnavailable, ParameterInvalid
from BaseDT.language import use_language
from BaseNN import nn
from BaseNN.data.training_data import TrainingData


def table(features: int = 4, classes: int = 3) -> TrainingData:
    rng = np.random.default_rng(0)
    labels = np.arange(12, dtype=np.int64) % classes
    return TrainingData("tab", rng.normal(size=(12, features)).astype(np.float32), labels)


def pictures(channels: int = 1, side: int = 12) -> TrainingData:
    made = np.zeros((4, channels, side, side), np.uint8)
    return TrainingData("img", made, np.array([0, 1, 0, 1]), classes=("猫", "狗"), color="RGB")


def iris() -> nn:
    model = nn("cls")
    model.add("Linear", size=(4, 10), activation="ReLU")
    model.add("Linear", size=(10, 3), activation="Softmax")
    return model


def test_names_are_those_of_the_documents() -> None:
    model = nn()
    model.add("conv2d", size=(1, 6), kernel_size=(5, 5), activation="relu")
    model.add("avgpool", kernel_size=(2, 2))
    model.add("maxpool", kernel_size=2, activation="tanh")
    model.add("reshape")
    model.add("linear", size=(6, 3), activation="leakyrelu")
    model.add(torch_nn.Hardswish())
    model.add(activation="softmax")
    assert [name for name, _ in model.model.named_children()] == [
        "conv2d1", "relu1", "avgpooling2", "maxpooling3", "tanh3", "reshape", "linear5", "leakyrelu5", "Hardswish6",
        "softmax7",
    ]  # fmt: skip
    assert model.layers[:2] == ["conv2d", "avgpool"]


def test_only_the_first_linear_lays_in_a_row() -> None:
    assert [name for name, _ in iris().model.named_children()] == ["reshape", "linear1", "relu1", "linear2", "softmax2"]


def test_documented_attributes_before_anything() -> None:
    model = nn("CLS", save_fold="保存 的")
    assert (model.task, model.save_fold, model.optimizer) == ("cls", "保存 的", "Adam")
    assert (model.batchsize, model.layers, model.res, model.word2idx) == (None, [], None, None)
    assert len(model.model) == 0  # type: ignore[arg-type]
    assert isinstance(model.device, torch.device)
    model.device = "cpu"
    assert model.device == torch.device("cpu")
    with pytest.raises(DeviceUnavailable):
        model.device = "abacus"


def test_data_complete_what_was_left_out() -> None:
    model = nn()
    model.add("conv2d", size=6, kernel_size=3)
    model.add("linear", size=3)
    with pytest.raises(ParameterInvalid, match="Layer 1, conv2d: size is not known yet"):
        _ = model.model
    model._learn_from(pictures())
    assert model.model(torch.zeros(2, 1, 12, 12)).shape == (2, 3)
    assert (model.color, model.img_classes, model.batchsize) == ("RGB", ["猫", "狗"], 4)


def test_data_that_do_not_fit_leave_everything_as_it_was() -> None:
    model = iris()
    weights = model.model.state_dict()
    with pytest.raises(ParameterInvalid, match="Layer 1, linear: gets 7"):
        model._learn_from(table(7))
    assert model._data is None
    model._learn_from(table(4))
    assert model.model.state_dict()["linear1.weight"] is not None
    assert all(torch.equal(value, weights[name]) for name, value in model.model.state_dict().items())


def test_weights_stay_when_more_is_added() -> None:
    model = nn()
    model.add("linear", size=(4, 10))
    before = model.model.state_dict()["linear1.weight"].clone()
    model.add("linear", size=3)
    assert torch.equal(model.model.state_dict()["linear1.weight"], before)
    assert model.model(torch.zeros(2, 4)).shape == (2, 3)


def test_an_error_leaves_the_network_as_it_was() -> None:
    model = iris()
    for wrong in ({"layer": "linear", "size": (4, 3)}, {"layer": "linaer"}, {"activation": "rleu"}, {}):
        with pytest.raises(ParameterInvalid):
            model.add(optimizer=None, **wrong)
    with pytest.raises(ParameterInvalid):
        model.add("linear", optimizer="SGD", size=(4, 3))
    assert (len(model.layers), model.optimizer) == (2, "Adam")


def test_optimizer_by_name() -> None:
    model = nn()
    model.add(optimizer="sgd")
    assert (model.optimizer, model.layers) == ("SGD", [])
    with pytest.raises(ParameterInvalid, match="Admm") as caught:
        model.add(optimizer="Admm")
    assert "'Adam'" in caught.value.hint


class Doubled(torch_nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, x], dim=1)


def test_modules_of_ones_own_are_tried_on_what_comes_in() -> None:
    model = nn()
    model._learn_from(table())
    model.add(Doubled())
    model.add("linear", size=(None, 3))
    assert model._stack.layers[1].arguments["size"] == (8, 3)
    with pytest.raises(ParameterInvalid, match="Layer 3, linear: gets 3"):
        model.add("linear", size=(8, 3))


def test_modules_of_ones_own_may_not_take_what_comes_in() -> None:
    model = nn()
    model._learn_from(table())
    module = torch_nn.Conv2d(1, 3, 3)
    with pytest.raises(ParameterInvalid, match="Conv2d does not take what comes in, 4"):
        model.add(module)
    assert module.training
    assert model.layers == []


def test_lstms_of_torch_give_two_results() -> None:
    model = nn()
    model._learn_from(TrainingData("npz", np.zeros((4, 7, 5), np.float32), np.zeros(4, np.int64)))
    model.add(torch_nn.LSTM(5, 6, batch_first=True))
    model.add("part0")
    model.add("unsqueeze")
    model.add("squeeze")
    model.add("linear", size=(6, 2))
    assert model.model(torch.zeros(4, 7, 5)).shape == (4, 2)


@pytest.mark.parametrize(
    ("add", "says"),
    [
        (lambda model: model.add(torch_nn.ReLU), "is a class of modules"),
        (lambda model: model.add(torch_nn.ReLU(), size=3), "size="),
        (lambda model: model.add(activation="relu", size=3), "size"),
    ],
)
def test_what_is_no_module(add: Callable[[Any], None], says: str) -> None:
    with pytest.raises((ParameterInvalid, TypeError), match=says):
        add(nn())


def test_a_whole_module_in_place_of_layers() -> None:
    model = iris()
    model.model = torch_nn.Linear(4, 2)
    assert model.model(torch.zeros(1, 4)).shape == (1, 2)


def test_softmax_sums_to_one_over_the_features() -> None:
    model = nn()
    model._learn_from(TrainingData("npz", np.zeros((4, 7, 5), np.float32), np.zeros(4, np.int64)))
    model.add("lstm", size=6, activation="softmax")
    assert torch.allclose(model.model(torch.rand(4, 7, 5)).sum(-1), torch.ones(4, 7))


def test_the_same_seed_draws_the_same_weights() -> None:
    drawn = []
    for seed in (7, 7, 8):
        model = iris()
        model.set_seed(seed)
        drawn.append(model.model.state_dict()["linear1.weight"])
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    with pytest.raises(ParameterInvalid):
        iris().set_seed(-1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_print_model(language: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = iris()
    model.add(Doubled())
    with use_language(language):
        model.print_model()
    printed = capsys.readouterr().out
    for word in ("linear + relu", "size=(4, 10)", "50", "33", "83", "Doubled"):
        assert word in printed


@pytest.mark.parametrize("task", ["classification", 3, None, ""])
def test_no_such_task(task: Any) -> None:
    with pytest.raises(ParameterInvalid):
        nn(task)
