"""A file of the original becomes a network of ours: ``.pth`` of BaseNN 2.0, ``.pkl`` of older ones and of MMBase.

They hold whole modules. Nothing in them is run: see ``nodes``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from BaseDT.errors import CheckpointInvalid, ModelUnsupported, ParameterInvalid, ParameterUnknown
from BaseDT.escaping import one_line
from BaseDT.language import english, say
from BaseNN.files.foreign import translating
from BaseNN.files.foreign.nodes import Node, Numbers, is_larger_than_its_data
from BaseNN.files.foreign.translating import Added
from BaseNN.files.ours import is_said
from BaseNN.files.trained import TrainedNetwork
from BaseNN.layers import building
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack

_SIDES = (28, 32, 64, 224, 128, 96, 256, 16, 48, 100, 112, 150, 200, 160, 320, 8)
"""Of pictures whose size no file tells: those that are tried, the likeliest first."""
_PLAIN = ("dataset_size", "learning_rate", "epoch", "time", "tool")
_MOST_CLASSES = 100_000


@dataclass(frozen=True)
class _Content:
    """What a file says.

    Attributes:
        network: Its module; None of text networks, whose file holds weights alone.
        weights: These, by name.
        meta: What it says of itself.
    """

    network: Node | None
    weights: Sequence[tuple[str, Tensor]] = ()
    meta: Mapping[Any, Any] = field(default_factory=dict)


def of_content(file: Path, loaded: object, own: Mapping[int, nn.Module]) -> TrainedNetwork:
    """Build the network of a file that the original wrote.

    Args:
        file: For messages.
        loaded: What lies in it, read with ``nodes.safe_globals``.
        own: Modules of the user's own, by number of the layer, counted from 0, for files that hold some.

    Raises:
        CheckpointInvalid: It holds no network, or a damaged one (-202).
        ModelUnsupported: It holds a layer that is not rebuilt (-206); the message names it.
    """
    content = _content(loaded, file)
    try:
        return _rebuilt(_layers(content), content, own)
    except ModelUnsupported:
        raise
    except (ValueError, KeyError, TypeError, RecursionError, ParameterInvalid, ParameterUnknown) as error:
        raise _damaged(file, error) from error


def _content(loaded: object, file: Path) -> _Content:
    """Tell the forms apart: {'meta', 'state_dict'}, [classes, module], the bare module."""
    if isinstance(loaded, Node):
        return _Content(loaded)
    if isinstance(loaded, list) and len(loaded) == 2 and isinstance(loaded[1], Node):
        return _Content(loaded[1], meta={"CLASSES": loaded[0]})
    if isinstance(loaded, dict):
        meta = loaded.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        state = loaded.get("state_dict")
        if isinstance(state, Node):
            return _Content(state, meta=meta)
        if isinstance(state, dict) and "word2idx" in meta and all(isinstance(v, Tensor) for v in state.values()):
            return _Content(None, [(str(name), value) for name, value in state.items()], meta)
    raise CheckpointInvalid(
        say(f"{file} holds no network of BaseNN.", f"{file} 不是 BaseNN 的模型文件。"),
        hint=say(
            "Use a .pth file that nn.train or nn.save wrote; files of MMEdu are loaded by its own classes.",
            "请使用 nn.train 或 nn.save 生成的 .pth 文件；MMEdu 的权重文件请用 MMEdu 的类载入。",
        ),
    )


def _layers(content: _Content) -> list[Added]:
    return (
        [translating.words_of(content.weights)] if content.network is None else translating.layers_of(content.network)
    )


def _rebuilt(layers: Sequence[Added], content: _Content, own: Mapping[int, nn.Module]) -> TrainedNetwork:
    classes, words = _classes(content.meta.get("CLASSES")), _words(content.meta.get("word2idx"))
    size = _size(content.meta.get("input_size"))
    known = Surroundings(None, _outputs(layers) or len(classes), len(words), _channels(layers))
    stack = _laid(layers, known, own)
    inputs = size or _guessed(stack, layers)
    if inputs is not None:
        stack = stack.fitted_to(Surroundings(inputs, known.classes, known.vocabulary, known.channels))
    translating.check_same(layers, stack)
    model = building.build(stack, own)
    _fill(model, [pair for layer in layers for pair in layer.tensors])
    color = content.meta.get("color")
    return TrainedNetwork(
        model.eval(),
        stack,
        _task(layers, words),
        _dataset_type(content.meta.get("dataset_type")),
        classes,
        words,
        color if isinstance(color, str) else "",
        _transform(content.meta.get("transform"), inputs),
        {name: content.meta[name] for name in _PLAIN if is_said(name, content.meta.get(name))},
    )


def _laid(layers: Sequence[Added], known: Surroundings, own: Mapping[int, nn.Module]) -> Stack:
    stack = Stack(known)
    for number, layer in enumerate(layers):
        if layer.own:
            if type(own.get(number)).__name__ != layer.layer:
                raise translating.unsupported(str(layer.layer), number)
            stack = stack.add_own(str(layer.layer), layer.activation or None, None)
        else:
            stack = stack.add(layer.layer, layer.activation or None, layer.arguments)
    return stack


def _fill(model: nn.Module, tensors: Sequence[tuple[str, Tensor]]) -> None:
    """Put a file's numbers into a network of the same layers: one by one, in the order that both have.

    Raises:
        ValueError: They are others than the layers have.
    """
    state = {name: value for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    if len(state) != len(tensors):
        raise ValueError(f"{len(tensors)} tensors for {len(state)}")
    for (name, value), (told, given) in zip(state.items(), tensors, strict=True):
        if is_larger_than_its_data(given) or given.shape != value.shape or not given.dtype.is_floating_point:
            raise ValueError(f"{told} {tuple(given.shape)} for {name} {tuple(value.shape)}")
        with torch.no_grad():
            value.copy_(given)


def _size(value: object) -> tuple[int, ...] | None:
    """Return the shape of one sample of what a file calls ``input_size``."""
    listed = value.values if isinstance(value, Numbers) else value
    if not isinstance(listed, (list, tuple)) or not 2 <= len(listed) <= 4:
        return None
    return tuple(listed[1:]) if all(type(item) is int and 0 < item < 2**16 for item in listed) else None


def _guessed(stack: Stack, layers: Sequence[Added]) -> tuple[int, ...] | None:
    """Return the shape of a sample that a file does not tell, where it follows from the layers; else None."""
    first = next((layer for layer in layers if layer.layer in ("linear", "conv2d")), None)
    if first is None:
        return None
    wanted = int(first.arguments["size"][0])
    shapes = [(wanted,)] if first.layer == "linear" else [(wanted, side, side) for side in _SIDES]
    for shape in shapes:
        try:
            stack.fitted_to(Surroundings(shape, stack.surroundings.classes))
        except (ParameterInvalid, ParameterUnknown):
            continue
        return shape
    return None


def _outputs(layers: Sequence[Added]) -> int:
    """Return how many classes MobileNetV2 tells apart: as many as its last layer has numbers."""
    last = [value for layer in layers if layer.layer == "mobilenet" for _, value in layer.tensors][-1:]
    return int(last[0].shape[0]) if last and last[0].ndim == 1 else 0


def _channels(layers: Sequence[Added]) -> int:
    """Return the channels of pictures that MobileNetV2 takes; 0 where there is none."""
    first = [layer.tensors[0][1] for layer in layers if str(layer.layer).startswith("mobilenet") and layer.tensors]
    return int(first[0].shape[1]) if first and first[0].ndim == 4 else 0


def _classes(value: object) -> tuple[str, ...]:
    """Return the names of a list, or of a dictionary one way round or the other."""
    if isinstance(value, dict):
        names: list[Any] = list(value) if value and isinstance(next(iter(value)), str) else list(value.values())
    else:
        names = list(value) if isinstance(value, (list, tuple)) else []
    plain = all(isinstance(name, (str, int, float)) for name in names) and len(names) <= _MOST_CLASSES
    return tuple(map(str, names)) if plain else ()


def _words(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    if not all(isinstance(word, str) and type(number) is int for word, number in value.items()):
        raise ValueError("word2idx")
    return dict(value)


def _task(layers: Sequence[Added], words: Mapping[str, int]) -> str:
    """Return what a network is for, which no file tells: one number without a limit is estimated."""
    if words:
        return "gen"
    last = layers[-1] if layers else Added(None)
    return "reg" if last.layer == "linear" and last.arguments["size"][1] == 1 and not last.activation else "cls"


def _dataset_type(value: object) -> str:
    return str(value) if value in ("img", "tab", "npz", "other") else ""


def _transform(value: object, inputs: tuple[int, ...] | None) -> dict[str, Any]:
    """Return what brings pictures into shape: what else was done to them was for the training alone."""
    steps = value.get("transforms") if isinstance(value, Node) else None
    kinds = {step.kind: step for step in steps if isinstance(step, Node)} if isinstance(steps, list) else {}
    if not {"Resize", "CenterCrop"} & set(kinds) or inputs is None or len(inputs) != 3:
        return {}
    if "CenterCrop" not in kinds:
        return {"Resize": list(inputs[1:])}
    size = kinds["Resize"].get("size") if "Resize" in kinds else None
    both = [size, size] if isinstance(size, int) else list(size) if isinstance(size, (list, tuple)) else []
    whole = {"Resize": both} if len(both) == 2 and all(type(side) is int for side in both) else {}
    return {**whole, "CenterCrop": list(inputs[1:])}


def _damaged(file: Path, error: Exception) -> CheckpointInvalid:
    reason = getattr(error, "message", None) or one_line(str(error)) or type(error).__name__
    return CheckpointInvalid(
        say(
            f"The network in {file} cannot be rebuilt: {english(reason)}",
            f"无法重建 {file} 中的网络：{reason}",
        ),
        hint=say(
            "The file is damaged, or of another program: copy it again, or train anew.",
            "文件已损坏或来自其他程序：请重新复制，或重新训练。",
        ),
    )
