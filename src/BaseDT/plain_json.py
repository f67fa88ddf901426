"""JSON out of files that anybody may have written: what cannot be used is a ``ValueError``, whatever Python calls it.

Every file of JSON that the project did not write in this very run is read through ``loads``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from BaseDT.language import say

_MOST_DIGITS = 300
"""Of a whole number: beyond about 308 it is no float any more, and arithmetic raises where nobody expects it."""
# Only an escape can name half a pair; most files hold none, and their values are not looked through.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


_FAULTS = {
    "Expecting value": "缺少一个值",
    "Extra data": "结尾之后还有内容",
    "Expecting property name enclosed in double quotes": "缺少用双引号括起来的名称",
    "Expecting ',' delimiter": "缺少逗号 ','",
    "Expecting ':' delimiter": "缺少冒号 ':'",
    "Unterminated string starting at": "字符串没有结束",
    "Invalid control character at": "字符串中有控制字符",
    "Invalid \\escape": "反斜杠转义不正确",
    "Invalid \\uXXXX escape": "\\uXXXX 转义不正确",
    "Illegal trailing comma before end of object": "对象结尾前多了一个逗号",
    "Illegal trailing comma before end of array": "列表结尾前多了一个逗号",
}


def fault(error: ValueError) -> str:
    """Return why ``loads`` refused a text, and where; in the user's language."""
    if isinstance(error, UnicodeDecodeError):
        return say(str(error), "不是 UTF-8 文本")
    if not isinstance(error, json.JSONDecodeError):
        words: str = error.args[0]  # not of str(), which would forget the English
        return words
    chinese = next((zh for en, zh in _FAULTS.items() if error.msg.startswith(en)), error.msg)
    return say(
        f"line {error.lineno}, column {error.colno}: {error.msg}",
        f"第 {error.lineno} 行第 {error.colno} 列：{chinese}",
    )


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
        raise ValueError(say("it is nested too deeply", "嵌套过深")) from None
    except UnicodeEncodeError:
        raise ValueError(
            say(
                "it holds half a character (\\ud800 to \\udfff without the other half)",
                "含有半个字符（\\ud800 到 \\udfff 缺少另一半）",
            )
        ) from None
    return values


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(say(f"it holds a number of {len(digits)} digits", f"含有一个 {len(digits)} 位的数"))
    return int(digits)


def properties(text: str | bytes) -> dict[str, str]:
    """Return the object of a JSON text as properties of a model. Plain JSON in place of JSON in a string says the same.

    Raises:
        ValueError: As ``loads``, or it is no object.
    """
    values = loads(text)
    if not isinstance(values, dict):
        raise ValueError(say("it is no object", "它不是对象"))
    try:
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    except RecursionError:
        raise ValueError(say("it is nested too deeply", "嵌套过深")) from None
