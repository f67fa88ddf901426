"""How a network of words learns: to tell the next one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseNN.learning.record import Record
from BaseNN.learning.request import TrainingRequest
from BaseNN.learning.whole import WholeLearning
from MMEdu.engine.protocol import Batch, Metrics
from MMEdu.models.recipe import Recipe

_SUITS, _TOO_LARGE = 0.005, 0.1


class TextLearning(WholeLearning):
    """Learns to tell, after each word of a text, the next one.

    Args:
        request: What is asked for.
        record: Keeps what every step gives.

    Raises:
        DatasetInvalid: The data are no numbers of words (-201).
    """

    recipe = Recipe(clip_norm=1.0)

    def __init__(self, request: TrainingRequest, record: Record) -> None:
        super().__init__(request, record, _SUITS, _TOO_LARGE)
        _check(request)

    def targets(self, values: npt.NDArray[Any]) -> Tensor | None:
        """Return the next words, (N, T), or the one after the text, (N, 1)."""
        return torch.from_numpy(values.astype(np.int64))

    def inputs(self, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
        """Move words and next words to the device."""
        return batch.inputs.long().to(device), batch.targets.long().to(device)

    def trained(self, model: nn.Module) -> nn.Module:
        """The network."""
        return model

    def losses(self, model: nn.Module, inputs: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Cross entropy of the next words, and how often they are the likeliest where that was asked for."""
        words, following = inputs
        given, _ = model(words)
        given = given[:, -following.shape[1] :]
        values = {"loss": functional.cross_entropy(given.flatten(0, 1), following.flatten())}
        if "acc" in self.request.metrics:
            values["acc"] = (given.detach().argmax(-1) == following).float().mean()
        return values

    def dummy_inputs(self, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Always the first word."""
        words = torch.zeros(size, self.request.data.inputs.shape[1], dtype=torch.int64, device=device)
        return words, words

    def predict(self, model: nn.Module, batch: Batch, device: torch.device) -> npt.NDArray[Any]:
        """Return the loss and the share of next words that were the likeliest, (N, 2)."""
        words, following = self.inputs(batch, device)
        given = model(words)[0][:, -following.shape[1] :]
        loss = functional.cross_entropy(given.transpose(1, 2), following, reduction="none").mean(1)
        right = (given.argmax(-1) == following).float().mean(1)
        return np.asarray(torch.stack([loss, right], 1).cpu())

    def metrics(self, predictions: npt.NDArray[Any], indices: npt.NDArray[np.int64]) -> Metrics:
        """Mean loss, and how often the next word was the likeliest."""
        del indices
        loss, acc = predictions.mean(0).tolist()
        return {"loss": loss, "acc": acc}


def _check(request: TrainingRequest) -> None:
    """Make sure that there is a next word for every word, or one after each text.

    Raises:
        DatasetInvalid: There is not (-201).
    """
    data, steps = request.data, request.data.inputs.shape[1:]
    if data.inputs.ndim == 2 and data.targets is not None and data.targets.shape[1:] in (steps, (1,)):
        return
    found = "none" if data.targets is None else " × ".join(map(str, data.targets.shape))
    had = " × ".join(map(str, data.inputs.shape))
    raise DatasetInvalid(
        say(f"The words are {had}, the words that follow {found}.", f"输入的词为 {had}，后续的词为 {found}。"),
        hint=say("y is x, one word further.", "y 应当是 x 向后移一个词。"),
    )
