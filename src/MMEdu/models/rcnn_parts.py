"""Parts of two-stage detectors: backbone with pyramid, region proposals, box head.

``rcnn`` puts them together. Module names follow the field's, so that weights can be loaded by renaming.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from MMEdu.models import rcnn_boxes as boxes_of
from MMEdu.models.torchvision_bridge import torchvision

CHANNELS = 256
STRIDES = (4, 8, 16, 32, 64)
_RPN_STDS = (1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Proposals:
    """How many regions the first stage passes on.

    Attributes:
        per_level: The best of each level, before NMS.
        total: The best of all levels, after it.
    """

    per_level: int
    total: int


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
        kept = [self] if self.norm_eval else self._frozen_parts()
        for norm in (m for part in kept for m in part.modules() if isinstance(m, nn.BatchNorm2d)):
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
        named = OrderedDict((str(i), feature) for i, feature in enumerate(features))
        return list(self.fpn(named).values())


class RegionProposals(nn.Module):
    """Region proposal network: where something is, whatever it is (Ren et al. 2015; sigmoid objectness)."""

    def __init__(self, training_proposals: Proposals, proposals: Proposals) -> None:
        super().__init__()
        self.head = torchvision().models.detection.rpn.RPNHead(CHANNELS, len(boxes_of.RATIOS))
        self.training_proposals, self.proposals = training_proposals, proposals

    def forward(self, features: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return per level objectness logits (N, A) and deltas (N, A, 4) of all anchors."""
        logits, deltas = self.head(list(features))
        flat = [x.permute(0, 2, 3, 1).flatten(1) for x in logits]
        return flat, [x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, 4) for x in deltas]

    @staticmethod
    def anchors(features: Sequence[Tensor]) -> list[Tensor]:
        """Return per level the anchors (A, 4)."""
        shapes = [(int(f.shape[-2]), int(f.shape[-1]), f.device) for f in features]
        return [boxes_of.anchors(h, w, s, device) for (h, w, device), s in zip(shapes, STRIDES, strict=True)]

    def losses(
        self, logits: Sequence[Tensor], deltas: Sequence[Tensor], anchors: Sequence[Tensor], objects: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """Return ``loss_rpn_cls`` and ``loss_rpn_bbox`` for objects, per picture (n, 4)."""
        scores, changes, places = torch.cat(list(logits), 1), torch.cat(list(deltas), 1), torch.cat(list(anchors))
        cls, box, total = scores.sum() * 0, changes.sum() * 0, 0
        for score, change, there in zip(scores, changes, objects, strict=True):
            given = boxes_of.assign(boxes_of.iou(there, places), 0.7, 0.3, rescue=0.3)
            positive, negative = boxes_of.sample(given, 256, 0.5)
            cls = cls + functional.softplus(-score[positive]).sum() + functional.softplus(score[negative]).sum()
            goal = boxes_of.encode(places[positive], there[given[positive]], _RPN_STDS)
            box = box + (change[positive] - goal).abs().sum()
            total += len(positive) + len(negative)
        return {"loss_rpn_cls": cls / max(total, 1), "loss_rpn_bbox": box / max(total, 1)}

    @torch.no_grad()
    def propose(
        self,
        logits: Sequence[Tensor],
        deltas: Sequence[Tensor],
        anchors: Sequence[Tensor],
        size: tuple[int, int],
        threshold: float = 0.0,
    ) -> Tensor:
        """Choose the regions of one picture: (K, 4), the most promising first.

        Args:
            logits: Per level (A,).
            deltas: Per level (A, 4).
            anchors: Per level (A, 4).
            size: (height, width) of the picture.
            threshold: Regions below this objectness are left out.
        """
        limits = self.training_proposals if self.training else self.proposals
        kept = [
            self._of_level(*level, size, threshold, limits.per_level)
            for level in zip(logits, deltas, anchors, strict=True)
        ]
        regions, scores = torch.cat([r for r, _ in kept]), torch.cat([s for _, s in kept])
        return regions[scores.sort(descending=True).indices[: limits.total]]

    @staticmethod
    def _of_level(
        logits: Tensor, deltas: Tensor, anchors: Tensor, size: tuple[int, int], threshold: float, limit: int
    ) -> tuple[Tensor, Tensor]:
        best = logits.float().sigmoid().topk(min(limit, len(anchors)))
        regions = boxes_of.decode(anchors[best.indices], deltas[best.indices].float(), _RPN_STDS, size)
        good = ((regions[:, 2:] - regions[:, :2]) > 0).all(1)
        if threshold > 0:
            good = good & (best.values >= threshold)
        regions, scores = regions[good], best.values[good]
        kept = torchvision().ops.nms(regions, scores, 0.7)
        return regions[kept], scores[kept]


class BoxHead(nn.Module):
    """What is in a region, and how its box must change for each class (two shared layers of 1024).

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
        wanted = boxes_of.encode(rois[positive], goals[positive], self.stds)
        change = deltas[positive, labels[positive]]
        return {
            "loss_cls": functional.cross_entropy(scores, labels, reduction="sum") / count,
            "loss_bbox": (change - wanted).abs().sum() / count,
            "acc": (scores.detach().argmax(1) == labels).sum() * (100.0 / count),
        }
