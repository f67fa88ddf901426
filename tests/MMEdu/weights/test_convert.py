"""Tensors on their way to our names and back: no copies, no losses; RepVGG's deployed form computes the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from MMEdu.models import registry
from MMEdu.weights.foreign import conversion as convert
from MMEdu.weights.foreign.families import mmcls
from MMEdu.weights.foreign.recognise import tables
from MMEdu.weights.foreign.tables import DROPPED, Rule, Table

DEPLOY = next(table for table in mmcls.TABLES if table.form == "deploy")


def _shaken(network: nn.Module, seed: int = 0) -> nn.Module:
    """Give a network statistics and weights that no other has."""
    draw = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.uniform_(-0.2, 0.2, generator=draw)
            module.running_var.uniform_(0.5, 1.5, generator=draw)
            nn.init.uniform_(module.weight, 0.2, 0.6, generator=draw)
            nn.init.uniform_(module.bias, -0.3, 0.3, generator=draw)
    return network.eval()


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def deployed(pixels: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """A RepVGG in the form that has one convolution a block, by the source's names, and what it computes."""
    network = _shaken(registry.find("RepVGG", "classification").build(5))
    network.fuse()  # type: ignore[operator]
    state = {}
    for name, value in network.state_dict().items():
        parts = name.replace("fused.", "branch_reparam.").split(".")
        if parts[0] == "stages":
            parts[:2] = ["backbone", f"stage_{int(parts[1]) + 1}"]
        state[
            ".".join(
                ["backbone", *parts] if parts[0] == "stem" else ["head.fc", parts[1]] if parts[0] == "head" else parts
            )
        ] = value
    with torch.no_grad():
        return state, network(pixels)


def test_a_deployed_repvgg_computes_the_same_in_our_form(
    deployed: tuple[dict[str, Tensor], Tensor], pixels: Tensor
) -> None:
    state, expected = deployed
    network = registry.find("RepVGG", "classification").build(5).eval()
    network.load_state_dict(convert.to_ours(DEPLOY, state, 5))
    with torch.no_grad():
        assert (network(pixels) - expected).abs().max() < 1e-5
        network.fuse()  # type: ignore[operator]
        assert (network(pixels) - expected).abs().max() < 1e-5


def test_the_added_branches_of_a_deployed_repvgg_can_still_learn(deployed: tuple[dict[str, Tensor], Tensor]) -> None:
    network = registry.find("RepVGG", "classification").build(5)
    network.load_state_dict(convert.to_ours(DEPLOY, deployed[0], 5))
    network.train()(torch.randn(4, 3, 64, 64)).square().sum().backward()
    gradient = network.get_submodule("stages.1.0.branch_1x1.1").weight.grad
    assert isinstance(gradient, Tensor)
    assert gradient.abs().sum() > 0


def test_two_loads_of_a_deployed_repvgg_are_the_same(deployed: tuple[dict[str, Tensor], Tensor]) -> None:
    before = torch.random.get_rng_state()
    one, two = (convert.to_ours(DEPLOY, deployed[0], 5) for _ in range(2))
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_back_to_the_deployed_form(deployed: tuple[dict[str, Tensor], Tensor]) -> None:
    back = convert.to_source(DEPLOY, convert.to_ours(DEPLOY, deployed[0], 5))
    assert back.keys() == deployed[0].keys()
    assert all(torch.equal(back[name], value) for name, value in deployed[0].items())


@pytest.mark.parametrize("wrap", [lambda name: name, lambda name: f"module.{name}"])
def test_tensors_that_nothing_happens_to_are_no_copies(wrap: Callable[[str], str]) -> None:
    table = Table("f", "n", "n", "t", (Rule("a.{leaf}", "b.{leaf}"),))
    tensor = torch.zeros(3)
    assert convert.to_ours(table, {wrap("a.weight"): tensor})["b.weight"] is tensor


def test_names_without_a_place_are_left_out() -> None:
    table = Table("f", "n", "n", "t", (Rule("a.{leaf}", "b.{leaf}"),))
    assert convert.to_ours(table, {"c.weight": torch.zeros(1)}) == {}


def test_the_background_moves_to_the_last_row_and_back() -> None:
    table = Table("f", "n", "n", "t", (Rule("a.{leaf}", "b.{leaf}", convert="background_last_rows"),))
    ours = convert.to_ours(table, {"a.weight": torch.tensor([[9.0], [1.0], [2.0]])})
    assert ours["b.weight"].flatten().tolist() == [1.0, 2.0, 9.0]
    assert convert.to_source(table, ours)["a.weight"].flatten().tolist() == [9.0, 1.0, 2.0]


@pytest.mark.parametrize("name", convert.OPERATIONS)
def test_every_operation_is_undone_but_for_rows_that_it_leaves_out(name: str) -> None:
    tensor = torch.arange(60.0).view(10, 3, 2)
    operation = convert.OPERATIONS[name]
    rows = DROPPED.get(name, 0)
    there = operation.forward(tensor)
    assert len(there) == len(tensor) - rows
    assert not torch.equal(there, tensor)
    back = operation.backward(there)
    assert torch.equal(back[rows:], tensor[rows:])
    assert back.shape == tensor.shape


def test_every_rule_names_an_operation_that_there_is() -> None:
    named = {rule.convert for table in tables() for rule in table.rules} - {None}
    assert named <= convert.OPERATIONS.keys()
