"""What a network of keypoints is to give, made of a whole batch's points by tensor operations on the device.

Cells are counted as ``XEdu.outputs.parts.point_arrays`` reads them: the middle of cell ``i`` of ``w`` lies at
``(i + 0.5) / w`` of the input.
"""

from __future__ import annotations

import torch
from torch import Tensor


def heat_maps(points: Tensor, cells: tuple[int, int], sigma: float) -> Tensor:
    """Draw a Gaussian of height 1 around every point (Xiao et al. 2018, section 3).

    Args:
        points: (N, K, 2) of x, y as shares of the input; not finite or outside gives no or a part of a Gaussian.
        cells: Height and width of the maps.
        sigma: In cells.

    Returns:
        (N, K, height, width) float32.
    """
    across = _bells(points[..., 0], cells[1], sigma)
    down = _bells(points[..., 1], cells[0], sigma)
    return down[..., :, None] * across[..., None, :]


def smoothed_labels(shares: Tensor, bins: int, sigma: float) -> Tensor:
    """Return the distribution over the bins of an axis that a point asks for (Li et al. 2022, SimCC, section 3.2).

    Args:
        shares: (N, K) along the axis, from 0 to 1.
        bins: How many.
        sigma: Of the Gaussian, in bins.

    Returns:
        (N, K, bins) float32, each with the sum 1 where the point is on the axis.
    """
    bells = _bells(shares, bins, sigma)
    return bells / bells.sum(dim=-1, keepdim=True).clamp(min=1e-6)


def _bells(shares: Tensor, cells: int, sigma: float) -> Tensor:
    middles = torch.arange(cells, device=shares.device, dtype=torch.float32) + 0.5
    distance = middles - shares.float()[..., None] * cells
    return torch.exp(distance.square() * (-0.5 / sigma**2))
