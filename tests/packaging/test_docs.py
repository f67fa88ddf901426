"""What the documents list is what the code has."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from BaseDT import errors
from BaseDT.argument_schema import Argument, arguments_of
from MMEdu.tasks import registry

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


def allowed(item: Argument) -> str:
    """What values an argument takes, for the table."""
    if item.choices:
        return ", ".join(f"`{choice}`" for choice in item.choices)
    bounds = [
        f"{sign} {bound:g}"
        for sign, bound in (("≥", item.least), (">", item.above), ("≤", item.most))
        if bound is not None
    ]
    return " ".join([item.kind, *bounds, *(["or None"] if item.optional else [])])


def argument_tables() -> list[str]:
    """The tables of docs/arguments.md, as the dataclasses have them."""
    lines = []
    for spec in registry.all_tasks().values():
        name = spec.documented_class.partition(":")[2]
        lines += [
            f"## {name}.train",
            "",
            "| argument | default | values | what it does | 说明 |",
            "| --- | --- | --- | --- | --- |",
        ]
        for item in arguments_of(spec.part("train_arguments")):
            lines.append(f"| `{item.name}` | `{item.default!r}` | {allowed(item)} | {item.help_en} | {item.help_zh} |")
        lines.append("")
    return lines[:-1]


def test_the_page_of_arguments_is_that_of_the_dataclasses() -> None:
    page = (DOCS / "arguments.md").read_text("utf-8").splitlines()
    assert page[page.index("## MMClassification.train") :] == argument_tables()
