"""A trained network as an opened model: it runs where exported files do, with the same preprocessing and results.

What a task's exported file gives is what its network gives here (``NetworkSignature``), so whoever judges models needs
to know files alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from MMEdu.export.convert import describe
from MMEdu.export.signature import NetworkSignature
from MMEdu.weights.loaded_model import LoadedModel
from XEdu.runtime.backend import Array, TensorSpec
from XEdu.runtime.model import Model


@dataclass(frozen=True)
class TorchBackend:
    """Runs a trained network; see ``XEdu.runtime.backend.Backend``."""

    network: nn.Module
    device: torch.device
    inputs: Sequence[TensorSpec]
    outputs: Sequence[TensorSpec]
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str = "torch"

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        """Run the network once."""
        images = torch.from_numpy(feeds[self.inputs[0].name]).to(self.device)
        with torch.inference_mode():
            given = self.network(images.contiguous(memory_format=torch.channels_last))
        tensors = given if isinstance(given, (tuple, list)) else (given,)
        return [tensor.cpu().numpy() for tensor in tensors]


def opened(loaded: LoadedModel, signature: NetworkSignature, path: str | os.PathLike[str]) -> Model:
    """Return a loaded network as an opened model.

    Args:
        loaded: The network; it stays as it is.
        signature: What its exported file would give.
        path: Its checkpoint, for messages.
    """
    height, width = loaded.preprocess.size
    batch = None if signature.batches else 1
    spec = TensorSpec("input", (batch, loaded.preprocess.channels, height, width), np.dtype(np.float32))
    outputs = [TensorSpec(name, (), np.dtype(np.float32)) for name in signature.outputs]
    network = signature.wrap(loaded.model).eval()
    backend = TorchBackend(network, loaded.device, [spec], outputs)
    return Model(Path(os.fspath(path)), backend, describe(loaded, signature))
