"""Documented defaults that tell themselves from the same number written by the user."""

from __future__ import annotations


class UsualNumber(float):
    """A number that nobody wrote: what the algorithm or ``para`` says goes first."""


class UsualCount(int):
    """Likewise a whole number."""


def is_usual(value: object) -> bool:
    """Tell whether nobody wrote this value."""
    return isinstance(value, (UsualNumber, UsualCount))
