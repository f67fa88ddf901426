"""The diffusion model: its noise, its network, its steps back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from BaseDT.errors import ParameterInvalid
from BaseNN import nn
from BaseNN.diffusion.model import Diffusion, Noise
from BaseNN.diffusion.noise_schedule import kept_shares
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack


def test_noise_comes_from_nothing_to_all() -> None:
    kept = kept_shares(50)

    assert kept[0] == 1
    assert kept[-1] < 1e-3
    assert (np.diff(kept) < 0).all()
    assert kept[25] == pytest.approx(0.5, abs=0.05)


def test_who_knows_the_velocity_has_the_picture_and_the_noise() -> None:
    torch.manual_seed(0)
    noise = Noise(20)
    pictures, drawn, steps = torch.rand(4, 1, 8, 8), torch.randn(4, 1, 8, 8), torch.tensor([1, 7, 14, 20])

    noisy, velocity = noise(pictures, steps, drawn)

    picture, rest = noise.shares(steps)
    torch.testing.assert_close(picture * noisy - rest * velocity, pictures * 2 - 1)
    torch.testing.assert_close(rest * noisy + picture * velocity, drawn)


class _KnowsOne(torch.nn.Module):
    """A network that has learned a single picture by heart."""

    def __init__(self, clean: torch.Tensor, noise: Noise) -> None:
        super().__init__()
        self.clean, self.noise = clean, noise

    def forward(self, noisy: torch.Tensor, steps: torch.Tensor, _labels: None) -> torch.Tensor:
        picture, rest = self.noise.shares(steps)
        return (picture * noisy - self.clean) / rest


def test_the_steps_back_lead_to_what_the_network_knows() -> None:
    torch.manual_seed(0)
    model, wanted = Diffusion(1, 8, 30, 8, 2), torch.rand(1, 1, 8, 8)
    model.network = _KnowsOne(wanted * 2 - 1, model.noise)

    states = list(model.draw(3))

    assert len(states) == 31
    distance = [float((state - wanted).abs().mean()) for state in states]
    assert distance[-1] < 1e-4 < 0.1 < distance[0]
    torch.testing.assert_close(states[-1], wanted.expand(3, 1, 8, 8), atol=1e-4, rtol=0)
    assert all(0 <= float(state.min()) <= float(state.max()) <= 1 for state in states)


@pytest.mark.parametrize("patch", [1, 2])
def test_a_fresh_network_gives_nothing_and_every_weight_learns(patch: int) -> None:
    torch.manual_seed(0)
    model = Diffusion(3, 12, 10, 8, patch)
    assert not model(torch.randn(2, 3, 12, 12), torch.tensor([1, 10])).abs().max()
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.05 * torch.randn_like(weights))
    model(torch.randn(2, 3, 12, 12), torch.tensor([1, 10])).square().mean().backward()
    assert all(weights.grad is not None and weights.grad.abs().max() > 0 for weights in model.parameters())


def test_a_class_changes_what_is_told_and_is_learnt() -> None:
    torch.manual_seed(0)
    model = Diffusion(1, 8, 10, 8, 2, classes=3)
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.05 * torch.randn_like(weights))
    noisy, steps = torch.randn(1, 1, 8, 8).expand(4, 1, 8, 8), torch.full((4,), 5)
    told = model(noisy, steps, torch.arange(4))
    assert (told[0] - told[1]).abs().max() > 1e-4
    torch.testing.assert_close(model(noisy, steps)[0], told[3])  # not told
    told.square().mean().backward()
    assert model.network.kind.weight.grad.abs().amax(1).min() > 0
    assert len(list(model.draw(4))) == 11


def test_its_layer_takes_size_and_channels_from_the_data() -> None:
    stack = Stack(Surroundings(inputs=(1, 20, 20), channels=1)).add("diffusion_model", None, {})
    assert {"img_size": 20, "channels": 1, "timestep": 500}.items() <= stack.layers[0].arguments.items()
    assert stack.outgoing == (1, 20, 20)
    again = stack.fitted_to(Surroundings(inputs=(3, 8, 8), channels=3, classes=10))
    assert again.outgoing == (3, 8, 8)
    assert [one.layers[0].arguments["classes"] for one in (stack, again)] == [0, 10]


@pytest.mark.parametrize(
    ("inputs", "arguments", "words"),
    [
        ((1, 20, 20), {"img_size": 28}, r"20 × 20.*28 × 28"),
        ((1, 20, 24), {}, "20 × 24"),
        ((3, 8, 8), {"channels": 1}, "channels=1"),
        ((1, 30, 30), {}, "img_size=30"),
        ((4,), {}, "one channel or three"),
        ((8, 8), {}, r"x\[:, None\]"),
        ((2, 8, 8), {}, "one channel or three"),
        (None, {"img_size": 30}, "28, 32"),
        (None, {"dim": 20}, "multiple of 8"),
        (None, {"timestep": 1}, "timestep"),
        (None, {"patch": 3}, "patch"),
    ],
)
def test_a_layer_that_cannot_be_says_what_would_fit(
    inputs: tuple[int, ...] | None, arguments: dict[str, int], words: str
) -> None:
    with pytest.raises(ParameterInvalid, match=words):
        Stack(Surroundings(inputs=inputs)).add("diffusion_model", None, arguments)


def test_without_data_the_channels_are_asked_for() -> None:
    network = nn("gen")
    network.add("diffusion_model", img_size=8, timestep=2)
    with pytest.raises(ParameterInvalid, match="channels"):
        _ = network.model
