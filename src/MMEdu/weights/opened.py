"""What any file of weights is once it has been opened: plain data by our names, whoever wrote the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from BaseDT.preprocess import Preprocess
from MMEdu.models.registry import ModelEntry


@dataclass(frozen=True)
class OpenedWeights:
    """A file's weights by our names, ready to be loaded into a network.

    Attributes:
        path: The file.
        entry: The model that it holds: the one that was asked for, or another form of it.
        state: The state dict by our names; CPU tensors, possibly shared with the file's own content.
        classes: Names of the classes by label; None where the file does not say, or not for its own head.
        num_classes: How many classes its head is for; None where it has none of ours.
        preprocess: How the network's input is made of a picture.
        whole: Whether it is the whole network, not a backbone alone.
        origin: What another project calls the network, e.g. ``"mmcls ResNet-50"``; empty for our own checkpoints.
        unmatched: Names of the file that have no counterpart with us and are not known to carry nothing.
        num_names: How many names of classes the file has, whether they are the head's or not.
        computes_otherwise: What the source computes otherwise with the same weights, so that a training can start
            from them, but they give no predictions here; empty: nothing.
        fused: Whether its branches were fused for deployment and stand in our unfused form.
        temperature: What a classifier's logits are divided by before they become scores.
        threshold: What the validation suggests: the score below which a classifier's answer is better none of its
            classes, or a detector's box better not shown; None where nobody knows.
        trained_on: What names the data set that it was trained on; empty where nobody knows.
        kind: Name of the kind of output where it is not its task's usual one; empty: it is.
        options: What is known of its answers, as options of that kind.
        meta: All that a checkpoint of ours says of itself, as it stands there: a task reads and checks its own part.
    """

    path: Path
    entry: ModelEntry
    state: dict[str, Tensor]
    classes: tuple[str, ...] | None
    num_classes: int | None
    preprocess: Preprocess
    whole: bool = True
    origin: str = ""
    unmatched: tuple[str, ...] = ()
    num_names: int = 0
    computes_otherwise: str = ""
    fused: bool = False
    temperature: float = 1.0
    threshold: float | None = None
    trained_on: str = ""
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_native(self) -> bool:
        """Whether it is a checkpoint that MMEdu wrote."""
        return not self.origin
