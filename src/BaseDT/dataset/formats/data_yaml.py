"""The few keys of a ``data.yaml`` that say what a YOLO set is: ``names``, ``path``, ``train``, ``val``, ``test``.

A strict reader of the YAML that these files hold: texts, lists and mappings of one level, in one line or in several.
What is written otherwise (anchors, tags, texts of several lines) is an error that names it, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.names import composed

Value: TypeAlias = "str | list[str] | dict[str, str] | None"
_KEYS = ("names", "path", "train", "val", "test")
_ALIASES = {"valid": "val", "validation": "val"}
_KEY = re.compile(r"""(?P<quote>["']?)(?P<key>[A-Za-z_]+)(?P=quote)[ \t]*:(?=\s|$)""")
_SPACE = re.compile(r"(?:\s+|(?<!\S)#[^\n]*)*")
_SINGLE = re.compile(r"'((?:[^'\n]|'')*)'")
_DOUBLE = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_PLAIN_IN_FLOW = re.compile(r"(?:(?!\s#|:\s|:$)[^,\[\]{}\n])+")
_PLAIN = re.compile(r"(?:(?!\s#|:\s|:$)[^\n])+")
# What begins with these is no plain text in YAML.
_SPECIAL = tuple("&*!|>%@`?[]{},#")
_NOTHING = ("~", "null", "Null", "NULL")


class _Unreadable(ValueError):
    """YAML that is not read here."""


@dataclass(frozen=True)
class DataYaml:
    """What such a file says.

    Attributes:
        file: Where it lies.
        values: Of the keys that are read and are there.
    """

    file: Path
    values: Mapping[str, Value]

    @property
    def names(self) -> tuple[str, ...] | None:
        """The classes by number; None where it names none.

        Raises:
            DatasetInvalid: The list cannot be understood, or is empty, or has a name twice (-201).
        """
        if "names" not in self.values:
            return None
        value = self.values["names"]
        if isinstance(value, dict):
            numbers = sorted((int(key), name) for key, name in value.items() if re.fullmatch(r"[0-9]{1,6}", key))
            whole = [number for number, _ in numbers] == list(range(len(value)))
            value = [name for _, name in numbers] if whole else None
        names = tuple(composed(name.strip()) for name in value) if isinstance(value, list) else ()
        if not names or "" in names or len(set(names)) < len(names):
            raise unreadable_names(self.file)
        return names

    def entries(self, key: str) -> tuple[str, ...]:
        """Return the folders or lists of a part, or none.

        Raises:
            DatasetInvalid: They are numbers with names (-201).
        """
        value = self.values.get(key)
        if isinstance(value, dict):
            raise _unreadable(self.file, key, "{")
        return (value,) if isinstance(value, str) else tuple(value or ())


def files_of(src: Path) -> Iterator[DataYaml]:
    """Read the YAML files of a folder, ``data.yaml`` first; only those that say something of a data set are given.

    Raises:
        DatasetInvalid: One of the keys is written in a way that is not read (-201).
    """
    files = sorted((*src.glob("*.yaml"), *src.glob("*.yml")), key=lambda file: (file.stem != "data", file.name))
    for file in files:
        bodies = dict(_bodies(file, read_lines(file), _KEYS))
        # Other programs' files have a path, and something to train, too.
        if "names" in bodies or (file.stem == "data" and "train" in bodies):
            yield DataYaml(file, {key: _value_of(file, key, body) for key, body in bodies.items()})


def texts_of(src: Path, keys: Collection[str]) -> tuple[Path, dict[str, str]] | None:
    """Return the first YAML file of a folder that has the first of these keys, and what stands behind each, as written.

    Raises:
        DatasetInvalid: A key is there twice, or the file is no text (-201).
    """
    files = sorted((*src.glob("*.yaml"), *src.glob("*.yml")), key=lambda file: (file.stem != "data", file.name))
    for file in files:
        texts = dict(_bodies(file, read_lines(file), keys))
        if next(iter(keys)) in texts:
            return file, texts
    return None


def _bodies(file: Path, lines: list[str], keys: Collection[str]) -> Iterator[tuple[str, str]]:
    """Part a file into the keys that are read, each with what follows until the next key."""
    starts = [(number, found) for number, line in enumerate(lines) if (found := _KEY.match(line))]
    ends = [number for number, line in enumerate(lines) if line and not line[0].isspace() and line[0] not in "-#]}"]
    seen: set[str] = set()
    for number, found in starts:
        key = _ALIASES.get(found["key"], found["key"])
        if key not in keys:
            continue
        if key in seen:
            raise _unreadable(file, key, found["key"])
        seen.add(key)
        end = next((other for other in ends if other > number), len(lines))
        yield key, "\n".join([lines[number][found.end() :], *lines[number + 1 : end]])


def _value_of(file: Path, key: str, body: str) -> Value:
    try:
        return _value(body)
    except _Unreadable as error:
        raise (unreadable_names(file) if key == "names" else _unreadable(file, key, str(error))) from error


def _value(text: str) -> Value:
    """Return what stands behind a key."""
    start = _skip(text, 0)
    if start == len(text):
        return None
    if text[start] in "[{":
        return _flow(text, start)
    if "\n" not in text[:start] or _skip(text, 0) == len(text):
        value, end = _text(text, start, _PLAIN)
        if _skip(text, end) != len(text):
            raise _Unreadable(text[end:].strip())
        return None if value in _NOTHING and text[start] not in "'\"" else value
    return _block([line for line in text.split("\n") if line[_skip(line, 0) :]])


def _skip(text: str, at: int) -> int:
    """Return where blanks and comments end."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _text(text: str, at: int, plain: re.Pattern[str]) -> tuple[str, int]:
    """Read one text at a place; returns it, and where it ends."""
    if found := _SINGLE.match(text, at):
        return found[1].replace("''", "'"), found.end()
    if found := _DOUBLE.match(text, at):
        try:
            return str(json.loads(found[0])), found.end()
        except ValueError as error:
            raise _Unreadable(found[0]) from error
    found = plain.match(text, at)
    if found is None or text.startswith((*_SPECIAL, "'", '"'), at):
        raise _Unreadable(text[at : at + 40])
    return found[0].strip(), found.end()


def _flow(text: str, start: int) -> list[str] | dict[str, str]:
    """Read a list or a mapping in brackets."""
    close = {"[": "]", "{": "}"}[text[start]]
    items: list[str] = []
    pairs: dict[str, str] = {}
    at = _skip(text, start + 1)
    while not text.startswith(close, at):
        item, at = _text(text, at, _PLAIN_IN_FLOW)
        at = _skip(text, at)
        if close == "}":
            if not text.startswith(":", at) or item in pairs:
                raise _Unreadable(text[at : at + 40])
            pairs[item], at = _text(text, _skip(text, at + 1), _PLAIN_IN_FLOW)
            at = _skip(text, at)
        items.append(item)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith(close, at):
            raise _Unreadable(text[start : start + 40])
    if _skip(text, at + 1) != len(text):
        raise _Unreadable(text[at + 1 :].strip())
    return pairs if close == "}" else items


def _block(lines: list[str]) -> list[str] | dict[str, str]:
    """Read a list or a mapping of a line each, all of them equally far in."""
    indents = {len(line) - len(line.lstrip()) for line in lines}
    rows = [line.strip() for line in lines]
    if len(indents) > 1:
        raise _Unreadable(rows[1])
    if all(row.startswith(("- ", "-\t")) for row in rows):
        return [_last(row, row[1:].lstrip()) for row in rows]
    pairs: dict[str, str] = {}
    for row in rows:
        key, end = _text(row, 0, _PLAIN)
        if not row.startswith(":", end) or key in pairs:
            raise _Unreadable(row)
        pairs[key] = _last(row, row[end + 1 :].lstrip())
    return pairs


def _last(row: str, text: str) -> str:
    """Read the text that ends a line."""
    if not text:
        raise _Unreadable(row)
    value, end = _text(text, 0, _PLAIN)
    if _skip(text, end) != len(text) or (value in _NOTHING and text[0] not in "'\""):
        raise _Unreadable(row)
    return value


def unreadable_names(file: Path) -> DatasetInvalid:
    """Make the error of a list of classes that is none (-201)."""
    return DatasetInvalid(
        say(
            f"{file.name}: the list 'names' cannot be read, is empty, or has a name twice",
            f"{file.name}：列表 'names' 无法读取、为空，或有重复的名称",
        ),
        hint=say("Write: names: ['cat', 'dog']", "请写成：names: ['cat', 'dog']"),
    )


def _unreadable(file: Path, key: str, found: str) -> DatasetInvalid:
    shown = one_line(found[:60])
    return DatasetInvalid(
        say(f"{file.name}: '{key}' cannot be read here: {shown}", f"{file.name}：无法读取 '{key}'：{shown}"),
        hint=say(
            f"Write one folder ({key}: images/{key}), or a list of them, once.",
            f"请只写一次：一个文件夹（{key}: images/{key}），或它们的列表。",
        ),
    )
