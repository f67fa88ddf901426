"""``Camera``: pictures one after another, from a camera, a stream of the network or a video file.

How a source is opened is in ``opening``; the thread that keeps a live one's newest picture in ``newest``.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from BaseDT.arguments import documented, invalid
from BaseDT.errors import DeviceUnavailable, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.image import Pixels
from BaseDT.image.sources import what_is_at
from BaseDT.io import opening
from BaseDT.io.newest import Ended, Newest, Stalled
from BaseDT.io.opening import VIDEO_SUFFIXES as VIDEO_SUFFIXES
from BaseDT.io.opening import Opened, next_picture, unavailable
from BaseDT.language import say
from BaseDT.pasted import as_meant

_LARGEST = 16384


class Camera:
    """Pictures one after another. 摄像头：逐帧读取图像，也可以读取视频文件。

    ::

        with Camera() as camera:
            for frame in camera:
                ...

    A camera or a stream does not wait: ``read`` gives its newest picture, those that came while you worked on the last
    one are left out, and none is given twice. Of a file every picture is given.

    Attributes:
        source: The number of the camera, the address of a stream, or the path of a video.
        rate: Frames per second of a recording; None for a camera or a stream, whose frames come when they come.
    """

    @documented
    def __init__(
        self, source: int | str | os.PathLike[str] = 0, width: int | None = None, height: int | None = None
    ) -> None:
        """Open it, and wait for its first picture.

        Args:
            source: Number of a camera, from 0; address of a stream (``rtsp://…``) or of a film (``http://…/a.mp4``);
                path of a video file.
            width: With ``height``: the size that a camera is asked for (it gives the nearest that it can), and to which
                the frames of a file are scaled; in pixels.
            height: See ``width``.

        Raises:
            DeviceUnavailable: There is no such camera, or it gives no picture (-301).
            ImageNotFound: There is no such file (-103).
            ImageUnsupported: The file is no video (-203).
            ParameterInvalid: An argument has a value that cannot work (-305).
        """
        self._size = _checked_size(width, height)
        self.source = _checked_source(source)
        opened = opening.opened(self.source, self._size)
        self.rate = opened.rate
        self._pictures = _Recording(opened) if opened.rate is not None else _Live(opened, self.source)
        # Who forgets to close it, or ends the program, leaves neither the thread nor the driver behind.
        self._close = weakref.finalize(self, self._pictures.close)

    def read(self) -> Pixels | None:
        """Return the next picture, H×W×3 BGR uint8; None at the end of a recording (读取一帧).

        Of a camera or a stream it is the newest one, waited for where it was given before.

        Raises:
            DeviceUnavailable: The camera is closed, was unplugged, or has given nothing for 8 seconds (-301).
        """
        if not self._close.alive:
            raise _closed()
        pixels = self._pictures.next()
        if pixels is None or self._size is None or self.rate is None:
            return pixels
        return np.asarray(cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def close(self) -> None:
        """Let the camera go, so that other programs can use it (关闭); twice does no harm."""
        self._close()

    def __iter__(self) -> Iterator[Pixels]:
        """Give the pictures until the video ends; those of a camera never do."""
        while self._close.alive and (pixels := self.read()) is not None:
            yield pixels

    def __enter__(self) -> Camera:
        """Return it; leaving the block closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _checked_size(width: object, height: object) -> tuple[int, int] | None:
    if width is None and height is None:
        return None
    if type(width) is int and type(height) is int and 1 <= width <= _LARGEST and 1 <= height <= _LARGEST:
        return width, height
    raise ParameterInvalid(
        say(
            f"width is {quoted(width)} and height is {quoted(height)}.",
            f"width 为 {quoted(width)}，height 为 {quoted(height)}。",
        ),
        hint=say(
            "Expected both, in pixels: width=640, height=480; or none.",
            "两者应同时给出（像素）：width=640, height=480；或都不给。",
        ),
    )


def _checked_source(source: object) -> int | str | Path:
    """Tell apart a number (also as text), an address and a path."""
    if type(source) is int and source >= 0:
        return source
    if isinstance(source, (str, os.PathLike)) and str(source).strip():
        text = os.fspath(source)
        if isinstance(text, str) and text.strip().isdecimal() and what_is_at(as_meant(text)) == "nothing":
            return int(text)
        if isinstance(text, str) and "://" in text and not text.lower().startswith("file:"):
            return text
        path = as_meant(os.fsdecode(text))
        return str(path) if opening.is_device(path) else path
    raise invalid(
        "source",
        source,
        "the number of a camera (0, 1 …), or the path of a video file",
        "摄像头编号（0、1……）或视频文件的路径",
    )


class _Recording:
    """All pictures of a file, in their order."""

    def __init__(self, opened: Opened) -> None:
        self._capture = opened.capture
        self._first: Pixels | None = opened.first
        self._busy = threading.Lock()  # what is closed while it reads takes the process with it

    def next(self) -> Pixels | None:
        with self._busy:
            pixels, self._first = self._first, None
            return next_picture(self._capture) if pixels is None else pixels

    def close(self) -> None:
        with self._busy:
            self._capture.release()


class _Live:
    """The newest picture of a source that goes on by itself."""

    def __init__(self, opened: Opened, source: int | str | Path) -> None:
        capture = opened.capture
        self._source = source
        self._newest = Newest(lambda: next_picture(capture), capture.release, opened.first)
        self.close = self._newest.stop

    def next(self) -> Pixels:
        try:
            return self._newest.take(opening.PATIENCE)
        except Ended as error:
            reason = say("it gives no more pictures", "不再有图像")
            raise unavailable(self._source, reason) from error.__cause__
        except Stalled:
            seconds = f"{opening.PATIENCE:.0f}"
            late = say(f"it has given no picture for {seconds} seconds", f"{seconds} 秒内没有新图像")
            raise unavailable(self._source, late) from None


def _closed() -> DeviceUnavailable:
    hint = say("Open it again: Camera().", "请重新打开：Camera()。")
    return DeviceUnavailable(say("The camera is closed.", "摄像头已关闭。"), hint=hint)
