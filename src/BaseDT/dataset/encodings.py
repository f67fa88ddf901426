"""Which encoding a text file is in that does not say so: UTF-8 or GBK, by its bytes and by names that it should hold.

``textfiles`` calls it. The answer depends on the file and those names alone, never on the machine or its language.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from BaseDT.names import composed

_DECLARES_GBK = re.compile(rb"\s*<\?xml[^>]*encoding=.gb", re.IGNORECASE)
# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_GBK = "gb18030"  # GBK with more characters
_TAIWAN = "cp950"
_WORD = re.compile("[A-Za-z]*[\x80-\u07ff][A-Za-z\x80-\u07ff]*")
_LIVING_ALPHABETS = tuple(
    re.compile(f"[{letters}]+")
    for letters in (
        "\xc0-\xd6\xd8-\xf6\xf8-\u017f",  # Latin with accents
        "\u0370-\u03ff",  # Greek
        "\u0400-\u045f\u0490\u0491",  # Cyrillic
        "\u05d0-\u05ea",  # Hebrew
        "\u0620-\u065f",  # Arabic
    )
)
_ENOUGH = 3
"""So many letters, or words, of one alphabet are not what Chinese read wrongly looks like."""
_MOST_WORDS = 1000  # of a large file; the first ones tell
_MOST_NAMES = 50
_LAST_OF_THE_USUAL = 0xD7  # GB 2312 has the 3,755 usual characters up to this first byte


def decoded(data: bytes, expected: Iterable[str] = ()) -> str | None:
    """Return the text of a file, None where it is none.

    Args:
        data: The file's bytes.
        expected: Names that it should hold: they decide where the bytes can be read in several ways.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _read(data[len(mark) :], encoding)
    if data.isascii() and b"\0" not in data:
        return data.decode("ascii")
    if _DECLARES_GBK.match(data):
        return _read(data, _GBK)
    if b"\0" in data:  # every line end of UTF-16 has one; no other text does
        return _unmarked_utf16(data)
    names = [name for name in expected if not name.isascii()][:_MOST_NAMES]
    readings = {encoding: _read(data, encoding) for encoding in (("utf-8", _GBK, _TAIWAN) if names else ("utf-8",))}
    for reading in filter(None, readings.values()):
        plain = composed(reading)
        if any(name in plain for name in names):
            return reading
    text = readings["utf-8"]
    if text is not None and not _is_misread_gbk(text, data):
        return text
    return _read(data, _GBK)


def _read(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unmarked_utf16(data: bytes) -> str | None:
    """Read UTF-16 without a mark: the zero of an ASCII character lies at odd places in the usual byte order."""
    encoding = "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
    text = _read(data, encoding)
    return None if text is None or "\0" in text else text


def _is_misread_gbk(text: str, data: bytes) -> bool:
    """Tell whether what reads as UTF-8 is more likely GBK: 猫 has the bytes of è, and 母猫 those of ĸè.

    Words of other languages hold ASCII letters (café), or letters of one alphabet (нож); what is left, letters alone or
    from two alphabets, is Chinese where it is made of usual characters. Chinese in UTF-8 has three bytes each.
    """
    if max(text, default="") >= "\u0800":  # beyond two bytes of UTF-8
        return False
    words = set()
    for number, word in enumerate(_words(text)):
        if number == _MOST_WORDS:
            break
        words.add(word)
    if any(re.search("[A-Za-z]", word) for word in words) or _are_of_an_alphabet(words):
        return False
    if re.search("[0-9][\xa2-\xbf]|[\xa2-\xbf][0-9]", text):  # 90°, £5
        return False
    return _is_usual_chinese(data)


def _words(text: str) -> Iterator[str]:
    return (match[0] for match in _WORD.finditer(text))


def _are_of_an_alphabet(words: set[str]) -> bool:
    """Tell whether these are words, or single letters, as people write them."""
    for letters in _LIVING_ALPHABETS:
        if all(letters.fullmatch(word) for word in words):
            is_latin = letters is _LIVING_ALPHABETS[0]  # whose words are hardly ever without a letter of ASCII
            return len(words) >= _ENOUGH or (not is_latin and max(map(len, words)) >= _ENOUGH)
    return False


def _is_usual_chinese(data: bytes) -> bool:
    text = _read(data, _GBK)
    if text is None:
        return False
    beyond_ascii = [character.encode(_GBK) for character in set(text) if not character.isascii()]
    return all(len(code) == 2 and 0xA1 <= code[0] <= _LAST_OF_THE_USUAL and code[1] >= 0xA1 for code in beyond_ascii)
