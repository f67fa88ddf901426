"""What each layer makes of one sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.errors import InputMismatch
from BaseDT.escaping import first_line
from BaseDT.language import english, say
from BaseNN.layers.sizes import words


@dataclass(frozen=True)
class Output:
    """What came out of a layer.

    Attributes:
        name: Of its module in the network, ``conv2d1``.
        module: As torch writes it, ``Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))``.
        values: For the one sample, without the batch.
    """

    name: str
    module: str
    values: npt.NDArray[Any]


def outputs_of(model: nn.Module, sample: npt.NDArray[Any], device: torch.device) -> list[Output]:
    """Run a network on one sample and keep what each of its parts gives, in the order in which they work.

    Args:
        model: Whether it trains is as before afterwards.
        sample: (1, …) as it takes it.
        device: Where to run.

    Raises:
        InputMismatch: The sample does not fit (-309).
    """
    seen: list[Output] = []
    hooks = [part.register_forward_hook(_keeper(name, seen)) for name, part in model.named_children()]
    try:
        checked_run(model, sample, device)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def checked_run(model: nn.Module, sample: npt.NDArray[Any], device: torch.device) -> Any:
    """Return what a network gives for one sample, in evaluation; whether it trains is as before afterwards.

    Raises:
        InputMismatch: The sample does not fit (-309).
    """
    was = [(part, part.training) for part in model.modules()]
    try:
        with torch.no_grad():
            return model.to(device).eval()(torch.from_numpy(sample).to(device))
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise _misfit(sample, error) from None
    finally:
        for part, training in was:
            part.training = training


def _keeper(name: str, seen: list[Output]) -> Any:
    """Make the function that torch calls with what a part gives."""

    def keep(module: nn.Module, _inputs: Any, given: Any) -> None:
        tensor = given
        while isinstance(tensor, (tuple, list)) and tensor:  # an LSTM gives its state, too
            tensor = tensor[0]
        if isinstance(tensor, Tensor):
            seen.append(Output(name, str(module), tensor[0].detach().float().cpu().numpy()))

    return keep


def _misfit(sample: npt.NDArray[Any], error: Exception) -> InputMismatch:
    got, reason = words(sample.shape[1:]), first_line(error)
    return InputMismatch(
        say(f"The network does not take {english(got)}: {reason}", f"网络不能处理 {got} 的数据：{reason}"),
        hint=say("Give one sample like those that it learned from.", "请给出一个与训练数据形状相同的样本。"),
    )


def summary(values: npt.NDArray[Any]) -> str:
    """Say the shape of an output and between which values it lies."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (float("nan"), float("nan"))
    return f"{words(values.shape)}    {low:.3g} … {high:.3g}"
