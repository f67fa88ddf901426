"""What the documents list is what the code has."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from BaseDT import errors

DOCS = Path(__file__).resolve().parents[2] / "docs"


def named_errors() -> Iterator[type[errors.XEduError]]:
    """Every error that has a code, in the order of the codes."""
    classes = [value for value in vars(errors).values() if inspect.isclass(value)]
    found = [value for value in classes if issubclass(value, errors.XEduError) and value is not errors.XEduError]
    return iter(sorted(found, key=lambda error: -error.code))


def error_table() -> list[str]:
    """The table of docs/errors.md, as the code has it."""
    rows = ["| code | exception | also a | when |", "| ---: | --- | --- | --- |"]
    for error in named_errors():
        builtin = error.__bases__[1].__name__
        when = str(inspect.getdoc(error)).splitlines()[0].replace("``", "`")
        rows.append(f"| {error.code} | `{error.__name__}` | `{builtin}` | {when} |")
    return rows


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in named_errors()]
    assert len(codes) == len(set(codes))


def test_the_page_of_errors_holds_the_table_of_the_code() -> None:
    page = (DOCS / "errors.md").read_text("utf-8").splitlines()
    assert [line for line in page if line.startswith("|")] == error_table()
