"""A ready-made task on live pictures: what ``XEdu.live.run`` takes. One instance a film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from BaseDT.errors import TaskMismatch
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from XEdu.outputs.kind import OutputKind, Result
from XEdu.presets.names import PRESETS
from XEdu.presets.opening import Sources, opened
from XEdu.presets.ready_made import Frames, ReadyMade


@dataclass
class LivePreset:
    """Follows what a ready-made task finds from picture to picture; see ``XEdu.live.loop.FilmModel``.

    Attributes:
        task: Opened.
    """

    task: ReadyMade
    _frames: Frames = field(init=False, repr=False)
    _seconds: float | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._frames = self.task.frames()

    @property
    def kind(self) -> OutputKind | None:
        """Of its results."""
        return self.task.kind

    @property
    def numbers(self) -> bool:
        """Whether its objects have numbers that they keep: those that have points do."""
        return self.kind is not None and self.kind.points is not None

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return Reading()

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest score that a caller gave; None is the task's own."""
        return self.task.checked_threshold(name, value)

    def at(self, seconds: float) -> None:
        """Note that the next picture is the next of the film, and when it was taken."""
        self._seconds = seconds

    def predict(self, pictures: Sequence[Pixels], *, threshold: float | None = None) -> list[Result]:
        """Return the results of pictures; of one without ``at`` before it, as if it were the only one."""
        least = self.checked_threshold("threshold", None) if threshold is None else threshold
        return [self._result(picture, least) for picture in pictures]

    def _result(self, picture: Pixels, threshold: float) -> Result:
        seconds, self._seconds = self._seconds, None
        return self.task.of(picture, threshold) if seconds is None else self._frames(picture, seconds, threshold)


def open_live(name: str, sources: Sources | None = None) -> LivePreset:
    """Open a ready-made task for live pictures.

    Args:
        name: One of ``names.PRESETS``.
        sources: Where its weights come from.

    Raises:
        TaskMismatch: Its results are nothing that could be drawn on a picture (-311).
        WeightsUnavailable: Its weights are not here and cannot be fetched (-107).
    """
    if not PRESETS[name].live:
        raise TaskMismatch(
            say(f"The task '{name}' is not for live pictures.", f"任务 '{name}' 不用于实时画面。"),
            hint=say(f"Use Workflow(task='{name}').", f"请使用 Workflow(task='{name}')。"),
        )
    return LivePreset(opened(name, sources))
