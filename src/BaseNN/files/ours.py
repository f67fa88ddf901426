"""Files of ours are read: every part is checked, nothing is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from torch import Tensor, nn

from BaseDT.arguments import is_number
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, XEduError
from BaseDT.language import english, say
from BaseNN.data import transforms, vocabularies
from BaseNN.files.trained import KEPT, TrainedNetwork, is_control, of_the_network
from BaseNN.layers.building import build
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack
from BaseNN.tasks import TASKS

KINDS = ("img", "tab", "npz", "other", "")
_ANEW = ("tool", "backbone", "device", "time")
"""What is said anew whenever a network is written."""
_PARTS = ("layers", "surroundings")


def is_ours(content: object) -> TypeGuard[dict[str, Any]]:
    """Whether what ``torch.load`` gave is what ``trained.write_plain`` wrote."""
    if not isinstance(content, dict) or not isinstance(content.get("meta"), dict):
        return False
    state, meta = content.get("state_dict"), content["meta"]
    is_state = isinstance(state, dict) and all(isinstance(v, Tensor) for v in state.values())
    return is_state and (any(part in meta for part in _PARTS) or (meta.get("tool") == "BaseNN" and "format" in meta))


def of_content(file: Path, content: Mapping[str, Any], own: Mapping[int, nn.Module]) -> TrainedNetwork:
    """Build the network of a file of ours.

    Args:
        file: For messages.
        content: What ``is_ours``.
        own: Modules of the user's own, by number of the layer, for files that name some.

    Raises:
        CheckpointInvalid: It was edited, or is damaged (-202).
    """
    meta = content["meta"]
    stack = stack_of(file, meta)
    try:
        model = build(stack, own)
    except ParameterInvalid as error:
        raise CheckpointInvalid(
            say(f"{file}: {english(error.message)}", f"{file}：{error.message}"), hint=error.hint
        ) from None
    try:
        model.load_state_dict(dict(content["state_dict"]))
    except RuntimeError as error:
        raise _edited(file, "state_dict") from error
    return _described(file, meta, model.eval(), stack)


def checked_meta(file: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file of ours says of its network, which ``of_content`` would build.

    Raises:
        CheckpointInvalid: It was edited, or is damaged (-202).
    """
    meta: dict[str, Any] = content["meta"]
    stack = stack_of(file, meta)
    if any(layer.module for layer in stack.layers):  # only who has the user's modules can build it
        _described(file, meta, nn.Sequential(), stack)
    else:
        check_weights(file, of_content(file, content, {}).model)
    return meta


def check_weights(file: Path, model: nn.Module) -> None:
    """Refuse weights that are no numbers: such a network answers NaN to everything.

    Raises:
        CheckpointInvalid: There are some (-202).
    """
    if all(bool(value.isfinite().all()) for value in model.state_dict().values()):
        return
    raise CheckpointInvalid(
        say(f"Weights in {file} are no numbers (NaN or infinite).", f"{file} 中的权重含有 NaN 或无穷大。"),
        hint=say("Train the network again, with a smaller lr.", "请用更小的 lr 重新训练。"),
    )


def stack_of(file: Path, meta: Mapping[str, Any]) -> Stack:
    """Return the layers that a file describes.

    Raises:
        CheckpointInvalid: They are not there, or cannot be meant (-202).
    """
    if any(part not in meta for part in _PARTS):
        raise CheckpointInvalid(
            say(f"The description of the layers is missing in {file}.", f"{file} 中缺少对网络层的描述。"),
            hint=say(
                "The file was edited or damaged: save the network again.", "文件被修改过或已损坏：请重新保存模型。"
            ),
        )
    return Stack.from_plain(meta["layers"], _surroundings(file, meta["surroundings"]))


def _described(file: Path, meta: Mapping[str, Any], model: nn.Module, stack: Stack) -> TrainedNetwork:
    """Return a network with all that a file says of it, checked."""
    network = TrainedNetwork(
        model,
        stack,
        _one_of(file, meta, "task", TASKS),
        _one_of(file, meta, "dataset_type", KINDS),
        _names(file, meta, "CLASSES"),
        _words(file, meta.get("word2idx")),
        _one_of(file, meta, "color", ("", "RGB", "grayscale")),
        _transform(file, meta.get("transform")),
    )
    said = (*of_the_network(network), *_ANEW)
    for name in (*KEPT, *_ANEW):
        if meta.get(name) is not None and not is_said(name, meta[name]):
            raise _edited(file, name)
    return replace(network, meta={name: value for name, value in meta.items() if name not in said})


def is_said(name: str, value: object) -> bool:
    """Whether it is what a training says of itself: a number, or a line of text."""
    return is_number(value) or (name != "highest" and isinstance(value, str) and not _acts(value))


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


def _names(file: Path, meta: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = meta.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) and not _acts(value) for value in values):
        raise _edited(file, name)
    return tuple(values)


def _acts(text: str) -> bool:
    """Whether a terminal would do something in place of showing a text: it holds control characters."""
    return any(map(is_control, text))


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
