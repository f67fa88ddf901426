"""Live predictions: pictures come from a camera, a video or a folder, and leave for a window, a file or the terminal.

``run`` is the door. What a model says is drawn with the frames per second; headless machines write files.
"""

from __future__ import annotations

from typing import NoReturn

from BaseDT.missing_names import no_such_name
from XEdu.live.loop import Summary, run

__all__ = ["Summary", "run"]


def __getattr__(name: str) -> NoReturn:
    raise no_such_name(__name__, name)
