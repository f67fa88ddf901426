"""Heads for exported detectors: detections, or boxes and scores of every anchor. Inputs of one size, one picture.

``NonMaxSuppression`` is one operator in ONNX (NonMaxSuppression, opset 10 and above) and our own function in PyTorch.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from MMEdu.models.detection.parts.nms import class_aware_nms


class Decoding(Protocol):
    """What a network must offer to be exported here."""

    nms_iou: float
    max_detections: int

    def decoded(self, images: Tensor, *, thresholds: bool) -> tuple[Tensor, Tensor]:
        """Map images (N, C, H, W) to boxes (N, A, 4) in pixels and scores (N, A, classes)."""


class NonMaxSuppression(torch.autograd.Function):
    """Non-maximum suppression per class: rows of picture, class and box."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ARG004 — PyTorch's signature
        boxes: Tensor,
        scores: Tensor,
        most: int,
        iou_threshold: float,
        score_threshold: float,
    ) -> Tensor:
        """Select boxes of one picture.

        Args:
            ctx: PyTorch's.
            boxes: (1, A, 4).
            scores: (1, classes, A).
            most: Boxes of a class that are kept at most.
            iou_threshold: As in ``class_aware_nms``.
            score_threshold: Scores must be larger.

        Returns:
            (k, 3) int64: 0, the class and the box.
        """
        label, box = (scores[0] > score_threshold).nonzero().unbind(1)
        # Of all classes together no more than `most` are wanted, so the best of them suffice here.
        indices = class_aware_nms(boxes[0, box], scores[0, label, box], label, iou_threshold, most)
        return torch.stack([torch.zeros_like(indices), label[indices], box[indices]], 1)

    @staticmethod
    def symbolic(g: Any, boxes: Any, scores: Any, most: int, iou_threshold: float, score_threshold: float) -> Any:
        """Write the operator."""
        limits = [
            g.op("Constant", value_t=torch.tensor([most])),
            g.op("Constant", value_t=torch.tensor([iou_threshold], dtype=torch.float32)),
            g.op("Constant", value_t=torch.tensor([score_threshold], dtype=torch.float32)),
        ]
        return g.op("NonMaxSuppression", boxes, scores, *limits)


class SuppressedHead(nn.Module):
    """A detector with its non-maximum suppression: ``dets`` and ``labels``.

    Args:
        network: The detector.
        score_threshold: Boxes must score more.
    """

    def __init__(self, network: nn.Module, score_threshold: float) -> None:
        super().__init__()
        self.network = network
        self.score_threshold = score_threshold

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map images (1, C, H, W) to dets (1, K, 5), x1, y1, x2, y2, score in pixels, and labels (1, K) int64.

        The highest score comes first; K may be 0.
        """
        network: Any = self.network
        most = network.max_detections
        boxes, scores = network.decoded(images, thresholds=True)
        by_class = scores.transpose(1, 2)
        limits = (most, network.nms_iou, self.score_threshold)
        chosen: Tensor = NonMaxSuppression.apply(boxes, by_class, *limits)  # type: ignore[no-untyped-call]
        # The graph has a fixed shape: padded with scores below all others, the best `most` exist however few were
        # selected.
        confidence = by_class.reshape(-1)[chosen[:, 1] * boxes.shape[1] + chosen[:, 2]]
        padded = torch.cat([confidence, confidence.new_full((most,), -1.0)])
        best = padded.topk(most).indices[: chosen.shape[0]]
        dets = torch.cat([boxes[0][chosen[best, 2]], confidence[best][:, None]], 1)
        return dets[None], chosen[best, 1][None]


class RawHead(nn.Module):
    """A detector that gives boxes and scores of every anchor, for runtimes that cannot suppress.

    Args:
        network: The detector.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Map images (1, C, H, W) to boxes (1, A, 4) in pixels and scores (1, A, classes)."""
        network: Any = self.network
        boxes, scores = network.decoded(images, thresholds=False)
        return boxes, scores
