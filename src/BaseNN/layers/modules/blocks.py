"""Parts of known networks, made of torchvision's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from BaseNN.layers.kinds.blocks import EXPANSION
from MMEdu.models.torchvision_bridge import torchvision

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds.blocks import MobileNet, MobileNetBackbone, Residual

Modules = list[tuple[str, nn.Module]]


class ResNetStage(nn.Module):
    """Residual blocks in a row (ResNet 的一个阶段).

    Args:
        block: torchvision's ``BasicBlock`` or ``Bottleneck``.
        size: Channels in, and width of the blocks.
        num_blocks: How many.
        stride: Of the first.
    """

    def __init__(self, block: Any, size: tuple[int, int], num_blocks: int, stride: int) -> None:
        super().__init__()
        incoming, width = size
        outgoing = width * block.expansion
        shortcut = None
        if stride != 1 or incoming != outgoing:
            shortcut = nn.Sequential(nn.Conv2d(incoming, outgoing, 1, stride, bias=False), nn.BatchNorm2d(outgoing))
        first = block(incoming, width, stride, shortcut)
        self.layer1 = nn.Sequential(first, *(block(outgoing, width) for _ in range(num_blocks - 1)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, outgoing channels, H / stride, W / stride)."""
        out: Tensor = self.layer1(x)
        return out


class MobileNetFeatures(nn.Module):
    """What MobileNetV2 sees, averaged over the picture."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, 1280)."""
        return self.avgpool(self.features(x)).flatten(1)  # type: ignore[no-any-return]


def res_block(arguments: Residual, _: Surroundings) -> Modules:
    """Make the module of ``res_block``."""
    return _stage(torchvision().models.resnet.BasicBlock, arguments)


def res_bottleneck(arguments: Residual, _: Surroundings) -> Modules:
    """Make the module of ``res_bottleneck``."""
    block = torchvision().models.resnet.Bottleneck
    assert block.expansion == EXPANSION  # the shape rules say so
    return _stage(block, arguments)


def mobilenet(arguments: MobileNet, _: Surroundings) -> Modules:
    """Make the network of ``mobilenet``."""
    return [("mobilenetv2", _mobilenet(arguments.channels, arguments.num_classes))]


def mobilenet_backbone(arguments: MobileNetBackbone, _: Surroundings) -> Modules:
    """Make the module of ``mobilenet_backbone``."""
    return [("mobilenetv2_backbone", MobileNetFeatures(_mobilenet(arguments.channels, 1).features))]


def _stage(block: Any, arguments: Residual) -> Modules:
    size: Any = arguments.size  # building has looked that it is complete
    return [("res_stage", ResNetStage(block, tuple(size), arguments.num_blocks, arguments.stride))]


def _mobilenet(channels: int | None, classes: int | None) -> Any:
    """Make torchvision's MobileNetV2, for pictures of any number of channels."""
    network = torchvision().models.mobilenet_v2(weights=None, num_classes=classes)
    if channels not in (None, 3):
        first = network.features[0][0]
        network.features[0][0] = nn.Conv2d(channels, first.out_channels, 3, 2, 1, bias=False)
        nn.init.kaiming_normal_(network.features[0][0].weight, mode="fan_out")
    return network
