"""Networks of classes and numbers answer: what comes in is read as boards read it, by ``XEdu.hub.network_data``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.errors import InputMismatch, ParameterInvalid
from BaseDT.escaping import first_line
from BaseDT.language import say
from BaseDT.own_network_info import OwnNetworkInfo
from BaseNN.files import described
from BaseNN.files.trained import TrainedNetwork
from BaseNN.prediction import labelled_tables
from BaseNN.prediction.question import Answer, Question, no_data
from XEdu.hub import network_data
from XEdu.runtime.backend import TensorSpec

_NUMBERS_AT_ONCE = 4_000_000
"""Of the input, so that a large table needs no more memory than a small one."""


def answer(network: TrainedNetwork, question: Question) -> Answer:
    """Return what a network gives for each sample, (N, K) float32.

    Raises:
        InputMismatch: The data have another shape than those of the training (-309).
        XEduError: They cannot be read.
    """
    if _is_batches(question.data):
        return _of_batches(network.model, question.data, question.device)
    data, labels = question.data, None
    if question.label and isinstance(data, (str, os.PathLike)):
        data, labels = labelled_tables.parted(data, network)
    return Answer(computed(network.model, as_input(network, data), question.device), labels)


def as_input(network: TrainedNetwork, data: Any) -> npt.NDArray[Any]:
    """Return data as a network takes them, with their batch."""
    if data is None:
        raise no_data("inference")
    inputs = network.stack.surroundings.inputs
    shape = () if inputs is None else (None, *inputs)
    words = bool(network.word2idx)
    spec = TensorSpec("input", shape, np.dtype(np.int64 if words else np.float32))
    if network.dataset_type == "img" and isinstance(data, np.ndarray) and data.ndim == 4 and data.dtype == np.uint8:
        data = data.astype(np.float32) * np.float32(1 / 255)
    try:
        return _to_one(network, network_data.of(data, info_of(network), spec).array)
    except InputMismatch as error:
        if network_data.is_labelled(data, shape):
            error.hint = _label_hint()
        raise


def _to_one(network: TrainedNetwork, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return pictures as a network that learned from 0 to 1 takes them; as in its exported file, any above 1 is of 255.

    See ``BaseNN.export.deployed.AnyRange``.
    """
    highest, channels = network.highest, array.shape[1] if array.ndim == 4 else 0
    if highest is None or highest > 1 or channels not in (1, 3) or array.dtype.kind != "f":
        return array
    brightest = array.max(axis=(1, 2, 3), keepdims=True)
    return np.asarray(np.where(brightest > 1, array / np.float32(255), array), array.dtype)


def info_of(network: TrainedNetwork) -> OwnNetworkInfo:
    """Return what an exported network would say of itself."""
    inputs = network.stack.surroundings.inputs or ()
    kind, recipe = described.dataset_type(network, inputs), None
    if kind == "img" and len(inputs) == 3 and inputs[0] and inputs[1] and inputs[2]:
        recipe = described.preprocess_of(network, (inputs[0], inputs[1], inputs[2]), network.highest)
    size = (1, *(length or 0 for length in inputs))
    task: Any = network.task
    return OwnNetworkInfo(kind, size, task, network.classes, network.word2idx, recipe, "BaseNN")


def _label_hint() -> str:
    return say(
        "A table whose last column is the label needs label=True.", "如果表格最后一列是标签，请使用 label=True。"
    )


def computed(model: nn.Module, array: npt.NDArray[Any], device: torch.device) -> npt.NDArray[np.float32]:
    """Return what a network gives for an array, a part of it at a time."""
    model.to(device).eval()
    step = max(1, _NUMBERS_AT_ONCE // max(1, int(np.prod(array.shape[1:]))))
    with torch.inference_mode():
        parts = [
            _output(model, torch.from_numpy(np.ascontiguousarray(array[start : start + step])).to(device))
            for start in range(0, len(array), step)
        ]
    return np.concatenate(parts)


def _output(model: nn.Module, inputs: Tensor) -> npt.NDArray[np.float32]:
    try:
        outputs: npt.NDArray[np.float32] = model(inputs).float().cpu().numpy()
    except (RuntimeError, ValueError, IndexError) as error:
        if "out of memory" in str(error):
            raise
        raise _does_not_fit(tuple(inputs.shape), error) from error
    return outputs


def _does_not_fit(shape: tuple[int, ...], error: Exception) -> InputMismatch:
    reason = first_line(error)
    found = " × ".join(map(str, shape))
    return InputMismatch(
        say(
            f"The network cannot compute with data of {found}: {reason}", f"网络无法处理形状为 {found} 的数据：{reason}"
        ),
        hint=say("Give data like those of the training.", "请给出与训练数据形状相同的数据。"),
    )


def _is_batches(data: Any) -> bool:
    """Tell whether these are batches of ``load_…``, or of torch's ``DataLoader``."""
    return isinstance(data, Iterable) and (hasattr(data, "held_out") or hasattr(data, "batch_sampler"))


def _of_batches(model: nn.Module, batches: Iterable[Any], device: torch.device) -> Answer:
    results: list[npt.NDArray[Any]] = []
    labels: list[npt.NDArray[Any]] = []
    model.to(device).eval()
    for inputs, targets in _pairs(batches):
        with torch.inference_mode():
            results.append(_output(model, inputs.to(device)))
        labels.append(np.asarray(targets))
    return Answer(np.concatenate(results), np.concatenate(labels))


def _pairs(batches: Iterable[Any]) -> Iterator[tuple[Tensor, Any]]:
    for batch in batches:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2 or not isinstance(batch[0], Tensor):
            raise ParameterInvalid(
                say("These batches are not pairs of data and labels.", "这些批次不是（数据，标签）对。"),
                hint=say("Give what load_… returned.", "请使用 load_… 返回的数据。"),
            )
        yield batch[0], batch[1]
