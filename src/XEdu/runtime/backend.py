"""The one protocol that every runtime fulfils. Arrays in, arrays out; pictures and results stay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""A tensor as numpy has it: what goes into a model and comes out of it."""


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a model.

    Attributes:
        name: Its name in the file.
        shape: Sizes by axis; None where any size goes. Empty where the file does not say.
        dtype: Of the elements.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: np.dtype[Any]


class Backend(Protocol):
    """A model, opened once; several threads may call it.

    Attributes:
        name: Of the runtime: ``onnxruntime``, ``ncnn``, ``openvino``, ``tensorrt``.
        inputs: Its input tensors.
        outputs: Its output tensors.
        metadata: Properties in the file, or in its sidecar.
    """

    @property
    def name(self) -> str: ...
    @property
    def inputs(self) -> Sequence[TensorSpec]: ...
    @property
    def outputs(self) -> Sequence[TensorSpec]: ...
    @property
    def metadata(self) -> Mapping[str, str]: ...

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        """Run the model once.

        Args:
            feeds: An array for each input, by name.

        Returns:
            The outputs, in the order of ``outputs``.
        """
        ...
