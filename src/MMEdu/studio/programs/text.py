"""How a program is written down: calls with values, comments, lines of a readable length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_WIDTH = 100


def call(function: str, arguments: Mapping[str, object]) -> str:
    """Return a call, each value by its ``repr``; one argument a line where one line is too long.

    Args:
        function: What is called; the program's own words.
        arguments: Values by the names of the function's parameters.
    """
    written = [f"{name}={value!r}" for name, value in arguments.items()]
    line = f"{function}({', '.join(written)})"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in written), ")"])


def program(parts: Sequence[tuple[str, str]]) -> str:
    """Return a program of parts: a comment, in the user's language, and the code below it; either may be empty."""
    return "\n".join(_part(comment, code) for comment, code in parts)


def _part(comment: str, code: str) -> str:
    lines = [f"# {line}" for line in comment.splitlines()]
    return "".join(f"{line}\n" for line in [*lines, *([code] if code else [])])
