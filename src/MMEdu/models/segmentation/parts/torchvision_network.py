"""A segmenter of torchvision without the enlargement of its logits at the end: whoever reads them enlarges them."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from MMEdu.models.torchvision_bridge import torchvision


class TorchvisionSegmenter(nn.Module):
    """Backbone and classifier of torchvision's network, under its names; auxiliary heads are left out.

    Args:
        whole: torchvision's network.
    """

    def __init__(self, whole: nn.Module) -> None:
        super().__init__()
        self.backbone: nn.Module = whole.backbone  # type: ignore[assignment]
        self.classifier: nn.Module = whole.classifier  # type: ignore[assignment]
        self._takes_all = type(whole).__name__ == "LRASPP"

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, classes, H / s, W / s), s being 8 or 16."""
        features: Any = self.backbone(images)
        logits: Tensor = self.classifier(features if self._takes_all else features["out"])
        return logits


def network(name: str, num_classes: int) -> TorchvisionSegmenter:
    """Build a segmenter with fresh weights.

    Args:
        name: torchvision's.
        num_classes: How many classes there are.
    """
    models = torchvision().models
    extra = {} if name.startswith("lraspp") else {"aux_loss": False}
    return TorchvisionSegmenter(
        models.get_model(name, weights=None, weights_backbone=None, num_classes=num_classes, **extra)
    )
