"""The loop of live predictions: a frame comes, the model speaks, the answer is drawn and handed on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Protocol, TypeGuard

import cv2

from BaseDT import draw, fonts
from BaseDT.arguments import checked_flag, checked_path
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels, is_image_file
from BaseDT.language import say
from BaseDT.results import ClassificationResult, DetectionResult
from XEdu.live import sinks, windows
from XEdu.live.sinks import Sink
from XEdu.live.sources import Source, opened

Answer = ClassificationResult | list[DetectionResult]
_SMOOTH = 0.1  # weight of the newest interval
_DEFAULT_OUT, _DEFAULT_PICTURE = Path("live.mp4"), Path("live.jpg")


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
        source: Number of a camera, a video file, a folder of pictures, or a picture.
        out: Video file or folder to write, of one picture also a picture; None: none, unless no window can be shown.
        show: Open a window. None: where one can open and nothing is written; for one picture none opens, it is written.
        seconds: End after so many.
        frames: End after so many.
        threshold: Least score of a box.
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
    """
    _check_limits(seconds, frames, threshold)
    place = None if out is None else checked_path("out", out)
    wanted = None if show is None else checked_flag("show", show)
    say_line = tell or (lambda _: None)
    with ExitStack() as stack:
        stream = stack.enter_context(opened(source, say_line))
        targets = _sinks(stream, place, wanted, say_line, clock)
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
        self._pace, self._count, self._told, self._knows_fonts = Pace(), 0, -1.0, False

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
        targets = [target for target in self._targets if target.wants()]
        if not targets:
            return True
        self._tell_of_fonts(answer)
        picture = drawn(pixels, answer, rate)
        wanted = [target.take(picture, name) for target in targets]  # each of them, also where one has enough
        return all(wanted)

    def _tell_of_fonts(self, answer: Answer) -> None:
        """Say once why a name is drawn as a number, and what to do."""
        if not self._knows_fonts and fonts.lacking_for(_names(answer)):
            self._knows_fonts = True
            self._tell(fonts.font_hint())

    def _close(self) -> Path | None:
        written = [target.close() for target in self._targets]
        return next((path for path in written if path is not None), None)


def _sinks(
    stream: Source, out: Path | None, show: bool | None, tell: Callable[[str], None], clock: Callable[[], float]
) -> list[Sink]:
    found: list[Sink] = []
    if stream.single and out is None and show is None:  # a window would be gone before anybody saw it
        out = _free(_DEFAULT_PICTURE)
    elif show or (show is None and out is None):
        window = windows.opened()
        if window is not None:
            found.append(window)
        else:
            out = _instead(out, stream, tell)
    if out is not None:
        found.append(_writer(out, stream, clock))
    return found


def _instead(out: Path | None, stream: Source, tell: Callable[[str], None]) -> Path:
    """Say that no window can open, and what is written in its place."""
    if out is None:
        out = _free(_DEFAULT_PICTURE if stream.single else _DEFAULT_OUT)
    tell(
        say(
            f"No window can open here (no screen, or neither an OpenCV with windows nor Tk): writing {out}.",
            f"此处无法打开窗口（没有屏幕，或既无带窗口的 OpenCV 也无 Tk）：将写入 {out}。",
        )
    )
    return out


def _free(name: Path) -> Path:
    names = (name, *(sinks.numbered(name, number) for number in range(2, 10_000)))
    return next(free for free in names if not free.exists())


def _writer(out: Path, stream: Source, clock: Callable[[], float]) -> Sink:
    if not out.suffix or out.is_dir():
        return sinks.Folder(out)
    if stream.single and is_image_file(out):
        return sinks.Picture(out)
    return sinks.Video(out, stream.rate, clock)


def _names(answer: Answer) -> Iterable[str]:
    return (answer.name,) if isinstance(answer, ClassificationResult) else (found.name for found in answer)


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
        said = f"{len(answer)}: {listed}" if answer else say("nothing found", "没有检测到物体")
    pace = "" if rate is None else f"{rate:6.1f} fps  "
    return f"{pace}{name + ': ' if name else ''}{said}"


def _check_limits(seconds: object, frames: object, threshold: object) -> None:
    if seconds is not None and not (_is_number(seconds, Real) and seconds > 0):
        raise _invalid("seconds", seconds, "a number above 0", "大于 0 的数")
    if frames is not None and not (_is_number(frames, Integral) and frames >= 1):
        raise _invalid("frames", frames, "a whole number from 1", "不小于 1 的整数")
    if not (_is_number(threshold, Real) and 0 <= threshold <= 1):
        raise _invalid("threshold", threshold, "a number from 0 to 1", "0 到 1 之间的数")


def _is_number(value: object, kind: type) -> TypeGuard[float]:
    return isinstance(value, kind) and not isinstance(value, bool)


def _invalid(name: str, found: object, en: str, zh: str) -> ParameterInvalid:
    return ParameterInvalid(f"{name} is {found!r:.80}.", hint=say(f"Expected {en}.", f"应为{zh}。"))
