"""Backbones that give maps of several strides, and whose stages can be frozen.

Necks and heads stay out. MobileNetV2 is torchvision's, with the normalisation and activation asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from torch import Tensor, nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.models.blocks import LEAK, Norm, conv_block
from MMEdu.models.classification.efficientnet_lite.network import efficientnet_lite0
from MMEdu.models.stages import MOBILENET_STAGES
from MMEdu.models.torchvision_bridge import torchvision

_DARKNET_BLOCKS = (1, 2, 8, 8, 4)
_DARKNET_STEM = 32


class Freezable(nn.Module):
    """A backbone whose first stages can be kept as they are."""

    frozen = -1

    def stages(self) -> list[nn.Module]:
        """Return the stem and the stages behind it, in the order of the data."""
        raise NotImplementedError

    def freeze(self, stages: int) -> None:
        """Keep the stem and the first ``stages`` stages as they are, statistics of normalisation too.

        Args:
            stages: 0 freezes the stem alone, -1 nothing.

        Raises:
            ParameterInvalid: There are not so many stages (-305).
        """
        last = len(self.stages()) - 1
        if not -1 <= stages <= last:
            hint = say(f"Choose a number from -1 (none) to {last}.", f"请选择 -1（不冻结）到 {last} 之间的整数。")
            raise ParameterInvalid(
                say(f"{stages} stages of this backbone cannot be frozen.", f"该主干网络不能冻结 {stages} 个阶段。"),
                hint=hint,
            )
        self.frozen = stages
        for number, stage in enumerate(self.stages()):
            stage.requires_grad_(number > stages)
        self.train(self.training)

    def train(self, mode: bool = True) -> Freezable:
        """Set the mode; frozen stages stay in evaluation."""
        super().train(mode)
        for stage in self.stages()[: self.frozen + 1]:
            stage.eval()
        return self


class MobileNetV2(Freezable):
    """MobileNetV2 (Sandler et al. 2018), width 1.0, without its classifier. Weights are named as torchvision's.

    Args:
        taps: Indices of ``features`` whose outputs are given; the network ends with the last.
        norm: Makes its normalisations.
        leaky: Whether its activations are leaky rectifiers instead of ReLU6.
    """

    def __init__(self, taps: Sequence[int], norm: Norm, *, leaky: bool = False) -> None:
        super().__init__()
        whole = torchvision().models.mobilenet_v2(norm_layer=norm).features
        self.features: nn.Sequential = whole[: max(taps) + 1]
        self.taps = frozenset(taps)
        if leaky:
            _replace_relu6(self.features)

    def stages(self) -> list[nn.Module]:
        """Return the stem and the stages, each a sequence of blocks of ``features``."""
        rows = [row for row in MOBILENET_STAGES if row[-1] < len(self.features)]
        return [nn.Sequential(*(self.features[index] for index in row)) for row in rows]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map images (N, 3, H, W) to one map for each tap, the finest first."""
        return tapped(self.features, self.taps, images)


class EfficientNetLite0(Freezable):
    """EfficientNet-Lite0 (Tan & Le 2019) without its classifier. Weights are named as our classifier's.

    Args:
        taps: Indices of ``features`` whose outputs are given; the network ends with the last.
    """

    def __init__(self, taps: Sequence[int]) -> None:
        super().__init__()
        self.features = nn.Sequential(*list(efficientnet_lite0(num_classes=1).features)[: max(taps) + 1])
        self.taps = frozenset(taps)

    def stages(self) -> list[nn.Module]:
        """Return the stem and the stages behind it."""
        return list(self.features)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map images (N, 3, H, W) to one map for each tap, the finest first."""
        return tapped(self.features, self.taps, images)


def tapped(layers: nn.Sequential, taps: Collection[int], images: Tensor) -> list[Tensor]:
    """Run layers one after the other; return what those with the given indices give, the first of them first."""
    maps = []
    for index, layer in enumerate(layers):
        images = layer(images)
        if index in taps:
            maps.append(images)
    return maps


def _replace_relu6(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.ReLU6):
            setattr(module, name, nn.LeakyReLU(LEAK, inplace=True))
        else:
            _replace_relu6(child)


class _Residual(nn.Module):
    """Darknet's block: 1 × 1 to half the channels, 3 × 3 back, and the input added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = conv_block(channels, channels // 2, 1)
        self.conv2 = conv_block(channels // 2, channels, 3)

    def forward(self, images: Tensor) -> Tensor:
        """Map (N, channels, H, W) to the same shape."""
        return images + cast(Tensor, self.conv2(self.conv1(images)))


class Darknet53(Freezable):
    """Darknet-53 (Redmon & Farhadi 2018, table 1) without its classifier; gives strides 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = conv_block(3, _DARKNET_STEM, 3)
        channels = _DARKNET_STEM
        blocks: list[nn.Module] = []
        for count in _DARKNET_BLOCKS:
            down = conv_block(channels, channels * 2, 3, stride=2)
            channels *= 2
            blocks.append(nn.Sequential(down, *(_Residual(channels) for _ in range(count))))
        self.blocks = nn.ModuleList(blocks)

    def stages(self) -> list[nn.Module]:
        """Return the stem and the five stages."""
        return [self.conv1, *self.blocks]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map images (N, 3, H, W) to maps of 256, 512 and 1024 channels."""
        maps: list[Any] = [self.conv1(images)]
        for block in self.blocks:
            maps.append(block(maps[-1]))
        return maps[-3:]
