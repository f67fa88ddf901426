"""The compressions that joblib writes, undone with a limit: a small file shall not fill the memory."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Protocol

_LIMIT = 2**30
"""Bytes of a model; the neighbours of a million rows of 100 numbers have 0.8 GB."""

_SURELY = 2**26
_TIMES = 200
"""How many times a model may be as large as its file, where it is larger than the line above: numbers shrink little."""


class TooLarge(ValueError):
    """The content is larger than any model should be."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def decompressed(data: bytes, limit: int = _LIMIT) -> bytes:
    """Return the content of a file of joblib; how it was compressed is known by its first bytes.

    Raises:
        TooLarge: It would be larger than the limit, in bytes, or out of all proportion to the file.
        ValueError: It is damaged, or ends too early.
    """
    made = _decompressor(data)
    if made is None:
        return data
    try:
        most = min(limit, max(_SURELY, _TIMES * len(data)))
        content = made.decompress(data, most)
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
        raise ValueError(str(error)) from error
    if not made.eof:
        raise TooLarge if len(content) >= most else ValueError("it ends too early")
    return content


def _decompressor(data: bytes) -> _Decompressor | None:
    if data[:2] in (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"):
        return zlib.decompressobj()
    if data[:2] == b"\x1f\x8b":
        return zlib.decompressobj(zlib.MAX_WBITS | 16)
    if data[:3] == b"BZh":
        return bz2.BZ2Decompressor()
    if data[:6] == b"\xfd7zXZ\x00" or data[:2] == b"]\x00":
        return lzma.LZMADecompressor()
    return None
