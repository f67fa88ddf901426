"""What a file says in place of objects: their names, arguments and state; and why one is not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Damaged(ValueError):
    """The file contradicts itself, or ends too early."""


class Refused(ValueError):
    """The file wants something that no model of this kind has."""


@dataclass
class Node:
    """An object that a file describes.

    Attributes:
        name: Of its class or function, ``"sklearn.svm._classes.SVC"``.
        arguments: It is made of.
        state: Set afterwards.
    """

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None
    called: bool = False
