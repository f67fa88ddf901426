"""Checks that the results of several kinds share. Only ``BaseDT.results`` calls them."""

from __future__ import annotations

from numbers import Integral, Real

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say


def checked_label(value: object, least: int = 0) -> int:
    if isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least:
        return int(value)
    raise ParameterInvalid(
        say(f"label is {quoted(value)}.", f"label 是 {quoted(value)}。"),
        hint=say("Expected the number of a class: 0, 1, 2 …", "应为类别的编号：0、1、2……"),
    )


def checked_score(value: object) -> float:
    # Softmax in float32 can end a few units in the last place above 1: that is rounding, not a mistake.
    if isinstance(value, Real) and not isinstance(value, bool) and 0.0 <= float(value) <= 1.0 + 1e-5:
        return min(float(value), 1.0)
    raise ParameterInvalid(
        say(f"score is {quoted(value)}.", f"score 是 {quoted(value)}。"),
        hint=say("Expected a probability from 0 to 1.", "应为 0 到 1 之间的概率。"),
    )


def check_text(which: str, value: object) -> None:
    if not isinstance(value, str):
        raise ParameterInvalid(
            say(f"{which} is {quoted(value)}.", f"{which} 是 {quoted(value)}。"),
            hint=say("Expected a text.", "应为文本。"),
        )
