"""What a machine sees and hears: ``Camera`` and ``MicroPhone`` (摄像头与麦克风).

Everybody may use them. Nothing is opened, and no driver imported, before one of them is made.
"""

from __future__ import annotations

from typing import NoReturn

from BaseDT.io.camera import Camera
from BaseDT.io.microphone import MicroPhone
from BaseDT.missing_names import no_such_name

__all__ = ["Camera", "MicroPhone"]


def __getattr__(name: str) -> NoReturn:
    raise no_such_name(__name__, name)
