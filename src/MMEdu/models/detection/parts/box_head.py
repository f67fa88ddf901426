"""The second stage of two-stage detectors: the class of a region, and its box for each class (Ren et al. 2015)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models.detection.parts.boxes import encode_deltas
from MMEdu.models.detection.parts.resnet_fpn import CHANNELS


class BoxHead(nn.Module):
    """The class of a region, and how its box must change for each class (two shared layers of 1024).

    Args:
        num_classes: Without background, which comes last.
    """

    stds = (0.1, 0.1, 0.2, 0.2)
    bins = 7

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.shared_fcs = nn.ModuleList((nn.Linear(CHANNELS * self.bins**2, 1024), nn.Linear(1024, 1024)))
        self.fc_cls = nn.Linear(1024, num_classes + 1)
        self.fc_reg = nn.Linear(1024, 4 * num_classes)
        for layer in self.shared_fcs:
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
        nn.init.normal_(self.fc_cls.weight, std=0.01)
        nn.init.normal_(self.fc_reg.weight, std=0.001)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Map regions (K, 256, 7, 7) to class logits (K, classes + 1) and deltas (K, classes, 4)."""
        x = pooled.flatten(1)
        for layer in self.shared_fcs:
            x = layer(x).relu()
        return self.fc_cls(x), self.fc_reg(x).view(-1, self.num_classes, 4)

    def losses(self, scores: Tensor, deltas: Tensor, rois: Tensor, labels: Tensor, goals: Tensor) -> dict[str, Tensor]:
        """Return ``loss_cls``, ``loss_bbox`` and ``acc`` (percent).

        Args:
            scores: (K, classes + 1).
            deltas: (K, classes, 4).
            rois: (K, 4).
            labels: (K,) background last.
            goals: (K, 4) boxes of the objects; of positives only they are read.
        """
        count = max(len(labels), 1)
        positive = (labels < self.num_classes).nonzero()[:, 0]
        # Each class has deltas of its own: only those of the right one are learned.
        target = encode_deltas(rois[positive], goals[positive], self.stds)
        change = deltas[positive, labels[positive]]
        return {
            "loss_cls": functional.cross_entropy(scores, labels, reduction="sum") / count,
            "loss_bbox": (change - target).abs().sum() / count,
            "acc": (scores.detach().argmax(1) == labels).sum() * (100.0 / count),
        }
