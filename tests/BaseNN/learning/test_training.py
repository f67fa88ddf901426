"""Training over the engine: the documented list and lines, files, seeds, stopping and going on, what is odd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn as torch_nn

from BaseDT.errors import (
    CannotResume,
    CheckpointInvalid,
    ClassCountMismatch,
    DatasetNotLoaded,
    LossNotFinite,
    ParameterInvalid,
    ParameterUnknown,
    TrainingInterrupted,
)
from BaseDT.language import use_language
from BaseNN import nn
from BaseNN.learning import training
from BaseNN.learning.small_tables import passes_of
from MMEdu.engine.events import Event, Iteration, Notice, RunFinished, Validated, silent

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((60, 4)).astype(np.float32)
Y = (X[:, :3]).argmax(axis=1)


@pytest.fixture(autouse=True)
def _in_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def _model(seed: int | None = 1, task: str = "cls", **data: Any) -> nn:
    model = nn(task)
    model.device = "cpu"
    if seed is not None:
        model.set_seed(seed)
    model.load_dataset(data.get("x", X), data.get("y", Y))
    model.add("linear", size=(4, 8), activation="relu")
    model.add("linear", size=(8, 3), activation="softmax")
    return model


def _batches(seed: int = 1) -> nn:
    """The same in batches of 16, a fifth held out."""
    np.savez("data.npz", data=X, label=Y)
    model = nn()
    model.device = "cpu"
    model.set_seed(seed)
    model.load_npz_data("data.npz", batch_size=16, train_val_ratio=0.8)
    model.add("linear", size=(4, 8), activation="relu")
    model.add("linear", size=(8, 3), activation="softmax")
    return model


# --- the list, the lines, the files -----------------------------------------------------------------------------------


def test_the_list_has_a_line_for_each_step() -> None:
    log = _model().train(lr=0.05, epochs=45, metrics=["acc", "mse"], listener=silent)
    assert [line["epoch"] for line in log] == list(range(45))
    assert set(log[0]) == {"epoch", "loss", "acc", "mse"}
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["acc"] > 0.9
    json.dumps(log)  # plain numbers


def test_batches_have_a_line_each_and_what_is_held_out_its_scores() -> None:
    log = _batches().train(lr=0.05, epochs=6, listener=silent)
    assert [line["epoch"] for line in log] == [epoch for epoch in range(6) for _ in range(3)]
    assert set(log[-1]) == {"epoch", "loss", "val_acc", "val_loss"}


def test_a_long_run_prints_about_twenty_lines(capsys: pytest.CaptureFixture[str]) -> None:
    _model().train(lr=0.02, epochs=200, metrics=["acc"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{epoch:")]
    assert 15 < len(lines) < 25
    assert lines[0].startswith("{epoch:0  Loss:")
    assert "  Accuracy:" in lines[0]
    assert lines[0].endswith("}")
    assert lines[-1].startswith("{epoch:199  Loss:")


def test_a_short_run_prints_every_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    _batches().train(lr=0.02, epochs=4)
    out = capsys.readouterr().out
    assert [f"{{epoch:{n}  Loss:" in out for n in range(5)] == [True] * 4 + [False]
    assert "held out: acc:" in out


def test_a_run_leaves_documented_and_best_and_latest_files() -> None:
    model = _batches()
    model.train(lr=0.05, epochs=40, save_fold="我的 模型", filename="iris.pth", listener=silent)
    names = {path.name for path in Path("我的 模型").iterdir()}
    assert {"iris.pth", "latest.pth"} < names
    assert any(name.startswith("best_acc_epoch_") for name in names)
    assert str(model.best_file).startswith(str(Path("我的 模型") / "best_acc_epoch_"))
    model.convert(checkpoint=model.best_file, out_file="best.onnx")
    whole = _model()
    whole.train(epochs=1, listener=silent)
    assert whole.best_file is None  # nothing was held out
    assert any(name.endswith(".log.json") for name in names)
    assert model.save_fold == "我的 模型"
    for file in Path("我的 模型").glob("*.pth"):  # each of them answers
        again = nn()
        again.load(file)
        assert again.inference(X[:2]).shape == (2, 3)


def test_files_hold_tensors_and_plain_data_alone() -> None:
    _model().train(epochs=2, listener=silent)
    content = torch.load("checkpoints/basenn.pth", weights_only=True)
    assert {"tool", "backbone", "device", "dataset_size", "learning_rate", "epoch", "time"} <= content["meta"].keys()
    assert (content["meta"]["epoch"], content["meta"]["dataset_size"]) == (2, 60)


def test_an_older_run_is_put_aside() -> None:
    for _ in range(2):
        _model().train(epochs=2, listener=silent)
    aside = [path for path in Path("checkpoints").iterdir() if path.is_dir()]
    assert len(aside) == 1
    assert (aside[0] / "basenn.pth").exists()


# --- what is learnt ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["SGD", "adam", "Adagrad", "ASGD"])
def test_every_optimiser_learns(optimizer: str) -> None:
    model = _model()
    model.add(optimizer=optimizer)
    log = model.train(lr=0.1, epochs=60, listener=silent)
    assert log[-1]["loss"] < 0.9 * log[0]["loss"]


def test_a_seed_gives_the_same_numbers_and_none_others() -> None:
    one, same, other = (_batches(seed).train(lr=0.05, epochs=3, listener=silent) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_turns_of_many_epochs_compute_what_a_plain_loop_computes() -> None:
    model = _model()
    plain = torch_nn.Sequential(torch_nn.Linear(4, 8), torch_nn.ReLU(), torch_nn.Linear(8, 3))
    plain.load_state_dict(dict(zip(plain.state_dict(), model.model.state_dict().values(), strict=True)))
    plain.load_state_dict({name: value.clone() for name, value in plain.state_dict().items()})
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.01)
    losses = []
    for _ in range(50):
        loss = torch_nn.functional.cross_entropy(plain(torch.from_numpy(X)), torch.from_numpy(Y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    log = model.train(lr=0.01, epochs=50, listener=silent)
    assert [line["loss"] for line in log] == pytest.approx(losses, rel=1e-4)


@pytest.mark.parametrize(
    ("epochs", "steps", "passes"), [(1, 1, 1), (30, 1, 20), (1000, 1, 100), (1000, 5, 20), (5, 60, 1)]
)
def test_how_many_epochs_make_a_turn(epochs: int, steps: int, passes: int) -> None:
    assert passes_of(epochs, steps) == passes


def test_events_count_the_users_epochs() -> None:
    heard: list[Event] = []
    _batches().train(lr=0.05, epochs=33, listener=heard.append)
    iterations = [event for event in heard if isinstance(event, Iteration)]
    assert (iterations[-1].epoch, iterations[-1].epochs) == (33, 33)
    assert [event.epoch for event in heard if isinstance(event, Validated)] == [event.epoch for event in iterations]
    assert sum(isinstance(event, RunFinished) for event in heard) == 1


def test_numbers_are_learnt_with_a_loss_for_numbers() -> None:
    heard: list[Event] = []
    y = X @ np.array([1.0, 2, 3, 4])
    model = nn("reg")
    model.set_seed(1)
    model.load_dataset(X, y)
    model.add("linear", size=(4, 1))
    log = model.train(lr=0.2, epochs=150, metrics=["mae", "acc"], listener=heard.append)
    assert set(log[0]) == {"epoch", "loss", "mae", "mse"}  # as in the original, accuracy is left out
    assert log[-1]["mse"] < 1e-2
    assert any("MSELoss" in event.text for event in heard if isinstance(event, Notice))
    assert model.inference(X[:3]) == pytest.approx(y[:3, None], abs=0.3)


def test_numbers_are_learnt_from_their_mean_on_once() -> None:
    model = nn("reg")
    model.load_dataset(X, 1000 + X[:, :2])
    model.add("linear", size=(4, 2))
    first = model.train(lr=1e-4, epochs=1, listener=silent)
    assert first[0]["loss"] < 10
    again = model.train(lr=1e-4, epochs=1, listener=silent)
    assert again[0]["loss"] == pytest.approx(first[0]["loss"], rel=0.01)


def test_one_output_tells_two_classes() -> None:
    model = nn()
    model.set_seed(1)
    model.load_dataset(X, (X[:, 0] > 0).astype(int))
    model.add("linear", size=(4, 1), activation="sigmoid")
    log = model.train(lr=0.2, epochs=100, loss="BCELoss", metrics="acc", listener=silent)
    assert log[-1]["acc"] > 0.95
    assert {said["预测值"] for said in model.print_result(model.inference(X)).values()} == {0, 1}


def test_a_module_of_ones_own_learns() -> None:
    model = nn()
    model.load_dataset(X, Y)
    model.add(torch_nn.Sequential(torch_nn.Linear(4, 3), torch_nn.LogSoftmax(dim=1)))
    log = model.train(lr=0.1, epochs=60, loss="NLLLoss", listener=silent)
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    with pytest.raises(CheckpointInvalid, match="your own"):
        nn().load("checkpoints/basenn.pth")


def test_a_network_whose_epochs_are_long_goes_through_the_engines_own_loop() -> None:
    np.savez("pictures.npz", data=RANDOM.standard_normal((24, 1, 8, 8)), label=np.arange(24) % 2)
    model = nn()
    model.load_npz_data("pictures.npz", batch_size=10)
    model.add("conv2d", size=(1, 2), kernel_size=3, activation="relu")
    model.add("batchnorm2d", size=2)
    model.add("linear", size=2, activation="softmax")
    log = model.train(lr=0.01, epochs=3, metrics=["acc"], listener=silent)
    assert len(log) == 9
    assert set(log[0]) == {"epoch", "loss", "acc"}


# --- stopping, going on, starting from a file -------------------------------------------------------------------------


class Stop:
    """Is set once a number of epochs is over."""

    def __init__(self, after: int) -> None:
        self.after, self.epoch = after, 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Iteration):
            self.epoch = event.epoch

    def is_set(self) -> bool:
        return self.epoch >= self.after


@pytest.mark.parametrize("optimizer", ["Adam", "ASGD"])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(optimizer: str) -> None:
    whole = _batches()
    whole.optimizer = optimizer
    log = whole.train(lr=0.05, epochs=40, save_fold="whole", listener=silent)
    stop, stopped = Stop(15), _batches()
    stopped.optimizer = optimizer
    with pytest.raises(TrainingInterrupted, match="resume=True"):
        stopped.train(lr=0.05, epochs=40, save_fold="parts", listener=stop, stop=stop)
    again = _batches()
    again.optimizer = optimizer
    rest = again.train(lr=0.05, epochs=40, save_fold="parts", resume=True, listener=silent)
    assert rest[0]["epoch"] > 0
    assert rest == log[-len(rest) :]
    assert np.array_equal(again.inference(X), whole.inference(X))


def test_a_finished_run_returns_what_its_log_holds() -> None:
    log = _batches().train(lr=0.05, epochs=4, metrics=["acc"], listener=silent)
    again = _batches().train(lr=0.05, epochs=4, metrics=["acc"], resume=True, listener=silent)
    assert again[-1].keys() == log[-1].keys()
    assert again[-1]["epoch"] == log[-1]["epoch"] == 3
    assert again[-1]["val_loss"] == pytest.approx(log[-1]["val_loss"])


def test_nothing_goes_on_where_nothing_was(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotResume):
        _model().train(epochs=3, resume=True, listener=silent)


def test_other_data_are_no_way_to_go_on() -> None:
    _model().train(epochs=3, listener=silent)
    with pytest.raises(CannotResume, match="dataset"):
        _model(x=X + 1).train(epochs=5, resume=True, listener=silent)


def test_a_training_starts_from_the_weights_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    log = _model().train(lr=0.05, epochs=60, listener=silent)
    more = _model(seed=5).train(lr=0.01, epochs=2, checkpoint="checkpoints/basenn.pth", listener=silent)
    assert more[0]["loss"] == pytest.approx(log[-1]["loss"], rel=0.1)
    assert "4 of 4" in capsys.readouterr().out


def test_weights_of_another_network_are_refused() -> None:
    _model().train(epochs=1, listener=silent)
    other = nn()
    other.load_dataset(X, Y)
    other.add("linear", size=(4, 5))
    with pytest.raises(CheckpointInvalid, match="Not one weight"):
        other.train(checkpoint="checkpoints/basenn.pth", listener=silent)


# --- what cannot be meant ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wishes", "word"),
    [
        ({"lr": 0}, "lr"),
        ({"lr": "fast"}, "lr"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"batch_num": 0}, "batch_num"),
        ({"batch_size": -1}, "batch_size"),
        ({"loss": "CrossEntropy"}, "Did you mean 'CrossEntropyLoss'"),
        ({"loss": "__import__('os').system('true')"}, "loss"),
        ({"loss": None}, "loss"),
        ({"metrics": ["accurracy"]}, "Did you mean 'accuracy'"),
        ({"metrics": 3}, "metrics"),
        ({"filename": "../up.pth"}, "filename"),
        ({"filename": "model"}, "filename"),
        ({"listener": "loud"}, "listener"),
        ({"stop": True}, "stop"),
        ({"save_fold": ""}, "save_fold"),
        ({"resume": 1}, "resume"),
    ],
)
def test_arguments_that_cannot_work_are_refused(wishes: dict[str, Any], word: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        _model().train(**wishes)
    assert word in str(caught.value)


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(ParameterUnknown, match="epoch"):
        _model().train(epoch=3)  # type: ignore[call-arg]


def test_neither_data_nor_layers() -> None:
    with pytest.raises(DatasetNotLoaded):
        nn().train()
    model = nn()
    model.load_dataset(X, Y)
    with pytest.raises(ParameterInvalid, match="no layers"):
        model.train()


def test_fewer_outputs_than_classes_name_the_size_that_fits() -> None:
    model = nn()
    model.load_dataset(X, Y)
    model.add("linear", size=(4, 2))
    with pytest.raises(ClassCountMismatch) as caught:
        model.train(listener=silent)
    assert "size=(…, 3)" in caught.value.hint
    with use_language("zh"), pytest.raises(ClassCountMismatch, match="3 个类别"):
        model.train(listener=silent)


def test_a_softmax_of_one_number_is_refused() -> None:
    model = nn("reg")
    model.load_dataset(X, X[:, 0])
    model.add("linear", size=(4, 1), activation="softmax")
    with pytest.raises(ParameterInvalid, match="always 1"):
        model.train(loss="MSELoss", listener=silent)


@pytest.mark.parametrize(("activation", "told"), [("sigmoid", True), ("relu", True), ("tanh", True), (None, False)])
def test_numbers_that_the_last_activation_never_gives_are_told(activation: str | None, told: bool) -> None:
    model = nn("reg")
    model.load_dataset(X, 5 * X[:, 0])
    model.add("linear", size=(4, 1), activation=activation)
    assert ("out of reach" in _told(model, lr=0.01, epochs=2, loss="MSELoss")) is told


def test_what_an_interrupted_training_learnt_answers() -> None:
    model = _batches()
    stop = Stop(1)
    with pytest.raises(TrainingInterrupted):
        model.train(lr=0.05, epochs=400, listener=stop, stop=stop)
    assert model.inference(X).shape == (60, 3)


def test_other_outputs_than_numbers_are_refused() -> None:
    model = nn("reg")
    model.load_dataset(X, X[:, :2])
    model.add("linear", size=(4, 3))
    with pytest.raises(ParameterInvalid, match="2 to meet"):
        model.train(loss="MSELoss", listener=silent)


def test_a_network_that_gives_no_row_is_refused() -> None:
    model = nn()
    model.load_dataset(RANDOM.standard_normal((6, 1, 8, 8)), np.arange(6) % 2)
    model.add("conv2d", size=(1, 2), kernel_size=3)
    with pytest.raises(ParameterInvalid, match="2×6×6"):
        model.train(listener=silent)


@pytest.mark.parametrize("activation", [None, "relu"])
def test_a_loss_of_shares_needs_shares(activation: str | None) -> None:
    model = nn()
    model.load_dataset(X, Y)
    model.add("linear", size=(4, 3), activation=activation)
    with pytest.raises(ParameterInvalid, match="BCELoss") as caught:
        model.train(loss="BCELoss", listener=silent)
    assert "sigmoid" in caught.value.hint


def test_a_single_row_cannot_be_normalised() -> None:
    model = nn()
    model.load_dataset(X[:1], Y[:1] * 0)
    model.add("batchnorm1d", size=4)
    model.add("linear", size=(4, 2))
    with pytest.raises(ParameterInvalid, match="batch"):
        model.train(listener=silent)


def test_a_rate_that_is_far_too_large_ends_with_its_name() -> None:
    model = nn("reg")
    model.load_dataset(1e3 * X, X[:, :1])
    model.add("linear", size=(4, 1))
    model.add(optimizer="SGD")
    with pytest.raises(LossNotFinite, match="learning rate"):
        model.train(lr=100.0, epochs=50, loss="MSELoss", listener=silent)


def _told(model: nn, **wishes: Any) -> str:
    heard: list[Event] = []
    model.train(**wishes, listener=heard.append)
    return "\n".join(event.text for event in heard if isinstance(event, Notice))


def test_a_network_that_learnt_nothing_is_told() -> None:
    assert "did not fall" in _told(_model(y=RANDOM.permutation(Y)), lr=1e-7, epochs=20)


def test_a_network_that_says_one_class_is_told() -> None:
    model = _model()
    for parameter in model.model.parameters():
        torch_nn.init.zeros_(parameter)
    assert "to everything" in _told(model, lr=1e-7, epochs=20)


def test_samples_of_one_class_are_told() -> None:
    assert "nothing to tell apart" in _told(_model(y=np.zeros(60, int)), lr=0.1, epochs=3)


def test_a_training_that_went_well_is_told_nothing() -> None:
    assert _told(_model(), lr=0.05, epochs=60).splitlines()[0].startswith("Saved: ")


# --- a table of numbers, taken for classes; the time that is printed --------------------------------------------------


def test_numbers_that_are_taken_for_classes_lead_to_reg() -> None:
    model = nn()
    model.load_dataset(X, np.arange(60))
    model.add("linear", size=(4, 1))
    with pytest.raises(ClassCountMismatch, match="gives 1 number, and there are 60 classes") as caught:
        model.train(listener=silent)
    assert "nn('reg')" in caught.value.hint
    assert "size=(…, 60)" in caught.value.hint


def test_a_few_classes_or_words_do_not() -> None:
    for labels in (Y, np.array([f"w{number}" for number in range(60)])):
        model = nn()
        model.load_dataset(X, labels)
        model.add("linear", size=(4, 2))
        with pytest.raises(ClassCountMismatch) as caught:
            model.train(listener=silent)
        assert "reg" not in caught.value.hint


def test_classes_that_are_left_out_of_a_message_have_a_sign() -> None:
    model = nn()
    model.load_dataset(X, np.array([f"c{number % 10}" for number in range(60)]))
    model.add("linear", size=(4, 2))
    with pytest.raises(ClassCountMismatch, match="c7, …"):
        model.train(listener=silent)


def test_what_torch_loads_first_is_no_time_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[object] = []
    load = training.load_all
    monkeypatch.setattr(training, "load_all", lambda name: (order.append(name), load(name)))
    _model().train(lr=0.05, epochs=1, listener=order.append)
    assert order[0] == "Adam"


@pytest.mark.parametrize("name", ["Adam", "SGD", "Adagrad", "ASGD"])
def test_it_draws_no_number(name: str) -> None:
    torch.manual_seed(5)
    training.load_all(name)
    drawn = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(3))
