"""What mask files hold, found by opening them in threads: values, colours, palettes. ``mask_values`` asks."""

from __future__ import annotations

import functools
import os
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import contents
from BaseDT.dataset.mask_codes import MOST_COLOURS, distinct, histogram, no_mask, pack, packed_colours
from BaseDT.dataset.masked import short_name, values_in
from BaseDT.errors import XEduError
from BaseDT.image.values import Colour, Values, palette_of
from BaseDT.language import in_this_context


@dataclass(frozen=True)
class Seen:
    """What one mask holds.

    Attributes:
        values: Its numbers; none of a mask in colours.
        shades: Its colours, packed, where a file has three channels: a gray one has numbers, too.
        palette: Of a file that has one.
        solid: Those of its values, or of its colours, that cover a square of 3 × 3 pixels somewhere: what has been
            blurred lies only where others meet.
    """

    values: frozenset[int] = frozenset()
    shades: frozenset[int] = frozenset()
    palette: tuple[Colour, ...] = ()
    solid: frozenset[int] = frozenset()

    @property
    def is_coloured(self) -> bool:
        """Whether it can only be read as colours."""
        return bool(self.shades) and not self.values


def look(masks: Iterable[Path], *, refuse: bool = True) -> dict[Path, Seen | None]:
    """Open masks in threads; None for those that cannot be read: the check names them.

    Args:
        masks: Their files.
        refuse: Whether a photograph among them is refused; else it is None, too.

    Raises:
        DatasetInvalid: One is a photograph (-201).
    """
    paths = list(masks)
    with ThreadPoolExecutor(max(2, min(8, os.cpu_count() or 2)), thread_name_prefix="masks") as pool:
        return dict(zip(paths, pool.map(in_this_context(functools.partial(_seen, refuse=refuse)), paths), strict=True))


def _seen(path: Path, *, refuse: bool) -> Seen | None:
    name = short_name(path)
    try:
        data = contents.read_bytes(path)
        values = values_in(data, name)
    except (OSError, XEduError):
        return None
    if values.ndim == 3:
        packed = packed_colours(values)
        shades = frozenset(distinct(packed).tolist())
        if len(shades) > MOST_COLOURS:
            if refuse:
                raise no_mask(name, len(shades))
            return None
        gray = {shade & 255 for shade in shades}
        is_gray = shades == {value * 0x010101 for value in gray}
        solid = frozenset(distinct(packed[_is_even(values)]).tolist())
        return Seen(frozenset(gray if is_gray else ()), shades, solid=solid)
    if values.dtype != np.uint8:
        used = frozenset(np.unique(values).tolist())
        return Seen(used, solid=used)
    used = frozenset(np.flatnonzero(histogram(values)).tolist())
    palette = palette_of(data)
    return Seen(used, palette=palette if max(used) < len(palette) else (), solid=_solid(values))


def _solid(values: Values) -> frozenset[int]:
    """Return the numbers that cover a square of 3 × 3 pixels in (H, W) uint8."""
    counts = cv2.calcHist([values], [0], _is_even(values).view(np.uint8), [256], [0, 256]).reshape(-1)
    return frozenset(np.flatnonzero(counts).tolist())


def _is_even(values: Values) -> npt.NDArray[np.bool_]:
    """Tell of each pixel of (H, W) or (H, W, 3) uint8 whether all eight around it are the same."""
    square = np.ones((3, 3), np.uint8)
    same: npt.NDArray[np.bool_] = cv2.erode(values, square) == cv2.dilate(values, square)
    return same if same.ndim == 2 else np.asarray(same.all(axis=2))


def by_palettes(seen: Mapping[Path, Seen | None], among: Collection[Colour]) -> dict[Path, Seen | None]:
    """Return what masks hold, where files with a palette are meant by their colours and not by their numbers.

    That is so where a list names these colours, and where the palettes contradict each other: programs that save
    colours in fewer bits number them anew in each file.

    Args:
        seen: What the files hold.
        among: Colours of a list.
    """
    contradict = _contradict([mask for mask in seen.values() if mask and mask.palette])
    return {path: _coloured(mask, contradict, among) for path, mask in seen.items()}


def _coloured(mask: Seen | None, contradict: bool, among: Collection[Colour]) -> Seen | None:
    if mask is None or not mask.palette:
        return mask
    used = {mask.palette[value] for value in mask.values}
    # Two numbers of one colour: nobody chose the palette.
    are_listed = used <= set(among) and len(used) == len(mask.values)
    if not (contradict or are_listed):
        return mask
    solid = frozenset(pack(mask.palette[value]) for value in mask.solid)
    return Seen(shades=frozenset(map(pack, used)), solid=solid)


def _contradict(masks: Iterable[Seen]) -> bool:
    """Tell whether a number has two colours."""
    colour_of: dict[int, Colour] = {}
    pairs = {(value, mask.palette[value]) for mask in masks for value in mask.values}
    return any(colour_of.setdefault(value, colour) != colour for value, colour in pairs)
