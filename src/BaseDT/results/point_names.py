"""What the names of points tell: a side of the body, or a finger. Results and drawing ask."""

from __future__ import annotations

import functools
import re
from typing import Literal

Side = Literal["left", "right", ""]
FINGERS = ("thumb", "index", "middle", "ring", "pinky")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")  # LEye: L, Eye
_SIDES: dict[str, Side] = {"left": "left", "l": "left", "right": "right", "r": "right"}
_FINGER_WORDS = {
    **{name: number for number, name in enumerate(FINGERS)},
    **{"forefinger": 1, "little": 4, "拇指": 0, "食指": 1, "中指": 2, "无名指": 3, "小指": 4, "尾指": 4},
}


@functools.lru_cache(maxsize=2048)
def side_of(name: str) -> Side:
    """Return on which side a point lies, by its name: ``left_eye``, ``LEye``, ``eye_l``, 左眼; else ``""``."""
    words = [word.lower() for word in _WORD.findall(name)]
    told = [_SIDES[word] for word in words if word in _SIDES]
    if told:
        return told[0]
    if ("左" in name) != ("右" in name):
        return "left" if "左" in name else "right"
    return next((side for side in ("left", "right") if words and words[0].startswith(side)), "")


@functools.lru_cache(maxsize=2048)
def finger_of(name: str) -> int | None:
    """Return of which finger a point is, by its name: 0 is the thumb, 4 the little finger; None: of none."""
    words = [word.lower() for word in _WORD.findall(name)]
    # "thumb1", "middle_finger_tip", 左手食指尖
    told = (number for word, number in _FINGER_WORDS.items() if (word in words if word.isascii() else word in name))
    return next(told, None)
