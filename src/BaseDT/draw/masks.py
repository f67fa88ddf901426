"""The classes of the pixels of a picture, as a tint over it, with borders and names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.draw.canvas import NARROWEST, as_bgr, enlarged, invalid, put, text_size
from BaseDT.draw.label_room import LabelRoom, Rectangle
from BaseDT.draw.text import EMPTY, Colour, class_colour, colours, shown_name, text_box
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.results.segmentation import SegmentationResult

_TINT = 0.45
"""Weight of the colours within a region; its border has all of it."""
_LOWEST, _MIN_TEXT = 48, 12
_SEARCHED = 100
"""The middle of a region is looked for in a mask whose longer side is at most this: it need not be exact."""
_ROOMY = 0.9  # of the most room: as good as it
_STEPS = 9  # levels of each channel among which colours are chosen


def segmentation(
    image: Pixels, result: SegmentationResult, *, enlarge: bool = True, names: bool = True, tint: float = _TINT
) -> Pixels:
    """Return a copy on which each class but the background is tinted, with a thin border and its name.

    Names stand where their class has most room; they cover no other. Pictures smaller than 224 pixels are enlarged by a
    whole factor; flat or narrow ones, on which there is no room for text, get a margin for it.

    Args:
        image: Pixels, H×W×3 BGR or H×W gray.
        result: What the model said of it.
        enlarge: Whether small pictures become larger; otherwise each keeps its size, and small ones get small text.
        names: Whether names are written.
        tint: Weight of the colours against the picture, 0 to 1.

    Raises:
        ParameterInvalid: These are no pixels, or the result is of another size.
    """
    canvas = enlarged(as_bgr(image)) if enlarge else as_bgr(image).copy()
    if result.shape != image.shape[:2]:
        raise invalid(
            say(
                f"a mask of {result.shape} does not fit a picture of {image.shape[:2]}.",
                f"大小为 {result.shape} 的掩膜与大小为 {image.shape[:2]} 的图片不符。",
            ),
            "Give the picture that was predicted.",
            "请给出推理时的那张图片。",
        )
    height, width = canvas.shape[:2]
    mask = result.mask
    if (height, width) != mask.shape:
        mask = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    tint_classes(canvas, mask, result.labels, tint)
    canvas = _with_room(canvas) if enlarge else canvas
    if names:
        _write_names(canvas, mask, result)
    return canvas


def tint_classes(canvas: Pixels, mask: Pixels, labels: Sequence[int], tint: float = _TINT) -> None:
    """Colour the pixels of some classes half through, and draw their borders.

    Args:
        canvas: H×W×3 BGR, which is changed.
        mask: (H, W) uint8, numbers of classes.
        labels: The classes that are coloured.
        tint: Weight of the colours, 0 to 1.
    """
    paint(canvas, mask, {label: mask_colour(label) for label in labels}, tint)


def paint(canvas: Pixels, mask: Pixels, colours_of: dict[int, Colour], tint: float = _TINT) -> None:
    """Colour the pixels of some numbers half through, and draw their borders.

    Args:
        canvas: H×W×3 BGR, which is changed.
        mask: (H, W) uint8.
        colours_of: By number of the mask, BGR.
        tint: Weight of the colours, 0 to 1.
    """
    if not colours_of:
        return
    palette, shown = np.zeros((256, 1, 3), np.uint8), np.zeros(256, np.uint8)
    for label, colour in colours_of.items():
        palette[label, 0], shown[label] = colour, 255
    coloured, inside = cv2.applyColorMap(mask, palette), cv2.LUT(mask, shown)
    cv2.copyTo(cv2.addWeighted(coloured, tint, canvas, 1 - tint, 0), inside, canvas)
    cv2.copyTo(coloured, cv2.bitwise_and(_borders(mask), inside), canvas)


def _borders(mask: Pixels) -> Pixels:
    """Return where a class ends, 255 and 0: on its own side, so that neighbours have a border each."""
    width = max(1, round(min(mask.shape) / 300))
    kernel = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    # The edge of the picture is none of a class: OpenCV's own border of a dilation or an erosion is neutral.
    return np.asarray(cv2.compare(cv2.dilate(mask, kernel), cv2.erode(mask, kernel), cv2.CMP_NE), np.uint8)


@lru_cache(maxsize=1)
def _palette() -> tuple[Colour, ...]:
    """Return 256 colours: those of all drawings first, then each as far from all before it as can be.

    Distances are those of CIELAB, in which equal ones look equal; too dark and too pale ones are left out.
    """
    levels = np.linspace(0, 255, _STEPS).round()
    grid = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3).astype(np.uint8)
    chosen = [class_colour(label) for label in range(colours())]
    lab = _lab(grid)
    usable = (lab[:, 0] > 35) & (lab[:, 0] < 92)
    grid, lab = grid[usable], lab[usable]
    taken = _lab(np.array(chosen, np.uint8))
    nearest = np.linalg.norm(lab[:, None] - taken[None], axis=2).min(axis=1)
    while len(chosen) < 256:
        best = int(nearest.argmax())
        blue, green, red = (int(value) for value in grid[best])
        chosen.append((blue, green, red))
        nearest = np.minimum(nearest, np.linalg.norm(lab - lab[best], axis=1))
    return tuple(chosen)


def _lab(bgr: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(bgr[None].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[0], np.float32)


def mask_colour(label: int) -> Colour:
    """Return the colour of a class of pixels as BGR: always the same one for the same number, and its own.

    The first are those of ``class_colour``, which colour-blind people tell apart.
    """
    return _palette()[label % 256]


def _with_room(canvas: Pixels) -> Pixels:
    below, right = max(0, _LOWEST - canvas.shape[0]), max(0, NARROWEST - canvas.shape[1])
    if below == right == 0:
        return canvas
    return np.pad(canvas, ((0, below), (0, right), (0, 0)), constant_values=EMPTY[0])


def _write_names(canvas: Pixels, mask: Pixels, result: SegmentationResult) -> None:
    side = min(canvas.shape[:2])
    size = text_size(max(_MIN_TEXT, round(side * 0.04)), side)
    room = LabelRoom((canvas.shape[0], canvas.shape[1]), [])
    for label, middle in _middles(mask, result.labels):
        text = _name_box(result.classes[label], label, size, canvas.shape[1])
        if (free := room.take(_candidates(canvas, middle, text))) is not None:
            put(canvas, text, (free[1], free[0]))


@lru_cache(maxsize=256)
def _name_box(name: str, label: int, size: int, width: int) -> Pixels:
    """Draw a name; a film has the same ones in every picture."""
    return text_box(shown_name(name, label), "", size, width, mask_colour(label), min(size, _MIN_TEXT))


def _middles(mask: Pixels, labels: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Give where each class has most room, x and y: the middle of the largest circle within it."""
    step = max(1, -(-max(mask.shape) // _SEARCHED))
    coarse = np.ascontiguousarray(mask[step // 2 :: step, step // 2 :: step])
    coarse = coarse if coarse.size else mask
    for label in labels:
        # The picture's edge is an edge of its regions, too: a name there would be cut off.
        where = np.pad((coarse == label).view(np.uint8), 1)
        if not where.any():  # it slips through the coarse mask
            y, x = np.argwhere(mask == label)[0].tolist()
            yield label, (x, y)
            continue
        room = cv2.distanceTransform(where, cv2.DIST_L2, 3)
        # A strip has as much room all along: its middle is taken, not its end.
        best = np.argwhere(room >= _ROOMY * room.max())
        y, x = best[((best - best.mean(axis=0)) ** 2).sum(axis=1).argmin()].tolist()
        yield label, ((x - 1) * step + step // 2, (y - 1) * step + step // 2)


def _candidates(canvas: Pixels, middle: tuple[int, int], text: Pixels) -> Iterator[Rectangle]:
    """Give where a name may be: on the middle of its region, then above and below, farther each time."""
    height, width = text.shape[:2]
    left = min(max(0, middle[0] - width // 2), max(0, canvas.shape[1] - width))
    top = min(max(0, middle[1] - height // 2), max(0, canvas.shape[0] - height))
    for rows in (0, -1, 1, -2, 2, -3, 3):
        moved = top + rows * height
        if 0 <= moved <= max(0, canvas.shape[0] - height):
            yield left, moved, left + width, moved + height
