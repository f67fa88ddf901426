"""NMS and RoIAlign in plain torch, for machines where torchvision's compiled operators do not load.

``torchvision_bridge`` registers them under torchvision's own names; nobody else calls them. No torchvision here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from MMEdu.models.detection.parts.nms import nms

__all__ = ["nms", "roi_align"]


def roi_align(
    input: Tensor,
    rois: Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> Tensor:
    """Average bilinear samples in the bins of boxes, as ``torchvision.ops.roi_align`` does (He et al. 2017).

    A bin is a weighted sum of rows of the table of all pixels, (N·H·W, C): forward and backward are those of an
    embedding bag. No matter how many samples a bin has, a row of channels is read as one piece.

    Args:
        input: Features (N, C, H, W).
        rois: (K, 5): index in the batch, x1, y1, x2, y2.
        spatial_scale: Pixels of the features per pixel of the boxes.
        pooled_height: Bins of a box from top to bottom.
        pooled_width: Bins of a box from left to right.
        sampling_ratio: Samples of a bin along each axis; 0 or less: as many as it has pixels, rounded up.
        aligned: Whether coordinates are shifted by half a pixel and small boxes stay small.

    Returns:
        (K, C, pooled_height, pooled_width); differentiable in ``input``.

    Raises:
        ValueError: ``rois`` has not five columns.
    """
    if rois.ndim != 2 or rois.shape[1] != 5:
        raise ValueError(f"rois (K, 5) expected, got {tuple(rois.shape)}")
    _, channels, height, width = input.shape
    exact = input if input.dtype == torch.float64 else input.float()
    table = exact.permute(0, 2, 3, 1).reshape(-1, channels)
    boxes = rois.detach().to(exact.dtype)
    first = boxes[:, 0].long() * (height * width)
    edges = boxes[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)
    rows = _Axis.of(edges[:, 1], edges[:, 3], pooled_height, height, sampling_ratio, aligned)
    columns = _Axis.of(edges[:, 0], edges[:, 2], pooled_width, width, sampling_ratio, aligned)
    bins = _bins(table, first, rows, columns, width)
    bins = bins.view(len(rois), pooled_height, pooled_width, channels)
    return bins.permute(0, 3, 1, 2).contiguous().to(input.dtype)


@dataclass(frozen=True)
class _Axis:
    """The samples along one axis of every box.

    Attributes:
        start: (K,) first coordinate of each box.
        size: (K,) length of one bin.
        samples: (K,) samples in a bin.
        count: Bins of a box.
        length: Pixels of the features along the axis.
    """

    start: Tensor
    size: Tensor
    samples: Tensor
    count: int
    length: int

    @classmethod
    def of(cls, low: Tensor, high: Tensor, count: int, length: int, sampling_ratio: int, aligned: bool) -> _Axis:
        """Divide boxes from ``low`` to ``high`` (both (K,)) into bins."""
        size = ((high - low) if aligned else (high - low).clamp(min=1)) / count
        samples = torch.full_like(size, sampling_ratio) if sampling_ratio > 0 else size.ceil().clamp(min=0)
        return cls(low, size, samples.long(), count, length)

    def taps(self, chosen: Tensor, samples: int) -> tuple[Tensor, Tensor]:
        """Return pixels and weights of the chosen boxes' bins, which have so many samples: both (K, count, taps).

        A sample reads two pixels. It is 0 more than a pixel outside and clamped on the border, as the compiled
        operator has it.
        """
        start, size = self.start[chosen, None, None], self.size[chosen, None, None]
        bins = torch.arange(self.count, device=start.device)[:, None]
        offsets = (torch.arange(samples, device=start.device) + 0.5) / max(samples, 1)
        at = start + bins * size + offsets * size
        share = ((at >= -1) & (at <= self.length)).to(at.dtype) / max(samples, 1)
        at = at.clamp(0, self.length - 1)
        low = at.floor().clamp(max=max(self.length - 2, 0))
        above = at - low
        pixels = torch.stack((low, (low + 1).clamp(max=self.length - 1)), -1).long()
        weights = torch.stack(((1 - above) * share, above * share), -1)
        return pixels.flatten(2), weights.flatten(2)


def _bins(table: Tensor, first: Tensor, rows: _Axis, columns: _Axis, width: int) -> Tensor:
    """Sum pixels of the table (pixels, C) for every bin of every box: (K · bins, C).

    Boxes with equally many samples (down, right) are prepared together; a box without height or width has none and
    its empty bags are 0.
    """
    pairs = torch.stack((rows.samples, columns.samples), 1)
    order, indices, weights, lengths = [], [], [], []
    for down, right in torch.unique(pairs, dim=0).tolist():
        chosen = ((pairs[:, 0] == down) & (pairs[:, 1] == right)).nonzero()[:, 0]
        (y, wy), (x, wx) = rows.taps(chosen, down), columns.taps(chosen, right)
        pixels = (first[chosen, None, None] + y * width)[:, :, None, :, None] + x[:, None, :, None, :]
        order.append(chosen)
        indices.append(pixels.flatten())
        weights.append((wy[:, :, None, :, None] * wx[:, None, :, None, :]).flatten())
        lengths.append(chosen.new_full((len(chosen) * rows.count * columns.count,), 4 * down * right))
    if not order:
        return table.new_zeros((0, table.shape[1]))
    starts = torch.cat(lengths)
    starts = starts.cumsum(0) - starts
    sums = functional.embedding_bag(
        torch.cat(indices), table, starts, mode="sum", per_sample_weights=torch.cat(weights)
    )
    if len(order) == 1:
        return sums
    return sums.view(len(first), -1)[torch.cat(order).argsort()].view(-1, table.shape[1])
