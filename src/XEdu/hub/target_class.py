"""``target_class=``: which classes a caller wants to see of what was found."""

from __future__ import annotations

from collections.abc import Sequence

from BaseDT.arguments import invalid
from BaseDT.errors import ParameterInvalid, TaskMismatch, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.language import say


def checked_classes(value: object, known: Sequence[str]) -> frozenset[str]:
    """Return the names that a caller gave: one, or several.

    Raises:
        ParameterInvalid: It is no name, or none of the model's (-305).
    """
    names = [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple, set)) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise invalid("target_class", value, "a class, or a list of classes", "类别名称，或类别名称的列表")
    for name in names:
        if name not in known:
            raise _unknown(name, known)
    return frozenset(names)


def no_parts_of_classes() -> TaskMismatch:
    """Make the error of a model whose results are not parts of a picture with a class each (-311)."""
    return TaskMismatch(
        say("target_class is for what is found in a picture.", "target_class 用于在图片中找到的目标。"),
        hint=say("Leave target_class out.", "请去掉 target_class。"),
    )


def _unknown(name: str, known: Sequence[str]) -> ParameterInvalid:
    shown = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
    hint = f"{did_you_mean(name, known)} {say(f'Classes: {shown}.', f'类别：{shown}。')}".strip()
    return ParameterInvalid(
        say(f"target_class={quoted(name)} is no class of this model.", f"该模型没有类别 target_class={quoted(name)}。"),
        hint=hint,
    )
