"""ResNet-50 with a feature pyramid, the backbone and the neck of two-stage detectors.

Module names follow the field's, so that weights can be loaded by renaming.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from MMEdu.models.torchvision_bridge import torchvision

CHANNELS = 256
STRIDES = (4, 8, 16, 32, 64)


class ResNet50(nn.Module):
    """torchvision's ResNet-50 without its classifier; four feature maps of strides 4 to 32.

    Args:
        norm_eval: Whether batch normalisation keeps its statistics while it is trained.
    """

    def __init__(self, *, norm_eval: bool) -> None:
        super().__init__()
        # Residual branches start at 0: without statistics of its own, a deep network would explode.
        whole = torchvision().models.resnet50(weights=None, zero_init_residual=True)
        for name in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            self.add_module(name, getattr(whole, name))
        self.norm_eval = norm_eval
        self.frozen = -1

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map images (N, 3, H, W) to features of 256, 512, 1024 and 2048 channels."""
        x = images
        features = []
        for name, part in self.named_children():
            x = part(x)
            if name.startswith("layer"):
                features.append(x)
        return features

    def freeze(self, stages: int) -> None:
        """Keep the stem and the first ``stages`` (0–4) stages as they are; -1 frees all."""
        self.requires_grad_(True)
        self.frozen = stages
        for part in self._frozen_parts():
            part.requires_grad_(False)
        self.train(self.training)

    def _frozen_parts(self) -> list[nn.Module]:
        names = ("conv1", "bn1", *(f"layer{i + 1}" for i in range(self.frozen))) if self.frozen >= 0 else ()
        return [self.get_submodule(name) for name in names]

    def train(self, mode: bool = True) -> ResNet50:
        """Enter training; statistics that are kept and parts that are frozen stay in evaluation mode."""
        super().train(mode)
        evaluated = [self] if self.norm_eval else self._frozen_parts()
        for norm in (m for part in evaluated for m in part.modules() if isinstance(m, nn.BatchNorm2d)):
            norm.eval()
        return self


class Pyramid(nn.Module):
    """Feature pyramid (Lin et al. 2017): five maps of 256 channels, strides 4 to 64."""

    def __init__(self) -> None:
        super().__init__()
        ops = torchvision().ops
        extra = ops.feature_pyramid_network.LastLevelMaxPool()
        self.fpn = ops.FeaturePyramidNetwork([256, 512, 1024, 2048], CHANNELS, extra)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Map the backbone's four features to five."""
        # torchvision's pyramid takes and gives maps by name.
        named = OrderedDict((str(i), feature) for i, feature in enumerate(features))
        return list(self.fpn(named).values())
