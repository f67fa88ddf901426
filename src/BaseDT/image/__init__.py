"""The only place that reads or writes an image file; everybody may call it.

Files, arrays and Pillow images of every usual kind become uint8 pixels (BGR or gray), upright, on white.
"""

from BaseDT.image.conversion import Pixels
from BaseDT.image.reading import MAX_PIXELS, decode, read
from BaseDT.image.refusals import IMAGE_SUFFIXES
from BaseDT.image.sources import (
    ImageSource,
    NamedImage,
    expand,
    expand_item,
    is_image_file,
    passed_over,
    what_is_at,
    with_unique_names,
)
from BaseDT.image.writing import write

__all__ = [
    "IMAGE_SUFFIXES",
    "MAX_PIXELS",
    "ImageSource",
    "NamedImage",
    "Pixels",
    "decode",
    "expand",
    "expand_item",
    "is_image_file",
    "passed_over",
    "read",
    "what_is_at",
    "with_unique_names",
    "write",
]
