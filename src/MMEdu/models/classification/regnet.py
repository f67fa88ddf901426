"""RegNet, torchvision's RegNetX-400MF, and RegNet_384, the same as published."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from MMEdu.models.classification.parts.imagenet import imagenet_entry
from MMEdu.models.registry import register

if TYPE_CHECKING:
    from torch import nn

register(
    imagenet_entry(
        "RegNet",
        torchvision="regnet_x_400mf",
        reference="Radosavovic et al. 2020, RegNetX-400MF",
        explain_layer="trunk_output",
        order=50,
    )
)
# OpenMMLab's checkpoints, and those of the original's RegNet, have this width; torchvision's have the other.
register(
    imagenet_entry(
        "RegNet_384",
        factory=f"{__name__}:regnet_x_400mf_384",
        reference="Radosavovic et al. 2020, RegNetX-400MF, 384 channels in the last stage as published",
        explain_layer="trunk_output",
        order=60,
    )
)


def regnet_x_400mf_384(num_classes: int) -> nn.Module:
    """Build RegNetX-400MF as published: torchvision's last stage has 400 channels, the publication's has 384."""
    from MMEdu.models.torchvision_bridge import torchvision

    regnet = torchvision().models.regnet
    stages = {"group_widths": [16] * 4, "bottleneck_multipliers": [1.0] * 4, "strides": [2] * 4}
    blocks = regnet.BlockParams(depths=[1, 2, 7, 12], widths=[32, 64, 160, 384], **stages)
    return cast("nn.Module", regnet.RegNet(blocks, num_classes=num_classes))
