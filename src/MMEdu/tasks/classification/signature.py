"""What an exported classifier gives: one output with the probabilities of its classes, for any number of pictures."""

from __future__ import annotations

from torch import Tensor, nn

from MMEdu.export.parity import largest_difference
from MMEdu.export.signature import NetworkSignature
from MMEdu.export.target import Format
from MMEdu.models.registry import ModelEntry


class Probabilities(nn.Module):
    """A classifier that gives probabilities (N, C): the clients take the largest as the confidence."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, C, H, W) to probabilities (N, classes)."""
        logits: Tensor = self.network(images)
        return logits.softmax(1)


def signature(entry: ModelEntry, target_format: Format) -> NetworkSignature:
    """Return what an exported classifier gives: the same for every model and every format."""
    del entry, target_format
    return NetworkSignature(
        outputs=("probs",),
        kind="classification",
        options=lambda _: {},
        wrap=Probabilities,
        difference=largest_difference,
        batches=True,
        tolerance=1e-4,
    )
