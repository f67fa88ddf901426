"""What a network is on a board: the same numbers, one input, one output."""

from __future__ import annotations

from torch import Tensor, nn


class OneOutput(nn.Module):
    """A network of which the first output counts.

    Args:
        network: What it runs.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network gives."""
        out = self.network(x)
        first: Tensor = out[0] if isinstance(out, (tuple, list)) else out
        return first


class AnyRange(OneOutput):
    """A network of pictures from 0 to 1 that takes those from 0 to 255, too, as the original client gives them."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W); a picture with a value above 1 is one from 0 to 255."""
        brightest = x.amax(dim=(1, 2, 3), keepdim=True)
        return super().forward(x / (1 + 254 * (brightest > 1).to(x.dtype)))


class NextWord(OneOutput):
    """A network of words: for each word that went in, how likely each one is to come next."""

    def forward(self, words: Tensor) -> Tensor:
        """Map (N, T) int64 to (N T, vocabulary)."""
        out = super().forward(words)
        return out.reshape(-1, out.shape[-1]).softmax(-1)
