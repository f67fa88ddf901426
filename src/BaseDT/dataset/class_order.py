"""The order of classes that are named with numbers: by letters 10 comes before 2. The readers of data sets ask here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.names import composed

_DIGITS = re.compile("([0-9]+)")


def by_number(name: str) -> tuple[tuple[int, str], ...]:
    """Return the key that sorts names as people count: class2 before class10."""
    parts = _DIGITS.split(composed(name))
    # Digits stand at odd places. Compared by their number, then by their text: Python reads no number of 5,000 digits.
    return tuple((len(part.lstrip("0")), part.lstrip("0")) if i % 2 else (0, part) for i, part in enumerate(parts))


def order_note(names: Sequence[str], way_out: tuple[str, str] | None = None) -> str:
    """Say that labels follow the letters of names and not their numbers; an empty text where both agree.

    Args:
        names: Of the classes; the index is the label.
        way_out: What gives the other order, in English and Chinese; by default a ``classes.txt``.
    """
    counted = sorted(names, key=by_number)
    if list(names) != sorted(names, key=composed) or counted == list(names):
        return ""
    label = next(label for label, (name, other) in enumerate(zip(names, counted, strict=True)) if name != other)
    name, other = one_line(names[label]), one_line(counted[label])
    first = ", ".join(one_line(name) for name in counted[: label + 2])
    english, chinese = way_out or (
        f"classes.txt with a line for each in the order {first}, ... makes it so",
        f"在 classes.txt 中按 {first}……的顺序每行写一个类别即可",
    )
    return say(
        f"Labels follow the names letter by letter: label {label} is '{name}', not '{other}'. To count instead: "
        f"{english}; so do names like 00, 01, 02.",
        f"标签按名称的字符顺序编号：标签 {label} 是 '{name}'，不是 '{other}'。想按数字顺序编号，{chinese}；"
        "也可以把名称改为 00、01、02 这样的形式。",
    )
