"""What a joblib file says, without doing any of it: names, arguments and state of objects, arrays as numbers.

A small machine goes through the instructions of the pickle (PEP 307, 3154; listed by ``pickletools``), builds plain
Python data and, where a file wants an object, a ``Node`` that only remembers what was asked for. No name of a file is
ever imported and nothing is called; what a model is made of is decided by ``BaseML.files.rebuilding``. joblib writes
the numbers of arrays between the instructions: they are read where they stand.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from BaseML.files import arrays
from BaseML.files.meanings import MEANT
from BaseML.files.names import is_known
from BaseML.files.nodes import Damaged, Node, Refused

_MOST_STEPS = 5_000_000
"""Instructions of one file; a forest of 1000 trees has some 200 thousand."""


@dataclass
class _Machine:
    """The stack, the memory and the marks of one pickle."""

    stream: BytesIO
    nested: bool = False
    stack: list[Any] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memory: dict[int, Any] = field(default_factory=dict)

    def since_mark(self) -> list[Any]:
        """Take everything above the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def take(self, count: int) -> tuple[Any, ...]:
        """Take some from the top."""
        lowest = self.marks[-1] if self.marks else 0
        if len(self.stack) - count < lowest:
            raise Damaged("the stack is empty")
        items = tuple(self.stack[len(self.stack) - count :]) if count else ()
        if count:
            del self.stack[-count:]
        return items


def read(stream: BytesIO) -> Any:
    """Go through a pickle from where the stream stands; leaves it behind the last instruction.

    Raises:
        Refused: It names something unknown.
        Damaged: It is no pickle, or not whole.
    """
    return _run(_Machine(stream))


def _run(machine: _Machine) -> Any:
    steps = 0
    try:
        for opcode, argument, _ in pickletools.genops(machine.stream):
            steps += 1
            if steps > _MOST_STEPS:
                raise Damaged("more instructions than any model has")
            if opcode.name == "STOP":
                (result,) = machine.take(1)
                return result
            step = _STEPS.get(opcode.name)
            if step is None:
                raise Refused(opcode.name)
            step(machine, argument)
    except (Damaged, Refused):
        raise
    except (ValueError, TypeError, LookupError, OverflowError, EOFError, RecursionError, AttributeError) as error:
        raise Damaged(str(error)) from error
    raise Damaged("it has no end")


def _push(machine: _Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _constant(value: Any) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(value)


def _fresh(kind: type) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(kind())


def _nothing(_machine: _Machine, _: Any) -> None:
    """Pass over what only says how the instructions lie."""


def _mark(machine: _Machine, _: Any) -> None:
    machine.marks.append(len(machine.stack))


def _keep(machine: _Machine, argument: Any) -> None:
    machine.memory[len(machine.memory) if argument is None else argument] = machine.stack[-1]


def _recall(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memory[argument])


def _tuple(machine: _Machine, _: Any) -> None:
    machine.stack.append(tuple(machine.since_mark()))


def _tuple_of(count: int) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(machine.take(count))


def _list(machine: _Machine, _: Any) -> None:
    machine.stack.append(machine.since_mark())


def _dict(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    machine.stack.append(dict(zip(items[::2], items[1::2], strict=True)))


def _append(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if not isinstance(target, list):
        raise Damaged("something is appended to what is no list")
    target.extend(items)


def _set_items(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if not isinstance(target, dict):
        raise Damaged("entries are put into what is no dictionary")
    target.update(zip(items[::2], items[1::2], strict=True))


def _name(machine: _Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    machine.stack.append(_named(module, name))


def _name_of_stack(machine: _Machine, _: Any) -> None:
    module, name = machine.take(2)
    if not isinstance(module, str) or not isinstance(name, str):
        raise Damaged("a name is no text")
    machine.stack.append(_named(module, name))


def _named(module: str, name: str) -> Node:
    full = f"{module}.{name}"
    if not is_known(full):
        raise Refused(full)
    return Node(full)


def _call(machine: _Machine, _: Any) -> None:
    function, arguments = machine.take(2)
    machine.stack.append(_made(function, arguments))


def _call_with_names(machine: _Machine, _: Any) -> None:
    function, arguments, _named_ones = machine.take(3)
    machine.stack.append(_made(function, arguments))


def _made(function: Any, arguments: Any) -> Any:
    if not isinstance(function, Node) or function.called or not isinstance(arguments, tuple):
        raise Damaged("what is called is no name")
    if function.name in MEANT:
        return MEANT[function.name](arguments)
    return Node(function.name, arguments, called=True)


def _set_state(machine: _Machine, _: Any) -> None:
    (state,) = machine.take(1)
    target = machine.stack[-1]
    if isinstance(target, arrays.DType | arrays.Pickled):
        target.set_state(state)
        return
    if not isinstance(target, Node):
        raise Damaged("a state is given to what has none")
    if target.name.endswith(arrays.WRAPPER):
        machine.stack[-1] = _wrapped(machine, state)
        return
    target.state = state


def _wrapped(machine: _Machine, state: Any) -> Any:
    """Read the numbers of an array, which stand behind its description."""
    wrapper = arrays.Wrapper.of(state)
    if not wrapper.dtype.holds_objects:
        return wrapper.numbers(machine.stream)
    if machine.nested:
        raise Refused("numpy.ndarray of objects in an array of objects")
    return _run(_Machine(machine.stream, nested=True))


_VALUES = (
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
)
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME"), _nothing),
    **dict.fromkeys(_VALUES, _push),
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_LIST": _fresh(list),
    "EMPTY_TUPLE": _fresh(tuple),
    "EMPTY_DICT": _fresh(dict),
    "EMPTY_SET": _fresh(list),
    "MARK": _mark,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _keep),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
    "TUPLE": _tuple,
    **{f"TUPLE{count}": _tuple_of(count) for count in (1, 2, 3)},
    "LIST": _list,
    "FROZENSET": _list,
    "DICT": _dict,
    "APPEND": lambda machine, _: _append(machine, list(machine.take(1))),
    "APPENDS": lambda machine, _: _append(machine, machine.since_mark()),
    "ADDITEMS": lambda machine, _: _append(machine, machine.since_mark()),
    "SETITEM": lambda machine, _: _set_items(machine, list(machine.take(2))),
    "SETITEMS": lambda machine, _: _set_items(machine, machine.since_mark()),
    "GLOBAL": _name,
    "STACK_GLOBAL": _name_of_stack,
    "REDUCE": _call,
    "NEWOBJ": _call,
    "NEWOBJ_EX": _call_with_names,
    "BUILD": _set_state,
    "POP": lambda machine, _: _forget(machine),
    "POP_MARK": lambda machine, _: _forget(machine, of_mark=True),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
}
"""Every other instruction (those that ask the reader for objects from elsewhere) is refused by name."""


def _forget(machine: _Machine, *, of_mark: bool = False) -> None:
    if of_mark:
        machine.since_mark()
    elif machine.marks and machine.marks[-1] == len(machine.stack):
        machine.marks.pop()
    else:
        machine.take(1)
