"""What a network may be for. Torch-free."""

from __future__ import annotations

from BaseDT.arguments import checked_name

TASKS = ("cls", "reg", "gen")
"""Classes, numbers, and what it makes of noise or of words."""


def checked_task(value: object) -> str:
    """Return the name of a task in lower case.

    Raises:
        ParameterInvalid: There is no such task (-305).
    """
    return checked_name("task", value, {name: name for name in TASKS})
