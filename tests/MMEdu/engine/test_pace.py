"""The number of torch's threads is measured while training, and fixed where a seed was given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from BaseDT.errors import CannotResume
from MMEdu import MMClassification
from MMEdu.engine import checkpoint
from MMEdu.engine.pace import Pace, ThreadChoice

ALONE = {1: 0.010, 2: 0.006}
BUSY = {1: 0.012, 2: 0.070}  # beside another program
Machine = Callable[[int], float]


class Simulation:
    """A training whose steps take what a machine of made-up times says."""

    def __init__(self, most: int = 2) -> None:
        self.choice = ThreadChoice(most)
        self.now = 0.0
        self.random = np.random.default_rng(0)

    def run(self, seconds: dict[int, float], lasting: float, noise: float = 0.0) -> float:
        """Train for so long; returns the mean seconds of a step."""
        began, steps = self.now, 0
        while self.now < began + lasting:
            took = seconds[self.choice.threads] * (1 + noise * self.random.random())
            self.now += took
            self.choice.add(took, self.now)
            steps += 1
        return (self.now - began) / steps


def test_all_threads_are_kept_where_they_are_faster():
    training = Simulation()
    mean = training.run(ALONE, 60)
    assert training.choice.settled == 2
    assert mean < 1.03 * ALONE[2]


@pytest.mark.parametrize("step", [0.001, 0.1, 6.0])
def test_trials_cost_no_more_than_a_fiftieth(step):
    training = Simulation()
    mean = training.run({1: 2 * step, 2: step}, 400 * max(step, 0.1))
    assert mean < 1.022 * step


def test_one_thread_is_taken_where_the_others_wait_for_a_busy_core():
    training = Simulation()
    training.run(BUSY, 1)
    assert training.choice.settled == 1
    assert training.run(BUSY, 60) < 1.04 * BUSY[1]


def test_it_reacts_within_two_seconds_when_steps_become_slow_and_comes_back():
    training = Simulation()
    training.run(ALONE, 30)
    training.run(BUSY, 2)
    assert training.choice.settled == 1
    training.run(ALONE, 30)
    assert training.choice.settled == 2


def test_noise_costs_little():
    training = Simulation()
    mean = training.run({1: 0.015, 2: 0.010}, 100, noise=0.5)
    assert mean < 1.03 * 0.010 * 1.25


def test_it_climbs_down_to_the_number_that_wins_and_up_again():
    training = Simulation(8)
    training.run({8: 0.08, 4: 0.05, 2: 0.03, 1: 0.04}, 10)
    assert training.choice.settled == 2
    training.run({8: 0.008, 4: 0.01, 2: 0.02, 1: 0.04}, 60)
    assert training.choice.settled == 8


def test_a_thread_alone_leaves_nothing_to_choose():
    training = Simulation(1)
    training.run({1: 0.01}, 10)
    assert training.choice.threads == 1


def test_a_step_runs_on_the_chosen_threads_and_what_follows_on_the_settled_ones(two_threads, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("MMEdu.engine.pace.time.perf_counter", lambda: float(next(clock)))
    pace, during, after = Pace(2), [], []
    for size in (4, 1, 4, 4):  # the small batch takes part in no trial
        with pace.step(size):
            during.append(torch.get_num_threads())
        after.append(torch.get_num_threads())
    assert during == [2, 1, 1, 2]
    assert after == [2, 2, 2, 2]


def train(data: Path, folder: Path, **arguments: object) -> list[dict[str, object]]:
    model = MMClassification("LeNet")
    model.load_dataset(data)
    return model.train(batch_size=4, lr=0.1, save_fold=folder, **arguments)


def test_a_run_with_a_seed_keeps_its_threads_and_so_does_its_continuation(dataset, tmp_path, two_threads):
    log = train(dataset, tmp_path, epochs=1, random_seed=3)
    assert (log[0]["threads"], log[0]["threads_fixed"]) == (2, True)
    assert "threads" not in log[1]
    file = tmp_path / "latest.pth"
    assert checkpoint.read(file)["meta"]["run"]["threads"] == 2
    train(dataset, tmp_path, epochs=2, resume=True)  # without the seed, which the file knows
    assert checkpoint.read(file)["meta"]["run"]["threads"] == 2
    assert torch.get_num_threads() == 2


def test_a_run_without_a_seed_says_its_threads_in_every_line(dataset, tmp_path, two_threads):
    log = train(dataset, tmp_path, epochs=1)
    assert log[0]["threads_fixed"] is False
    assert {line["threads"] for line in log if line["mode"] == "train"} <= {1, 2}
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize("threads", [-1, 1.5, "2", True, 10**9])
def test_an_edited_number_of_threads_is_refused(dataset, tmp_path, threads):
    train(dataset, tmp_path, epochs=1, random_seed=3)
    file = tmp_path / "latest.pth"
    content = checkpoint.read(file)
    content["meta"]["run"]["threads"] = threads
    torch.save(content, file)
    with pytest.raises(CannotResume, match=r"run\.threads"):
        train(dataset, tmp_path, epochs=2, resume=True)
