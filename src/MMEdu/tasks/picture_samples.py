"""What the sets of picture files of several tasks share: names, reading, decoding. Torch-free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2

from BaseDT import contents, image
from BaseDT.dataset import copies
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess


class PictureSamples:
    """A set of picture files whose cached form is the network's input; see ``engine.protocol.Samples``.

    Args:
        paths: The files.
        preprocess: How pixels become the network's input.
    """

    varies = False

    def __init__(self, paths: Sequence[Path], preprocess: Preprocess) -> None:
        self.paths = paths
        self.preprocess = preprocess
        # Of the files that a check has read, for BaseDT.dataset.copies.
        self.marks: list[copies.Mark | None] = [None] * len(paths)

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """(H, W, C) of the network's input."""
        return (*self.preprocess.size, self.preprocess.channels)

    def __len__(self) -> int:
        return len(self.paths)

    def name(self, index: int) -> str:
        """The path of a picture's file."""
        return str(self.paths[index])

    def load(self, index: int, *, strict: bool) -> Pixels:
        """Read and decode a picture to the form that is cached; see ``decode``."""
        path = self.paths[index]
        data = contents.read_bytes(path)
        if strict:
            self.marks[index] = copies.mark(data)
        return self.decode(data, str(path), strict=strict)

    def decode(self, data: bytes, name: str, *, strict: bool) -> Pixels:
        """Decode a file and bring it to the network's input, as prediction does."""
        reading = self.preprocess.reading
        pixels = image.decode(data, name=name, gray=reading.gray, strict=strict, bits=reading.bits)
        return self.preprocess.pixels(pixels)

    def _decode_larger(
        self, data: bytes, name: str, side: int | None, side_of: Callable[[Iterable[int]], int], *, strict: bool
    ) -> Pixels:
        """Decode a file for crops: (H, W, C), larger than the network's input, in its colour order.

        Args:
            data: The file.
            name: What messages call it.
            side: The most that the side is long, in pixels; None leaves the picture as large as its file.
            side_of: Which side that is: ``min`` or ``max``.
            strict: Whether the file's whole structure is checked.
        """
        reading = self.preprocess.reading
        pixels = image.decode(data, name=name, gray=reading.gray, short_side=side, strict=strict, bits=reading.bits)
        if side is not None:
            pixels = _shrunk(pixels, side / side_of(pixels.shape[:2]))
        if self.preprocess.color == "rgb":
            pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)  # type: ignore[assignment]
        return pixels.reshape(*pixels.shape[:2], -1)


def _shrunk(pixels: Pixels, scale: float) -> Pixels:
    """Shrink a picture; nothing is enlarged."""
    if scale >= 1:
        return pixels
    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
