"""Where pictures come from: a camera, a video file, a folder, a picture.

Each gives its frames one by one and closes itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.image import ImageSource, NamedImage, Pixels, expand, is_image_file
from BaseDT.image.reading import Reading
from BaseDT.io import Camera
from BaseDT.language import say
from BaseDT.pasted import as_meant
from BaseDT.readable import read_all
from XEdu.hub.pictures import left_out

_PICTURES_PER_SECOND = 2.0  # where a folder becomes a video: time to look at each


@dataclass(frozen=True)
class Frame:
    """One picture of a stream.

    Attributes:
        pixels: H×W×3 BGR, or H×W gray; uint8.
        name: A file name for it; empty where it has none.
    """

    pixels: Pixels
    name: str = ""


@dataclass(frozen=True)
class Source:
    """A stream of pictures.

    Attributes:
        frames: The pictures, once.
        rate: Frames per second that a video of them should have; None of a live source, whose newest frames they are.
        single: Whether it is one picture.
    """

    frames: Iterator[Frame]
    rate: float | None
    single: bool = False


@contextmanager
def opened(source: int | str | os.PathLike[str], notify: Callable[[str], None], reading: Reading) -> Iterator[Source]:
    """Open a camera by its number, a stream by its address, a video file, a picture, or a folder of pictures.

    Args:
        source: Number (as ``int`` or as digits), address or path.
        notify: Gets a line for each picture of a folder that cannot be read; it is left out. Where none can be read,
            the frames end with the error of the first.
        reading: How the model wants pictures; all colours are read.

    Raises:
        DeviceUnavailable: There is no such camera, or it gives no picture (-301).
        ImageNotFound: There is no such file, or no picture in the folder (-103).
        ImageUnsupported: The file is neither a video nor a picture (-203).
        ParameterInvalid: The source is something else (-305).
    """
    if (path := _path_of_pictures(source)) is not None:
        items, many = expand(path)
        read = reading.coloured().of
        frames = _pictures(items, read, notify) if many else iter([Frame(read(items[0].source), items[0].name)])
        yield Source(frames, _PICTURES_PER_SECOND, single=not many)
        return
    with Camera(source) as camera:
        yield Source((Frame(pixels) for pixels in camera), camera.rate)


def _is_blank(source: object) -> bool:
    return not isinstance(source, int) and str(source).strip() == ""  # Python does not write down every number


def _path_of_pictures(source: object) -> Path | None:
    """Return the path of a picture or a folder; None for all else, which is for the camera to judge."""
    if isinstance(source, bool) or not isinstance(source, (int, str, os.PathLike)) or _is_blank(source):
        raise ParameterInvalid(
            say(f"source is {quoted(source)}.", f"source 是 {quoted(source)}。"),
            hint=say(
                "Expected the number of a camera (0, 1 …), a video file, or a folder of pictures.",
                "应为摄像头编号（0、1……）、视频文件或图片文件夹。",
            ),
        )
    if isinstance(source, int):
        return None
    path = as_meant(source)
    try:
        return path if path.is_dir() or (is_image_file(path) and path.is_file()) else None
    except (OSError, ValueError):  # a name that cannot exist
        return None


def _pictures(
    items: list[NamedImage], read: Callable[[ImageSource], Pixels], notify: Callable[[str], None]
) -> Iterator[Frame]:
    # Where none can be read nothing is predicted: that is no success.
    pairs = read_all(items, lambda item: read(item.source), lambda _, error: notify(left_out(error)), needs_one=True)
    yield from (Frame(pixels, item.name) for item, pixels in pairs)
