"""bfloat16 is taken where it was measured to win, and its slow layers are computed in float32."""

from __future__ import annotations

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from BaseDT.errors import CannotResume
from MMEdu import MMClassification
from MMEdu.engine import checkpoint, precision_trial
from MMEdu.engine.device import Precision
from MMEdu.engine.precision_trial import chosen, faster_precision, remembered
from MMEdu.engine.slow_kernels import slow_layers_in_float32

BFLOAT16, FLOAT32 = Precision("bfloat16", "cpu"), Precision("float32", "cpu")
LONG = 10**6


@pytest.mark.parametrize(
    ("rounds", "winner"),
    [
        ([(0.30, 0.20), (0.60, 0.40), (0.31, 0.90)], "bfloat16"),  # a neighbour disturbed one step
        ([(0.30, 0.29), (0.30, 0.28), (0.30, 0.29)], "float32"),  # too little to give digits away
        ([(0.20, 0.40), (0.20, 0.40), (0.40, 0.20)], "float32"),
        ([(0.004, 0.001)] * 3, "float32"),  # noise decides about steps of milliseconds
    ],
)
def test_the_median_of_the_rounds_decides(rounds, winner):
    assert chosen(rounds) == winner


class Pictures:
    """A task of made-up pictures."""

    def __init__(self) -> None:
        self.steps = 0
        self.threads: list[int] = []

    def dummy_inputs(self, size: int, device: torch.device) -> torch.Tensor:
        self.steps += 1
        self.threads.append(torch.get_num_threads())
        return torch.rand(size, 3, 8, 8)

    def losses(self, model: nn.Module, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"loss": model(inputs).float().square().mean()}


def trainer(task: Any = None) -> Any:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3, stride=2, groups=4), nn.Dropout(), nn.Flatten()
    )
    return SimpleNamespace(
        task=task or Pictures(),
        model=model,
        learner=model,
        precision=FLOAT32,
        device=torch.device("cpu"),
        micro_batch=4,
    )


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MMEDU_HOME", str(tmp_path / "家"))
    return tmp_path / "家"


def test_a_trial_leaves_weights_statistics_and_random_numbers_as_they_were(monkeypatch, two_threads):
    run = trainer()
    before, random = copy.deepcopy(run.model.state_dict()), torch.get_rng_state()
    monkeypatch.setattr(precision_trial, "chosen", lambda rounds: "bfloat16")
    assert faster_precision(run, "Net", [8, 8], LONG) == BFLOAT16
    assert run.task.steps == 10
    assert set(run.task.threads) == {1}
    assert torch.get_num_threads() == 2
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, before[name]) for name, value in run.model.state_dict().items())
    assert all(parameter.grad is None for parameter in run.model.parameters())
    assert not any("forward" in vars(module) for module in run.model.modules())


def test_the_answer_is_remembered_for_this_model_and_size(monkeypatch, home):
    monkeypatch.setattr(precision_trial, "chosen", lambda rounds: "bfloat16")
    faster_precision(trainer(), "Net", [8, 8], LONG)
    again = trainer()
    assert faster_precision(again, "Net", [8, 8], 1) == BFLOAT16  # a short run profits, too
    assert again.task.steps == 0
    assert faster_precision(again, "Other", [8, 8], 1) == FLOAT32
    assert faster_precision(again, "Net", [9, 9], 1) == FLOAT32


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"key": 3}', b'{"key": "float64"}', b'{"key": [1]}']
)
def test_a_damaged_memory_is_none(home, content):
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "precision.json").write_bytes(content)
    assert remembered("key") is None


def test_a_home_that_cannot_be_written_costs_nothing_but_the_memory(home):
    home.write_text("a file", encoding="utf-8")
    assert faster_precision(trainer(), "Net", [8, 8], LONG) == FLOAT32


def test_a_run_that_is_too_short_or_frozen_is_not_measured():
    run = trainer()
    faster_precision(run, "Net", [8, 8], 10)
    run.model[0].weight.requires_grad_(False)
    faster_precision(run, "Net", [8, 8], LONG)
    assert run.task.steps == 0


def test_what_cannot_be_computed_is_left_to_the_run():
    class Broken(Pictures):
        def losses(self, model: nn.Module, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
            raise RuntimeError("maps shrink to nothing")

    assert faster_precision(trainer(Broken()), "Net", [8, 8], LONG) == FLOAT32


def outputs(model: nn.Module, pictures: torch.Tensor) -> list[torch.dtype]:
    found: list[torch.dtype] = []
    hooks = [m.register_forward_hook(lambda *a: found.append(a[2].dtype)) for m in model if type(m) is nn.Conv2d]
    with torch.autocast("cpu", torch.bfloat16):
        model(pictures)
    for hook in hooks:
        hook.remove()
    return found


def test_strided_depthwise_layers_alone_train_in_float32():
    model = nn.Sequential(
        nn.Conv2d(4, 4, 3, stride=2), nn.Conv2d(4, 4, 3, padding=1, groups=4), nn.Conv2d(4, 4, 3, stride=2, groups=4)
    )
    pictures, names = torch.rand(2, 4, 16, 16), list(model.state_dict())
    wide, narrow = torch.float32, torch.bfloat16
    with slow_layers_in_float32(model, BFLOAT16):
        assert outputs(model, pictures) == [narrow, narrow, wide]
        assert list(model.state_dict()) == names
        assert outputs(copy.deepcopy(model), pictures) == [narrow, narrow, wide]
        model.eval()
        assert outputs(model, pictures) == [narrow, narrow, narrow]
    model.train()
    assert outputs(model, pictures) == [narrow, narrow, narrow]
    with slow_layers_in_float32(model, FLOAT32):
        assert not any("forward" in vars(module) for module in model.modules())


def train(data: Path, folder: Path, **arguments: object) -> list[dict[str, Any]]:
    model = MMClassification("LeNet")
    model.load_dataset(data)
    return model.train(batch_size=4, lr=0.1, random_seed=3, save_fold=folder, **arguments)


def test_a_resumed_run_keeps_the_precision_that_was_chosen(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("MMEdu.engine.device.cpu_has_bfloat16", lambda: True)
    monkeypatch.setattr("MMEdu.engine.run.faster_precision", lambda *_: BFLOAT16)
    assert train(dataset, tmp_path, epochs=1)[0]["precision"] == "bfloat16"
    monkeypatch.setattr("MMEdu.engine.run.faster_precision", lambda *_: FLOAT32)
    train(dataset, tmp_path, epochs=2, resume=True)
    assert checkpoint.read(tmp_path / "latest.pth")["meta"]["run"]["precision"] == "bfloat16"


def test_an_edited_precision_is_refused(dataset, tmp_path):
    train(dataset, tmp_path, epochs=1)
    file = tmp_path / "latest.pth"
    content = checkpoint.read(file)
    content["meta"]["run"]["precision"] = ["float32"]
    torch.save(content, file)
    with pytest.raises(CannotResume, match=r"run\.precision"):
        train(dataset, tmp_path, epochs=2, resume=True)
