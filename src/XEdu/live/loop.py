"""The loop of live predictions: a frame comes, the model speaks, the answer is drawn and handed on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from BaseDT import draw
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.results import ClassificationResult, DetectionResult
from XEdu.live import sinks, windows
from XEdu.live.sinks import Sink
from XEdu.live.sources import Source, opened

Answer = ClassificationResult | list[DetectionResult]
_SMOOTH = 0.1  # weight of the newest interval
_DEFAULT_OUT = Path("live.mp4")


class Predictor(Protocol):
    """What predicts: ``XEdu.runtime.model.Model``."""

    def predict(
        self, pictures: Sequence[Pixels], *, threshold: float = 0.3
    ) -> list[ClassificationResult] | list[list[DetectionResult]]:
        """Return one answer for each picture."""
        ...


@dataclass(frozen=True)
class Summary:
    """How a live run went.

    Attributes:
        frames: Pictures that were predicted.
        seconds: From the first picture to the end.
        out: What was written.
        interrupted: Whether Ctrl-C ended it.
    """

    frames: int
    seconds: float
    out: Path | None
    interrupted: bool

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


def run(
    model: Predictor,
    source: int | str | os.PathLike[str] = 0,
    *,
    out: str | os.PathLike[str] | None = None,
    show: bool | None = None,
    seconds: float | None = None,
    frames: int | None = None,
    threshold: float = 0.3,
    tell: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Predict what comes from a camera, a video or a folder until it ends, a limit is reached, or the user ends it.

    Args:
        model: An open model.
        source: Number of a camera, a video file, or a folder of pictures.
        out: Video file or folder to write; None: none, unless no window can be shown.
        show: Open a window. None: where one can open and nothing is written.
        seconds: End after so many.
        frames: End after so many.
        threshold: Least score of a box.
        tell: Gets a line each second, and one for everything that a user must know.
        clock: Seconds.

    Raises:
        DeviceUnavailable: There is no such camera (-301).
        ImageNotFound: There is no such file, or no picture in the folder (-103).
        ImageUnsupported: The file is no video (-203).
        PathExists: What should be written is there already (-105).
        PathNotWritable: It cannot be written (-104).
        ParameterInvalid: A value cannot work (-305).
    """
    _check_limits(seconds, frames, threshold)
    say_line = tell or (lambda _: None)
    with ExitStack() as stack:
        stream = stack.enter_context(opened(source, say_line))
        targets = _sinks(stream, None if out is None else Path(out), show, say_line, clock)
        return _Loop(model, threshold, targets, say_line, clock).through(stream, seconds, frames)


class _Loop:
    def __init__(
        self,
        model: Predictor,
        threshold: float,
        targets: Sequence[Sink],
        tell: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._model, self._threshold, self._targets = model, threshold, targets
        self._tell, self._clock = tell, clock
        self._pace, self._count, self._told = Pace(), 0, -1.0

    def through(self, stream: Source, seconds: float | None, frames: int | None) -> Summary:
        """Take every picture of a stream; whatever ends it, what was written is closed."""
        began, written, interrupted = self._clock(), None, False
        try:
            for frame in stream.frames:
                wanted = self._one(frame.pixels, frame.name)
                late = seconds is not None and self._clock() - began >= seconds
                if not wanted or late or (frames is not None and self._count >= frames):
                    break
        except KeyboardInterrupt:
            interrupted = True
        finally:
            duration = self._clock() - began
            written = self._close()
        return Summary(self._count, duration, written, interrupted)

    def _one(self, pixels: Pixels, name: str) -> bool:
        answer: Answer = self._model.predict([pixels], threshold=self._threshold)[0]
        self._count += 1
        now = self._clock()
        rate = self._pace.tick(now)
        if self._told < 0 or now - self._told >= 1.0:
            self._told = now
            self._tell(_line(answer, rate, name))
        if not self._targets:
            return True
        picture = drawn(pixels, answer, rate)
        wanted = [target.take(picture, name) for target in self._targets]  # each of them, also where one has enough
        return all(wanted)

    def _close(self) -> Path | None:
        written = [target.close() for target in self._targets]
        return next((path for path in written if path is not None), None)


def _sinks(
    stream: Source, out: Path | None, show: bool | None, tell: Callable[[str], None], clock: Callable[[], float]
) -> list[Sink]:
    found: list[Sink] = []
    if show or (show is None and out is None):
        window = windows.opened()
        if window is not None:
            found.append(window)
        else:
            out = _instead(out, tell)
    if out is not None:
        found.append(_writer(out, stream, clock))
    return found


def _instead(out: Path | None, tell: Callable[[str], None]) -> Path:
    """Say that no window can open, and what is written in its place."""
    if out is None:
        names = (_DEFAULT_OUT, *(sinks.numbered(_DEFAULT_OUT, number) for number in range(2, 10_000)))
        out = next(name for name in names if not name.exists())
    tell(
        say(
            f"No window can open here (no screen, or neither an OpenCV with windows nor Tk): writing {out}.",
            f"此处无法打开窗口（没有屏幕，或既无带窗口的 OpenCV 也无 Tk）：将写入 {out}。",
        )
    )
    return out


def _writer(out: Path, stream: Source, clock: Callable[[], float]) -> Sink:
    if out.suffix and not out.is_dir():
        return sinks.Video(out, stream.rate, clock)
    return sinks.Folder(out)


def drawn(pixels: Pixels, answer: Answer, rate: float | None) -> Pixels:
    """Return a picture with the answer and the frames per second on it."""
    if isinstance(answer, ClassificationResult):
        picture = draw.classification(pixels, answer)
    else:
        picture = draw.detections(pixels, answer)
    if rate is not None:
        _write_rate(picture, f"{rate:.1f} fps")
    return picture


def _write_rate(picture: Pixels, text: str) -> None:
    """Put the frames per second at the lower left, white on black."""
    height, width = picture.shape[:2]
    scale = max(0.4, min(height, width) / 700)
    thickness = max(1, round(2 * scale))
    (wide, high), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    cv2.rectangle(picture, (0, height - high - 2 * below), (wide + 2 * below, height), (0, 0, 0), cv2.FILLED)
    place = (below, height - below)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), thickness, cv2.LINE_AA)


def _line(answer: Answer, rate: float | None, name: str) -> str:
    """One line for the terminal."""
    if isinstance(answer, ClassificationResult):
        said = f"{answer.name} {answer.score:.2f}"
    else:
        surest = sorted(answer, key=lambda found: -found.score)[:3]
        listed = ", ".join(f"{found.name} {found.score:.2f}" for found in surest)
        said = f"{len(answer)}: {listed}" if answer else "0"
    pace = "" if rate is None else f"{rate:6.1f} fps  "
    return f"{pace}{name + ': ' if name else ''}{said}"


def _check_limits(seconds: float | None, frames: int | None, threshold: float) -> None:
    if seconds is not None and not seconds > 0:
        raise _invalid("seconds", seconds, "a number above 0", "大于 0 的数")
    if frames is not None and (isinstance(frames, bool) or not isinstance(frames, int) or frames < 1):
        raise _invalid("frames", frames, "a whole number from 1", "不小于 1 的整数")
    if not (np.isreal(threshold) and 0 <= threshold <= 1):
        raise _invalid("threshold", threshold, "a number from 0 to 1", "0 到 1 之间的数")


def _invalid(name: str, found: object, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(f"{name} is {found!r}.", hint=say(f"Expected {en}.", f"应为{zh}。"))
