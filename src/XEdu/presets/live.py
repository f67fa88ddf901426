"""A ready-made task on live pictures: what ``XEdu.live.run`` takes. One instance a film."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from XEdu.outputs.kind import OutputKind, Result
from XEdu.presets.ready_made import Frames, ReadyMade


@dataclass
class LivePreset:
    """Follows what a ready-made task finds from picture to picture; see ``XEdu.live.loop.LiveModel``.

    Attributes:
        task: Opened.
        clock: Seconds, where nobody says when a picture was taken.
    """

    task: ReadyMade
    clock: Callable[[], float] = time.monotonic
    _frames: Frames = field(init=False, repr=False)
    _seconds: float | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._frames = self.task.frames()

    @property
    def kind(self) -> OutputKind | None:
        """Of its results."""
        return self.task.kind

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return Reading()

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest score that a caller gave; None is the task's own."""
        return self.task.checked_threshold(name, value)

    def at(self, seconds: float) -> None:
        """Note when the next picture was taken: a film is not always played at the pace at which it is predicted."""
        self._seconds = seconds

    def predict(self, pictures: Sequence[Pixels], *, threshold: float | None = None) -> list[Result]:
        """Return the results of the next pictures of the film, in their order."""
        least = self.checked_threshold("threshold", None) if threshold is None else threshold
        return [self._frames(picture, self._moment(), least) for picture in pictures]

    def _moment(self) -> float:
        return self.clock() if self._seconds is None else self._seconds
