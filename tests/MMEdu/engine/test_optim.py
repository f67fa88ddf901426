"""Optimisers and schedules against their formulas."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from MMEdu.engine.optim import lr_factor, make_optimizer, one_group, set_lr, two_rates
from MMEdu.models.recipe import Schedule
from MMEdu.tasks.arguments import OPTIMIZERS


def factors(schedule: Schedule, steps: list[int]) -> list[float]:
    return [lr_factor(schedule, step=step, steps_per_epoch=10, epochs=4) for step in steps]


def test_constant_stays():
    assert factors(Schedule(), [0, 39]) == [1.0, 1.0]


def test_step_acts_at_its_milestones():
    schedule = Schedule("step", milestones=(1, 3))
    assert factors(schedule, [9, 10, 29, 30]) == pytest.approx([1, 0.1, 0.1, 0.01])


def test_exponential_acts_every_epoch():
    assert factors(Schedule("exponential", gamma=0.98), [9, 10, 39]) == pytest.approx([1, 0.98, 0.98**3])


def test_linear_goes_to_zero():
    assert factors(Schedule("linear"), [0, 20, 39]) == pytest.approx([1, 0.5, 1 / 40])


def test_cosine_goes_to_zero_slowly_fast_slowly():
    expected = [1, 0.5, 0.5 * (1 + math.cos(math.pi * 39 / 40))]
    assert factors(Schedule("cosine"), [0, 20, 39]) == pytest.approx(expected)


def test_warm_up_rises_from_its_ratio_to_the_schedule():
    schedule = Schedule("constant", warmup_iters=4, warmup_ratio=0.1)
    assert factors(schedule, [0, 2, 4]) == pytest.approx([0.1, 0.55, 1])


def test_a_short_run_warms_up_over_a_tenth_of_its_steps():
    schedule = Schedule("constant", warmup_iters=500, warmup_ratio=0.1)
    assert factors(schedule, [0, 2, 4, 39]) == pytest.approx([0.1, 0.55, 1, 1])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_step_equals_torchs_own_optimizer(name):
    torch.manual_seed(0)
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    extra = {"momentum": 0.9} if name == "SGD" else {}
    pair = (
        (ours, make_optimizer(name, one_group(ours), 0.1, 0.01)),
        (theirs, getattr(torch.optim, name)(theirs.parameters(), lr=0.1, weight_decay=0.01, foreach=False, **extra)),
    )
    for model, optimizer in pair:
        for _ in range(3):
            optimizer.zero_grad()
            model(torch.ones(4, 3)).pow(2).sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_frozen_parameters_are_left_alone():
    model = nn.Linear(3, 2)
    model.bias.requires_grad_(False)
    optimizer = make_optimizer("SGD", one_group(model), 0.1, 0)
    assert [p.shape for group in optimizer.param_groups for p in group["params"]] == [model.weight.shape]


def test_the_rate_reaches_every_group_with_its_multiplier():
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD([{"params": [model.weight]}, {"params": [model.bias], "lr_multiplier": 10.0}], lr=1.0)
    set_lr(optimizer, 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 5.0]


def test_head_and_backbone_learn_at_their_own_rates():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    optimizer = make_optimizer("SGD", two_rates(model, model[1], 0.1), 1.0, 0)
    set_lr(optimizer, 0.5)
    assert [(group["params"][0].shape[0], group["lr"]) for group in optimizer.param_groups] == [(2, 0.5), (4, 0.05)]


def test_a_group_of_frozen_parameters_alone_is_left_out():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    model[0].requires_grad_(False)
    assert len(make_optimizer("SGD", two_rates(model, model[1], 0.1), 1.0, 0).param_groups) == 1
