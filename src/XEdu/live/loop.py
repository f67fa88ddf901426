"""The loop of live predictions: a frame comes, the model predicts, the result is drawn and handed to the sinks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import cv2

from BaseDT import fonts
from BaseDT.arguments import check_integer, check_number, checked_flag, checked_path, documented, invalid
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.interrupts import Ending
from XEdu.live import targets
from XEdu.live.following import Counts, Follower, follower, opened_table
from XEdu.live.sinks import Sink
from XEdu.live.sources import Source, opened
from XEdu.outputs.kind import OutputKind, Result

_SMOOTH = 0.1  # weight of the newest interval


class LiveModel(Protocol):
    """What predicts: ``XEdu.runtime.model.Model``, or a ``FilmModel``."""

    @property
    def kind(self) -> OutputKind | None:
        """Of its results; None where the model does not say, so that ``predict`` raises."""

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest score of a result that a caller gave; None is the model's own."""
        ...

    def predict(self, pictures: Sequence[Pixels], *, threshold: float | None = None) -> list[Result]:
        """Return one result for each picture."""
        ...


@runtime_checkable
class FilmModel(Protocol):
    """What follows a film from picture to picture: ``XEdu.presets.live.LivePreset``."""

    @property
    def numbers(self) -> bool:
        """Whether its objects have numbers that they keep, so that nobody else need follow them."""

    def at(self, seconds: float) -> None:
        """Note that the next picture is the next of the film, and when it was taken: by the film's own pace."""


@dataclass(frozen=True)
class Summary:
    """How a live run went.

    Attributes:
        frames: Pictures that were predicted.
        seconds: From the first picture to the end.
        out: What was written.
        interrupted: Whether Ctrl-C ended it.
        counts: What was counted, by name of the class, then by direction (``in``, ``out``; ``seen`` without a line).
    """

    frames: int
    seconds: float
    out: Path | None
    interrupted: bool
    counts: Counts = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Mean frames per second."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0


class Pace:
    """Frames per second, smoothed, so that a reader can read it."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._interval: float | None = None

    def tick(self, now: float) -> float | None:
        """Note that a frame is done; the rate, or None at the first."""
        if self._last is not None:
            new = max(now - self._last, 1e-6)
            self._interval = new if self._interval is None else (1 - _SMOOTH) * self._interval + _SMOOTH * new
        self._last = now
        return None if self._interval is None else 1 / self._interval


@documented
def run(
    model: LiveModel,
    source: int | str | os.PathLike[str] = 0,
    *,
    out: str | os.PathLike[str] | None = None,
    show: bool | None = None,
    seconds: float | None = None,
    frames: int | None = None,
    threshold: float | str | None = None,
    track: bool = False,
    count: bool = False,
    line: Any = None,
    csv: str | os.PathLike[str] | None = None,
    tell: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Predict what comes from a camera, a video or a folder until it ends, a limit is reached, or the user ends it.

    Args:
        model: An open model.
        source: Number of a camera, a video file, a folder of pictures, or a picture.
        out: Video file or folder to write, of one picture also a picture; None: none, unless no window can be shown.
        show: Open a window. None: where one can open and nothing is written; for one picture none opens, it is written.
        seconds: End after so many.
        frames: End after so many.
        threshold: Least score of a box, or of a class, below which a frame shows none of them; None is the model's own.
        track: Give the objects that a detector finds numbers that they keep.
        count: Count the objects of each class, each once; with a line those that cross it.
        line: A line to count at, in and out: x1, y1, x2, y2, as of ``track.Line.of``.
        csv: File for a line of values for everything that is counted, as of ``track.CountTable``.
        tell: Gets a line each second, and one for everything that a user must know.
        clock: Seconds.

    Raises:
        DeviceUnavailable: There is no such camera (-301).
        ImageNotFound: There is no such file, or no picture in the folder (-103).
        ImageUnsupported: The file is no video (-203).
        ImageDamaged: None of the pictures can be read (-205).
        PathExists: What should be written is there already (-105).
        PathNotWritable: It cannot be written (-104).
        ParameterInvalid: A value cannot work (-305).
        TaskMismatch: This model finds nothing that could be followed or counted (-311).
    """
    _check_model(model)
    least = model.checked_threshold("threshold", threshold)
    _check_limits(seconds, frames)
    track, count = checked_flag("track", track), checked_flag("count", count)
    track = track and not (isinstance(model, FilmModel) and model.numbers)
    target = None if out is None else checked_path("out", out)
    window = None if show is None else checked_flag("show", show)
    notify = tell or (lambda _: None)
    # What cannot be tracked is said before anything is made.
    follower(model.kind, least, track=track, count=count or csv is not None, line=line, table=None)
    with Ending() as ending, ExitStack() as stack:  # the camera, too, is let go in peace
        stream = stack.enter_context(opened(source, notify, model.reading))
        table = opened_table(csv)
        if table is not None:
            stack.push(lambda kind, *_: table.close(failed=kind is not None))
        following = follower(model.kind, least, track=track, count=count, line=line, table=table)
        chosen = targets.chosen(stream, target, window, notify, clock)
        return _Loop(model, least, chosen, following, notify, clock).through(stream, seconds, frames, ending)


class _Loop:
    def __init__(
        self,
        model: LiveModel,
        threshold: float,
        chosen: Sequence[Sink],
        following: Follower | None,
        notify: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._model, self._targets, self._following = model, chosen, following
        self._threshold = threshold if following is None else following.threshold
        self._notify, self._clock = notify, clock
        self._pace, self._count, self._last_line, self._fonts_checked = Pace(), 0, -1.0, False
        self._began = 0.0
        self._rate: float | None = None

    def through(self, stream: Source, seconds: float | None, frames: int | None, ending: Ending) -> Summary:
        """Take every picture of a stream; whatever ends it, what was written is closed."""
        began, written, interrupted = self._clock(), None, False
        self._began, self._rate = began, stream.rate
        try:
            for frame in stream.frames:
                goes_on = self._frame(frame.pixels, frame.name)
                late = seconds is not None and self._clock() - began >= seconds
                if not goes_on or late or (frames is not None and self._count >= frames):
                    break
        except KeyboardInterrupt:
            interrupted = True
        finally:
            ending.begins()
            duration = self._clock() - began
            written = self._close()
        counts = {} if self._following is None else self._following.counts
        return Summary(self._count, duration, written, interrupted, counts)

    def _frame(self, pixels: Pixels, name: str) -> bool:
        """Predict one frame and hand it on; False where a sink wants no more."""
        if isinstance(self._model, FilmModel) and not name:  # pictures of a folder are no film
            self._model.at(self._position(self._clock()))
        result = self._model.predict([pixels], threshold=self._threshold)[0]
        kind = self._model.kind
        assert kind is not None  # a model without one has raised
        self._count += 1
        now = self._clock()
        if self._following is not None:
            result = self._following.take(result, pixels, self._count, self._position(now, self._count - 1))
        rate = self._pace.tick(now)
        # A line a second can be read; a line a frame could not.
        if self._last_line < 0 or now - self._last_line >= 1.0:
            self._last_line = now
            text = kind.line(result) if self._following is None else self._following.line()
            self._notify(_line(text, rate, name))
        targets = [target for target in self._targets if target.wants()]
        if not targets:
            return True
        self._notify_of_fonts(kind.names(result))
        picture = kind.draw(pixels, result) if self._following is None else self._following.draw(pixels)
        picture = drawn(picture, pixels, rate)
        goes_on = [target.take(picture, name) for target in targets]  # each of them, also where one has enough
        return all(goes_on)

    def _position(self, now: float, frame: int | None = None) -> float:
        """Return when a picture was taken: in a film by its pace, of a camera now."""
        number = self._count if frame is None else frame
        return now - self._began if self._rate is None else number / self._rate

    def _notify_of_fonts(self, names: Sequence[str]) -> None:
        """Say once why a name is drawn as a number, and what to do."""
        if not self._fonts_checked and fonts.lacking_for(names):
            self._fonts_checked = True
            self._notify(fonts.font_hint())

    def _close(self) -> Path | None:
        written = [target.close() for target in self._targets]
        return next((path for path in written if path is not None), None)


def drawn(picture: Pixels, pixels: Pixels, rate: float | None) -> Pixels:
    """Return a picture with the frames per second on it; the frame itself, ``pixels``, stays as it was."""
    if rate is not None:
        picture = picture.copy() if picture is pixels else picture
        _write_rate(picture, f"{rate:.1f} fps")
    return picture


def _write_rate(picture: Pixels, text: str) -> None:
    """Put the frames per second at the lower left, white on black."""
    height, width = picture.shape[:2]
    scale = max(0.4, min(height, width) / 700)
    thickness = max(1, round(2 * scale))
    (wide, high), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    cv2.rectangle(picture, (0, height - high - 2 * below), (wide + 2 * below, height), (0, 0, 0), cv2.FILLED)
    origin = (below, height - below)
    cv2.putText(picture, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thickness, cv2.LINE_AA)


def _line(result: str, rate: float | None, name: str) -> str:
    """One line for the terminal."""
    pace = "" if rate is None else f"{rate:6.1f} fps  "
    return f"{pace}{name + ': ' if name else ''}{result}"


def _check_model(model: object) -> None:
    if not callable(getattr(model, "predict", None)) or not callable(getattr(model, "checked_threshold", None)):
        raise invalid(
            "model",
            model,
            "an open model: XEdu.runtime.model.Model.load('model.onnx')",
            "已打开的模型：XEdu.runtime.model.Model.load('model.onnx')",
        )


def _check_limits(seconds: object, frames: object) -> None:
    if seconds is not None:
        check_number("seconds", seconds, above=0)
    if frames is not None:
        check_integer("frames", frames)
