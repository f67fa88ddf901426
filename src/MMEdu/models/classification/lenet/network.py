"""LeNet-5 (LeCun et al. 1998, section II.B) in the form that OpenMMLab uses: tanh, average pooling, 120-84."""

from __future__ import annotations

from torch import Tensor, nn


class LeNet(nn.Module):
    """LeNet-5 for gray pictures of 32×32.

    Args:
        num_classes: Number of outputs.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5),
            nn.Tanh(),
            nn.AvgPool2d(kernel_size=2),
            nn.Conv2d(6, 16, kernel_size=5),
            nn.Tanh(),
            nn.AvgPool2d(kernel_size=2),
            nn.Conv2d(16, 120, kernel_size=5),
            nn.Tanh(),
        )
        self.classifier = nn.Sequential(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, num_classes))

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures (N, 1, 32, 32) to logits (N, num_classes)."""
        logits: Tensor = self.classifier(self.features(images).flatten(1))
        return logits
