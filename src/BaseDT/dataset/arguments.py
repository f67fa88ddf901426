"""How the documented functions of this package take their arguments: wrong names and values are errors with a hint."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from BaseDT.errors import ParameterInvalid, ParameterUnknown, did_you_mean
from BaseDT.language import say


def refuse_unknown(where: str, unknown: Mapping[str, object], known: Iterable[str]) -> None:
    """Raise ParameterUnknown (-501) for the first keyword that is no parameter."""
    for name in unknown:
        listed = list(known)
        hint = say(f"Known: {', '.join(listed)}.", f"可用的参数：{'、'.join(listed)}。")
        raise ParameterUnknown(
            f"No such parameter of {where}: {name}.", hint=f"{did_you_mean(name, listed)} {hint}".strip()
        )


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


def number(name: str, value: object) -> float:
    """Return an argument that is a number; numpy's are numbers, too.

    Raises:
        ParameterInvalid: It is none (-305).
    """
    if not isinstance(value, (bool, str, bytes)) and hasattr(value, "__float__") and getattr(value, "ndim", 0) == 0:
        return float(value)
    raise ParameterInvalid(
        f"{name}={value!r:.80} is no number.", hint=say("For example 0.8 for 80 %.", "例如 0.8 表示 80%。")
    )


def seed(name: str, value: object) -> int:
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


def switch(name: str, value: object) -> bool:
    """Return an argument that is ``True`` or ``False``.

    Raises:
        ParameterInvalid: It is neither (-305).
    """
    if isinstance(value, bool):
        return value
    raise ParameterInvalid(
        f"{name}={value!r:.80} is neither True nor False.", hint=say("Write True or False.", "请写 True 或 False。")
    )


def path(name: str, value: object) -> Path:
    """Return an argument that names a file or folder, as an absolute path.

    Raises:
        ParameterInvalid: It is no path (-305).
    """
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if isinstance(text, str) and text.strip() and "\0" not in text:
        return Path(text).absolute()
    hint = say(f"{name} must be a path, e.g. 'my_dataset'.", f"{name} 应当是路径，例如 'my_dataset'。")
    raise ParameterInvalid(f"{name}={value!r:.80} cannot be used.", hint=hint)
