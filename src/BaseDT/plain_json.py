"""JSON out of files that anybody may have written: what cannot be used is a ``ValueError``, whatever Python calls it.

Every file of JSON that the project did not write in this very run is read through ``loads``.
"""

from __future__ import annotations

import json
import re
from typing import Any

_MOST_DIGITS = 300
"""Of a whole number: beyond about 308 it is no float any more, and arithmetic raises where nobody expects it."""
# Only an escape can name half a pair; most files hold none, and their values are not looked through.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def loads(text: str | bytes) -> Any:
    """Return the values of a JSON text.

    Raises:
        ValueError: It is none (``json.JSONDecodeError``, which names line and column), it is no UTF-8, it is nested
            deeper than Python reads, or it holds a number or half a character that nothing else can take.
    """
    # A mark at the start (utf-8-sig) is Windows' editors'; json itself refuses it.
    content = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        values = json.loads(content, parse_int=_whole)
        if _HALF.search(content):
            json.dumps(values, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise ValueError("it holds half a character (\\ud800 to \\udfff without the other half)") from None
    return values


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"it holds a number of {len(digits)} digits")
    return int(digits)


def properties(text: str | bytes) -> dict[str, str]:
    """Return the object of a JSON text as properties of a model. Plain JSON in place of JSON in a string says the same.

    Raises:
        ValueError: As ``loads``, or it is no object.
    """
    values = loads(text)
    if not isinstance(values, dict):
        raise ValueError("it is no object")
    try:
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
