"""Text out of files, such as the names of classes, made harmless for who shows it: a terminal, or a spreadsheet.

The one place that decides what is escaped. Nothing else of the project is imported here.
"""

from __future__ import annotations

import codecs
import json
import re

# Characters that act instead of being seen: controls (C0, DEL, C1: colours, bells, new titles), marks that turn the
# direction of writing or separate lines, invisible ones, halves of a pair. The joiners (U+200C, U+200D) of emoji and of
# some scripts stay, and so do tab and line feed, which layout needs.
_ACTING = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
_IN_TEXT = re.compile(f"[{_ACTING}]")
_IN_LINE = re.compile(f"[{_ACTING}\t\n]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet compute a cell, also in the width that Chinese and Japanese ones take for the same."""


def visible(text: str) -> str:
    r"""Return a text of any number of lines with ``\x1b`` in place of a character that acts on a terminal."""
    return text if text.isprintable() else _IN_TEXT.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Return a name for the middle of a line: as ``visible``, and ``\n`` in place of a line that it would begin."""
    return text if text.isprintable() else _IN_LINE.sub(_escape, text)


def short_name(text: str, most: int = 40) -> str:
    """Return a name out of a file for the middle of a sentence: on one line, and cut where it is longer than a name."""
    return one_line(text if len(text) <= most else f"{text[:most]}…")


def first_line(error: Exception) -> str:
    """Return the first line of what an error of another library says, for the middle of a sentence; else its name."""
    return one_line((str(error).splitlines() or [type(error).__name__])[0])


def json_text(text: str, encoding: str) -> str:
    """Return JSON as people read it: its letters stay where an output has them, what acts is written as a code.

    Args:
        text: Of one JSON value.
        encoding: Of where it goes. Other than Unicode it gets ASCII, which every console and pipe passes on unharmed.
    """
    if codecs.lookup(encoding).name.startswith("utf"):
        return _IN_TEXT.sub(_json_code, text)
    return _NOT_ASCII.sub(_json_code, text)


def table_cell(text: str) -> str:
    """Return a name for a cell of a table: on one line, and never a formula, before which ``'`` is put."""
    return ("'" if text.startswith(_FORMULA) else "") + one_line(text)


def quoted(value: object, most: int = 80) -> str:
    """Return what a user gave, as a message quotes it: shortened, also where Python cannot write it down."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply; a number of more digits than Python writes
        text = f"{type(value).__name__} (…)"
    return text if len(text) <= most else text[:most]


def _json_code(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape", "surrogatepass").decode("ascii")
