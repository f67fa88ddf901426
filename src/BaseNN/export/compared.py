"""An ONNX file's bytes, compared with its network before anybody gets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from BaseDT.errors import ExportDiffers, ExportFailed
from BaseDT.language import say
from BaseDT.own_network_info import INPUT, OUTPUT, OwnNetworkInfo
from BaseNN.export.deployed import OneOutput
from MMEdu.export import onnx
from MMEdu.export.onnx import Version
from MMEdu.export.temporary_folder import TemporaryFolder
from XEdu import runtime

Array = npt.NDArray[Any]
TOLERANCE = 1e-4
"""Of a number, as a share of the largest one where that is above 1."""
_SAMPLES = 8


def inputs_of(info: OwnNetworkInfo, samples: Array | None) -> list[Array]:
    """Return inputs to compare with, (1, …) each, as the network takes them: of the data, and made up."""
    rng = np.random.default_rng(0)
    if info.word2idx:
        words = rng.integers(0, len(info.word2idx), (_SAMPLES, *info.input_size[1:]))
        return [row[None] for row in words.astype(np.int64)]
    shape = (_SAMPLES, *info.input_size[1:])
    made = rng.random(shape) if info.dataset_type == "img" else rng.normal(size=shape)
    rows = list(made.astype(np.float32))
    if samples is not None and len(samples):
        chosen = samples[np.linspace(0, len(samples) - 1, _SAMPLES).astype(int)]
        rows += list(chosen.astype(np.float32) / np.float32(255 if samples.dtype == np.uint8 else 1))
    return [row[None] for row in rows]


def written(
    network: OneOutput,
    inputs: Sequence[Array],
    version: Version,
    metadata: Mapping[str, str],
    info: OwnNetworkInfo,
) -> tuple[bytes, float]:
    """Return the file's bytes and how far it is from the network; sizes stay fixed where they cannot be free."""
    larger = _larger(network, inputs[0], info)
    many = [*inputs, np.concatenate(inputs[:2])]
    if larger is not None:
        try:
            data = bytes_of(network, inputs[0], version, metadata, _free(info, sizes=True))
            return data, _difference(network, data, [*many, larger])
        except (ExportDiffers, ExportFailed):
            pass  # this network says its sizes in numbers
    data = bytes_of(network, inputs[0], version, metadata, _free(info, sizes=False))
    return data, _difference(network, data, many)


def _larger(network: OneOutput, one: Array, info: OwnNetworkInfo) -> Array | None:
    """Return an input of other lengths, where the network takes any: a larger picture, a longer text."""
    if info.dataset_type == "img":
        other = np.random.default_rng(0).random((1, one.shape[1], one.shape[2] + 16, one.shape[3] + 24))
        other = other.astype(np.float32)
    elif info.word2idx:
        other = np.concatenate([one, one[:, :1]], axis=1)
    else:
        return None
    try:
        with torch.inference_mode():
            network(torch.from_numpy(other))
    except (RuntimeError, ValueError, IndexError):
        return None
    return other


def _free(info: OwnNetworkInfo, *, sizes: bool) -> onnx.Axes:
    """Return which axes may be any number: the batch, and the sizes of pictures or texts where they can."""
    axes = {0: "batch_size"}
    if sizes:
        axes |= {1: "words"} if info.word2idx else {2: "height", 3: "width"}
    return {INPUT: axes, OUTPUT: {0: "rows" if info.word2idx else "batch_size"}}


def bytes_of(network: nn.Module, one: Array, version: Version, metadata: Mapping[str, str], free: onnx.Axes) -> bytes:
    example = torch.from_numpy(np.concatenate([one, one]))  # of two: what is said of one alone would be taken as fixed
    return onnx.to_bytes(network, example, (OUTPUT,), version, metadata, dynamic=True, free=free)


def _difference(network: OneOutput, data: bytes, inputs: Sequence[Array]) -> float:
    """Compare a file with its network, in a temporary folder: a wrong file never reaches the target.

    Raises:
        ExportDiffers: It says something else (-807).
    """
    worst = 0.0
    with TemporaryFolder() as folder:
        file = folder / "network.onnx"
        file.write_bytes(data)
        backend = runtime.open(file)
        for array in inputs:
            with torch.inference_mode():
                expected = network(torch.from_numpy(array)).numpy()
            worst = max(worst, _apart(expected, backend.run({INPUT: array})[0]))
    if worst <= TOLERANCE:
        return worst
    raise ExportDiffers(
        say(
            f"The exported network differs from the trained one by {worst:.1e}, more than {TOLERANCE:.0e}.",
            f"导出的网络与训练得到的网络相差 {worst:.1e}，超过了 {TOLERANCE:.0e}。",
        ),
        hint=say("Nothing was written. Try another opset_version.", "没有写入任何文件。请尝试其他 opset_version。"),
    )


def _apart(expected: Array, actual: Array) -> float:
    """Return the largest difference, as a share of the largest number where that is above 1."""
    if expected.shape != actual.shape or not np.isfinite(actual).all():
        return float("inf")
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    return float(np.abs(expected.astype(np.float64) - actual).max(initial=0.0)) / scale
