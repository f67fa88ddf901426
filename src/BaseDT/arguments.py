"""How the documented functions take their arguments: a misspelt name is an error that offers the right one.

Everybody may call it.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterable
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
    """Answer an unknown keyword of a documented function with code -501 and the nearest known name."""
    parameters = inspect.signature(function).parameters
    known = [name for name in parameters if name not in ("self", "cls")]
    called = function.__qualname__.split(".")[-2 if function.__name__ == "__init__" else -1]

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in parameters:
                raise unknown_parameter(f"{called}()", name, known)
        return function(*args, **kwargs)

    return wrapper


def checked_path(name: str, value: object) -> Path:
    """Return an argument that names a file or folder as a path.

    Raises:
        ParameterInvalid: It is no path (-305).
    """
    if isinstance(value, (str, os.PathLike)) and "\0" not in os.fspath(value):
        return Path(value)
    hint = say(f"{name} must be a path, e.g. 'my_folder'.", f"{name} 应当是路径，例如 'my_folder'。")
    raise ParameterInvalid(f"{name}={value!r} cannot be used.", hint=hint)


def checked_flag(name: str, value: object) -> bool:
    """Return an argument that is either so or not.

    Raises:
        ParameterInvalid: It is neither True nor False (-305).
    """
    if isinstance(value, bool):
        return value
    hint = say(f"Write {name}=True or {name}=False.", f"请写 {name}=True 或 {name}=False。")
    raise ParameterInvalid(f"{name}={value!r} cannot be used.", hint=hint)
