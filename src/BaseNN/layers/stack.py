"""``Stack``: the layers of a network as plain data, checked as they are laid. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from BaseDT import argument_schema
from BaseDT.arguments import check_choice, unknown_parameter
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, ParameterUnknown, XEduError
from BaseDT.escaping import one_line, quoted
from BaseDT.language import english, say
from BaseNN.layers.activations import checked_activation
from BaseNN.layers.kind import LayerKind, Surroundings, all_kinds
from BaseNN.layers.sizes import Shape, check_weights, count_of

MOST_LAYERS = 1000


@dataclass(frozen=True)
class Layer:
    """One call of ``add``.

    Attributes:
        layer: Name of its kind; empty where only an activation was added, or a module of the user's own.
        arguments: As complete as the incoming shape allows, plain data.
        activation: Its name; empty for none.
        outgoing: Shape that comes out, after the activation; None where it is unknown.
        module: Description of a module of the user's own; empty for the kinds of the table.
        given: The arguments as they were given: what is laid anew over other data.
    """

    layer: str
    arguments: Mapping[str, Any]
    activation: str = ""
    outgoing: Shape | None = None
    module: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> LayerKind | None:
        """Its kind; None of an activation alone, and of a module of the user's own."""
        return all_kinds()[self.layer] if self.layer else None


@dataclass(frozen=True)
class Stack:
    """A network that is being laid.

    Attributes:
        surroundings: What the data tell.
        layers: In order.
    """

    surroundings: Surroundings = field(default_factory=Surroundings)
    layers: tuple[Layer, ...] = ()

    @property
    def outgoing(self) -> Shape | None:
        """What comes out of the last layer; what goes in where there is none."""
        return self.layers[-1].outgoing if self.layers else self.surroundings.inputs

    def incoming(self, number: int) -> Shape | None:
        """What goes into a layer; they are counted from 0."""
        return self.layers[number - 1].outgoing if number else self.surroundings.inputs

    @property
    def is_whole(self) -> bool:
        """Whether it is a layer that is a whole network, which takes no further ones."""
        return any(layer.kind is not None and layer.kind.whole for layer in self.layers)

    def add(self, layer: str | None, activation: str | None, arguments: Mapping[str, Any]) -> Stack:
        """Return the stack with one more layer.

        A layer that is a whole network takes the place of those before it.

        Raises:
            ParameterInvalid: There is no such layer, or it does not fit (-305); the message names the layer by number
                and kind, what comes in, what it wants, and the size that would fit.
            ParameterUnknown: The layer takes no such argument (-501).
        """
        active = checked_activation(activation)
        if layer is None:
            if not active:
                raise _nothing_to_add()
            if arguments:
                raise unknown_parameter("add()", next(iter(arguments)), ("layer", "activation", "optimizer"))
            return self._with(Layer("", {}, active, self.outgoing))
        kind = _kind(layer)
        before = replace(self, layers=()) if kind.whole else self
        return before._with(before._laid(kind, active, arguments))

    def add_own(self, module: str, activation: str | None, outgoing: Shape | None) -> Stack:
        """Return the stack with a module of the user's own.

        Args:
            module: What it is called.
            activation: As for ``add``.
            outgoing: What comes out of it; None where it is unknown.
        """
        return self._with(Layer("", {}, checked_activation(activation), outgoing, one_line(module)))

    def fitted_to(self, surroundings: Surroundings) -> Stack:
        """Return the same layers over other data, checked anew: data that are loaded after layers were added.

        Raises:
            ParameterInvalid: A layer does not fit (-305).
        """
        fitted = Stack(surroundings)
        for layer in self.layers:
            if layer.kind is None:
                fitted = fitted._with(replace(layer, outgoing=None if layer.module else fitted.outgoing))
            else:
                fitted = fitted._with(fitted._laid(layer.kind, layer.activation, layer.given))
        return fitted

    def _laid(self, kind: LayerKind, activation: str, given: Mapping[str, Any]) -> Layer:
        """Return a layer of the table as it follows the last one."""
        number = len(self.layers) + 1
        known = [item.name for item in fields(kind.arguments)]
        for name in given:
            if name not in known:
                where = say(f"layer {number}, {kind.name}", f"第 {number} 层 {kind.name}")
                raise unknown_parameter(where, name, known)
        try:
            arguments = argument_schema.check(kind.arguments(**given))
            laid = kind.lay(arguments, self.outgoing, self.surroundings)
            check_weights(count_of(laid.outgoing or ()) or 1)
        except XEduError as error:
            raise _at(number, kind.name, error) from None
        return Layer(kind.name, laid.arguments, activation, laid.outgoing, given=dict(given))

    def _with(self, layer: Layer) -> Stack:
        if self.is_whole:
            whole = self.layers[-1].layer
            raise ParameterInvalid(
                say(f"{whole} is a whole network: nothing follows it.", f"{whole} 已是完整的网络，后面不能再加层。"),
                hint=say("Make another nn() for other layers.", "如需其他层，请新建一个 nn()。"),
            )
        if len(self.layers) >= MOST_LAYERS:
            raise ParameterInvalid(say(f"More than {MOST_LAYERS} layers.", f"层数超过 {MOST_LAYERS}。"))
        return replace(self, layers=(*self.layers, layer))

    def to_plain(self) -> list[dict[str, Any]]:
        """Return what a file says of the layers."""
        return [_layer_to_plain(layer) for layer in self.layers]

    @classmethod
    def from_plain(cls, values: object, surroundings: Surroundings) -> Stack:
        """Build a stack from what ``to_plain`` returned, checked: it comes out of a file.

        Raises:
            CheckpointInvalid: It cannot be meant (-202).
        """
        stack = cls(surroundings)
        try:
            if not isinstance(values, (list, tuple)):
                raise ParameterInvalid(
                    say(f"layers={quoted(values)} is no list.", f"layers={quoted(values)} 不是列表。")
                )
            for value in values:
                stack = _added_from_plain(stack, value)
        except (ParameterInvalid, ParameterUnknown) as error:
            raise CheckpointInvalid(
                say(
                    f"The file's description of its layers cannot be used: {english(error.message)}",
                    f"文件中对网络层的描述无法使用：{error.message}",
                ),
                hint=say("Save the network again.", "请重新保存该网络。"),
            ) from None
        return stack


def _layer_to_plain(layer: Layer) -> dict[str, Any]:
    plain: dict[str, Any] = {"layer": layer.layer, "activation": layer.activation, "module": layer.module}
    plain["arguments"] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in layer.arguments.items()
    }
    if layer.module:
        plain["outgoing"] = None if layer.outgoing is None else list(layer.outgoing)
    return plain


def _added_from_plain(stack: Stack, value: object) -> Stack:
    """Lay one more layer that a file describes."""
    if not isinstance(value, dict) or not isinstance(value.get("arguments"), dict):
        raise ParameterInvalid(say(f"{quoted(value)} is no layer.", f"{quoted(value)} 不是网络层。"))
    texts = [value.get(name, "") for name in ("layer", "activation", "module")]
    if not all(isinstance(text, str) for text in (*texts, *value["arguments"])):
        raise ParameterInvalid(say(f"{quoted(value)} is no layer.", f"{quoted(value)} 不是网络层。"))
    layer, activation, module = texts
    if module:
        return stack.add_own(module, activation or None, _shape(value.get("outgoing")))
    return stack.add(layer or None, activation or None, value["arguments"])


def _shape(value: object) -> Shape | None:
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and all(item is None or type(item) is int for item in value):
        return tuple(value)
    raise ParameterInvalid(say(f"{quoted(value)} is no shape.", f"{quoted(value)} 不是形状。"))


def _kind(name: object) -> LayerKind:
    """Return the kind of a name, whatever its letter case.

    Raises:
        ParameterInvalid: There is none (-305); the hint offers the nearest.
    """
    kinds = all_kinds()
    if isinstance(name, str) and name.strip().lower() in kinds:
        return kinds[name.strip().lower()]
    return kinds[check_choice("layer", name, sorted(kinds))]


def _at(number: int, kind: str, error: XEduError) -> XEduError:
    """Return an error that names its layer; layers are counted from 1."""
    return type(error)(
        say(f"Layer {number}, {kind}: {english(error.message)}", f"第 {number} 层 {kind}：{error.message}"),
        hint=error.hint,
    )


def _nothing_to_add() -> ParameterInvalid:
    return ParameterInvalid(
        say("add() was told nothing to add.", "add() 没有要添加的内容。"),
        hint=say(
            "For example: add('linear', size=(4, 10), activation='relu').",
            "例如：add('linear', size=(4, 10), activation='relu')。",
        ),
    )
