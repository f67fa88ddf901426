"""Teaching a last layer from pictures that come and go: ``XEdu.teach``, for the faces. No torch, no studio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw import heat_layer
from BaseDT.events import Emit
from BaseDT.image import Pixels, decode, read
from BaseDT.image.writing import png
from XEdu.teach.activation import evidence
from XEdu.teach.collection import Collection, Table
from XEdu.teach.held_out import answers as held_out_answers
from XEdu.teach.judgement import Judgement, Mistake, judgement
from XEdu.teach.plane import plane
from XEdu.teach.softmax_regression import Floats, LastLayer, fit
from XEdu.teach.source_model import Seen, SourceModel

__all__ = [
    "Backbone",
    "Collection",
    "Floats",
    "Heat",
    "Judgement",
    "LastLayer",
    "Mistake",
    "Seen",
    "Table",
    "held_out_answers",
    "judgement",
    "learn",
    "open_backbone",
    "plane",
]

NETWORK = "efficientnet_lite0"
_SHORT_SIDE = 256
"""Pixels of a picture's shorter side that the network is given: larger JPEGs are decoded smaller."""
_MOST_PIXELS = 40_000_000
"""Of a picture that comes from elsewhere."""
_HEAT_SIDE = 192
"""Pixels of the longer side of a heat map: it has 7 × 7 values, and is enlarged by the page."""


@dataclass(frozen=True)
class Heat:
    """Where a class was seen, to be laid over the picture.

    Attributes:
        width: Of the layer, in pixels; its ratio is the picture's.
        height: Likewise.
        png: With a transparent ground.
    """

    width: int
    height: int
    png: bytes


class Backbone:
    """The network that sees; several threads may call it.

    Args:
        file: An ONNX file with features.
    """

    def __init__(self, file: Path) -> None:
        # One core each: the pictures that are learnt and the live one run side by side, and neither waits.
        self._source = SourceModel(file, threads=1)
        self.file = file

    @property
    def key(self) -> str:
        """What changes when its features do."""
        return self.file.name

    @property
    def width(self) -> int:
        """Features of a picture."""
        return self._source.width

    def features_of(self, files: Sequence[Path]) -> Floats:
        """Return the features of picture files, (N, D).

        Raises:
            ImageNotFound: One is missing (-103); likewise -203, -205 for one that cannot be decoded.
            CheckpointInvalid: The network's weights are damaged (-202).
        """
        return self._source.features([_read(file) for file in files])

    def picture_of(self, data: bytes) -> Pixels:
        """Decode the bytes of a picture, as its files are decoded.

        Raises:
            ImageUnsupported, ImageDamaged: They are none (-203, -205).
        """
        return decode(data, short_side=_SHORT_SIDE, most_pixels=_MOST_PIXELS)

    def seen(self, picture: Pixels) -> Seen:
        """Return what is seen of one picture."""
        return self._source.seen(picture)

    def heat(self, picture: Pixels, seen: Seen, layer: LastLayer, label: int) -> Heat | None:
        """Show where a class was seen in a picture; None where the network gives no map."""
        if seen.maps is None:
            return None
        found = evidence(seen.maps[0], layer, label)
        ratio = _HEAT_SIDE / max(picture.shape[:2])
        height, width = (max(1, round(side * ratio)) for side in picture.shape[:2])
        box = self._source.shown_part(picture)
        laid = _laid(found, box * ratio, (height, width))
        return Heat(width, height, png(heat_layer(laid)))

    def model(self, classes: Sequence[str], layer: LastLayer) -> bytes:
        """Return an ONNX file with these classes, which can be taught again.

        Raises:
            CheckpointInvalid: The network's file is gone, or has changed (-202).
        """
        return self._source.with_layer(classes, layer)


def open_backbone(emit: Emit) -> Backbone:
    """Open the network that is taught; its file is made from the installed weights once, or fetched.

    Args:
        emit: Told of what is fetched.

    Raises:
        WeightsUnavailable: It is not here and cannot be fetched (-107).
        XEduError: It cannot be made, written or opened.
    """
    from XEdu.presets import files

    return Backbone(files.obtain([NETWORK], emit)[0])


def learn(table: Table) -> LastLayer:
    """Fit the last layer; ``table`` has at least two classes."""
    return fit(table.features, table.labels, len(table.classes))


def _read(file: Path) -> Pixels:
    # Through memory: ``read`` knows no smaller decoding, and a phone's photograph takes ten times as long whole.
    try:
        data = file.read_bytes()
    except OSError:
        return read(file)  # which says why
    return decode(data, name=file.name, short_side=_SHORT_SIDE)


def _laid(values: Floats, box: npt.NDArray[np.float64], size: tuple[int, int]) -> Floats:
    """Put a map where the network's input lies in a picture of this size; beside it is nothing."""
    x1, y1, x2, y2 = (round(float(value)) for value in box)
    laid: Floats = np.zeros(size, np.float32)
    inside = cv2.resize(values, (max(1, x2 - x1), max(1, y2 - y1)), interpolation=cv2.INTER_LINEAR)
    part = laid[y1 : y1 + inside.shape[0], x1 : x1 + inside.shape[1]]
    part[:] = inside[: part.shape[0], : part.shape[1]]
    return laid
