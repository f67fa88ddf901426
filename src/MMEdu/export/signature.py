"""``NetworkSignature``: what a network gives when it has left training. A task makes one, the formats only read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy.typing as npt
from torch import nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseDT.model_info import Head, ModelInfo
from MMEdu.weights.loaded_model import LoadedModel

Arrays: TypeAlias = Sequence[npt.NDArray[Any]]
"""The outputs of a network for one picture, in the order of their names."""


@dataclass(frozen=True)
class NetworkSignature:
    """How a task's network is exported.

    Attributes:
        outputs: Names of the outputs, as the documents have them.
        kind: Of output (``XEdu.outputs``), by which the runtime reads them.
        options: That kind's own options of a trained network.
        wrap: Puts behind a trained network what turns its answers into these outputs.
        difference: The largest disagreement of two runs over a picture; None where there is nothing to compare.
        batches: Whether the first axis of inputs and outputs may be any number of pictures.
        tolerance: The largest disagreement of an ONNX file; other formats have their own where it is larger.
        head: Where the last layer of a trained network will be in an ONNX file that gives its features, too.
        variants: The same of networks whose output is of another kind than the task's usual, by that kind.
        remark: Says after the export what its user must know; None: nothing.
        finished: Completes what the file says of itself by what the checkpoint says: ``(info, loaded model)``.
    """

    outputs: tuple[str, ...]
    kind: str
    options: Callable[[nn.Module], Mapping[str, Any]]
    wrap: Callable[[nn.Module], nn.Module]
    difference: Callable[[Arrays, Arrays], float | None]
    batches: bool
    tolerance: float
    head: Callable[[nn.Module], Head | None] = lambda _: None
    variants: Mapping[str, NetworkSignature] = field(default_factory=dict)
    remark: Callable[[], str] | None = None
    finished: Callable[[ModelInfo, LoadedModel], ModelInfo] = lambda info, _: info

    def of(self, kind: str) -> NetworkSignature:
        """Return the signature for a kind of output; empty is the usual one.

        Raises:
            ParameterInvalid: Such a network cannot be exported like this (-305).
        """
        if kind in ("", self.kind):
            return self
        if kind in self.variants:
            return self.variants[kind]
        raise ParameterInvalid(
            say(
                f"A model whose output is {kind!r} cannot be exported like this (features=True).",
                f"输出类型为 {kind!r} 的模型不能这样导出（features=True）。",
            ),
            hint=say("Leave features=True out.", "请去掉 features=True。"),
        )
