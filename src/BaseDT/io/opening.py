"""Opens what ``Camera`` reads: a device or a stream without waiting for ever, a video file. ``Camera`` calls it.

Whether a source is live, so that only its newest picture is worth anything, is decided here.
"""

from __future__ import annotations

import math
import os
import queue
import select
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np

from BaseDT.errors import DeviceUnavailable, ImageNotFound, ImageUnsupported, did_you_mean
from BaseDT.image import Pixels
from BaseDT.image.sources import what_is_at
from BaseDT.language import in_this_context, say

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts")
PATIENCE = 8.0
"""Seconds that a source may take to open, and then for a picture: some drivers would wait for half a minute."""
_WAKING, _PAUSE = 2.0, 0.05  # some cameras need a moment until they see
_JUST_OPENED = 0.5
_USUAL_RATE = 25.0
_SERVED = ("http", "https", "ftp", "ftps", "file", "concat")
"""Ways to an address behind which a whole film may lie: who is slow gets it slowly, and nothing is lost."""


@dataclass(frozen=True)
class Opened:
    """An open source.

    Attributes:
        capture: What reads it.
        first: Its first picture.
        rate: Frames per second of a recording; None of a live source, which does not wait for its reader.
    """

    capture: cv2.VideoCapture
    first: Pixels
    rate: float | None


def opened(source: int | str | Path, size: tuple[int, int] | None) -> Opened:
    """Open a source.

    Args:
        source: Number of a camera, address of a stream or device, path of a file.
        size: Width and height that a camera is asked for.

    Raises:
        DeviceUnavailable: There is no such camera, or it gives no picture (-301).
        ImageNotFound: There is no such file (-103).
        ImageUnsupported: The file is no video (-203).
    """
    capture, first = _open_file(source) if isinstance(source, Path) else _open_device(source, size)
    return Opened(capture, first, _rate(capture) if _is_recording(source, capture) else None)


def _is_recording(source: int | str | Path, capture: cv2.VideoCapture) -> bool:
    if not isinstance(source, str):
        return isinstance(source, Path)
    # A stream has no length (FFmpeg gives a huge negative one); one that RTSP plays has, and goes on all the same.
    return urlsplit(source).scheme.lower() in _SERVED and float(capture.get(cv2.CAP_PROP_FRAME_COUNT)) > 0


def _rate(capture: cv2.VideoCapture) -> float:
    rate = float(capture.get(cv2.CAP_PROP_FPS))
    return rate if math.isfinite(rate) and 0.5 <= rate <= 240 else _USUAL_RATE


def is_device(path: Path) -> bool:
    """Tell whether a path is that of a device (``/dev/video0``) or a pipe: it gives pictures when they come."""
    try:
        return path.is_char_device() or path.is_fifo()
    except (OSError, ValueError):
        return False


def _open_file(path: Path) -> tuple[cv2.VideoCapture, Pixels]:
    kind = what_is_at(path)
    if kind == "nothing":
        raise _missing(path)
    capture = None
    if kind == "file":
        with _quiet():
            capture = cv2.VideoCapture(str(path))
            first = next_picture(capture) if capture.isOpened() else None
        if first is not None:
            return capture, first
        capture.release()
    suffixes = " ".join(VIDEO_SUFFIXES)
    is_folder = kind == "folder"
    found = say("a folder", "文件夹") if is_folder else say("no video that can be read", "无法读取的视频")
    raise ImageUnsupported(
        say(f"{path} is {found}.", f"{path} 是{found}。"),
        hint=say(f"Expected a video file, such as {suffixes}.", f"应为视频文件，例如 {suffixes}。"),
    )


def _open_device(source: int | str, size: tuple[int, int] | None) -> tuple[cv2.VideoCapture, Pixels]:
    """Open a camera in a thread of its own: nobody waits longer than a few seconds for a driver that hangs."""
    if reason := _forbidden(source):
        raise unavailable(source, reason)
    answers: queue.SimpleQueue[tuple[cv2.VideoCapture, Pixels] | None] = queue.SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        capture, first = None, None
        try:
            capture = _configured(source, size)
            first = _woken(capture)
        except (cv2.error, OSError):
            pass  # as good as no picture
        if capture is not None and (first is None or given_up.is_set()):
            capture.release()
        answers.put(None if capture is None or first is None else (capture, first))

    with _quiet():
        threading.Thread(target=in_this_context(work), name="camera", daemon=True).start()
        try:
            answer = answers.get(timeout=PATIENCE)
        except queue.Empty:
            given_up.set()
            late = say(f"it did not answer within {PATIENCE:.0f} seconds", f"{PATIENCE:.0f} 秒内没有响应")
            raise unavailable(source, late) from None
    if answer is None:
        raise unavailable(source, say("it is not there, or gives no picture", "不存在或没有图像"))
    return answer


def _configured(source: int | str, size: tuple[int, int] | None) -> cv2.VideoCapture:
    capture = _capture(source)
    if size is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one of a queue
    return capture


def _capture(source: int | str) -> cv2.VideoCapture:
    """Open a source in bounded time: while FFmpeg opens one, no other one can be opened in this process."""
    if isinstance(source, int):
        return cv2.VideoCapture(source)
    if "://" in source and cv2.CAP_FFMPEG in cv2.videoio_registry.getStreamBackends():
        patience = round(PATIENCE * 1000)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, patience, cv2.CAP_PROP_READ_TIMEOUT_MSEC, patience]
        return cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
    with _pipe_with_data(source):
        return cv2.VideoCapture(source)


@contextmanager
def _pipe_with_data(source: str) -> Iterator[None]:
    """Wait until somebody writes into a named pipe: to open one that nobody writes into never ends.

    Raises:
        OSError: Nobody did.
    """
    if not Path(source).is_fifo():
        yield
        return
    with ExitStack() as waiting, ExitStack() as ours:
        reader = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
        waiting.callback(os.close, reader)
        if not select.select([reader], [], [], PATIENCE)[0]:
            raise TimeoutError
        # Who wrote may be gone already: as one who could write we let the pipe be opened, and then see its end.
        ours.callback(os.close, os.open(source, os.O_WRONLY | os.O_NONBLOCK))
        end = threading.Timer(_JUST_OPENED, ours.close)
        end.start()
        waiting.callback(end.cancel)
        yield


def _woken(capture: cv2.VideoCapture) -> Pixels | None:
    end = time.monotonic() + _WAKING
    while capture.isOpened():
        if (pixels := next_picture(capture)) is not None or time.monotonic() > end:
            return pixels
        time.sleep(_PAUSE)
    return None


def next_picture(capture: cv2.VideoCapture) -> Pixels | None:
    """Return the next picture of an open source; None where it gives none."""
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
    device = Path(f"/dev/video{source}" if isinstance(source, int) else source)
    if not sys.platform.startswith("linux") or what_is_at(device) == "nothing" or os.access(device, os.R_OK | os.W_OK):
        return ""
    return say(f"this user may not open {device}", f"当前用户无权打开 {device}")


def unavailable(source: int | str | Path, reason: str) -> DeviceUnavailable:
    """Make the error of a source that cannot be used (-301)."""
    drivers = [cv2.videoio_registry.getBackendName(number) for number in cv2.videoio_registry.getCameraBackends()]
    tried = say(f"tried {', '.join(drivers)}", f"已尝试 {', '.join(drivers)}") if isinstance(source, int) else ""
    detail = f"{reason}{say(f' ({tried})', f'（{tried}）') if tried else ''}"
    return DeviceUnavailable(say(f"Camera {source}: {detail}.", f"摄像头 {source}：{detail}。"), hint=_advice(source))


def _advice(source: int | str | Path) -> str:
    if isinstance(source, str) and "://" in source:
        return say(
            "Look whether the stream plays elsewhere (VLC, a browser), and whether this computer reaches its network.",
            "请检查该视频流能否在其他程序（VLC、浏览器）中播放，以及本机能否访问其所在网络。",
        )
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
