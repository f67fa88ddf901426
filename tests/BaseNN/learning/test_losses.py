"""Losses and metrics out of tables: what they compute, of which outputs, and which names they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn as torch_nn

from BaseDT.errors import ParameterInvalid
from BaseNN import nn
from BaseNN.learning.losses import LOSSES, as_numbers, learner_of, loss_named
from BaseNN.learning.metrics import checked_metrics, measured
from MMEdu.engine.events import silent

LABELS = torch.tensor([0, 2, 1, 1])
OUTPUTS = torch.tensor([[2.0, 0.1, -1], [0.3, 0.2, 0.9], [0, 1, 0.5], [1, 0.2, 0.1]])


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_one_of_torch_and_learns(name: str, folder: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(folder))
    assert hasattr(torch_nn, name)
    random = np.random.default_rng(0)
    x = random.standard_normal((40, 4))
    model = nn()
    model.set_seed(1)
    model.load_dataset(x, x[:, :3].argmax(axis=1))
    last = "sigmoid" if name == "BCELoss" else None if name in ("BCEWithLogitsLoss", "SoftMarginLoss") else "softmax"
    model.add("linear", size=(4, 3), activation=last)
    log = model.train(lr=0.1, epochs=40, loss=name, metrics=["acc"], listener=silent)
    assert log[-1]["loss"] < log[0]["loss"]
    assert log[-1]["acc"] > 0.8


def test_a_softmax_in_front_of_cross_entropy_is_left_out() -> None:
    model = torch_nn.Sequential(torch_nn.Linear(4, 3), torch_nn.Softmax(dim=1))
    learner = learner_of(model, LOSSES["CrossEntropyLoss"])
    assert [type(layer) for layer in learner.children()] == [torch_nn.Linear]
    assert next(learner.parameters()) is next(model.parameters())
    assert learner_of(model, LOSSES["MSELoss"]) is model


class Own(torch_nn.Module):
    """A module of the user's own that ends in a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch_nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shares: torch.Tensor = self.layer(x).softmax(dim=1)
        return shares


def test_a_softmax_within_a_module_of_ones_own_is_no_second_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    x = np.random.default_rng(0).standard_normal((60, 4))
    logs = []
    for layer in (Own(), None):
        model = nn()
        model.set_seed(1)
        model.load_dataset(x, x[:, :3].argmax(axis=1))
        if layer is None:
            model.add("linear", size=(4, 3), activation="softmax")
        else:
            model.add(layer)
        logs.append(model.train(lr=0.1, epochs=150, listener=silent)[-1]["loss"])
    assert max(logs) < 0.15  # of two softmaxes in a row it never falls below 0.55


def test_cross_entropy_of_logarithms_is_that_of_nll() -> None:
    logarithms = OUTPUTS.log_softmax(dim=1)
    ours = LOSSES["NLLLoss"].compute(logarithms, LABELS)
    assert float(ours) == pytest.approx(float(torch_nn.functional.nll_loss(logarithms, LABELS)))


def test_labels_become_numbers() -> None:
    assert as_numbers(LABELS, 3).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert as_numbers(torch.tensor([0, 1]), 1).tolist() == [[0], [1]]


@pytest.mark.parametrize("name", ["crossentropyloss", " MSELoss "])
def test_names_of_losses_may_be_written_small(name: str) -> None:
    assert loss_named(name).name.lower() == name.strip().lower()


def test_metrics_measure_what_they_say() -> None:
    assert float(measured("acc", OUTPUTS, LABELS, logits=True)) == 0.75
    shares = OUTPUTS.softmax(dim=1)
    away = (shares - as_numbers(LABELS, 3)).abs()
    assert float(measured("mae", OUTPUTS, LABELS, logits=True)) == pytest.approx(float(away.mean()))
    assert float(measured("mse", shares, LABELS, logits=False)) == pytest.approx(float(away.square().mean()))
    assert float(measured("acc", torch.tensor([[0.6], [0.4]]), torch.tensor([[1.0], [1.0]]), logits=False)) == 0.5


def test_names_of_metrics() -> None:
    assert checked_metrics(["Accuracy", "mse", "acc"], "cls") == ("acc", "mse")
    assert checked_metrics("acc", "cls") == ("acc",)
    assert checked_metrics(None, "cls") == ()
    with pytest.raises(ParameterInvalid):
        checked_metrics(["f2"], "cls")
