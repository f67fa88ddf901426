"""What the original clients do with a model of which they know only the name (``modelname`` in ``MODEL_INFO``).

Two questions are answered here and nowhere else: which pixels a foreign file expects, and under which name a file of
ours gets the right pixels from an original client. The facts are those of the original BaseDT 0.1.3, whose clients
stretch a picture where training kept its ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from BaseDT.preprocess import Preprocess

_IMAGENET = Preprocess(size=(224, 224), resize="stretch", resize_to=(256, 256), interpolation="linear")
_TABLE: dict[str, Preprocess] = {
    "LeNet": Preprocess(size=(32, 32), color="gray", mean=(33.46,), std=(78.87,), interpolation="linear"),
    **dict.fromkeys(
        ("MobileNet", "ResNet18", "ResNet50", "ResNeXt", "ShuffleNet_v2", "VGG", "RepVGG"),
        _IMAGENET,
    ),
    "SSD_Lite": Preprocess(size=(320, 320), interpolation="linear"),
    "Yolov3": Preprocess(size=(416, 416), interpolation="linear"),
    "FasterRCNN": Preprocess(size=(1333, 800), interpolation="linear"),
    # As ``PerPicture``, where the input is fixed: this is the frame of a wide picture.
    **dict.fromkeys(("RegNet", "Mask_RCNN"), Preprocess(size=(800, 1344), resize="letterbox", interpolation="linear")),
}
_BY_LOWER = {name.lower(): name for name in _TABLE}


def names() -> list[str]:
    """List the names that the original clients know."""
    return list(_TABLE)


def preprocess_of(modelname: str, size: tuple[int, int] | None = None, channels: int = 3) -> Preprocess | None:
    """Return the preprocessing that goes with a foreign file.

    Args:
        modelname: What the file says of itself; may be empty.
        size: Height and width that the file's input is fixed to, if it is.
        channels: Of the file's input.

    Returns:
        The table's; where its size is not the file's own, or the name is unknown, the picture is stretched to the
        file's size. None where nothing can be known.
    """
    entry = _TABLE.get(_BY_LOWER.get(modelname.lower(), ""))
    if entry is not None and entry.channels == channels and size in (None, entry.size):
        return entry
    if size is None:
        return None
    if entry is not None and entry.channels == channels and entry.resize_to is not None and size[0] == size[1]:
        return entry.with_size(size[0])
    base = _TABLE["LeNet"] if channels == 1 else _TABLE["SSD_Lite"]
    return replace(base, size=size)


@dataclass(frozen=True)
class PerPicture:
    """The way of a picture into a network that takes any height and width.

    Attributes:
        long: The long side of the picture is at most so many pixels …
        short: … and the short one so many, whichever it is; the ratio is kept.
        divisor: The tensor is padded below and at the right to a multiple of it, with 0 after normalising.
    """

    long: int = 1333
    short: int = 800
    divisor: int = 32

    def preprocess_for(self, height: int, width: int) -> Preprocess:
        """Return what is done to a picture of this size before it is padded."""
        scale = min(self.long / max(height, width), self.short / min(height, width))
        size = max(1, math.floor(height * scale + 0.5)), max(1, math.floor(width * scale + 0.5))
        return Preprocess(size=size, interpolation="linear")

    def __call__(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the tensor, 1×3×H×W, of a picture, H×W×3 BGR or H×W gray."""
        tensor = self.preprocess_for(picture.shape[0], picture.shape[1])(picture)
        below, right = (-side % self.divisor for side in tensor.shape[2:])
        return np.pad(tensor, ((0, 0), (0, 0), (0, below), (0, right)))


def per_picture(modelname: str) -> PerPicture | None:
    """Return the way into a foreign model of this name whose input takes any height and width; None for the others."""
    return PerPicture() if _BY_LOWER.get(modelname.lower()) in ("RegNet", "Mask_RCNN") else None


def modelname_for(backbone: str, preprocess: Preprocess) -> str | None:
    """Return the name under which an original client gives a file of ours the right size and colours.

    Returns:
        The table's name where the sizes are the same; ``""``, by which a client takes the file's own square size in
        RGB with the usual mean and std; None where neither can be right.
    """
    entry = _TABLE.get(_BY_LOWER.get(backbone.lower(), ""))
    if entry is not None and entry.resize != "letterbox" and _same_input(entry, preprocess):
        return _BY_LOWER[backbone.lower()]
    square = preprocess.size[0] == preprocess.size[1]
    return "" if square and _same_input(replace(_TABLE["SSD_Lite"], size=preprocess.size), preprocess) else None


def differing_crop(backbone: str, preprocess: Preprocess) -> Preprocess | None:
    """Return how an original client brings a picture into shape for a file of ours, where it does so otherwise.

    Size and colours are then right (``modelname_for``), and another part of the picture is seen, or another ratio.

    Returns:
        What the client does; None where it is the same as here, or the client cannot feed the file at all.
    """
    name = modelname_for(backbone, preprocess)
    if name is None:
        return None
    client = _TABLE[name] if name else replace(_TABLE["SSD_Lite"], size=preprocess.size)
    parts = ("resize", "resize_to")
    return None if all(getattr(client, part) == getattr(preprocess, part) for part in parts) else client


def _same_input(client: Preprocess, ours: Preprocess) -> bool:
    parts = ("size", "color", "mean", "std")
    return all(getattr(client, part) == getattr(ours, part) for part in parts)
