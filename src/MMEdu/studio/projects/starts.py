"""Sets to start from: made on this computer, with real handwriting where scikit-learn is. Nothing is downloaded."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from BaseDT import files, image
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.coco_json import Category, Entry, as_json
from BaseDT.errors import ParameterInvalid
from BaseDT.image import Pixels
from BaseDT.language import say
from MMEdu.studio.projects import drawn
from MMEdu.studio.projects.names import folder_name
from MMEdu.studio.projects.picture import COLOURS, PictureClass, new_id
from MMEdu.studio.projects.project_file import Kind, Saved, new_class_id

Made = tuple[int, Pixels, tuple[Box, ...]]
"""The class of a picture (-1 where boxes say it), the picture, boxes on it."""
_SEED = 14
_EACH, _PAGES = 30, 60  # pictures of a class; pictures with boxes
_DIGIT_SIDE = 112
_TILE, _TILES = 120, 6


@dataclass(frozen=True)
class Start:
    """A set to start from.

    Attributes:
        id: Its name for programs.
        kind: Of the project that it becomes.
        name: As it is shown, in English and Chinese.
        what: One sentence on it, likewise.
        classes: Their names, likewise.
        count: How many pictures it has.
        make: Gives its pictures, class after class; the same ones each time.
        needs: A package without which it cannot be made; empty where there is none.
    """

    id: str
    kind: Kind
    name: tuple[str, str]
    what: tuple[str, str]
    classes: tuple[tuple[str, str], ...]
    count: int
    make: Callable[[], Iterator[Made]]
    needs: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it can be made on this computer."""
        return not self.needs or find_spec(self.needs) is not None

    def class_names(self) -> list[str]:
        """Return the names of its classes in the user's language."""
        return [str(say(*both)) for both in self.classes]

    def fill(self, folder: Path, saved: Saved) -> None:
        """Write its pictures into a new project; see ``Projects.create``.

        Raises:
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        names, entries = self.class_names(), []
        for label, name in enumerate(names):
            inner = folder_name(name) if self.kind == "classify" else ""
            saved.classes.append(PictureClass(new_class_id(), name, label % COLOURS, inner))
        for number, (label, pixels, boxes) in enumerate(self.make(), 1):
            name = f"{new_id(number)}{'.jpg' if pixels.ndim == 3 else '.png'}"
            inner = saved.classes[label].folder if label >= 0 else "."
            image.write(folder / "pictures" / inner / name, pixels)
            height, width = pixels.shape[:2]
            entries.append(Entry(number, name, width, height, boxes))
        if self.kind == "find":
            categories = [Category(number, name) for number, name in enumerate(names, 1)]
            files.write_whole(folder / "annotations.json", as_json(categories, entries).encode("utf-8"))

    def cover(self) -> bytes:
        """Return a JPEG of some of its pictures side by side."""
        return _cover(self.id)


def starts() -> list[Start]:
    """Return the sets that can be made on this computer."""
    return [start for start in _STARTS if start.is_here]


def start_named(identifier: str) -> Start:
    """Return a set.

    Raises:
        ParameterInvalid: There is none of this name here (-305).
    """
    found = next((start for start in starts() if start.id == identifier), None)
    if found is None:
        raise ParameterInvalid(
            say(f"There is no set '{identifier}' to start from.", f"没有名为“{identifier}”的示例数据。"),
            hint=say("Choose one of those on the home page.", "请在首页选择其他示例数据。"),
        )
    return found


def _drawn(kinds: Sequence[str], draw: Callable[[str, np.random.Generator], Pixels]) -> Iterator[Made]:
    for label, kind in enumerate(kinds):
        for number in range(_EACH):
            yield label, draw(kind, np.random.default_rng((_SEED, label, number))), ()


def _desks() -> Iterator[Made]:
    for number in range(_PAGES):
        pixels, boxes = drawn.desk(np.random.default_rng((_SEED, number)))
        yield -1, pixels, boxes


def _digits() -> Iterator[Made]:
    from MMEdu.demo import digits

    for _, digit, number, pixels in digits.originals():
        if number < _EACH:
            large = cv2.resize(pixels, (_DIGIT_SIDE, _DIGIT_SIDE), interpolation=cv2.INTER_CUBIC)
            yield digit, np.asarray(large, dtype=np.uint8), ()


def _pages() -> Iterator[Made]:
    from MMEdu.demo import pages

    known = pages.digits_by_split()["train"]
    for number in range(_PAGES):
        page = pages.compose(known, np.random.default_rng((_SEED, number)))
        yield -1, page.pixels, page.boxes


_STARTS = (
    Start(
        "moods",
        "classify",
        ("Happy or sad", "开心还是难过"),
        ("Drawn faces: which mood is it?", "画出来的脸：是什么心情？"),
        (("happy", "开心"), ("sad", "难过"), ("surprised", "惊讶")),
        _EACH * len(drawn.MOODS),
        lambda: _drawn(drawn.MOODS, drawn.mood),
    ),
    Start(
        "shapes",
        "classify",
        ("Shapes", "形状"),
        ("Circles, triangles, squares and stars.", "圆形、三角形、正方形和五角星。"),
        (("circle", "圆形"), ("triangle", "三角形"), ("square", "正方形"), ("star", "五角星")),
        _EACH * len(drawn.SHAPES),
        lambda: _drawn(drawn.SHAPES, drawn.shape),
    ),
    Start(
        "digits",
        "classify",
        ("Handwritten digits", "手写数字"),
        ("Real handwriting, 0 to 9.", "真实的手写数字，0 到 9。"),
        tuple((str(digit), str(digit)) for digit in range(10)),
        _EACH * 10,
        _digits,
        "sklearn",
    ),
    Start(
        "desk",
        "find",
        ("Shapes on a sheet", "纸上的形状"),
        ("Several on each picture, with their boxes.", "每张图里有好几个，已经画好框。"),
        (("circle", "圆形"), ("triangle", "三角形"), ("square", "正方形"), ("star", "五角星")),
        _PAGES,
        _desks,
    ),
    Start(
        "pages",
        "find",
        ("Digits on pages", "纸上的数字"),
        ("Real handwriting, with a box around each digit.", "真实的手写数字，每个都已画好框。"),
        tuple((str(digit), str(digit)) for digit in range(10)),
        _PAGES,
        _pages,
        "sklearn",
    ),
)


@functools.cache
def _cover(identifier: str) -> bytes:
    start = start_named(identifier)
    apart = max(1, start.count // _TILES) if start.kind == "classify" else 1
    tiles = [_tile(pixels) for _, pixels, _ in islice(start.make(), 0, apart * _TILES, apart)]
    half = len(tiles) // 2
    _, data = cv2.imencode(".jpg", np.vstack([np.hstack(tiles[:half]), np.hstack(tiles[half:])]))
    return data.tobytes()


def _tile(pixels: Pixels) -> Pixels:
    """Return the middle of a picture, (_TILE, _TILE, 3)."""
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    small = cv2.resize(pixels[top : top + side, left : left + side], (_TILE, _TILE), interpolation=cv2.INTER_AREA)
    coloured = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    return np.asarray(coloured, dtype=np.uint8)
