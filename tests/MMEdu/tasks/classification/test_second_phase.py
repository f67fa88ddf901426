"""A pretrained start in two phases: the head, then the whole network, and where the second one is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from BaseDT.errors import ParameterInvalid, TrainingInterrupted
from BaseDT.preprocess import Preprocess
from MMEdu import MMClassification
from MMEdu.engine import checkpoint
from MMEdu.engine.events import Event, Iteration, Notice, Validated
from MMEdu.models.classification.augment import Augment
from MMEdu.models.recipe import PretrainedStart
from MMEdu.tasks.classification import second_phase
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures

Learn = Callable[..., tuple[MMClassification, list[Event]]]
GIVEN = {"epochs": 6, "batch_size": 6, "lr": 0.002, "random_seed": 3, "freeze": "auto"}


@pytest.fixture
def learn(trained, tmp_path: Path, quick, monkeypatch: pytest.MonkeyPatch) -> Learn:
    """Train LeNet from the weights of ``trained``, as if its head alone were never enough."""
    monkeypatch.setattr(second_phase, "_LEAST_PICTURES", 1)
    monkeypatch.setattr(second_phase, "_LEAST_STEPS", 12)  # of four an epoch
    monkeypatch.setattr(second_phase, "_ENOUGH", 101.0)

    def run(folder: str = "模 型", **arguments: object) -> tuple[MMClassification, list[Event]]:
        model, told = MMClassification("LeNet"), []
        model.listener = arguments.pop("listener", told.append)
        model.load_dataset(trained.dataset)
        model.train(**{**GIVEN, "checkpoint": trained.checkpoint, "save_fold": tmp_path / folder, **arguments})
        return model, told

    return run


def weights(file: Path) -> dict[str, torch.Tensor]:
    return checkpoint.read(file)["state_dict"]


def moved(before: Path, after: Path) -> set[str]:
    first, second = weights(before), weights(after)
    return {name for name, value in first.items() if not torch.equal(value, second[name])}


def notices(told: list[Event]) -> str:
    return "\n".join(event.text for event in told if isinstance(event, Notice))


def test_the_head_learns_first_then_the_whole_network_at_small_rates(learn, trained, tmp_path):
    _, told = learn(epochs=6)
    folder = tmp_path / "模 型"
    rates = {event.epoch: event.lr for event in told if isinstance(event, Iteration)}
    assert [rates[epoch] > 0.001 for epoch in range(1, 7)] == [True] * 3 + [False] * 3
    assert moved(trained.checkpoint, folder / "latest.pth") == set(weights(trained.checkpoint))
    assert "now the whole network learns" in notices(told)
    assert [event.epoch for event in told if isinstance(event, Validated)] == [1, 2, 3, 4, 5, 6]
    meta = checkpoint.read(folder / "latest.pth")["meta"]
    assert (meta["run"]["second_from"], meta["CLASSES"]) == (3, ["狗", "猫"])


def test_the_head_phase_alone_moves_the_head_alone(learn, trained, monkeypatch):
    monkeypatch.setattr(second_phase, "_ENOUGH", 0.0)
    model, told = learn()
    assert moved(trained.checkpoint, model.trained.latest_file) == {"classifier.2.weight", "classifier.2.bias"}
    assert "the backbone stays as it is" in notices(told)


def test_what_would_take_too_long_is_said_and_left_out(learn, trained, monkeypatch):
    monkeypatch.setattr(second_phase, "_LONGEST", 0.0)
    model, told = learn()
    assert "fewer epochs" in notices(told)
    assert moved(trained.checkpoint, model.trained.latest_file) == {"classifier.2.weight", "classifier.2.bias"}


@pytest.mark.parametrize(
    "arguments", [{"freeze": "backbone"}, {"epochs": 4}, {"validate": False}], ids=["backbone", "short", "no val"]
)
def test_where_there_is_no_second_phase_nothing_is_said_of_one(learn, arguments):
    _, told = learn(**arguments)
    assert "The last layer alone" not in notices(told)


def test_few_pictures_have_no_second_phase(learn, monkeypatch):
    monkeypatch.setattr(second_phase, "_LEAST_PICTURES", 25)  # the set has 24
    _, told = learn()
    assert "The last layer alone" not in notices(told)


@pytest.mark.parametrize("epoch", [2, 3, 5], ids=["in the first phase", "between", "in the second"])
def test_interrupted_in_either_phase_it_ends_where_an_uninterrupted_run_does(learn, tmp_path, epoch):
    whole, _ = learn("整")

    def stop(event: Event) -> None:
        if isinstance(event, Iteration) and event.epoch == epoch + 1:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted):
        learn("断", listener=stop)
    assert checkpoint.read(tmp_path / "断" / "latest.pth")["meta"]["epoch"] == epoch
    resumed, _ = learn("断", resume=True, freeze=None)
    assert moved(whole.trained.latest_file, resumed.trained.latest_file) == set()
    assert whole.trained.best_file.name == resumed.trained.best_file.name


def test_patience_begins_anew_with_the_second_phase(learn, monkeypatch):
    monkeypatch.setattr(second_phase, "_USUAL", PretrainedStart("SGD", 1e-20))  # nothing becomes better
    _, told = learn(epochs=10, lr=1e-20, early_stop=6)
    assert max(event.epoch for event in told if isinstance(event, Validated)) == 10


def test_patience_ends_the_run_in_the_first_phase_and_says_so_once(learn):
    _, told = learn(epochs=10, lr=1e-20, early_stop=2)
    assert max(event.epoch for event in told if isinstance(event, Validated)) == 3
    assert notices(told).count("stopped early") == 1


def test_normalisation_keeps_its_statistics_and_everything_else_is_free():
    network = second_phase.thaw(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2)))
    assert [p.requires_grad for p in network.parameters()] == [True, True, False, False, True, True]


def test_crops_of_the_second_phase_keep_half_of_the_area():
    samples = VariedPictures([], Preprocess(size=(32, 32)), Augment(crop_scale=(0.08, 1.0)))
    assert second_phase._milder(samples).augment.crop_scale == (0.5, 1.0)
    assert samples.augment.crop_scale == (0.08, 1.0)
    whole = LabelledPictures([], Preprocess(size=(32, 32)))
    assert second_phase._milder(whole) is whole


def test_a_rate_of_the_backbone_contradicts_it(learn):
    with pytest.raises(ParameterInvalid, match="backbone_lr"):
        learn(backbone_lr=0.1)
