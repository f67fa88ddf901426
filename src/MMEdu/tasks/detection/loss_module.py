"""A detector as training sees it: images and targets in, losses out. The one file of this task that needs torch."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from MMEdu.tasks.detection.targets import TargetTensors


class Learning(nn.Module):
    """Calls a network's ``losses`` through ``forward``, which is what processes that train together hook into."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, targets: Sequence[TargetTensors]) -> dict[str, Tensor]:
        """Return the losses of a batch, images (N, C, H, W)."""
        losses: dict[str, Tensor] = self.network.losses(images, targets)  # type: ignore[operator]
        return losses
