"""The file that a training starts from, read once: its colours are asked for first, its weights later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

from BaseDT.arguments import PathLike
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import loading
from MMEdu.weights.opened import OpenedWeights
from MMEdu.weights.opening import open_weights
from MMEdu.weights.pretrained import coloured


@dataclass
class InitialWeights:
    """A file of weights to train from.

    Attributes:
        path: A ``.pth`` or ``.safetensors`` file, ours or another project's.
    """

    path: PathLike
    _opened: OpenedWeights | None = field(default=None, init=False, repr=False)

    def matching_entry(self, entry: ModelEntry) -> tuple[ModelEntry, list[str]]:
        """Return the model's entry with the colours that the weights know, and a line where these are not its usual.

        Raises:
            XEduError: The file cannot be used; see ``open_weights``.
        """
        self._opened = open_weights(self.path, entry)
        changed = coloured(entry, self._opened.preprocess)
        return changed, [] if changed is entry else [_colours_text(self.path, changed, entry)]

    def load(self, network: nn.Module, entry: ModelEntry, classes: Sequence[str]) -> list[str]:
        """Put the weights into a network that will be trained; returns lines for the user. The file's are let go.

        Rows of the head are kept by the names of their classes; what stays at its initialisation is said.

        Args:
            network: With fresh weights, for ``classes``.
            entry: Its entry.
            classes: What is to be learned, by label.

        Raises:
            CheckpointInvalid: It is of another backbone (-202).
        """
        weights, self._opened = self._opened, None  # the file's tensors are let go
        if weights is None:
            weights = open_weights(self.path, entry)
        return loading.load_matching(network, weights, entry, Path(self.path), classes)


def _colours_text(path: PathLike, changed: ModelEntry, entry: ModelEntry) -> str:
    now, usual = (_colours(item.preprocess) for item in (changed, entry))
    return say(
        f"Pictures become inputs as {path} knows them: {now} (usual for {entry.name}: {usual}).",
        f"图片按 {path} 的方式预处理：{now}（{entry.name} 通常为 {usual}）。",
    )


def _colours(preprocess: Preprocess) -> str:
    mean, std = (", ".join(f"{value:g}" for value in values) for values in (preprocess.mean, preprocess.std))
    return f"{preprocess.color.upper()}, mean {mean}, std {std}"
