"""A network as cards: which layers there are, how those that are laid fit, what it could begin with. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from BaseDT.argument_schema import Argument, arguments_of
from BaseDT.arguments import invalid
from BaseDT.errors import ParameterInvalid, XEduError
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from BaseNN.layers.activations import ACTIVATIONS
from BaseNN.layers.kind import LayerKind, Surroundings, all_kinds
from BaseNN.layers.sizes import Shape, words
from BaseNN.layers.stack import Layer, Stack

Plain: TypeAlias = "list[dict[str, Any]]"
_AT_ONCE = ("size", "kernel_size", "p", "num_blocks")
"""Arguments that a card shows at once."""
_BEGIN: Mapping[str, Mapping[str, Any]] = {
    "linear": {"size": 10},
    "conv1d": {"size": 8, "kernel_size": 3},
    "conv2d": {"size": 8, "kernel_size": 3},
    "maxpool": {"kernel_size": 2},
    "avgpool": {"kernel_size": 2},
    "lstm": {"size": 16},
    "action_model": {"size": 32},
    "res_block": {"size": 16},
    "res_bottleneck": {"size": 16},
}
"""What a card begins with, where its layer wants more than nothing."""
_FIRST = ("linear", "conv2d", "maxpool", "dropout", "batchnorm1d", "batchnorm2d", "avgpool", "reshape")
"""Layers that stand first in the choice, as they are used most."""
_USUAL = _FIRST[:6]
"""Those that are offered at once; the others are folded away."""
MOST = 60
"""Layers of a network that is laid by hand."""
TASKS = ("cls", "reg")


def kinds() -> list[dict[str, Any]]:
    """List the layers: ``name``, ``shows``, ``arguments`` (JSON schema), ``first``, which of them are asked at once."""
    return [_card(kind) for kind in _offered()]


def activations() -> list[dict[str, str]]:
    """List what may follow a layer: ``name`` and ``shows``."""
    return [{"name": name, "shows": say(*shows)} for name, shows in ACTIVATIONS.items()]


def laying(around: Surroundings, task: str, layers: object) -> dict[str, Any]:
    """Say how layers fit.

    Args:
        around: What the data tell.
        task: ``cls`` or ``reg``.
        layers: ``[{layer, activation, arguments}]``.

    Returns:
        ``inputs``; ``layers``, of each ``incoming``, ``outgoing``, ``arguments`` (complete) and ``error`` (message and
        hint, or None); ``ends``: whether the last one gives what is told, with a sentence, and ``fit``,
        the layer that would, with ``replaces``: whether it takes the last one's place; ``at``: where one more layer
        goes, before the last one where that gives what is told; ``next``: which layer could stand there, with the
        arguments that it begins with, and why it cannot.

    Raises:
        ParameterInvalid: These are no layers (-305).
    """
    stack, told, is_whole = Stack(around), [], True
    for asked in _plain_layers(layers):
        incoming = stack.outgoing
        try:
            stack = _added(stack, asked)
            laid = stack.layers[-1]
            told.append(_told(incoming, laid.outgoing, laid.arguments, None))
        except XEduError as error:
            is_whole = False
            stack = stack.add_own("?", None, None)  # the next ones keep their numbers
            told.append(_told(incoming, None, asked["arguments"], error))
    ends = {**_ends(stack, around, task, is_whole), "fit": None}
    if is_whole and not ends["good"]:
        ends["fit"] = _fit(stack, around, task)
    at = max(len(told) - 1, 0) if ends["good"] and stack.layers[-1].layer == "linear" else len(told)
    before = replace(stack, layers=stack.layers[:at])
    return {
        "inputs": _listed(around.inputs),
        "layers": told,
        "ends": ends,
        "at": at,
        "next": [_next(before, kind) for kind in _offered()],
    }


def checked_layers(
    around: Surroundings, task: str, layers: object
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return layers as they were asked for, and as a program writes them: sizes complete.

    Raises:
        ParameterInvalid, ParameterUnknown: One does not fit; the message names it (-305, -501).
    """
    stack, plain = Stack(around), _plain_layers(layers)
    for asked in plain:
        stack = _added(stack, asked)
    ends = _ends(stack, around, task, True)
    if not ends["fits"]:
        raise ParameterInvalid(ends["message"], hint=ends["hint"])
    return plain, [_written(layer) for layer in stack.layers]


def suggestion(around: Surroundings, task: str, *, even: bool) -> list[dict[str, Any]]:
    """Return layers that fit some data, to begin with.

    Args:
        around: What the data tell.
        task: ``cls`` or ``reg``.
        even: Whether the columns of a table are of one size; others are brought to one first.
    """
    last = _last_layer(around, task)
    inputs = around.inputs or ()
    if len(inputs) == 3 and min(length or 0 for length in inputs[1:]) >= 12:
        return [
            _layer("conv2d", "relu", size=8, kernel_size=3),
            _layer("maxpool", "", kernel_size=2),
            _layer("conv2d", "relu", size=16, kernel_size=3),
            _layer("maxpool", "", kernel_size=2),
            last,
        ]
    return [*([] if even else [_layer("batchnorm1d", "")]), _layer("linear", "relu", size=16), last]


def _offered() -> list[LayerKind]:
    found = [kind for kind in all_kinds().values() if not kind.whole]
    order = {name: at for at, name in enumerate(_FIRST)}
    return sorted(found, key=lambda kind: (order.get(kind.name, len(order)), kind.name))


def _card(kind: LayerKind) -> dict[str, Any]:
    listed = [item for item in arguments_of(kind.arguments) if not item.python_only]
    return {
        "name": kind.name,
        "shows": say(*kind.shows),
        "usual": kind.name in _USUAL,
        "arguments": {"type": "object", "properties": {item.name: _schema(item) for item in listed}},
        "first": [item.name for item in listed if item.name in _AT_ONCE or item.first],
    }


def _schema(item: Argument) -> dict[str, Any]:
    """Return an argument for a form, in which one number stands for a list of one."""
    described = item.schema()
    default = described["default"]
    return {**described, "default": default[0]} if isinstance(default, list) and len(default) == 1 else described


def _plain_layers(layers: object) -> list[dict[str, Any]]:
    if not isinstance(layers, list) or len(layers) > MOST:
        raise invalid("layers", layers, f"a list of at most {MOST} layers", f"不超过 {MOST} 层的列表")
    return [_plain_layer(layer) for layer in layers]


def _plain_layer(layer: object) -> dict[str, Any]:
    given = layer if isinstance(layer, dict) else {}
    name, activation, arguments = given.get("layer"), given.get("activation") or "", given.get("arguments") or {}
    if not isinstance(name, str) or not isinstance(activation, str) or not isinstance(arguments, dict):
        raise invalid("layers", layer, "layers with their names and arguments", "带有名称和参数的层")
    if name.lower() not in {kind.name for kind in _offered()}:
        raise ParameterInvalid(
            say(f"The studio has no layer {quoted(name, 40)}.", f"studio 中没有层 {quoted(name, 40)}。"),
            hint=say("Choose one of the list.", "请从列表中选择。"),
        )
    return {"layer": name, "activation": activation, "arguments": arguments}


def _added(stack: Stack, asked: Mapping[str, Any]) -> Stack:
    return stack.add(asked["layer"], asked["activation"] or None, asked["arguments"])


def _told(
    incoming: Shape | None, outgoing: Shape | None, arguments: Mapping[str, Any], error: XEduError | None
) -> dict[str, Any]:
    return {
        "incoming": _listed(incoming),
        "outgoing": _listed(outgoing),
        "arguments": {name: _plain(value) for name, value in arguments.items()},
        "error": None if error is None else {"message": error.message, "hint": error.hint},
    }


def _next(stack: Stack, kind: LayerKind) -> dict[str, Any]:
    arguments = dict(_BEGIN.get(kind.name, {}))
    try:
        stack.add(kind.name, None, arguments)
    except XEduError as error:
        return {"layer": kind.name, "arguments": arguments, "fits": False, "why": error.message}
    return {"layer": kind.name, "arguments": arguments, "fits": True, "why": ""}


def _ends(stack: Stack, around: Surroundings, task: str, is_whole: bool) -> dict[str, Any]:
    """Say whether what comes out at the end is what is told."""
    if not stack.layers:
        return _end(False, say("Add a first layer.", "请添加第一层。"))
    if not is_whole or stack.outgoing is None:
        return _end(is_whole, "")
    wants, gives = around.classes if task == "cls" else 1, stack.outgoing
    count = gives[0] if len(gives) == 1 else None
    fit = say(f"Let the last layer be linear with size={wants}.", f"让最后一层为 linear，size={wants}。")
    if count is None or count < wants or (task == "reg" and count != 1):
        told = _to_be_told(wants, task)
        en = f"The last layer gives {words(gives)}, but {english(told)}."
        return _end(False, say(en, f"最后一层输出 {words(gives)}，而{told}。"), fit)
    if count > wants:
        en = f"{count} numbers come out for {wants} classes: some are never used."
        return _end(True, say(en, f"输出 {count} 个数，但只有 {wants} 个类别：有些用不到。"), fit, good=False)
    return _last_activation(stack.layers[-1], wants, task)


def _fit(stack: Stack, around: Surroundings, task: str) -> dict[str, Any] | None:
    """Return the layer that makes the end fit; None where there is none."""
    replaces = bool(stack.layers) and stack.layers[-1].layer == "linear"
    before = replace(stack, layers=stack.layers[:-1]) if replaces else stack
    fits = _last_layer(around, task)
    try:
        good = _ends(_added(before, fits), around, task, True)["good"]
    except XEduError:
        return None
    return {**fits, "replaces": replaces} if good else None


def _last_layer(around: Surroundings, task: str) -> dict[str, Any]:
    if task == "cls":
        return _layer("linear", "softmax", size=max(around.classes, 1))
    return _layer("linear", "", size=1)


def _to_be_told(wants: int, task: str) -> str:
    if task == "cls":
        return say(f"{wants} classes are to be told", f"需要判断 {wants} 个类别")
    return say("one number is to be told", "需要预测 1 个数")


def _last_activation(last: Layer, wants: int, task: str) -> dict[str, Any]:
    active = last.activation
    if task == "cls" and active in ("relu", "leakyrelu", "tanh", "sigmoid"):
        message = say(f"{active} at the end makes it learn badly.", f"最后用 {active} 会影响学习效果。")
        return _end(True, message, say("Take softmax, or nothing.", "请用 softmax，或不用激活函数。"), good=False)
    if task == "reg" and active in ("softmax", "sigmoid", "tanh"):
        en = f"With {active} at the end no number beyond 1 comes out."
        message = say(en, f"最后用 {active} 时，输出不会超过 1。")
        return _end(True, message, say("Take nothing there.", "最后一层请不用激活函数。"), good=False)
    if task == "cls":
        en = f"Fits: a number for each of the {wants} classes."
        return _end(True, say(en, f"合适：{wants} 个类别各输出一个数。"))
    return _end(True, say("Fits: one number comes out.", "合适：输出 1 个数。"))


def _end(fits: bool, message: str, hint: str = "", *, good: bool | None = None) -> dict[str, Any]:
    return {"fits": fits, "good": fits if good is None else good, "message": message, "hint": hint}


def _written(layer: Layer) -> dict[str, Any]:
    """Return a layer as it was asked for, its size complete: that is what the documents write."""
    size = {"size": layer.arguments["size"]} if layer.arguments.get("size") is not None else {}
    arguments = {name: _plain(value) for name, value in {**size, **layer.given, **size}.items()}
    return {"layer": layer.layer, "activation": layer.activation, "arguments": arguments}


def _layer(name: str, activation: str, **arguments: Any) -> dict[str, Any]:
    return {"layer": name, "activation": activation, "arguments": arguments}


def _listed(shape: Shape | None) -> list[int | None] | None:
    return None if shape is None else list(shape)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else value


def check_task(task: object) -> str:
    """Return the kind of answer that a network gives.

    Raises:
        ParameterInvalid: It is neither (-305).
    """
    if task in TASKS:
        return str(task)
    raise invalid("task", task, "cls or reg", " cls 或 reg")


def of_shape(inputs: Sequence[int], classes: int) -> Surroundings:
    """Return what is known of data before they are loaded."""
    return Surroundings(inputs=tuple(inputs), classes=classes, channels=inputs[0] if len(inputs) == 3 else 0)
