r"""Paths as people paste and drag them: in quotes, with blanks around, as ``file://``. Everybody who is given one asks.

``"C:\x y\cat.jpg"`` with its quotes is what Windows copies, ``& 'C:\x y\cat.jpg'`` what PowerShell is dragged, and
``my\ photos/cat.jpg`` what a terminal is. A path that is there as it stands is never read in another way.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "”": "“", "‘": "’", "’": "‘", "「": "」", "«": "»", "„": "“"}
_AROUND = " \t\r\n\u00a0\u3000\u200b\u200e\u200f\u202a\u202c\ufeff"  # Windows' properties put U+202A before a path
_POWERSHELL = re.compile(r"&\s+(?=['\"])")
_ESCAPED = re.compile(r"\\(?=[^\w/.\\])")
_FIRST = (*_QUOTES, *_AROUND, "&", "file:", "FILE:", "File:")
_LAST = (*_QUOTES.values(), *_AROUND)


def as_meant(path: str | os.PathLike[str]) -> Path:
    """Return the path that a text means.

    Quotes, and what else cannot be meant, go where nothing is called so; blanks at the ends and escapes only where
    something is called as the rest.

    Args:
        path: What the user gave; a text without NUL.
    """
    text = os.fspath(path)
    if not isinstance(text, str) or not (text.startswith(_FIRST) or text.endswith(_LAST) or _may_be_escaped(text)):
        return Path(path)  # nearly every path, in a loop of many
    if _is_there(text):
        return Path(path)
    plain = _POWERSHELL.sub("", text.strip(_AROUND), count=1)
    unquoted = _unquoted(plain)
    bare = _of_url(unquoted)
    if bare != plain:
        return Path(_unescaped(bare))
    unescaped = _unescaped(plain)
    return Path(unescaped) if unescaped != text and _is_there(unescaped) else Path(path)


def _unquoted(text: str) -> str:
    """Take off the quotes around a text, and the blanks within them."""
    while len(text) > 2 and _QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip(_AROUND)
    return text


def _of_url(text: str) -> str:
    if not text.lower().startswith("file://"):
        return text
    parts = urlsplit(text)
    server = "" if parts.netloc in ("", "localhost") else f"//{unquote(parts.netloc)}"
    from urllib.request import url2pathname  # it loads ssl: the first address of a file waits for it, not every import

    return server + url2pathname(parts.path)


def _may_be_escaped(text: str) -> bool:
    return os.name != "nt" and "\\" in text  # under Windows it parts folders


def _unescaped(text: str) -> str:
    """Take off a terminal's backslashes where something is called as the rest."""
    if not _may_be_escaped(text) or _is_there(text):
        return text
    plain = _ESCAPED.sub("", text)
    return plain if _is_there(plain) else text


def _is_there(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # a name that cannot be
        return False
