"""A video file that plays as far as it went, whatever ended it: Ctrl-C, a full disk, ``kill -9``, a power cut."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from BaseDT.errors import DependencyMissing, DiskFull, ParameterInvalid
from BaseDT.files import already_there, check_writable, discard, free_name, not_written, patiently, what_is_at
from BaseDT.image import Pixels
from BaseDT.language import say

CODECS = {".mp4": "mp4v", ".m4v": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "MJPG"}
"""What a video's suffix can be, and how it is then written."""
LIVE_RATE = 15.0
"""Frames per second of a video from a camera; frames are repeated or left out so that it plays as it was."""
_RESERVED_BYTES = 50_000_000  # that stay free: the video's own end must still find room
_FRAMES_BETWEEN_CHECKS = 100  # of the free disk space

# An MP4 has its index at the end: without it nothing plays. FFmpeg writes one in fragments, each with an index of its
# own, where the name ends so; OpenCV hands it no other wish.
_IN_FRAGMENTS = ".ismv"
_BRANDS = {b"isml": b"iso5", b"piff": b"mp41"}
"""What such a file calls itself, and what players know it by: fragments are part of the fifth edition of the format."""
_SECONDS_UNTIL_LEFT = 60.0


class Video:
    """A video file under its own name from its first picture on."""

    def __init__(self, path: Path, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Make sure that there can be such a file.

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
                say(f"No video can be written as '{path.name}'.", f"无法写入名为 '{path.name}' 的视频。"),
                hint=say(f"Expected one of {suffixes}, or a folder.", f"应为 {suffixes} 之一，或文件夹。"),
            )
        if what_is_at(path) != "nothing":
            raise already_there(path, say("is there already", "已存在"))
        check_writable([path])
        self._path, self._rate, self._clock = path, rate, clock
        self._fragments = path.with_name(f".{path.stem[:40]}.{secrets.token_hex(4)}{_IN_FRAGMENTS}")
        self._writer: cv2.VideoWriter | None = None
        self._size, self._is_made = (0, 0), False
        self._began, self._written, self._next_check = 0.0, 0, 0

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
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.open("xb").close()
            self._is_made = True
        except FileExistsError:
            raise already_there(self._path, say("is there already", "已存在")) from None
        except OSError as error:
            raise not_written(self._path, error) from error
        writer = self._in_fragments() if CODECS[self._path.suffix.lower()] == "mp4v" else None
        writer = writer or self._writer_of(self._path)
        if not writer.isOpened():
            discard(self._path)
            suffix = self._path.suffix
            raise DependencyMissing(
                say(f"This OpenCV cannot write {suffix} videos.", f"此 OpenCV 无法写入 {suffix} 视频。"),
                hint=say("Use .avi, or a folder for the pictures.", "请改用 .avi，或写入文件夹。"),
            )
        self._began = self._clock()
        return writer

    def _writer_of(self, path: Path) -> cv2.VideoWriter:
        code = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
        return cv2.VideoWriter(str(path), code, self._rate or LIVE_RATE, self._size)

    def _in_fragments(self) -> cv2.VideoWriter | None:
        """Open an MP4 in fragments; None where this OpenCV cannot."""
        writer = self._writer_of(self._fragments)
        if not writer.isOpened():
            discard(self._fragments)
            return None
        if os.name != "nt":  # there a file that is open keeps its name; ``rescue`` finds it after a kill
            self._fragments.replace(self._path)
        return writer

    def close(self) -> Path | None:
        """End the file; returns its name, None where nothing was written."""
        if self._writer is not None:
            self._writer.release()
        if not self._written:
            if self._is_made:  # Ctrl-C may have come before there was a writer
                discard(self._fragments)
                discard(self._path)
            return None
        try:
            if self._fragments.exists():
                patiently(lambda: self._fragments.replace(self._path))
            _name_brands(self._path)
        except OSError as error:
            raise not_written(self._path, error) from error
        return self._path


def rescue(folder: Path) -> list[Path]:
    """Give videos the names that a killed process could not give them (Windows); returns these.

    What another process writes stays: there nobody can rename it, elsewhere it has its name already.
    """
    found: list[Path] = []
    for left in sorted(folder.glob(f".*.{'[0-9a-f]' * 8}{_IN_FRAGMENTS}")):
        try:
            state = left.stat()
            if time.time() - state.st_mtime < _SECONDS_UNTIL_LEFT:
                continue
            if not state.st_size:
                left.unlink()
                continue
            name = folder / f"{left.name[1:].rsplit('.', 2)[0]}.mp4"
            left.rename(free := free_name(name))
        except OSError:
            continue
        found.append(free)
    return found


def _name_brands(path: Path) -> None:
    """Write the usual brands into the head of an MP4 in fragments."""
    with path.open("r+b") as file:
        size, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        if kind != b"ftyp" or not 16 <= size <= 64:
            return
        brands = file.read(size - 8)
        parts = [brands[start : start + 4] for start in range(0, len(brands), 4)]
        file.seek(8)
        file.write(b"".join(_BRANDS.get(part, part) for part in parts))


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
