"""Text for pictures: one line on a coloured ground, as large as fits, shortened where nothing fits.

Only the modules of ``BaseDT.draw`` call it.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from BaseDT import fonts
from BaseDT.image import Pixels

Colour: TypeAlias = tuple[int, int, int]

# Okabe and Ito, "Color Universal Design" (2008): eight colours that colour-blind people tell apart; without the black.
# As BGR.
_PALETTE: tuple[Colour, ...] = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
    (0, 159, 230),
    (233, 180, 86),
    (66, 228, 240),
)
MIN_TEXT = 16
_MOST_LETTERS = 500
"""Of a name: more than any picture has room for."""
INK: Colour = (33, 33, 33)
PAPER: Colour = (255, 255, 255)
EMPTY: Colour = (238, 238, 238)


def class_colour(label: int) -> Colour:
    """Return the colour of a class as BGR: always the same one for the same number."""
    return _PALETTE[label % len(_PALETTE)]


def colours() -> int:
    """How many classes have a colour of their own; the next ones begin anew."""
    return len(_PALETTE)


def shown_name(name: str, label: int) -> str:
    """Return the name of a class as a picture can show it: ``#label`` where the font lacks a character."""
    line = " ".join(name.split())
    return line if line and fonts.can_draw(line) else f"#{label}"


def text_box(name: str, score: str, size: int, width: int, colour: Colour, smallest: int = MIN_TEXT) -> Pixels:
    """Draw name and score on a coloured box that is at most ``width`` wide: smaller text first, then a shorter name."""
    size = largest(name[:_MOST_LETTERS] + score, size, smallest, width - size)
    padding = size // 2
    text = line(shortened(name, score, size, width - 2 * padding), size, size * 3 // 2, colour)
    box = np.full((text.shape[0], min(width, text.shape[1] + 2 * padding), 3), colour, dtype=np.uint8)
    room = min(text.shape[1], box.shape[1])
    left = min(padding, box.shape[1] - room)
    box[:, left : left + room] = text[:, :room]
    return box


def line(text: str, size: int, height: int, background: Colour) -> Pixels:
    """Draw one line of text, as wide as it is, on a background of the given height."""
    width = max(1, text_width(text, size))
    picture = Image.new("RGB", (width, height), background[::-1])
    # "lm": the middle of the line, the same for every text, so that captions stand level.
    ImageDraw.Draw(picture).text(
        (0, height / 2), text, fill=ink_on(background)[::-1], font=fonts.truetype(size), anchor="lm"
    )
    return np.asarray(picture)[:, :, ::-1]


def text_width(text: str, size: int) -> int:
    return int(np.ceil(fonts.truetype(size).getlength(text)))


def largest(text: str, size: int, smallest: int, width: int) -> int:
    """Return the largest size, from ``smallest`` to ``size``, at which a text fits; the smallest where none does."""
    taken = text_width(text, size)
    # Width goes with size: one division comes near, rounding of the glyphs is corrected by steps.
    size = size if taken <= width else max(smallest, size * width // taken)
    while size > smallest and text_width(text, size) > width:
        size -= 1
    return max(size, smallest)


def shortened(text: str, tail: str, size: int, width: int) -> str:
    """Cut the end of a text, not of its tail, until both fit; characters that the font lacks become ``?``."""
    # Each cut below measures the whole text anew: a name of thousands of letters would take minutes.
    text = "".join(character if fonts.can_draw(character) else "?" for character in text[:_MOST_LETTERS])
    if text_width(text + tail, size) <= width:
        return text + tail
    while text and text_width(f"{text}…{tail}", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…{tail}" if text else tail.strip()


def ink_on(background: Colour) -> Colour:
    blue, green, red = background
    # Relative luminance (ITU-R BT.601), near enough to choose between black and white.
    return INK if 0.114 * blue + 0.587 * green + 0.299 * red > 140 else PAPER
