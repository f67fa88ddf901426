"""A picture as it was when it was inferred: a result is never drawn on what its file or its array holds later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from BaseDT import image
from BaseDT.errors import NothingToShow
from BaseDT.files import Stamp, stamp_of
from BaseDT.image import ImageSource, NamedImage, Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say


@dataclass(frozen=True)
class SourceSnapshot:
    """A picture, so that it can be drawn on later.

    Attributes:
        name: Of its file.
        source: Its pixels, which nobody else changes; or its file, to be read again.
        stamp: Of the file, before it was read; None for anything else.
        in_memory: Whether the source is the pixels themselves.
        bits: Of pictures of 16 bits, as the model read it; see ``BaseDT.image.read``.
    """

    name: str
    source: ImageSource
    stamp: Stamp | None = None
    in_memory: bool = False
    bits: int = 16

    @classmethod
    def of_pixels(cls, item: NamedImage, pixels: Pixels) -> SourceSnapshot:
        """Keep what was read; an array of the user's is copied, for the next frame will be written into it."""
        shared = isinstance(item.source, np.ndarray) and np.may_share_memory(item.source, pixels)
        return cls(item.name, pixels.copy() if shared else pixels, in_memory=True)

    @classmethod
    def of_source(cls, item: NamedImage, reading: Reading) -> SourceSnapshot:
        """Keep where a picture comes from, before it is read: of a file its state, of an array a copy."""
        source = item.source
        if isinstance(source, Image.Image):
            return cls(item.name, source, bits=reading.bits)
        if isinstance(source, np.ndarray):
            return cls(item.name, source.copy(), bits=reading.bits)
        return cls(item.name, source, stamp_of(source), bits=reading.bits)

    def read(self) -> Pixels:
        """Return its pixels.

        Raises:
            NothingToShow: The file has changed since (-601).
            XEduError: The file is gone, or cannot be read any more.
        """
        # Without a stamp there was no file to look at; reading it again says what is wrong.
        if self.stamp is None or isinstance(self.source, (np.ndarray, Image.Image)):
            return image.read(self.source, bits=self.bits)
        if (now := stamp_of(self.source)) is not None and now != self.stamp:
            raise _changed(self.name)
        return image.read(self.source, bits=self.bits)


def _changed(name: str) -> NothingToShow:
    return NothingToShow(
        say(
            f"{name} has changed since inference: the result belongs to the picture that was there.",
            f"{name} 在推理之后被修改了：结果属于修改之前的图片。",
        ),
        hint=say(
            "Take the drawn picture from inference(…, img_type='cv2'), or call inference again.",
            "请用 inference(…, img_type='cv2') 取得画好的图片，或重新推理。",
        ),
    )
