"""The home of argument checks: one sentence shape for bad values, and errors of ours for calls that cannot be.

``check_*`` and ``checked_*`` return the value as a plain Python one. Everybody may call them.
"""

from __future__ import annotations

import functools
import inspect
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import ParamSpec, TypeGuard, TypeVar

from BaseDT.errors import ParameterInvalid, ParameterUnknown, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from BaseDT.misplaced import refuse_misplaced
from BaseDT.pasted import as_meant

PathLike = str | os.PathLike[str]
P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_LARGEST_INTEGER = 2**63 - 1
_LARGEST_NUMBER = 1e30  # beyond it float32 overflows at the first multiplication


def unknown_parameter(where: str, name: str, names: Iterable[str]) -> ParameterUnknown:
    """Make the error of a name that is no parameter (-501)."""
    listed = list(names)
    hint = say(f"Known: {', '.join(listed)}.", f"可用的参数：{'、'.join(listed)}。")
    return ParameterUnknown(
        say(f"No such parameter of {english(where)}: {name}.", f"{where} 没有参数 {name}。"),
        hint=f"{did_you_mean(name, listed)} {hint}".strip(),
    )


def documented(function: Callable[P, R]) -> Callable[P, R]:
    """Give a documented function errors of ours for calls that cannot be.

    An unknown keyword is answered with code -501 and the nearest known name, unless the function takes any; an argument
    that is missing, or one too many, with code -305 and how the function is called.
    """
    signature = inspect.signature(function)
    parameters = signature.parameters
    takes_any = any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters.values())
    names = [name for name in parameters if name not in ("self", "cls")]
    is_method = next(iter(parameters), "") in ("self", "cls")
    called = function.__qualname__.split(".")[-2 if function.__name__ == "__init__" else -1]

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in parameters and not takes_any:
                raise unknown_parameter(f"{called}()", name, names)
        refuse_misplaced(called, dict(zip(names, args[is_method:], strict=False)), names)
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
        return _in_the_users_language(str(reason))
    return None


def _in_the_users_language(fault: str) -> str:
    """Say what ``inspect`` finds wrong with a call; its own words where they are none of the known ones."""
    starts = {
        "missing a required": "缺少必需的参数",
        "too many positional arguments": "按位置传入的参数过多",
        "got an unexpected keyword argument": "没有这个参数",
        "got some positional-only arguments passed as keyword arguments": "只能按位置传入",
        "multiple values for argument": "参数重复给出",
    }
    chinese = next((zh for en, zh in starts.items() if fault.startswith(en)), fault)
    names = "、".join(re.findall(r"'[^']+'", fault))
    return say(fault, f"{chinese} {names}" if names and chinese != fault else chinese)


def _not_called(called: str, signature: inspect.Signature, fault: str) -> ParameterInvalid:
    public = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in signature.parameters.values()
        if parameter.name not in ("self", "cls")
    ]
    how = f"{called}{signature.replace(parameters=public, return_annotation=inspect.Signature.empty)}"
    return ParameterInvalid(
        say(f"{called}() cannot be called so: {english(fault)}.", f"不能这样调用 {called}()：{fault}。"),
        hint=say(f"It is called {how}.", f"调用方式：{how}。"),
    )


_CONDITIONS = ("不超过", "不大于", "不小于", "不含")
"""What begins a condition in Chinese, where no noun follows."""


def invalid(name: str, value: object, expected_en: str, expected_zh: str) -> ParameterInvalid:
    """Make the error of a bad argument (-305), always in the same shape.

    Args:
        name: The parameter.
        value: What the user gave.
        expected_en: What fits behind "must be", e.g. ``"a number > 0"``.
        expected_zh: What fits behind "应当是", or behind "应当" where it is no noun, e.g. "不超过 3"; begins with a
            space where it begins with a letter or digit.
    """
    must = "应当" if expected_zh.startswith(_CONDITIONS) and "的" not in expected_zh else "应当是"
    hint = say(f"{name} must be {expected_en}.", f"{name} {must}{expected_zh}。")
    return ParameterInvalid(
        say(f"{name}={quoted(value)} cannot be used.", f"无法使用 {name}={quoted(value)}。"), hint=hint
    )


def check_integer(name: str, value: object, *, least: int = 1, most: int | None = None) -> int:
    """Return an argument that is a whole number, as Python's own; numpy's are whole numbers, too.

    Args:
        name: The parameter, for the message.
        value: What the user gave.
        least: The smallest that will do.
        most: The largest; None allows what 64 bits hold.

    Raises:
        ParameterInvalid: It is none, or out of bounds (-305).
    """
    if is_integer(value) and least <= value <= (_LARGEST_INTEGER if most is None else most):
        return int(value)
    if most is None:
        raise invalid(name, value, f"a whole number, at least {least}", f"不小于 {least} 的整数")
    raise invalid(name, value, f"a whole number from {least} to {most}", f" {least} 到 {most} 之间的整数")


def is_integer(value: object) -> TypeGuard[int]:
    """Tell whether a value is a whole number, Python's or numpy's; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a finite real number, Python's or numpy's; True and False are none."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond any float
        return False


def check_number(
    name: str, value: object, *, above: float | None = None, least: float | None = None, most: float | None = None
) -> float:
    """Return an argument that is a finite number, as Python's own; numpy's are numbers, too.

    Args:
        name: The parameter, for the message.
        value: What the user gave.
        above: It must be larger.
        least: It must be at least that.
        most: It must be at most that.

    Raises:
        ParameterInvalid: It is none, or out of bounds (-305).
    """
    # An array without axes is a number, too. numpy is not imported for this: the command line starts without it.
    number = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    if (
        is_number(number)
        and abs(number) <= _LARGEST_NUMBER
        and (above is None or number > above)
        and (least is None or number >= least)
        and (most is None or number <= most)
    ):
        return number if type(number) is int else float(number)
    raise invalid(name, value, *_range(above, least, most))


def _range(above: float | None, least: float | None, most: float | None) -> tuple[str, str]:
    """Return the words of a range in both languages."""
    if least is not None and most is not None:
        return f"a number from {least:g} to {most:g}", f" {least:g} 到 {most:g} 之间的数"
    signs = ((">", above), (">=", least), ("<=", most))
    bounds = [f"{sign} {bound:g}" for sign, bound in signs if bound is not None]
    if not bounds:
        return "a number", "数"
    return f"a number {' and '.join(bounds)}", f" {' 且 '.join(bounds)} 的数"


def checked_threshold(name: str, value: object) -> float:
    """Return a score or share: a number from 0 to 1.

    Raises:
        ParameterInvalid: It is something else (-305).
    """
    return float(check_number(name, value, least=0, most=1))


def checked_rejection(name: str, value: object) -> float | str:
    """Return the score below which an answer does not count: a number from 0 to 1, or ``"auto"``.

    Raises:
        ParameterInvalid: It is something else (-305).
    """
    if isinstance(value, str) and value == "auto":
        return value
    try:
        return checked_threshold(name, value)
    except ParameterInvalid:
        expected = "a number from 0 to 1, or 'auto': the score that the validation suggests"
        raise invalid(name, value, expected, " 0 到 1 之间的数，或 'auto'（由验证结果给出的得分）") from None


def resolved_rejection(name: str, value: object, suggested: float | None) -> float:
    """Return the score below which an answer is none of the classes; None rejects nothing.

    Args:
        name: The parameter, for the message.
        value: What the user gave.
        suggested: What ``"auto"`` stands for with this model; None where its file does not say.

    Raises:
        ParameterInvalid: It is no such value, or ``"auto"`` stands for nothing (-305).
    """
    checked = 0.0 if value is None else checked_rejection(name, value)
    if not isinstance(checked, str):
        return checked
    if suggested is not None:
        return suggested
    raise ParameterInvalid(
        say(
            f"{name}='auto' cannot be used: this model's file suggests no score.",
            f"无法使用 {name}='auto'：该模型的文件没有给出建议的得分。",
        ),
        hint=say(
            f"Give a number, e.g. {name}=0.6; or train again with more validation pictures (20 that are recognised, or "
            "5 objects that are found), and convert again.",
            f"请给出数值，例如 {name}=0.6；或增加验证图片（至少 20 张识别正确，或找到 5 个目标）重新训练，并重新转换。",
        ),
    )


def check_choice(name: str, value: object, choices: Sequence[T]) -> T:
    """Return an argument that is one of ``choices``; the error offers the nearest.

    Raises:
        ParameterInvalid: It is none of them (-305).
    """
    for choice in choices:
        # True equals 1, and must not stand for it.
        if type(value) is type(choice) and value == choice:
            return choice
    listed = ", ".join(map(repr, choices))
    error = invalid(name, value, f"one of {listed}", f"以下之一：{listed}")
    if isinstance(value, str):
        near = did_you_mean(value, [choice for choice in choices if isinstance(choice, str)])
        error.hint = f"{near} {error.hint}".strip()
    raise error


def checked_path(name: str, value: object) -> Path:
    """Return an argument that names a file or folder as a path.

    Raises:
        ParameterInvalid: It is no path (-305).
    """
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if isinstance(text, str) and text.strip() and "\0" not in text and _is_encodable(text):
        return as_meant(text)
    raise invalid(name, value, "a path, e.g. 'my_folder'", "路径，例如 'my_folder'")


def _is_encodable(path: str) -> bool:
    """Tell whether the file system can hold a name: half a character cannot be written."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def checked_flag(name: str, value: object) -> bool:
    """Return an argument that is either so or not.

    Raises:
        ParameterInvalid: It is neither True nor False (-305).
    """
    if isinstance(value, bool):
        return value
    raise invalid(name, value, "True or False", " True 或 False")


def checked_name(name: str, value: object, names: Mapping[str, str]) -> str:
    """Return what a name stands for, whatever its letter case; the error offers the nearest.

    Args:
        name: The parameter, for the message.
        value: What the user wrote.
        names: What each lower-case name stands for.

    Raises:
        ParameterInvalid: There is no such name (-305).
    """
    if isinstance(value, str) and value.strip().lower() in names:
        return names[value.strip().lower()]
    listed = list(dict.fromkeys(names.values()))
    return check_choice(name, value, listed)


def checked_seed(name: str, value: object) -> int:
    """Return an argument that is a whole number of either sign.

    Raises:
        ParameterInvalid: It is none, or has more digits than Python writes (-305).
    """
    if is_integer(value) and int(value).bit_length() <= 8192:
        return int(value)
    raise invalid(name, value, "a whole number: the same gives the same division", "整数：相同的数字会得到相同的划分")
