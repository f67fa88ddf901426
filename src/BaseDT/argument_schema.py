"""Arguments as data: each field of a frozen dataclass carries its bounds, its choices and its help in two languages.

From it come the checks of a call, the options of the command line, the form of a web page (JSON schema) and the
reference. A constructor only stores; ``check`` validates where the arguments are used.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from BaseDT.arguments import check_choice, check_integer, check_number, checked_flag, checked_path
from BaseDT.language import say

Check = Callable[[str, Any], Any]
"""Checks a value that is not None: called with the argument's name and its value, raises ``ParameterInvalid``."""
Resume = Literal["fixed", "free", "unrecorded"]
A = TypeVar("A")
_METADATA = "argument"
_KINDS: Mapping[type, str] = {bool: "flag", int: "integer", float: "number", Path: "path", str: "text"}
_JSON_TYPES = {"flag": "boolean", "integer": "integer", "number": "number"}


@dataclass(frozen=True)
class Argument:
    """One argument.

    Attributes:
        help_en: What it does, in English.
        help_zh: The same in Chinese.
        least: The smallest number that will do.
        above: A number must be larger.
        most: The largest number that will do.
        choices: The values that will do; empty for any.
        check: Checks what the above cannot say, in their place.
        resume: Whether a run that is resumed must have it as before (``fixed``), may change it (``free``), or whether
            it is no property of the run (``unrecorded``), as its folder.
        recorded_as: Its name in checkpoints and logs where that is another.
        python_only: Whether the command line and the form leave it out, e.g. a listener.
        label: What a form calls it, in English and Chinese; empty: as in the dataclass that has it first, else its
            name.
        first: Whether a form asks for it at once, and not only where more is wanted; likewise.
        form: What else its JSON schema says: types and values that ``check`` hides.
        name: Filled in by ``arguments_of``.
        kind: Likewise: ``flag``, ``integer``, ``number``, ``path`` or ``text``.
        optional: Likewise: whether None is allowed.
        default: Likewise.
    """

    help_en: str
    help_zh: str
    least: float | None = None
    above: float | None = None
    most: float | None = None
    choices: tuple[Any, ...] = ()
    check: Check | None = None
    resume: Resume = "fixed"
    recorded_as: str = ""
    python_only: bool = False
    label: tuple[str, str] = ("", "")
    first: bool = False
    form: Mapping[str, Any] = field(default_factory=dict, hash=False)
    name: str = ""
    kind: str = "text"
    optional: bool = False
    default: Any = None

    @property
    def help(self) -> str:
        """What it does, in the user's language."""
        return say(self.help_en, self.help_zh)

    def checked(self, value: Any) -> Any:
        """Return a value that can be used, as a plain Python one.

        Raises:
            ParameterInvalid: It cannot (-305).
        """
        if value is None and self.optional:
            return None
        if self.check is not None:
            return self.check(self.name, value)
        if self.choices:
            return check_choice(self.name, value, self.choices)
        if self.kind == "integer":
            most = None if self.most is None else int(self.most)
            return check_integer(self.name, value, least=1 if self.least is None else int(self.least), most=most)
        if self.kind == "number":
            return check_number(self.name, value, above=self.above, least=self.least, most=self.most)
        if self.kind == "flag":
            return checked_flag(self.name, value)
        return checked_path(self.name, value) if self.kind == "path" else value

    def schema(self) -> dict[str, Any]:
        """Return its JSON schema."""
        title = say(*self.label) or self.name.replace("_", " ")
        described: dict[str, Any] = {"title": title, "description": self.help, "default": _plain(self.default)}
        if self.kind in _JSON_TYPES and self.check is None:
            described["type"] = [_JSON_TYPES[self.kind], "null"] if self.optional else _JSON_TYPES[self.kind]
        least = 1 if self.kind == "integer" and self.least is None and self.check is None else self.least
        bounds = {"minimum": least, "exclusiveMinimum": self.above, "maximum": self.most}
        described |= {name: bound for name, bound in bounds.items() if bound is not None}
        if self.choices:
            described["enum"] = [*self.choices, *([None] if self.optional else [])]
        if self.kind == "path":
            described["format"] = "path"
        return {**described, **self.form}


def argument(default: A, en: str, zh: str, **rules: Any) -> A:
    """Describe a field of a dataclass of arguments.

    Args:
        default: Its value where the user says nothing.
        en: What it does, in English.
        zh: The same in Chinese.
        **rules: Further fields of ``Argument``.
    """
    described: A = field(default=default, metadata={_METADATA: Argument(en, zh, **rules)})
    return described


def arguments_of(cls: type) -> tuple[Argument, ...]:
    """List the arguments of a dataclass in the order of its fields."""
    hints = typing.get_type_hints(cls)
    listed = []
    for item in dataclasses.fields(cls):
        kind, optional = _kind(hints[item.name])
        described: Argument = item.metadata[_METADATA]
        origin = _first_description(cls, item.name)
        listed.append(
            dataclasses.replace(
                described,
                name=item.name,
                kind=kind,
                optional=optional,
                default=item.default,
                label=described.label if any(described.label) else origin.label,
                first=described.first or origin.first,
            )
        )
    return tuple(listed)


def _first_description(cls: type, name: str) -> Argument:
    """Return how the dataclass describes an argument that has it first, and whose others inherit it."""
    bases = (base.__dict__.get("__dataclass_fields__", {}) for base in reversed(cls.__mro__))
    described: Argument = next(fields[name] for fields in bases if name in fields).metadata[_METADATA]
    return described


def _kind(hint: Any) -> tuple[str, bool]:
    """Return the kind of a type hint, and whether None is allowed."""
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)  # the latter with a Literal in it
    members = typing.get_args(hint) if is_union else (hint,)
    optional = types.NoneType in members
    members = tuple(member for member in members if member is not types.NoneType)
    if Path in members or any("PathLike" in str(member) for member in members):
        return "path", optional
    return (_KINDS.get(members[0], "text") if len(members) == 1 else "text"), optional


def check(arguments: A) -> A:
    """Return the same arguments, checked one by one, as plain Python values.

    Raises:
        ParameterInvalid: A value cannot be used (-305); the hint says what can.
    """
    values = {item.name: item.checked(getattr(arguments, item.name)) for item in arguments_of(type(arguments))}
    return dataclasses.replace(arguments, **values)  # type: ignore[type-var]


def json_schema(cls: type) -> dict[str, Any]:
    """Return the JSON schema of a dataclass of arguments, its texts in the user's language."""
    listed = [item for item in arguments_of(cls) if not item.python_only]
    return {
        "type": "object",
        "properties": {item.name: item.schema() for item in listed},
        "additionalProperties": False,
    }


def recorded(arguments: Any, resume: Sequence[Resume] = ("fixed", "free")) -> dict[str, Any]:
    """Return the arguments that belong to a run, as plain data under the names of checkpoints and logs."""
    return {
        item.recorded_as or item.name: _plain(getattr(arguments, item.name))
        for item in arguments_of(type(arguments))
        if item.resume in resume
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value
