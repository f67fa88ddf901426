"""Pooling of regions (RoIAlign, He et al. 2017) for two-stage detectors: as trained, and as ONNX files can hold it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from MMEdu.models.detection.parts.resnet_fpn import STRIDES
from MMEdu.models.torchvision_bridge import torchvision

# Boxes with a side of 56 to 112 pixels are read from the finest level; each further level is for twice that.
_FINEST_SIDE = 56
# The bins of a region that is narrower than a pixel of the features lie between so many of these pixels at most.
_PIXELS = 3


def pool(features: Sequence[Tensor], rois: Tensor, bins: int) -> Tensor:
    """Read each region from the level of its size (half-pixel RoIAlign, as many samples as pixels).

    Args:
        features: Of strides 4, 8, 16, 32 (further ones are not read).
        rois: (K, 5) number of the picture and box.
        bins: Bins along each side; while it is exported, 3 or more.

    Returns:
        (K, 256, bins, bins).
    """
    extent = rois[:, 3:] - rois[:, 1:3]
    level = (extent.prod(1).sqrt() / _FINEST_SIDE + 1e-6).log2().floor().clamp(0, 3)
    pooled, order = [], []
    for i, (feature, stride) in enumerate(zip(features, STRIDES[:4], strict=False)):
        of_level = level == i
        if torch.onnx.is_in_onnx_export():
            thin = (extent < stride).any(1)
            parts = [(of_level & ~thin, _shifted), (of_level & thin, _interpolated)]
        else:
            parts = [(of_level, _aligned)]
        for mask, read in parts:
            chosen = mask.nonzero()[:, 0]
            pooled.append(read(feature, rois[chosen], bins, stride))
            order.append(chosen)
    # Pooled level by level, returned in the order of the regions.
    return torch.cat(pooled)[torch.cat(order).argsort()]


def rois_of_one_picture(boxes: Tensor) -> Tensor:
    """Put the index of the only picture before boxes (K, 4): (K, 5)."""
    return torch.cat((torch.zeros_like(boxes[:, :1]), boxes), 1)


def _aligned(feature: Tensor, rois: Tensor, bins: int, stride: int) -> Tensor:
    pooled: Tensor = torchvision().ops.roi_align(feature, rois, bins, 1 / stride, sampling_ratio=0, aligned=True)
    return pooled


def _shifted(feature: Tensor, rois: Tensor, bins: int, stride: int) -> Tensor:
    """Return what ``_aligned`` does, by the operator that ONNX has before opset 16: it does not shift by half a pixel.

    And it widens regions that are narrower than a pixel of the features, so these are for ``_interpolated``.
    """
    moved = torch.cat((rois[:, :1], rois[:, 1:] - stride / 2), 1)
    pooled: Tensor = torchvision().ops.roi_align(feature, moved, bins, 1 / stride, sampling_ratio=0, aligned=False)
    return pooled


def _interpolated(feature: Tensor, rois: Tensor, bins: int, stride: int) -> Tensor:
    """Return what ``_aligned`` does for narrow regions, by the same operator.

    Along a side that is narrower than a pixel, whole pixels are read, and the bins' values found between them: each bin
    has one sample, in its middle, and the values between two pixels lie on a line.
    """
    low, size = rois[:, 1:3] / stride - 0.5, (rois[:, 3:] - rois[:, 1:3]) / stride
    narrow, first = size < 1, low.floor()
    start = torch.where(narrow, first - 0.5, low)  # bins of one pixel: their middles are the pixels
    end = torch.where(narrow, first - 0.5 + bins, low + size)
    widened = torch.cat((rois[:, :1], start * stride + stride / 2, end * stride + stride / 2), 1)
    pooled = _shifted(feature, widened, bins, stride)
    middles = (torch.arange(bins, device=rois.device, dtype=rois.dtype) + 0.5) / bins
    samples = (low - first)[:, :, None] + size[:, :, None] * middles  # (K, 2, bins), in pixels from the first
    for axis in (0, 1):
        # How much each of the first pixels has of each bin: (pixels, K, 1, bins).
        shares = [(1 - (samples[:, axis, None] - pixel).abs()).clamp(min=0) for pixel in range(_PIXELS)]
        if axis == 0:
            mixed = [pooled[..., j : j + 1] * share[:, :, None] for j, share in enumerate(shares)]
        else:
            mixed = [pooled[..., j : j + 1, :] * share[..., None] for j, share in enumerate(shares)]
        pooled = torch.where(narrow[:, axis, None, None, None], torch.stack(mixed).sum(0), pooled)
    return pooled
