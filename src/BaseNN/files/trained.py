"""``TrainedNetwork``: a network with all that is known of it; files are written and read as this."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from torch import Tensor, nn

from BaseDT.errors import CheckpointInvalid, ParameterInvalid, XEduError
from BaseDT.files import write_whole
from BaseDT.language import english, say
from BaseNN.data import transforms, vocabularies
from BaseNN.layers.building import build
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack
from BaseNN.learning.tasks import TASKS
from MMEdu.engine import checkpoint

KINDS = ("img", "tab", "npz", "other", "")
KEPT = ("device", "dataset_size", "learning_rate", "epoch", "time", "loss", "highest")
"""What a file says of the training, by documented names; and the highest value that was learned from."""
_FORMAT = 1


@dataclass(frozen=True)
class TrainedNetwork:
    """A network that can answer.

    Attributes:
        model: In evaluation mode, on the processor.
        stack: Its layers; what they are is plain data.
        task: ``cls``, ``reg`` or ``gen``.
        dataset_type: ``img``, ``tab``, ``npz`` or ``other``; empty where it was never trained.
        classes: Names by label.
        word2idx: Words by number.
        color: Of pictures.
        transform: Of pictures, plain data.
        meta: Everything else that the file says, plain data: documented names (``dataset_size``, ``epoch``, …).
    """

    model: nn.Module
    stack: Stack
    task: str
    dataset_type: str = ""
    classes: tuple[str, ...] = ()
    word2idx: Mapping[str, int] = field(default_factory=dict)
    color: str = ""
    transform: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def highest(self) -> float | None:
        """The highest value that it learned from: pictures that were read go to 1, others are as the user gave them.

        None where nobody knows it any more.
        """
        known = 1.0 if self.dataset_type == "img" else self.meta.get("highest")
        return float(known) if isinstance(known, (int, float)) else None


def plain_meta(network: TrainedNetwork) -> dict[str, Any]:
    """Return what a file says of a network beside its weights: plain data, documented names first."""
    around = network.stack.surroundings
    inputs = None if around.inputs is None else list(around.inputs)
    return {
        "tool": "BaseNN",
        "backbone": " - ".join(layer.layer or layer.module or layer.activation for layer in network.stack.layers),
        "device": "cpu",
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
        **network.meta,
        "format": _FORMAT,
        "task": network.task,
        "dataset_type": network.dataset_type,
        "input_size": None if inputs is None else [1, *inputs],
        "color": network.color,
        "transform": dict(network.transform),
        "CLASSES": list(network.classes),
        "word2idx": dict(network.word2idx),
        "layers": network.stack.to_plain(),
        "surroundings": {
            "inputs": inputs,
            "classes": around.classes,
            "vocabulary": around.vocabulary,
            "channels": around.channels,
        },
    }


def kept(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is remembered of a file's ``meta``: what the training was like, of which kind the data were."""
    return {name: meta[name] for name in (*KEPT, "dataset_type") if name in meta}


def write(network: TrainedNetwork, path: Path) -> None:
    """Write a network: tensors and plain data alone, whole or not at all.

    Raises:
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    write_plain(network.model, plain_meta(network), path)


def write_plain(model: nn.Module, meta: Mapping[str, Any], path: Path) -> None:
    """Write the weights of a network with its ``plain_meta``."""
    state = {name: value.detach().cpu() for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    write_whole(path, checkpoint.to_bytes({"state_dict": state, "meta": dict(meta)}))


def is_ours(content: object) -> TypeGuard[dict[str, Any]]:
    """Whether what ``torch.load`` gave is what ``write_plain`` wrote."""
    if not isinstance(content, dict) or not isinstance(content.get("meta"), dict):
        return False
    state = content.get("state_dict")
    is_state = isinstance(state, dict) and all(isinstance(v, Tensor) for v in state.values())
    return is_state and "layers" in content["meta"] and "surroundings" in content["meta"]


def of_content(file: Path, content: Mapping[str, Any], own: Mapping[int, nn.Module]) -> TrainedNetwork:
    """Build the network of a file of ours.

    Args:
        file: For messages.
        content: What ``is_ours``.
        own: Modules of the user's own, by number of the layer, for files that name some.

    Raises:
        CheckpointInvalid: It was edited, or is damaged (-202).
    """
    return _network(file, content["state_dict"], content["meta"], own)


def _network(
    file: Path, state: Mapping[str, Tensor], meta: Mapping[str, Any], own: Mapping[int, nn.Module]
) -> TrainedNetwork:
    stack = Stack.from_plain(meta["layers"], _surroundings(file, meta["surroundings"]))
    try:
        model = build(stack, own)
    except ParameterInvalid as error:
        raise CheckpointInvalid(
            say(f"{file}: {english(error.message)}", f"{file}：{error.message}"), hint=error.hint
        ) from None
    try:
        model.load_state_dict(dict(state))
    except RuntimeError as error:
        raise _edited(file, "state_dict") from error
    known = plain_meta(TrainedNetwork(model, stack, "cls")).keys() - {"tool", "backbone", "device", "time"}
    others = {name: value for name, value in meta.items() if name not in known}
    return TrainedNetwork(
        model.eval(),
        stack,
        _one_of(file, meta, "task", TASKS),
        _one_of(file, meta, "dataset_type", KINDS),
        _texts(file, meta, "CLASSES"),
        _words(file, meta.get("word2idx")),
        _one_of(file, meta, "color", ("", "RGB", "grayscale")),
        _transform(file, meta.get("transform")),
        others,
    )


def _surroundings(file: Path, values: object) -> Surroundings:
    counts = ("classes", "vocabulary", "channels")
    if not isinstance(values, dict) or not all(_is_count(values.get(name)) for name in counts):
        raise _edited(file, "surroundings")
    inputs = values.get("inputs")
    if inputs is not None and not (isinstance(inputs, list) and all(v is None or _is_count(v) for v in inputs)):
        raise _edited(file, "surroundings")
    shape = None if inputs is None else tuple(inputs)
    return Surroundings(shape, *(values[name] for name in counts))


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _one_of(file: Path, meta: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    value = meta.get(name)
    if value not in choices:
        raise _edited(file, name)
    return str(value)


def _texts(file: Path, meta: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = meta.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _edited(file, name)
    return tuple(values)


def _words(file: Path, values: object) -> Mapping[str, int]:
    try:
        return vocabularies.checked(values) if values else {}
    except XEduError:
        raise _edited(file, "word2idx") from None


def _transform(file: Path, values: object) -> Mapping[str, Any]:
    try:
        return transforms.checked_transform(values)
    except XEduError:
        raise _edited(file, "transform") from None


def _edited(file: Path, name: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(f"The {name} in {file} cannot be used.", f"{file} 中的 {name} 无法使用。"),
        hint=say("The file was edited or damaged: save the network again.", "文件被修改过或已损坏：请重新保存模型。"),
    )
