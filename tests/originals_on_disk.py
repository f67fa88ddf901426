"""Files as BaseNN's original writes them, made by hand: whole modules of classes in modules called like its own.

The classes do what those of the original do, so that a test knows what the network in a file would answer.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn


class Reshape(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.reshape(x.shape[0], -1)


class Part0(nn.Module):
    def forward(self, x: Any) -> Any:
        return x[0]


class Unsqueeze(nn.Module):
    def forward(self, x: Any) -> Any:
        return x[:, -1, :].unsqueeze(1)


class Squeeze(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.squeeze(1)


class dim2(nn.Module):
    def forward(self, x: Any) -> Any:
        return x[:, -1, :]


class BasicBlock(nn.Module):
    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or channels != planes:
            shortcut = nn.Conv2d(channels, planes, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(planes))
        self.stride = stride

    def forward(self, x: Any) -> Any:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, size: tuple[int, int], blocks: int, stride: int) -> None:
        super().__init__()
        rest = [BasicBlock(size[1], size[1], 1) for _ in range(blocks - 1)]
        self.layer1 = nn.Sequential(BasicBlock(size[0], size[1], stride), *rest)

    def forward(self, x: Any) -> Any:
        return self.layer1(x)


class lstm(nn.Module):
    def __init__(self, words: int, vector: int, memory: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, vector)
        self.lstm = nn.LSTM(vector, memory, num_layers=layers)
        self.linear = nn.Linear(memory, words)

    def forward(self, words: Any) -> Any:
        """(steps, N) -> (steps N, words)."""
        out, _ = self.lstm(self.embedding(words))
        return self.linear(out.reshape(-1, out.shape[-1]))


class GaussianDiffusion(nn.Module):
    pass


class Net(nn.Module):
    """A module of somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Linear(4, 4)

    def forward(self, x: Any) -> Any:
        return self.scale(x).relu()


class Compose:
    def __init__(self, transforms: list[Any]) -> None:
        self.transforms = transforms


class Resize:
    def __init__(self, size: Any) -> None:
        self.size = size


_HOMES = {
    "BaseNN.BaseNN": (Reshape, Part0, Unsqueeze, Squeeze, dim2, BasicBlock, ResNet, lstm),
    "BaseNN.blocks.diffusion_unet": (GaussianDiffusion,),
    "torchvision.transforms.transforms": (Compose, Resize),
    "my_program": (Net,),
}


@contextmanager
def homes(family: str = "BaseNN.BaseNN") -> Iterator[None]:
    """Let the classes live where the original's do, as long as a file is written."""
    before = dict(sys.modules)
    try:
        for home, classes in _HOMES.items():
            name = family if home == "BaseNN.BaseNN" else home
            module = types.ModuleType(name)
            for kind in classes:
                kind.__module__ = name
                setattr(module, kind.__name__, kind)
            sys.modules[name] = module
        yield
    finally:
        for name in [*_HOMES, family]:
            sys.modules.pop(name, None)
            if name in before:
                sys.modules[name] = before[name]


def chain(*parts: tuple[str, nn.Module]) -> nn.Sequential:
    """A network as the original names its parts, with statistics that are not those of the beginning."""
    torch.manual_seed(0)
    made = nn.Sequential()
    for name, part in parts:
        made.add_module(name, part)
    for module in made.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return made.eval()


def iris() -> nn.Sequential:
    """The documents' network of iris."""
    return chain(
        ("reshape", Reshape()),
        ("linear1", nn.Linear(4, 10)),
        ("relu1", nn.ReLU()),
        ("linear2", nn.Linear(10, 3)),
        ("softmax2", nn.Softmax(dim=1)),
    )


def pth(path: Path, network: nn.Module, **meta: Any) -> Path:
    """Write a ``.pth`` of BaseNN 2.0."""
    said = {
        "tool": "BaseNN",
        "backbone": network,
        "device": torch.device("cpu"),
        "dataset_size": 120,
        "learning_rate": 0.01,
        "epoch": 50,
        "time": "Mon Jan  1 10:00:00 2024",
        "color": None,
        "transform": None,
        "input_size": np.array([1, 4]),
        "dataset_type": "tab",
        **meta,
    }
    return saved(path, {"meta": said, "state_dict": network, "para": {"rnn": False, "diffusion": False}})


def saved(path: Path, content: Any, family: str = "BaseNN.BaseNN", **options: Any) -> Path:
    """Write what ``torch.save`` of the original's program writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with homes(family):
        torch.save(content, path, **options)
    return path
