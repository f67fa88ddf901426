"""Where live pictures go: a video file, a folder, a file of one picture (``windows`` has the window).

They neither predict nor draw.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from BaseDT import image
from BaseDT.errors import DependencyMissing, DiskFull, ParameterInvalid, PathExists
from BaseDT.files import discard, not_written, patiently, what_is_at
from BaseDT.image import Pixels
from BaseDT.language import english, say

CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "MJPG"}
"""What a video's suffix can be, and how it is then written."""
LIVE_RATE = 15.0
"""Frames per second of a video from a camera; frames are repeated or left out so that it plays as it was."""
_RESERVED_BYTES = 50_000_000  # that stay free: the video's own end must still find room
_FRAMES_BETWEEN_CHECKS = 100  # of the free disk space


class Sink(Protocol):
    """Takes pictures, one after the other."""

    def wants(self) -> bool:
        """Whether it would use a picture now: one that nobody uses need not be drawn."""
        ...

    def take(self, picture: Pixels, name: str) -> bool:
        """Take one; False where the user wants no more."""
        ...

    def close(self) -> Path | None:
        """End; returns what was written."""
        ...


class Folder:
    """Pictures in a folder, under their own names or numbered."""

    def __init__(self, folder: Path) -> None:
        kind = what_is_at(folder)
        if kind == "file" or (kind == "folder" and any(folder.iterdir())):
            is_folder = kind == "folder"
            raise _exists(folder, say("is not empty", "不为空") if is_folder else say("is a file", "是一个文件"))
        self._folder, self._count, self._is_ours = folder, 0, kind == "nothing"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(folder, error) from error

    def wants(self) -> bool:
        """It keeps all."""
        return True

    def take(self, picture: Pixels, name: str) -> bool:
        """Write one."""
        self._count += 1
        image.write(self._folder / (name or f"frame_{self._count:06d}.jpg"), picture)
        return True

    def close(self) -> Path | None:
        """Return the folder; None where nothing was written."""
        if self._count:
            return self._folder
        if self._is_ours:
            self._folder.rmdir()
        return None


class Picture:
    """A file of one picture.

    Raises:
        PathExists: There is such a file (-105).
    """

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise _exists(path, say("is there already", "已存在"))
        self._path, self._written = path, False

    def wants(self) -> bool:
        """It keeps the one there is."""
        return True

    def take(self, picture: Pixels, name: str) -> bool:
        """Write it."""
        del name
        image.write(self._path, picture)
        self._written = True
        return True

    def close(self) -> Path | None:
        """Return the file; None where nothing was written."""
        return self._path if self._written else None


class Video:
    """A video file, under a temporary name until it ends; whatever ended it, it plays as far as it went."""

    def __init__(self, path: Path, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Make room for a file.

        Args:
            path: Its suffix chooses the format, one of ``CODECS``.
            rate: Frames per second; None: as fast as they come.
            clock: Seconds.

        Raises:
            ParameterInvalid: No video has this suffix (-305).
            PathExists: There is such a file (-105).
            PathNotWritable: The folder cannot be written (-104).
        """
        if path.suffix.lower() not in CODECS:
            suffixes = " ".join(CODECS)
            raise ParameterInvalid(
                say(f"No video can be written as '{path.name}'.", f"无法写成 '{path.name}' 这种视频。"),
                hint=say(f"Expected one of {suffixes}, or a folder.", f"应为 {suffixes} 之一，或文件夹。"),
            )
        if path.exists():
            raise _exists(path, say("is there already", "已存在"))
        self._path, self._rate, self._clock = path, rate, clock
        self._temporary = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}{path.suffix}")
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._began, self._written, self._next_check = 0.0, 0, 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.open("xb").close()
        except OSError as error:
            raise not_written(path, error) from error

    def wants(self) -> bool:
        """Not before the last picture's time is over: of a quick camera some are left out."""
        return self._writer is None or self._repeats() > 0

    def take(self, picture: Pixels, name: str) -> bool:
        """Write one, as often as its time lasts."""
        del name
        if self._writer is None:
            self._writer = self._opened(picture)
        if self._written >= self._next_check:
            self._check_free_space()
        fitted = _fitted(picture, self._size)
        for _ in range(self._repeats()):
            self._writer.write(fitted)
            self._written += 1
        return True

    def _check_free_space(self) -> None:
        self._next_check = self._written + _FRAMES_BETWEEN_CHECKS
        if shutil.disk_usage(self._path.parent).free < _RESERVED_BYTES:
            hint = say("Free some disk space, or choose another folder.", "请清理磁盘空间，或换一个文件夹。")
            raise DiskFull(
                say(f"No room left for more of {self._path}.", f"磁盘空间不足，无法继续写入 {self._path}。"), hint=hint
            )

    def _repeats(self) -> int:
        if self._rate is not None:
            return 1
        due = int((self._clock() - self._began) * LIVE_RATE) + 1
        return max(0, due - self._written)

    def _opened(self, picture: Pixels) -> cv2.VideoWriter:
        height, width = picture.shape[:2]
        # Most codecs take even sides only.
        self._size = (max(2, width // 2 * 2), max(2, height // 2 * 2))
        code = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
        writer = cv2.VideoWriter(str(self._temporary), code, self._rate or LIVE_RATE, self._size)
        if not writer.isOpened():
            discard(self._temporary)
            raise DependencyMissing(
                say(
                    f"This OpenCV cannot write {self._path.suffix} videos.",
                    f"当前 OpenCV 无法写 {self._path.suffix} 视频。",
                ),
                hint=say("Use .avi, or a folder for the pictures.", "请改用 .avi，或写入文件夹。"),
            )
        self._began = self._clock()
        return writer

    def close(self) -> Path | None:
        """Give the file its name; None where nothing was written."""
        if self._writer is not None:
            self._writer.release()
        if not self._written:
            discard(self._temporary)
            return None
        try:
            patiently(lambda: self._temporary.replace(self._path))
        except OSError as error:
            raise not_written(self._path, error) from error
        return self._path


def _fitted(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """Scale a picture into the video's frame, with its own ratio, on black."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    scale = min(size[0] / width, size[1] / height)
    if 0 <= width - size[0] <= 1 and 0 <= height - size[1] <= 1:  # an odd side loses its last line
        return picture[: size[1], : size[0]]
    inner = (min(size[0], max(1, round(width * scale))), min(size[1], max(1, round(height * scale))))
    frame = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    frame[top : top + inner[1], left : left + inner[0]] = cv2.resize(picture, inner, interpolation=cv2.INTER_AREA)
    return frame


def _exists(path: Path, what: str) -> PathExists:
    free = next(name for number in range(2, 10_000) if not (name := numbered(path, number)).exists())
    return PathExists(
        say(f"{path} {english(what)}.", f"{path} {what}。"),
        hint=say(f"Nothing is overwritten: use {free.name}.", f"不会覆盖：请改用 {free.name}。"),
    )


def numbered(path: Path, number: int) -> Path:
    """Return a neighbour's name: ``live_2.mp4``."""
    return path.with_name(f"{path.stem}_{number}{path.suffix}")
