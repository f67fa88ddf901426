"""Where pictures come from: a camera, a video file, a folder. Each gives its frames one by one and closes itself."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from BaseDT import image
from BaseDT.errors import DeviceUnavailable, ImageUnsupported, ParameterInvalid, XEduError
from BaseDT.image import Pixels, expand, is_image_file
from BaseDT.language import say

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts")
_PICTURES_PER_SECOND = 2.0  # where a folder becomes a video: time to look at each


@dataclass(frozen=True)
class Frame:
    """One picture of a stream.

    Attributes:
        pixels: H×W×3 BGR, uint8.
        name: A file name for it; empty where it has none.
    """

    pixels: Pixels
    name: str = ""


@dataclass(frozen=True)
class Source:
    """A stream of pictures.

    Attributes:
        frames: The pictures, once.
        rate: Frames per second that a video of them should have; None for a camera, whose frames come when they come.
        folder: The folder that they lie in, if they do.
    """

    frames: Iterator[Frame]
    rate: float | None
    folder: Path | None = None


@contextmanager
def opened(source: int | str | os.PathLike[str], tell: Callable[[str], None]) -> Iterator[Source]:
    """Open a camera by its number, a video file, or a folder of pictures.

    Args:
        source: Number (as ``int`` or as digits) or path.
        tell: Gets a line for each picture of a folder that cannot be read; it is left out.

    Raises:
        DeviceUnavailable: There is no such camera, or it gives no picture (-301).
        ImageNotFound: There is no such file, or no picture in the folder (-103).
        ImageUnsupported: The file is neither a video nor a picture (-203).
        ParameterInvalid: The source is something else (-305).
    """
    if (number := _camera_number(source)) is not None:
        if number < 0:  # of OpenCV, the end of the whole process
            raise _no_camera(number)
        with _capture(number) as capture:
            yield Source(_frames(_first_of_camera(capture, number), capture), None)
        return
    path = Path(os.fspath(source)) if isinstance(source, (str, os.PathLike)) else Path()
    if path.is_file() and not is_image_file(path):
        with _capture(str(path)) as capture:
            yield Source(_frames(_first_of_video(capture, path), capture), _rate_of(capture))
        return
    items, _ = expand(path)
    folder = path if path.is_dir() else path.parent
    yield Source(_pictures([Path(str(item.source)) for item in items], tell), _PICTURES_PER_SECOND, folder)


def _camera_number(source: object) -> int | None:
    if isinstance(source, bool) or not isinstance(source, (int, str, os.PathLike)) or str(source).strip() == "":
        raise ParameterInvalid(
            f"source is {source!r}.",
            hint=say(
                "Expected the number of a camera (0, 1 …), a video file, or a folder of pictures.",
                "应为摄像头编号（0、1……）、视频文件或图片文件夹。",
            ),
        )
    text = str(source).strip()
    if text.isascii() and text.lstrip("-").isdigit() and not Path(text).exists():
        return int(text)
    return int(source) if isinstance(source, int) else None


@contextmanager
def _capture(source: int | str) -> Iterator[cv2.VideoCapture]:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(
        cv2.utils.logging.LOG_LEVEL_SILENT
    )  # its warnings about every driver that it tried tell a pupil nothing
    try:
        capture = cv2.VideoCapture(source)
        if isinstance(source, int):
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one of a queue
    finally:
        cv2.utils.logging.setLogLevel(level)
    try:
        yield capture
    finally:
        capture.release()


def _first_of_camera(capture: cv2.VideoCapture, number: int) -> Pixels:
    pixels = _next(capture) if capture.isOpened() else None
    if pixels is None:
        raise _no_camera(number)
    return pixels


def _no_camera(number: int) -> DeviceUnavailable:
    return DeviceUnavailable(
        f"No camera {number}, or it gives no picture.",
        hint=say(
            "Plug it in, close other programs that use it, try another number; a video file or a folder of pictures "
            "works, too.",
            "请连接摄像头、关闭其他正在使用它的程序，或换一个编号；也可以使用视频文件或图片文件夹。",
        ),
    )


def _first_of_video(capture: cv2.VideoCapture, path: Path) -> Pixels:
    pixels = _next(capture) if capture.isOpened() else None
    if pixels is None:
        known = " ".join(VIDEO_SUFFIXES)
        raise ImageUnsupported(
            f"{path} is no video that can be read.",
            hint=say(
                f"Expected a video (such as {known}), or a folder of pictures.",
                f"应为视频文件（例如 {known}）或图片文件夹。",
            ),
        )
    return pixels


def _frames(first: Pixels, capture: cv2.VideoCapture) -> Iterator[Frame]:
    yield Frame(first)
    while (pixels := _next(capture)) is not None:
        yield Frame(pixels)


def _next(capture: cv2.VideoCapture) -> Pixels | None:
    good, pixels = capture.read()
    return np.asarray(pixels, np.uint8) if good else None


def _rate_of(capture: cv2.VideoCapture) -> float:
    rate = float(capture.get(cv2.CAP_PROP_FPS))
    return rate if math.isfinite(rate) and 0.5 <= rate <= 240 else 25.0


def _pictures(files: list[Path], tell: Callable[[str], None]) -> Iterator[Frame]:
    for file in files:
        try:
            yield Frame(image.read(file), file.name)
        except XEduError as error:
            tell(say(f"Left out: {error.message}", f"已跳过：{error.message}"))
