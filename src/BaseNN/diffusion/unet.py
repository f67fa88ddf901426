"""The network of the diffusion model: a UNet that is told how noisy its pictures are (Ho et al. 2020), made small.

It sees blocks of 2×2 pixels as one place with four times the channels (as Hoogeboom et al. 2023 do): a quarter of the
work, and digits are as good.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

_GROUPS = 8
_HEADS = 4
_LONGEST_WAVE = 10_000


class Residual(nn.Module):
    """Two convolutions beside a bridge, scaled and moved by what is known of the noise."""

    def __init__(self, inputs: int, outputs: int, told: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(_GROUPS, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.told = nn.Linear(told, 2 * outputs)
        self.norm2, self.conv2 = nn.GroupNorm(_GROUPS, outputs), _silent(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.bridge = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, maps: Tensor, told: Tensor) -> Tensor:
        """Map (N, inputs, H, W) and (N, told) to (N, outputs, H, W)."""
        inner = self.conv1(functional.silu(self.norm1(maps)))
        scale, shift = self.told(told)[:, :, None, None].chunk(2, 1)
        inner = self.norm2(inner) * (1 + scale) + shift
        result: Tensor = self.bridge(maps) + self.conv2(functional.silu(inner))
        return result


class Attention(nn.Module):
    """Every place looks at every other one."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm, self.asked = nn.GroupNorm(_GROUPS, channels), nn.Conv2d(channels, 3 * channels, 1)
        self.out = _silent(nn.Conv2d(channels, channels, 1))

    def forward(self, maps: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same."""
        count, channels, height, width = maps.shape
        parts = self.asked(self.norm(maps)).view(count, 3, _HEADS, channels // _HEADS, height * width)
        query, key, value = parts.transpose(-1, -2).unbind(1)
        seen = functional.scaled_dot_product_attention(query, key, value)
        result: Tensor = maps + self.out(seen.transpose(-1, -2).reshape(count, channels, height, width))
        return result


class Denoiser(nn.Module):
    """Tells what is noise in pictures.

    Args:
        channels: Of the pictures.
        dim: Channels of the first maps, a multiple of 8; those of half the size have twice as many.
        patch: 2 sees blocks of 2×2 pixels as one place; 1 sees pixels, at four times the work.
        classes: That it is told of; 0 for none.
    """

    def __init__(self, channels: int, dim: int, patch: int, classes: int = 0) -> None:
        super().__init__()
        self.dim, told = dim, 4 * dim
        self.unshuffle, self.shuffle = nn.PixelUnshuffle(patch), nn.PixelShuffle(patch)
        self.told = nn.Sequential(nn.Linear(dim, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.classes, self.kind = classes, nn.Embedding(classes + 1, told) if classes else None
        pixels = channels * patch * patch
        widths = [dim, 2 * dim] if patch == 2 else [dim, 2 * dim, 2 * dim]
        self.first = nn.Conv2d(pixels, dim, 3, padding=1)
        self.down, kept = _way_down(widths, told)
        middle = widths[-1]
        self.middle = nn.ModuleList([Residual(middle, middle, told), Residual(middle, middle, told)])
        self.attention = Attention(middle)
        self.up = _way_up(widths, kept, told)
        self.norm, self.last = nn.GroupNorm(_GROUPS, dim), _silent(nn.Conv2d(dim, pixels, 3, padding=1))

    def forward(self, pictures: Tensor, steps: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map noisy pictures (N, C, H, W), sides multiples of 4, to (N, C, H, W).

        Args:
            pictures: See there.
            steps: (N,) that they have had.
            labels: (N,) of what they show, ``classes`` where it is not told; None: nowhere.
        """
        told = self.told(waves(steps, self.dim))
        if self.kind is not None:
            told = told + self.kind(torch.full_like(steps, self.classes) if labels is None else labels)
        maps = self.first(self.unshuffle(pictures))
        kept = [maps]
        for part in self.down:
            maps = part(maps, told) if isinstance(part, Residual) else part(maps)
            kept.append(maps)
        maps = self.middle[1](self.attention(self.middle[0](maps, told)), told)
        for part in self.up:
            maps = part(torch.cat([maps, kept.pop()], 1), told) if isinstance(part, Residual) else part(maps)
        result: Tensor = self.shuffle(self.last(functional.silu(self.norm(maps))))
        return result


def _way_down(widths: list[int], told: int) -> tuple[nn.ModuleList, list[int]]:
    """Return the parts that make maps smaller, and how many channels each leaves for the way up."""
    parts, kept, current = nn.ModuleList(), [widths[0]], widths[0]
    for number, width in enumerate(widths):
        parts.append(Residual(current, width, told))
        kept.append(width)
        if number + 1 < len(widths):
            parts.append(nn.Conv2d(width, width, 3, stride=2, padding=1))
            kept.append(width)
        current = width
    return parts, kept


def _way_up(widths: list[int], kept: list[int], told: int) -> nn.ModuleList:
    """Return the parts that make maps larger again; each residual takes what the way down kept."""
    parts, current = nn.ModuleList(), widths[-1]
    for number, width in reversed(list(enumerate(widths))):
        for _ in range(2):
            parts.append(Residual(current + kept.pop(), width, told))
            current = width
        if number:
            parts.append(nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 3, padding=1)))
    return parts


def _silent(layer: nn.Conv2d) -> nn.Conv2d:
    """Let a layer give zeros at first: what it lies beside is then kept as it is."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def waves(steps: Tensor, dim: int) -> Tensor:
    """Describe steps (N,) by sines and cosines of many lengths, (N, dim) (Vaswani et al. 2017, 3.5)."""
    half = dim // 2
    lengths = torch.exp(-math.log(_LONGEST_WAVE) * torch.arange(half, device=steps.device) / half)
    angles = steps[:, None].float() * lengths
    return torch.cat([angles.sin(), angles.cos()], 1)
