"""What the commands share: JSON for programs, paths for people. No command lives here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

import typer

from BaseDT.escaping import json_text, visible
from BaseDT.language import say


def echo(text: str, *, coloured: str = "", err: bool = False, nl: bool = True) -> None:
    """Print lines for a person; what comes out of files cannot act on the terminal.

    Args:
        text: The lines.
        coloured: What stands before them in colours of our own.
        err: Whether they go to the error stream.
        nl: Whether a line ends behind them.
    """
    with suppress(OSError):  # who listened is gone (| head): the work goes on
        typer.echo(coloured + visible(text), err=err, nl=nl)


def print_json(content: Mapping[str, object]) -> None:
    """Print one JSON object and nothing else; Chinese stays Chinese where the output can hold it."""
    print_json_text(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def print_json_text(text: str) -> None:
    """Print the text of one JSON object, in ASCII where the output cannot hold more."""
    typer.echo(json_text(text, getattr(sys.stdout, "encoding", None) or "ascii"), nl=False)


@contextmanager
def lines_on_stderr(as_json: bool) -> Iterator[None]:
    """Send the library's lines to stderr while a program waits for JSON on stdout."""
    if not as_json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def display_path(path: Path) -> str:
    """Name a path as one would type it here: relative to the working directory where it lies within."""
    folder = Path.cwd()
    absolute = folder / path
    return str(absolute.relative_to(folder)) if absolute.is_relative_to(folder) else str(absolute)


def meaning(name: str, task: str) -> str:
    """Say in a phrase what a file of the report of a task's training shows."""
    from MMEdu.actions.info import report_meanings

    return say(*report_meanings(task)[name])
