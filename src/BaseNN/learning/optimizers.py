"""Optimisers by name, in the form that is fastest for small networks."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

_EXTRA: dict[str, dict[str, Any]] = {"SGD": {"momentum": 0.9}}
# One call for all parameters: of a small network most of a step is the number of calls.
_FUSED = ("Adam", "SGD", "Adagrad")


def make(name: str, model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Make one over the parameters that learn; SGD with momentum 0.9."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    devices = {p.device.type for p in parameters}
    way = {"fused": True} if name in _FUSED and devices <= {"cpu", "cuda"} and _are_floats(parameters) else {}
    if name == "Adagrad" and devices != {"cpu"}:
        way = {}
    kind: Any = getattr(torch.optim, name)
    optimizer: torch.optim.Optimizer = kind(parameters, lr=lr, **_EXTRA.get(name, {}), **way)
    return optimizer


def load_all(name: str) -> None:
    """Let torch load what an optimiser needs with its first step: seconds that are none of the training's."""
    parameter = nn.Parameter(torch.zeros(1))
    parameter.grad = torch.zeros(1)
    make(name, nn.ParameterList([parameter]), 0.1).step()


def _are_floats(parameters: list[nn.Parameter]) -> bool:
    return all(p.dtype in (torch.float32, torch.float64) for p in parameters)
