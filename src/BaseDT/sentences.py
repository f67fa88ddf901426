"""Sentences that are put together from parts, some of which may be empty or end with a full stop of their own."""

from __future__ import annotations

import re

from BaseDT.language import Said, english

# Not of "...", nor of a path that ends in "..".
_TWO_STOPS = re.compile(r"(?<=[^\s./\\])\.\.(?=\s|$)|[.。]。|。\.(?!\w)")
_STOP_AFTER_MARK = re.compile(r"(?<=[?!？！])[.。](?![.\w])")


def tidied(text: str) -> str:
    """Return a text without blanks around it or around its lines, and with one mark at the end of a sentence.

    What ``language.say`` returned still knows its English.
    """
    plain = _tidied(text)
    return Said(plain, _tidied(english(text))) if isinstance(text, Said) else plain


def _tidied(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().split("\n")]
    return _STOP_AFTER_MARK.sub("", _TWO_STOPS.sub(_one_stop, "\n".join(lines)))


def _one_stop(match: re.Match[str]) -> str:
    return "。" if "。" in match[0] else "."
