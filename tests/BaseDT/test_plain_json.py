"""JSON that anybody may have written: what cannot be used is a ValueError."""

from __future__ import annotations

import json

import pytest

from BaseDT import plain_json

_BAD = {
    "deep list": "[" * 100_000,
    "deep object": '{"a":' * 100_000,
    "more digits than a float has": "[1" + "0" * 400 + "]",
    "more digits than Python reads": "1" * 5000,
    "half a character": '["\\ud800"]',
    "the other half": '{"\\uDC00": 1}',
    "not UTF-8": b'["\xff"]',
    "cut off": '{"a": ',
    "nothing": "",
}


@pytest.mark.parametrize("text", _BAD.values(), ids=_BAD)
def test_what_cannot_be_used_is_one_kind_of_error(text: str | bytes) -> None:
    for read in (plain_json.loads, plain_json.properties):
        with pytest.raises(ValueError, match=r".+"):
            read(text)


def test_whole_files_are_what_json_reads() -> None:
    text = '{"猫": [1, -2.5, 1e300, true, null, "\\ud83d\\ude00"], "seed": 18446744073709551615}'
    assert plain_json.loads(text) == plain_json.loads(b"\xef\xbb\xbf" + text.encode()) == json.loads(text)


def test_plain_values_are_properties_too() -> None:
    assert plain_json.properties('{"a": "x", "b": {"c": [1]}}') == {"a": "x", "b": '{"c": [1]}'}
    with pytest.raises(ValueError, match="no object"):
        plain_json.properties("[]")
