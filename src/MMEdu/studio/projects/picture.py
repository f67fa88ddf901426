"""What a project holds: pictures, classes, and what listeners are told of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from BaseDT.files import Stamp

COLOURS = 8
_OURS = re.compile(r"(\d{6,9})-[0-9a-f]{6}")


@dataclass(frozen=True)
class PictureClass:
    """A class.

    Attributes:
        id: The server's; stays when the class gets another name.
        name: As it is shown.
        color: 0 to 7, one of the page's ``--class-…``.
        folder: Name of its folder within ``pictures``; empty in a project of kind "find".
    """

    id: str
    name: str
    color: int
    folder: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture file.

    Attributes:
        id: The server's; it stays when the picture is moved to another class, and when the server starts again.
        class_id: Empty in a project of kind "find".
        path: Where it lies now.
        order: Grows with every picture that is added, whatever the clock says.
        stamp: Bytes and time of the file: another one means other pixels.
    """

    id: str
    class_id: str
    path: Path
    order: int
    stamp: Stamp


@dataclass(frozen=True)
class Change:
    """What has happened to a project.

    Attributes:
        what: ``classes``: some came, went or are called otherwise. ``removed`` holds the pictures as they were, all
            others as they are now. A file that somebody has edited is removed and added, with its old id.
        revision: Of the project, after it.
        pictures: Which ones.
    """

    what: Literal["added", "removed", "moved", "classes", "settings", "name", "deleted"]
    revision: int
    pictures: tuple[Picture, ...] = ()


Listener = Callable[[Change], None]


def new_id(order: int) -> str:
    """Return a picture's id, which no other one ever has: its place and chance. Its file is called so."""
    return f"{order:06}-{secrets.token_hex(3)}"


def order_in(identifier: str) -> int | None:
    """Return the place that an id of ours holds; None where it is none."""
    found = _OURS.fullmatch(identifier)
    return int(found[1]) if found else None
