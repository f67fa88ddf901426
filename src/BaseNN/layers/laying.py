"""``Network``: layers with the network that is made of them; what ``nn`` adds to, fits to data, and trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import nn

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from BaseNN.layers import building
from BaseNN.layers.kind import Surroundings
from BaseNN.layers.stack import Stack


@dataclass(frozen=True)
class Network:
    """Layers, and their modules where they were made already.

    Attributes:
        stack: The layers.
        own: Modules of the user's own, by number of the layer, counted from 0.
        model: Made of them; None until somebody asks for it, so that the data can still complete the layers.
        fresh: The layer whose weights have not learnt yet though those of others may have; empty where there is none.
    """

    stack: Stack = field(default_factory=Stack)
    own: Mapping[int, nn.Module] = field(default_factory=dict)
    model: nn.Module | None = None
    fresh: str = ""

    def learnt(self) -> Network:
        """Return it after a training: all of its weights have learnt."""
        return replace(self, fresh="")

    def built(self) -> tuple[Network, nn.Module]:
        """Return it with its model, and the model.

        Raises:
            ParameterInvalid: A layer lacks what only data could tell (-305).
        """
        model = self.model or building.build(self.stack, self.own)
        return replace(self, model=model), model

    def added(self, layer: object, activation: str | None, arguments: Mapping[str, Any]) -> Network:
        """Return it with one more layer; modules that were made keep their weights.

        Raises:
            ParameterInvalid: There is no such layer, or it does not fit (-305).
            ParameterUnknown: The layer takes no such argument (-501).
        """
        own = dict(self.own)
        if isinstance(layer, nn.Module):
            stack = self._with_own(layer, activation, arguments)
            own[len(stack.layers) - 1] = layer
        elif isinstance(layer, type) and issubclass(layer, nn.Module):
            raise _is_class(layer)
        else:
            stack = self.stack.add(layer, activation, arguments)  # type: ignore[arg-type]  # checked there
        first = len(self.stack.layers)
        if len(stack.layers) <= first:  # a whole network took the place of those before
            return Network(stack, fresh=_named(stack))
        model, fresh = self.model, self.fresh
        if model is not None:
            is_chain = isinstance(model, nn.Sequential)
            model = building.extend(model, stack, own, first) if is_chain else None  # type: ignore[arg-type]
            if not isinstance(layer, nn.Module) and _brings_weights(model, self.model):  # own modules may know already
                fresh = _named(stack)
        return Network(stack, own, model, fresh)

    def _with_own(self, module: nn.Module, activation: str | None, arguments: Mapping[str, Any]) -> Stack:
        if arguments:
            name = next(iter(arguments))
            raise ParameterInvalid(
                say(
                    f"{name}= goes to a layer of the table, not to a module.",
                    f"{name} 是网络层的参数，不能用于自定义模块。",
                ),
                hint=say("Give it to the module when you make it.", "请在创建模块时传入。"),
            )
        vocabulary = bool(self.stack.surroundings.vocabulary)
        outgoing = building.outgoing_of(module, self.stack.outgoing, words_come_in=vocabulary)
        return self.stack.add_own(type(module).__name__, activation, outgoing)

    def fitted_to(self, surroundings: Surroundings) -> Network:
        """Return it over data; where they change no layer, its modules keep their weights.

        Raises:
            ParameterInvalid: A layer does not fit the data (-305).
        """
        stack = self.stack.fitted_to(surroundings)
        same = [layer.arguments for layer in stack.layers] == [layer.arguments for layer in self.stack.layers]
        if same:
            return replace(self, stack=stack)
        return Network(stack, self.own, fresh=_named(stack))


def _named(stack: Stack) -> str:
    """Return what messages call the last layer."""
    layer = stack.layers[-1]
    return layer.layer or layer.module or layer.activation


def _brings_weights(model: nn.Module | None, before: nn.Module | None) -> bool:
    """Tell whether a network that was made anew, or longer, has weights that the one before had not."""
    return model is None or before is None or len(list(model.parameters())) > len(list(before.parameters()))


def of_module(module: nn.Module, surroundings: Surroundings) -> Network:
    """Return a network that is a module of the user's own, whole."""
    return Network(Stack(surroundings).add_own(type(module).__name__, None, None), {0: module}, module)


def _is_class(layer: type) -> ParameterInvalid:
    name = layer.__name__
    return ParameterInvalid(
        say(f"{name} is a class of modules, not a module.", f"{name} 是模块的类，不是模块。"),
        hint=say(f"Make one: add({name}(…)).", f"请先创建：add({name}(…))。"),
    )
