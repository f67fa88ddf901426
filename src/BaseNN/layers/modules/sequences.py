"""Layers that read step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from BaseNN.layers.modules.shaping import LastStep, Part0

if TYPE_CHECKING:
    from BaseNN.layers.kind import Surroundings
    from BaseNN.layers.kinds.sequences import EmLstm, Lstm

Modules = list[tuple[str, nn.Module]]
Hidden = tuple[Tensor, Tensor]
"""What an LSTM remembers and what it shows of it, each (layers, N, memory)."""


class WordLstm(nn.Module):
    """Words become vectors, an LSTM reads them, a linear layer says what word could be next (词嵌入 + LSTM).

    Args:
        vocabulary: Number of words.
        vector: Numbers that stand for a word.
        memory: Numbers that are remembered.
        num_layers: LSTMs on top of each other.
    """

    def __init__(self, vocabulary: int, vector: int, memory: int, num_layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, vector)
        self.lstm = nn.LSTM(vector, memory, num_layers=num_layers, batch_first=True)
        self.linear = nn.Linear(memory, vocabulary)

    def forward(self, words: Tensor, hidden: Hidden | None = None) -> tuple[Tensor, Hidden]:
        """Read words.

        Args:
            words: (N, steps), numbers of words.
            hidden: What was remembered of the words before; None at the beginning.

        Returns:
            (N, steps, vocabulary), a number for each word that could be next; and what is remembered.
        """
        out, hidden = self.lstm(self.embedding(words), hidden)
        return self.linear(out), hidden


def lstm(arguments: Lstm, _: Surroundings) -> Modules:
    """Make the modules of ``lstm``: it, and what takes its outputs."""
    return [("lstm", _lstm(arguments)), ("part0", Part0())]


def action_model(arguments: Lstm, _: Surroundings) -> Modules:
    """Make the modules of ``action_model``."""
    size: Any = arguments.size
    return [
        ("lstm", _lstm(arguments)),
        ("part0", Part0()),
        ("dim2", LastStep()),
        ("batchnorm1d", nn.BatchNorm1d(size[1])),
    ]


def em_lstm(arguments: EmLstm, _: Surroundings) -> Modules:
    """Make the network of ``em_lstm``."""
    size: Any = arguments.size  # building has looked that they are complete
    vocabulary: Any = arguments.vocabulary
    return [("em_lstm", WordLstm(vocabulary, size[0], size[1], arguments.num_layers))]


def _lstm(arguments: Lstm) -> nn.LSTM:
    size: Any = arguments.size
    return nn.LSTM(size[0], size[1], batch_first=True)
