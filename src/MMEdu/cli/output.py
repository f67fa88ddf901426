"""What commands share: JSON on stdout for programs, everything that a person reads beside it on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def print_json(content: Any) -> None:
    """Print one JSON object and nothing else."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


@contextmanager
def lines_on_stderr(wanted: bool) -> Iterator[None]:
    """Send the library's lines to stderr while a program waits for JSON on stdout."""
    if not wanted:
        yield
        return
    with redirect_stdout(typer.get_text_stream("stderr")):
        yield
