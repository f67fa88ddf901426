"""One thing that the doctor looked at, and what it found. Plain data, for the console and for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        name: The thing that was looked at, e.g. ``"torch"``; never translated, programs may ask for it.
        status: ``ok``; ``warning``: works, but not as well as it could; ``error``: something will fail.
        detail: What was found, in the user's language.
        remedy: What to do, mostly one command a line; empty where there is nothing to do.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""
