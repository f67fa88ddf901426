"""The pictures that an argument means, read for a model, and results drawn on them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from BaseDT import display, image, terminal
from BaseDT.arguments import checked_name
from BaseDT.errors import NothingToShow
from BaseDT.image import NamedImage, Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import english, say
from BaseDT.readable import read_all, reason_of
from XEdu.outputs.kind import OutputKind, Result

T = TypeVar("T")
R = TypeVar("R")
CHUNK = 16
"""Pictures that are in memory at a time when a folder is read."""


def expand(data: Any) -> tuple[list[NamedImage], bool]:
    """Return the pictures that an argument means, and whether it means many; notes what of a folder is passed over.

    Raises:
        XEduError: As ``BaseDT.image.expand``.
    """
    images, many = image.expand(data)
    if many and (message := image.passed_over(data)):
        terminal.note(message)
    return images, many


def readable(images: Sequence[NamedImage], reading: Reading) -> Iterator[list[tuple[NamedImage, Pixels]]]:
    """Read many pictures, some at a time; those that cannot be read are left out and named on the error stream.

    Args:
        images: What ``expand`` returned.
        reading: How the model wants them.

    Raises:
        ImageDamaged: Or another error of a picture, where none of all can be read.
    """
    pairs = each_readable(images, lambda item: reading.of(item.source))
    while part := list(itertools.islice(pairs, CHUNK)):
        yield part


def each_readable(items: Iterable[T], read: Callable[[T], R]) -> Iterator[tuple[T, R]]:
    """Give what can be read, one at a time, each with its item; as ``readable``, which see."""
    return read_all(items, read, lambda _, error: terminal.note(left_out(error)), needs_one=True)


def left_out(error: Exception) -> str:
    """Return the line that names a picture that cannot be read."""
    reason = reason_of(error)
    return say(f"Left out: {english(reason)}", f"已跳过：{reason}")


def drawn(picture: Pixels, result: Result, kind: OutputKind | None, *, enlarge: bool = True) -> Pixels:
    """Return a picture with its result drawn on it; without a kind the picture itself.

    Args:
        picture: H×W×3 BGR or H×W gray.
        result: Of the model.
        kind: Of the result.
        enlarge: Whether a small picture becomes larger, to be looked at; otherwise it keeps its size.
    """
    if kind is None:
        return picture
    from BaseDT import fonts  # late: who draws nothing loads no fonts

    canvas = kind.draw(picture, result, enlarge=enlarge)
    if fonts.lacking_for(kind.names(result)):
        _notify_of_fonts()
    return canvas


@functools.cache
def _notify_of_fonts() -> None:
    """Say once how to get a font, where a class is drawn as its number for want of one."""
    from BaseDT import fonts

    terminal.note(fonts.font_hint())


def handed_out(pictures: Sequence[Pixels], how: str, many: bool) -> Any:
    """Return drawn pictures as the user asked for them.

    Args:
        pictures: H×W×3 BGR.
        how: ``"cv2"``: arrays, BGR; ``"pil"``: Pillow images.
        many: Whether a list was asked for.
    """
    if how == "pil":
        from PIL import Image

        images: list[object] = [Image.fromarray(_rgb(picture)) for picture in pictures]
    else:
        images = list(pictures)
    return images if many else images[0]


def collect(tiles: list[Pixels], picture: Pixels) -> None:
    """Add a picture to those that ``show`` will show: the only one stays whole, several are as small as on their sheet.

    A folder of photographs would not fit into memory.
    """
    from BaseDT import draw

    if len(tiles) == 1:
        tiles[0] = draw.thumbnail(tiles[0], draw.TILE)
    tiles.append(draw.thumbnail(picture, draw.TILE) if tiles else picture)


def show(images: Sequence[Pixels], names: Sequence[str]) -> None:
    """Show one picture, or many as one sheet, where there is a screen; where there is none, say what to do instead."""
    if not images:
        raise NothingToShow(
            say("There is no picture to show.", "没有可以显示的图片。"),
            hint=say("Give at least one.", "请至少给出一张。"),
        )
    picture = images[0]
    if len(images) > 1:
        from BaseDT import draw

        captions = names if len(names) == len(images) else [""] * len(images)
        picture = draw.contact_sheet([draw.Tile(*pair) for pair in zip(images, captions, strict=True)])
    if not display.show(picture):
        text = "No screen to show a picture on: write it to a file instead."
        terminal.note(say(text, "没有可显示图片的屏幕：请改为保存到文件。"))


def checked_image_type(parameter: str, value: object) -> str | None:
    """Check ``img_type`` or ``get_img``: None, ``"cv2"`` or ``"pil"``, in any letter case.

    Raises:
        ParameterInvalid: It is something else (-305).
    """
    return None if value is None else checked_name(parameter, value, {"cv2": "cv2", "pil": "pil"})


def _rgb(picture: Pixels) -> npt.NDArray[np.uint8]:
    return picture if picture.ndim == 2 else picture[:, :, ::-1]
