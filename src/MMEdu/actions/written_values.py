"""Values and layers as a command line has them: ``size=4,10``, ``linear size=10 relu``. Nothing is evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say

_WORDS = {"true": True, "false": False, "none": None}


def value_of(text: str) -> Any:
    """Return what a text means: a number, ``true``, ``false``, ``none``, several with commas; else the text."""
    if "," in text:
        return tuple(value_of(part) for part in text.strip("()[] ").split(",") if part.strip())
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def named_values(texts: Iterable[str]) -> dict[str, Any]:
    """Return ``name=value`` texts as a dictionary.

    Raises:
        ParameterInvalid: One is none, or a name comes twice (-305).
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip().isidentifier() or name.strip() in values:
            raise ParameterInvalid(
                say(
                    f"{quoted(text, 60)} is no name=value, or comes twice.",
                    f"{quoted(text, 60)} 不是“名称=值”，或重复出现。",
                ),
                hint=say("Write it like max_depth=3.", "请写成 max_depth=3 这样的形式。"),
            )
        values[name.strip()] = value_of(value)
    return values


def columns_of(text: str) -> list[int | str]:
    """Return columns by number or by name: ``0,1,petal width``."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [int(part) if part.lstrip("-").isdecimal() else part for part in parts]


def rows_of(texts: Iterable[str]) -> list[list[float]]:
    """Return rows of numbers: one text a row, ``5.1,3.5,1.4,0.2``.

    Raises:
        ParameterInvalid: A text holds something else (-305).
    """
    rows = []
    for text in texts:
        try:
            rows.append([float(part) for part in text.replace("，", ",").strip("()[] ").split(",")])
        except ValueError:
            raise ParameterInvalid(
                say(f"{quoted(text, 60)} is no row of numbers.", f"{quoted(text, 60)} 不是由数字组成的一行。"),
                hint=say("Write it like 5.1,3.5,1.4,0.2.", "请写成 5.1,3.5,1.4,0.2 这样的形式。"),
            ) from None
    return rows


def layer_of(text: str) -> dict[str, Any]:
    """Return a layer: its name, then ``name=value`` for its arguments, and its activation as a bare word.

    Args:
        text: For example ``linear size=4,10 relu`` or ``conv2d size=8 kernel_size=3 activation=relu``.

    Returns:
        ``layer``, ``activation`` (empty for none), ``arguments``.

    Raises:
        ParameterInvalid: It is written otherwise (-305).
    """
    name, *rest = text.split()[:20] or [""]
    bare = [part for part in rest if "=" not in part]
    values = named_values(part for part in rest if "=" in part)
    given = values.pop("activation", None)
    if not name or "=" in name or len(bare) + (given is not None) > 1:
        raise ParameterInvalid(
            say(f"{quoted(text, 60)} is no layer.", f"{quoted(text, 60)} 不是一层。"),
            hint=say(
                "Write it like 'linear size=10 relu': the name, its arguments, one activation.",
                "请写成 'linear size=10 relu' 这样的形式：名称、参数、一个激活函数。",
            ),
        )
    return {"layer": name, "activation": str(given or "".join(bare)), "arguments": values}
