"""``Camera``: pictures one after another, from a camera, a stream of the network or a video file."""

from __future__ import annotations

import math
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from BaseDT.arguments import documented, invalid
from BaseDT.errors import DeviceUnavailable, ImageNotFound, ImageUnsupported, ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.image import Pixels
from BaseDT.image.sources import what_is_at
from BaseDT.language import english, in_this_context, say

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts")

# Some drivers wait for half a minute for a camera that never answers; some cameras need a second to wake up.
_PATIENCE, _WAKING, _PAUSE = 8.0, 2.0, 0.05
_LARGEST = 16384


class Camera:
    """Pictures one after another. 摄像头：逐帧读取图像，也可以读取视频文件。

    ::

        with Camera() as camera:
            for frame in camera:
                ...

    Attributes:
        source: The number of the camera, the address of a stream, or the path of a video.
        rate: Frames per second of a video file; None for a camera, whose frames come when they come.
    """

    @documented
    def __init__(
        self, source: int | str | os.PathLike[str] = 0, width: int | None = None, height: int | None = None
    ) -> None:
        """Open it, and wait for its first picture.

        Args:
            source: Number of a camera, from 0; address of a stream (``rtsp://…``); path of a video file.
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
        self._is_file = isinstance(self.source, Path)
        self.rate: float | None = None
        self._first: Pixels | None
        if isinstance(self.source, Path):
            self._capture, self._first = _open_file(self.source)
            rate = float(self._capture.get(cv2.CAP_PROP_FPS))
            self.rate = rate if math.isfinite(rate) and 0.5 <= rate <= 240 else 25.0
        else:
            self._capture, self._first = _open_device(self.source, self._size)

    def read(self) -> Pixels | None:
        """Return the next picture, H×W×3 BGR uint8; None at the end of a video file (读取一帧).

        Raises:
            DeviceUnavailable: The camera is closed, or was unplugged (-301).
        """
        if not self._capture.isOpened():
            raise _closed()
        pixels, self._first = self._first, None
        if pixels is None:
            pixels = _next(self._capture)
        if pixels is None and not self._is_file:
            raise _unavailable(self.source, say("it gives no more pictures", "不再有图像"))
        if pixels is None or self._size is None or not self._is_file:
            return pixels
        return np.asarray(cv2.resize(pixels, self._size, interpolation=cv2.INTER_AREA), np.uint8)

    def close(self) -> None:
        """Let the camera go, so that other programs can use it (关闭); twice does no harm."""
        self._capture.release()

    def __iter__(self) -> Iterator[Pixels]:
        """Give the pictures until the video ends; those of a camera never do."""
        while self._capture.isOpened() and (pixels := self.read()) is not None:
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
            f"width 是 {quoted(width)}，height 是 {quoted(height)}。",
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
        if isinstance(text, str) and text.strip().isdecimal() and what_is_at(Path(text)) == "nothing":
            return int(text)
        return text if isinstance(text, str) and "://" in text else Path(os.fsdecode(text))
    raise invalid(
        "source",
        source,
        "the number of a camera (0, 1 …), or the path of a video file",
        "摄像头编号（0、1……）或视频文件的路径",
    )


def _open_file(path: Path) -> tuple[cv2.VideoCapture, Pixels]:
    kind = what_is_at(path)
    if kind == "nothing":
        raise _missing(path)
    capture = None
    if kind == "file":
        with _quiet():
            capture = cv2.VideoCapture(str(path))
            first = _next(capture) if capture.isOpened() else None
        if first is not None:
            return capture, first
        capture.release()
    suffixes = " ".join(VIDEO_SUFFIXES)
    raise ImageUnsupported(
        say(f"{path} is a folder.", f"{path} 是一个文件夹。")
        if kind == "folder"
        else say(f"{path} is no video that can be read.", f"{path} 不是可以读取的视频。"),
        hint=say(f"Expected a video file, such as {suffixes}.", f"应为视频文件，例如 {suffixes}。"),
    )


def _open_device(source: int | str, size: tuple[int, int] | None) -> tuple[cv2.VideoCapture, Pixels]:
    """Open a camera in a thread of its own: nobody waits longer than a few seconds for a driver that hangs."""
    if reason := _forbidden(source):
        raise _unavailable(source, reason)
    answers: queue.SimpleQueue[tuple[cv2.VideoCapture, Pixels] | None] = queue.SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        capture = _configured(source, size)
        first = _woken(capture)
        if first is None or given_up.is_set():
            capture.release()
        answers.put(None if first is None else (capture, first))

    with _quiet():
        threading.Thread(target=in_this_context(work), name="camera", daemon=True).start()
        try:
            answer = answers.get(timeout=_PATIENCE)
        except queue.Empty:
            given_up.set()
            late = say(f"it did not answer within {_PATIENCE:.0f} seconds", f"{_PATIENCE:.0f} 秒内没有响应")
            raise _unavailable(source, late) from None
    if answer is None:
        raise _unavailable(source, say("it is not there, or gives no picture", "不存在或没有图像"))
    return answer


def _configured(source: int | str, size: tuple[int, int] | None) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(source)
    if size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one of a queue
    return capture


def _woken(capture: cv2.VideoCapture) -> Pixels | None:
    end = time.monotonic() + _WAKING
    while capture.isOpened():
        if (pixels := _next(capture)) is not None or time.monotonic() > end:
            return pixels
        time.sleep(_PAUSE)
    return None


def _next(capture: cv2.VideoCapture) -> Pixels | None:
    good, pixels = capture.read()
    return np.asarray(pixels, np.uint8) if good else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenCV from writing about every driver that it tries: that tells a pupil nothing."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read by OpenCV when it first uses FFmpeg
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _forbidden(source: int | str) -> str:
    device = Path(f"/dev/video{source}")
    if not sys.platform.startswith("linux") or what_is_at(device) == "nothing" or os.access(device, os.R_OK | os.W_OK):
        return ""
    return say(f"this user may not open {device}", f"当前用户无权打开 {device}")


def _unavailable(source: int | str | Path, reason: str) -> DeviceUnavailable:
    drivers = [cv2.videoio_registry.getBackendName(number) for number in cv2.videoio_registry.getCameraBackends()]
    tried = say(f" (tried {', '.join(drivers)})", f"（已尝试 {'、'.join(drivers)}）") if isinstance(source, int) else ""
    return DeviceUnavailable(
        say(f"Camera {source}: {english(reason)}{english(tried)}.", f"摄像头 {source}：{reason}{tried}。"),
        hint=_advice(source),
    )


def _advice(source: int | str | Path) -> str:
    advice = say(
        "Plug it in, close other programs that use it, allow this program to use it, or try another number.",
        "请连接摄像头，关闭正在使用它的其他程序，允许本程序使用摄像头，或换一个编号。",
    )
    if not sys.platform.startswith("linux") or not isinstance(source, int):
        return advice
    if _forbidden(source):
        command = "sudo usermod -aG video $USER"
        return say(f"Run once, then log in again: {command}", f"请运行一次并重新登录：{command}")
    none = say("no camera", "无")
    devices = ", ".join(sorted(file.name for file in Path("/dev").glob("video*")))
    return f"{advice} {say(f'This machine has: {devices or none}.', f'本机设备：{devices or none}。')}"


def _missing(path: Path) -> ImageNotFound:
    try:
        near = did_you_mean(path.name, [file.name for file in path.parent.iterdir()])
    except (OSError, ValueError):
        near = ""
    return ImageNotFound(
        say(f"No such file: {path}.", f"找不到文件：{path}。"),
        hint=near or say(f"Looked from {Path.cwd()}.", f"查找位置：{Path.cwd()}。"),
    )


def _closed() -> DeviceUnavailable:
    hint = say("Open it again: Camera().", "请重新打开：Camera()。")
    return DeviceUnavailable(say("The camera is closed.", "摄像头已关闭。"), hint=hint)
