"""What is said of a training that did not end well: the cause, by the classes' names, and what can help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn as torch_nn

from BaseDT.language import use_language
from BaseNN import nn
from MMEdu.engine.events import Event, Notice

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((60, 4)).astype(np.float32)
Y = X[:, :3].argmax(axis=1)
NAMES = ["山鸢尾", "变色鸢尾", "维吉尼亚"]
LABEL = np.array(NAMES)[Y]


@pytest.fixture(autouse=True)
def _in_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def _told(model: nn, **wishes: Any) -> str:
    """Train, and return what is said but where it was saved."""
    heard: list[Event] = []
    model.train(**wishes, listener=heard.append)
    texts = [event.text for event in heard if isinstance(event, Notice)]
    return "\n".join(text for text in texts if not text.startswith(("Saved", "An older", "保存")))


def _model(x: npt.NDArray[Any] = X, y: npt.NDArray[Any] = LABEL, end: str | None = "softmax", task: str = "cls") -> nn:
    model = nn(task)
    model.device = "cpu"
    model.set_seed(1)
    model.load_dataset(x, y, classes=NAMES if y is LABEL else None)
    model.add("linear", size=(x.shape[1], 8), activation="relu")
    model.add("linear", size=(8, 3 if task == "cls" else 1), activation=end)
    return model


def _never(model: nn, *unsaid: int, bias: float = -40) -> nn:
    """Let the last layer give some classes far too little."""
    with torch.no_grad():
        for number in unsaid:
            model.model[-2].bias[number] = bias  # type: ignore[index, union-attr]
    return model


def test_a_class_that_is_never_said_is_named() -> None:
    said = _told(_never(_model(), 1), lr=0.01, epochs=25)
    assert "never says class '变色鸢尾'" in said
    assert "%" in said
    assert len(said.splitlines()) == 1
    with use_language("zh"):
        assert "从不回答类别“变色鸢尾”" in _told(_never(_model(), 1), lr=0.01, epochs=25)


def test_labels_without_names_are_numbers() -> None:
    model = _model(y=Y)
    model.load_dataset(X, Y)
    assert "never says class 1, " in _told(_never(model, 1), lr=0.01, epochs=25)


def test_a_few_samples_of_a_class_ask_for_more() -> None:
    labels = np.where(np.arange(60) < 2, 2, Y % 2)
    assert "few samples of it" in _told(_never(_model(y=labels), 2), lr=0.01, epochs=25)


def test_relu_at_the_end_is_named_as_the_cause() -> None:
    model = _model(end="relu")
    with torch.no_grad():
        model.model[-2].bias[1] = -1e3  # type: ignore[index, union-attr]
    first, second = _told(model, lr=0.01, epochs=25).splitlines()
    assert first.startswith("relu at the end")
    assert "never says class" in second
    assert "relu at the end" in second
    assert "lr=" not in second


def test_one_answer_is_named() -> None:
    said = _told(_never(_model(), 1, 2, bias=-1e3), lr=1e-7, epochs=20)
    assert "says class '山鸢尾' to everything" in said
    assert "Try lr=0.01, or more epochs." in said


def test_the_rate_that_is_proposed_is_one_that_helps() -> None:
    said = _told(_never(_model(), 1, 2, bias=-1e3), lr=100.0, epochs=20)
    assert "Try a smaller learning rate, lr=0.01" in said
    assert "more epochs" not in said


def test_most_samples_of_one_class_ask_for_others() -> None:
    labels = np.where(np.arange(60) < 3, 1, 0)
    model = nn()
    model.load_dataset(X, labels)
    model.add("linear", size=(4, 2), activation="softmax")
    assert "95% of the samples are of it" in _told(_never(model, 1), lr=0.001, epochs=5)


def test_all_samples_of_one_class_are_named() -> None:
    assert "of class '鸟'" in _told(_model(y=np.array(["鸟"] * 60)), lr=0.1, epochs=3)


# --- the loss ---------------------------------------------------------------------------------------------------------


def test_a_small_last_batch_does_not_decide_whether_the_loss_fell() -> None:
    """The last step of each epoch is of two samples that are far off; the means of the epochs, as printed, fall."""
    x = np.linspace(-1, 1, 34, dtype=np.float32)[:, None]
    y = x.copy()
    y[-2:] = 40
    np.savez("数 据.npz", data=x, label=y)
    model = nn("reg")
    model.device = "cpu"
    model.set_seed(1)
    model.load_npz_data("数 据.npz", batch_size=16, shuffle=False)
    model.add("linear", size=(1, 1))
    heard: list[Event] = []
    log = model.train(lr=0.1, epochs=7, listener=heard.append)
    means = [np.mean([line["loss"] for line in log if line["epoch"] == epoch]) for epoch in (0, 6)]
    assert means[1] < 0.98 * means[0]
    assert log[-1]["loss"] + log[-2]["loss"] > log[0]["loss"] + log[1]["loss"]
    assert not any("did not fall" in event.text for event in heard if isinstance(event, Notice))


def test_columns_are_named_only_where_they_differ() -> None:
    y = RANDOM.standard_normal((60, 1)).astype(np.float32)
    assert "columns" not in _told(_model(y=y, end=None, task="reg"), lr=1e-9, epochs=30)
    wide = X * np.array([1, 1, 1, 1e4], np.float32)
    assert "columns" in _told(_model(wide, y, end=None, task="reg"), lr=1e-9, epochs=30)


def test_numbers_out_of_reach_are_the_only_advice() -> None:
    said = _told(_model(y=(100 * X[:, :1]), end="sigmoid", task="reg"), lr=1e-9, epochs=30, loss="MSELoss")
    assert "out of reach" in said
    assert "lr=" not in said


# --- held-out samples, batchnorm --------------------------------------------------------------------------------------


def _held_out(x: npt.NDArray[Any], y: npt.NDArray[Any], task: str = "cls") -> nn:
    np.savez("数 据.npz", data=x.astype(np.float32), label=y)
    model = nn(task)
    model.device = "cpu"
    model.set_seed(1)
    model.load_npz_data("数 据.npz", batch_size=25, train_val_ratio=0.5)
    return model


def test_samples_that_are_known_by_heart_are_told() -> None:
    model = _held_out(RANDOM.standard_normal((100, 20)), np.arange(100) % 2)
    model.add("linear", size=(20, 64), activation="relu")
    model.add("linear", size=(64, 2), activation="softmax")
    said = _told(model, lr=0.01, epochs=40)
    assert "learnt from 100% are right, of those held out" in said
    assert "by heart" in said
    assert "lr=" not in said


def test_so_are_numbers() -> None:
    model = _held_out(RANDOM.standard_normal((100, 20)), RANDOM.standard_normal((100, 1)), "reg")
    model.add("linear", size=(20, 64), activation="relu")
    model.add("linear", size=(64, 1))
    assert "by heart" in _told(model, lr=0.01, epochs=60, loss="MSELoss")


def test_averages_of_batchnorm_that_are_behind_are_named() -> None:
    pictures = RANDOM.standard_normal((60, 1, 4, 4)).astype(np.float32) + 30
    pictures[::2] += 1
    model = _held_out(pictures, np.arange(60) % 2)
    model.add(torch_nn.BatchNorm2d(1, momentum=1e-3))
    model.add("reshape")
    model.add("linear", size=(16, 2), activation="softmax")
    said = _told(model, lr=0.05, epochs=15)
    assert "batchnorm" in said
    assert "lr=" not in said
    assert len(said.splitlines()) == 1
    assert model.model[0].training is False  # type: ignore[index]


def test_what_went_well_is_told_nothing() -> None:
    assert _told(_model(), lr=0.05, epochs=60) == ""
