"""Names that people type: cleaned, compared as people do, with a free one where one is taken."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

LONGEST = 40
_JOINERS = "\u200c\u200d"
"""What emoji and some scripts need between two letters."""


def cleaned(text: str, longest: int = LONGEST) -> str:
    """Return a name as it is shown: one line, without what acts instead of being seen.

    Raises:
        ParameterInvalid: Nothing is left, or more than ``longest`` characters (-305).
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFC", text) if _is_seen(letter))
    name = " ".join(seen.split()).strip(_JOINERS)
    if not name:
        raise ParameterInvalid(say("A name is missing.", "还没有填写名字。"), hint=say("Type a name.", "请输入名字。"))
    if len(name) > longest:
        raise ParameterInvalid(
            say(
                f"That name has {len(name)} characters; {longest} are the most.",
                f"名字有 {len(name)} 个字符，最多 {longest} 个。",
            ),
            hint=say("Take a shorter one.", "请取短一点的名字。"),
        )
    return name


def same(one: str, other: str) -> bool:
    """Tell whether two names are the same to a person."""
    return _plain(one) == _plain(other)


def free(name: str, taken: Iterable[str]) -> str:
    """Return the name, or the first of ``name 2``, ``name 3`` … that is not taken."""
    known = {_plain(one) for one in taken}
    if _plain(name) not in known:
        return name
    numbers = (f"{name[: LONGEST - 4]} {number}" for number in range(2, 10_000))
    return next(one for one in numbers if _plain(one) not in known)


def new_id() -> str:
    """Return an identifier of the server's."""
    return secrets.token_hex(4)


def _is_seen(letter: str) -> bool:
    return letter in _JOINERS or letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()
