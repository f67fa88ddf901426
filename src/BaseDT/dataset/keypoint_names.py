"""What the names and numbers of keypoints tell: left and right, and where a skeleton counts from. Readers call it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from BaseDT.arguments import is_integer
from BaseDT.language import say
from BaseDT.names import composed

Side = Literal["left", "right"]
Pair = tuple[int, int]

# A word of a name: 'LEye' has L and Eye, 'leftEye' left and Eye, 'left_eye' left and eye.
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_A-Za-z]+")
_WORDS: dict[str, Side] = {"left": "left", "l": "left", "right": "right", "r": "right"}
_CHINESE: dict[str, Side] = {"左": "left", "右": "right"}
_GLUED = re.compile(r"(?P<before>.*?)(?P<side>left|right)(?P<after>.*)")
_CAPITALS: dict[str, Side] = {"L": "left", "R": "right"}


def sides(names: Sequence[str]) -> tuple[tuple[Pair, ...], bool]:
    """Return which points change places in a mirrored picture, and whether that is known of all of them.

    ``left_eye`` and ``right_eye``, ``l_eye``, ``eye_L``, ``leftEye``, ``LEye``, ``LSHO``, 左眼 and 右眼 are pairs. A
    point that names no side stays where it is. Nothing is known where no name tells a side, or where the other side of
    one is missing.

    Args:
        names: Of the points.

    Returns:
        Pairs of numbers from 0, left before right; and whether pictures may be mirrored.
    """
    of: dict[tuple[str, Side], int] = {}
    sided: set[int] = set()
    for number, name in enumerate(names):
        for rest, side in _readings(composed(name)):
            of.setdefault((rest, side), number)
    pairs: list[Pair] = []
    for (rest, side), number in of.items():
        other = of.get((rest, "right"))
        if side == "left" and other is not None and other != number and not {number, other} & sided:
            pairs.append((number, other))
            sided |= {number, other}
    lonely = [number for number, name in enumerate(names) if number not in sided and _certainly_sided(name)]
    return tuple(sorted(pairs)), bool(pairs) and not lonely


def _readings(name: str) -> list[tuple[str, Side]]:
    """Return the ways in which a name may tell a side: what is left of it, and the side; the surest first."""
    words = _WORD.findall(name)
    found: list[tuple[str, Side]] = []
    told = [index for index, word in enumerate(words) if word.lower() in _WORDS]
    if len(told) == 1:
        rest = [word.lower() for index, word in enumerate(words) if index != told[0]]
        found.append((" ".join(rest), _WORDS[words[told[0]].lower()]))
    chinese = [letter for letter in name if letter in _CHINESE]
    if len(chinese) == 1:
        found.append((name.replace(chinese[0], "", 1), _CHINESE[chinese[0]]))
    glued = _GLUED.fullmatch(name.lower())
    if glued and not found:
        side: Side = "left" if glued["side"] == "left" else "right"
        found.append((f"{glued['before']}|{glued['after']}", side))
    if not found and len(name) > 2 and name.isupper() and name[0] in _CAPITALS:
        found.append((f"capitals {name[1:]}", _CAPITALS[name[0]]))
    return found


def _certainly_sided(name: str) -> bool:
    """Tell whether a name without a partner means a side; 'bright' and 'ROOT' only look so."""
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & {"left", "right"}) or sum(letter in _CHINESE for letter in name) == 1


def skeleton_of(value: object, points: int, file: str) -> tuple[tuple[Pair, ...], list[str]]:
    """Return the lines of a skeleton as pairs from 0, and what the user should know of them.

    COCO counts points from 1; a skeleton with a 0 counts from 0.

    Args:
        value: As the file has it.
        points: How many there are.
        file: What messages call it.
    """
    if value is None or value == []:
        return (), []
    pairs = [pair for entry in value if (pair := _pair(entry)) is not None] if isinstance(value, list) else []
    numbers = {number for pair in pairs for number in pair}
    first = 0 if 0 in numbers else 1
    lines = [(a - first, b - first) for a, b in pairs if a != b and all(0 <= n - first < points for n in (a, b))]
    lines = list(dict.fromkeys(lines))
    notes: list[str] = []
    dropped = (len(value) if isinstance(value, list) else 1) - len(lines)
    if first == 0 and points in numbers:
        notes.append(
            say(
                f"{file}: the skeleton has both 0 and {points}: it is counted from 0, and lines to {points} are left "
                "out. Count all from 1, as COCO does.",
                f"{file}：骨架（skeleton）中同时有 0 和 {points}：按从 0 开始计数，去掉到 {points} 的连线。"
                "请像 COCO 那样全部从 1 开始计数。",
            )
        )
    elif first == 0:
        notes.append(
            say(
                f"{file}: the skeleton has a 0: its points are counted from 0, not from 1 as COCO does.",
                f"{file}：骨架（skeleton）中有 0：关键点按从 0 开始计数（COCO 从 1 开始）。",
            )
        )
    elif lines and points not in numbers and 1 not in numbers:
        notes.append(
            say(
                f"{file}: the skeleton has neither 0, 1 nor {points}: its points are counted from 1, as COCO does.",
                f"{file}：骨架（skeleton）中没有 0、1 和 {points}：按 COCO 的方式从 1 开始计数。",
            )
        )
    if dropped and not (first == 0 and points in numbers):
        notes.append(
            say(
                f"{file}: {dropped} entries of the skeleton are no two different points from 1 to {points}, or there "
                "twice: not drawn.",
                f"{file}：骨架（skeleton）中有 {dropped} 项不是 1 到 {points} 之间的两个不同关键点，或重复：不画。",
            )
        )
    return tuple(lines), notes


def _pair(entry: object) -> Pair | None:
    if isinstance(entry, list) and len(entry) == 2 and all(is_integer(number) for number in entry):
        return int(entry[0]), int(entry[1])
    return None
