"""How the documented functions take their arguments: a misspelt name is an error that offers the right one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from BaseDT.errors import ParameterUnknown, did_you_mean
from BaseDT.language import say

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
    known = [name for name in parameters if name != "self"]

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in parameters:
                raise unknown_parameter(f"{function.__name__}()", name, known)
        return function(*args, **kwargs)

    return wrapper
