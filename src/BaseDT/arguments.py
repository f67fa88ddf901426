"""How the documented functions take their arguments: a misspelt name is an error that offers the right one.

Everybody may call it.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import ParamSpec, TypeVar

from BaseDT.errors import ParameterInvalid, ParameterUnknown, did_you_mean
from BaseDT.language import say

PathLike = str | os.PathLike[str]
P = ParamSpec("P")
R = TypeVar("R")


def unknown_parameter(where: str, name: str, known: Iterable[str]) -> ParameterUnknown:
    """Make the error of a name that is no parameter (-501)."""
    listed = list(known)
    hint = say(f"Known: {', '.join(listed)}.", f"可用的参数：{'、'.join(listed)}。")
    return ParameterUnknown(
        f"No such parameter of {where}: {name}.", hint=f"{did_you_mean(name, listed)} {hint}".strip()
    )


def documented(function: Callable[P, R]) -> Callable[P, R]:
    """Give a documented function errors of ours for calls that cannot be.

    An unknown keyword is answered with code -501 and the nearest known name; an argument that is missing, or one too
    many, with code -305 and how the function is called.
    """
    signature = inspect.signature(function)
    parameters = signature.parameters
    known = [name for name in parameters if name not in ("self", "cls")]
    called = function.__qualname__.split(".")[-2 if function.__name__ == "__init__" else -1]

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in parameters:
                raise unknown_parameter(f"{called}()", name, known)
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if (fault := call_fault(error, signature, args, kwargs)) is None:
                raise
            raise _not_called(called, signature, fault) from None

    return wrapper


def call_fault(
    error: TypeError, signature: inspect.Signature, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> str | None:
    """Return why a function cannot be called so; None where the error comes from within it.

    Args:
        error: What the call raised, caught by whoever called.
        signature: Of the function.
        args: Of the call.
        kwargs: Likewise.
    """
    if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
        return None  # a line of the function itself was reached
    try:
        signature.bind(*args, **kwargs)
    except TypeError as reason:
        return str(reason)
    return None


def _not_called(called: str, signature: inspect.Signature, fault: str) -> ParameterInvalid:
    shown = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
        if parameter.name not in ("self", "cls")
    ]
    how = f"{called}{signature.replace(parameters=shown, return_annotation=inspect.Signature.empty)}"
    return ParameterInvalid(
        f"{called}() cannot be called so: {fault}.", hint=say(f"It is called {how}.", f"调用方式：{how}。")
    )


def checked_path(name: str, value: object) -> Path:
    """Return an argument that names a file or folder as a path.

    Raises:
        ParameterInvalid: It is no path (-305).
    """
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if isinstance(text, str) and text.strip() and "\0" not in text:
        return Path(text)
    hint = say(f"{name} must be a path, e.g. 'my_folder'.", f"{name} 应当是路径，例如 'my_folder'。")
    raise ParameterInvalid(f"{name}={value!r:.80} cannot be used.", hint=hint)


def checked_flag(name: str, value: object) -> bool:
    """Return an argument that is either so or not.

    Raises:
        ParameterInvalid: It is neither True nor False (-305).
    """
    if isinstance(value, bool):
        return value
    hint = say(f"Write {name}=True or {name}=False.", f"请写 {name}=True 或 {name}=False。")
    raise ParameterInvalid(f"{name}={value!r:.80} cannot be used.", hint=hint)


def chosen(name: str, value: object, known: Mapping[str, str]) -> str:
    """Return what a name stands for, whatever its letter case.

    Args:
        name: The parameter, for the message.
        value: What the user wrote.
        known: What each lower-case name stands for.

    Raises:
        ParameterInvalid: There is no such name (-305).
    """
    if isinstance(value, str) and value.strip().lower() in known:
        return known[value.strip().lower()]
    listed = list(dict.fromkeys(known.values()))
    hint = say(f"Known: {', '.join(listed)}.", f"可选：{'、'.join(listed)}。")
    near = did_you_mean(value, listed) if isinstance(value, str) else ""
    raise ParameterInvalid(f"There is no {name} {value!r:.80}.", hint=f"{near} {hint}".strip())


def checked_number(name: str, value: object) -> float:
    """Return an argument that is a number; numpy's are numbers, too.

    Raises:
        ParameterInvalid: It is none (-305).
    """
    if not isinstance(value, (bool, str, bytes)) and hasattr(value, "__float__") and getattr(value, "ndim", 0) == 0:
        return float(value)
    raise ParameterInvalid(
        f"{name}={value!r:.80} is no number.", hint=say("For example 0.8 for 80 %.", "例如 0.8 表示 80%。")
    )


def checked_seed(name: str, value: object) -> int:
    """Return an argument that is a whole number.

    Raises:
        ParameterInvalid: It is none (-305).
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ParameterInvalid(
            f"{name}={value!r:.80} is no whole number.",
            hint=say("The same number gives the same division.", "相同的数字会得到相同的划分。"),
        )
    return int(value.__index__())
