"""``MMBase``: the documents' spelling of a network (``add_layer``, ``.pkl`` files), each call one of ``nn``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from BaseDT.arguments import check_choice, documented
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseNN.layers.activations import ACTIVATIONS
from BaseNN.network import Path, nn

if TYPE_CHECKING:
    from torch import nn as torch_nn

    from MMEdu.engine.events import Listener
    from MMEdu.engine.loop import StopSignal

_FILE = "mmbase_net.pkl"
_LAYERS: Mapping[str, tuple[str, int]] = {
    "conv": ("conv2d", 4),
    "conv2d": ("conv2d", 4),
    "maxpool": ("maxpool", 1),
    "avgpool": ("avgpool", 1),
    "linear": ("linear", 2),
    "reshape": ("reshape", 0),
}
"""What ``add_layer`` calls a layer, and how many sizes follow."""
_DOCUMENTED = ("Conv", "MaxPool", "AvgPool", "Linear", "Reshape", "ReLU", "Tanh", "LeakyReLU", "Sigmoid", "Softmax")
"""As the documents spell what ``add_layer`` takes."""
_OLD_NAMES = {"conv": "conv2d"}


class MMBase(nn):
    """A network that is laid layer by layer, in the documents' first spelling (逐层搭建神经网络)."""

    @documented
    def __init__(self, task: str = "cls", save_fold: Path | None = None) -> None:
        super().__init__(task, save_fold)

    @documented
    def load_data(self, x: Any, y: Any) -> None:
        """Take samples and their labels: arrays or lists, all at once.

        Args:
            x: (N, features) or (N, channels, height, width).
            y: (N,) labels from 0.
        """
        self.load_dataset(x, y)

    @documented
    def add_layer(self, module: str, *size: int) -> None:
        """Add a layer or an activation.

        Args:
            module: ``Conv`` (in, out, height and width of the window), ``MaxPool`` (window), ``AvgPool`` (window),
                ``Linear`` (in, out), ``Reshape``, or an activation, e.g. ``ReLU``, ``Softmax``.
            size: The numbers that follow the name.

        Raises:
            ParameterInvalid: There is no such layer, it takes other sizes, or it does not fit (-305).
        """
        name = module.strip().lower() if isinstance(module, str) else ""
        if name not in _LAYERS and name not in ACTIVATIONS:
            check_choice("module", module, _DOCUMENTED)
        layer, count = _LAYERS.get(name, ("", 0))
        if len(size) != count:
            raise _other_sizes(module, size, count)
        if not layer:
            nn.add(self, activation=name)
        else:
            nn.add(self, layer, **_keywords(layer, size))

    @documented
    def add(
        self,
        layer: str | torch_nn.Module | None = None,
        activation: str | None = None,
        optimizer: str | None = None,
        **kw: Any,
    ) -> None:
        """Add a layer as ``nn.add`` does; ``Conv`` is one over pictures, as in ``add_layer``."""
        known = _OLD_NAMES.get(layer.strip().lower(), layer) if isinstance(layer, str) else layer
        super().add(layer=known, activation=activation, optimizer=optimizer, **kw)

    @documented
    def train(
        self,
        lr: float = 0.1,
        epochs: int = 30,
        batch_num: int = 1,
        batch_size: int = 16,
        save_fold: Path | None = None,
        loss: str = "CrossEntropyLoss",
        metrics: Sequence[str] = (),
        filename: str = _FILE,
        checkpoint: Path | None = None,
        *,
        resume: bool = False,
        listener: Listener | None = None,
        stop: StopSignal | None = None,
    ) -> list[dict[str, Any]]:
        """Learn as ``nn.train`` does; ``checkpoints/mmbase_net.pkl`` has the weights afterwards."""
        return super().train(
            lr=lr,
            epochs=epochs,
            batch_num=batch_num,
            batch_size=batch_size,
            save_fold=save_fold,
            loss=loss,
            metrics=metrics,
            filename=filename,
            checkpoint=checkpoint,
            resume=resume,
            listener=listener,
            stop=stop,
        )

    @documented
    def inference(
        self,
        data: Any = None,
        show: bool = False,
        checkpoint: Path | None = None,
        hidden: Any = None,
        label: bool = False,
        num: int = 4,
        return_all_timesteps: bool = True,
    ) -> Any:
        """Answer as ``nn.inference`` does, with a tensor: ``.argmax(dim=1)`` are the classes."""
        answer = super().inference(
            data=data,
            show=show,
            checkpoint=checkpoint,
            hidden=hidden,
            label=label,
            num=num,
            return_all_timesteps=return_all_timesteps,
        )
        return torch.from_numpy(answer) if isinstance(answer, np.ndarray) else answer  # .argmax(dim=1)

    @documented
    def save(self, model_path: Path = _FILE) -> None:
        """Write the network: tensors and plain data alone."""
        super().save(model_path)

    @documented
    def load(self, model_path: Path = _FILE) -> None:
        """Read a network of ours, or of the original; nothing in the file is run."""
        super().load(model_path)


def _keywords(layer: str, size: Sequence[int]) -> dict[str, Any]:
    if layer == "conv2d":
        return {"size": tuple(size[:2]), "kernel_size": tuple(size[2:])}
    if layer == "linear":
        return {"size": tuple(size)}
    return {"kernel_size": size[0]} if size else {}


def _other_sizes(module: str, size: Sequence[int], count: int) -> ParameterInvalid:
    given = ", ".join(map(str, size)) or say("nothing", "空")
    examples = {
        4: f"add_layer('{module}', 1, 6, 5, 5)",
        2: f"add_layer('{module}', 4, 10)",
        1: f"add_layer('{module}', 2)",
        0: f"add_layer('{module}')",
    }
    return ParameterInvalid(
        say(
            f"{module} takes {count} number{'' if count == 1 else 's'}; given: {given}.",
            f"{module} 需要 {count} 个数，实际为：{given}。",
        ),
        hint=say(f"For example: {examples[count]}.", f"例如：{examples[count]}。"),
    )
