"""What the values of mask files mean: numbers or colours, to labels. ``mask_values`` finds it out, readers apply it.

Arrays only; nothing here knows a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT.errors import DatasetInvalid
from BaseDT.escaping import one_line
from BaseDT.image.values import Colour, Values
from BaseDT.language import english, say

IGNORE = 255
"""The label of pixels that are neither learned nor measured."""
MOST_CLASSES = 254
MOST_COLOURS = 64
"""A mask has fewer colours; more are those of a photograph, or of edges that JPEG has blurred."""
WHITES = (255, 65535)
"""The largest value of a mask of 8 or 16 bits: what an editor draws as white."""

Labels = npt.NDArray[np.uint8]
_NONE = 254  # no class has this label
_LARGEST = 65535
_NO_VALUE = 65534
_EXACT = 1 << 24  # pixels: OpenCV counts in float32, which holds whole numbers up to here
_SHOWN = 5


@dataclass(frozen=True)
class Codes:
    """How the values of a set's masks become labels.

    Attributes:
        number: Of classes.
        labels: Of values other than the class numbers themselves, pairs of value and label; where there are any, only
            these values mean something.
        colours: Pairs of colour (RGB) and label, for masks in colours.
    """

    number: int
    labels: tuple[tuple[int, int], ...] = ()
    colours: tuple[tuple[Colour, int], ...] = ()

    def labels_of(self, values: Values, name: str) -> Labels:
        """Return the labels of a mask: (H, W), 255 for what is ignored.

        Args:
            values: As ``BaseDT.image.values.decode_values`` returns them.
            name: What messages call the file.

        Raises:
            DatasetInvalid: A value or colour has no class, or it is no mask at all (-201).
        """
        if values.ndim == 3 and (numbers := None if self.colours else gray_of(values)) is not None:
            values = numbers
        if values.ndim == 3:
            return self._of_colours(values, name)
        if values.dtype != np.uint8:
            # No class has a value beyond these; what is outside is left without a label.
            values = np.where((values < 0) | (values > _LARGEST), _NO_VALUE, values).astype(np.uint16)
            labels: Labels = self._table()[values]
        else:
            labels = cv2.LUT(values, self._table()[:256])  # type: ignore[assignment]
        if (unknown := labels == _NONE).any():
            raise self._unknown_values(values, unknown, name)
        return labels

    def _table(self) -> Labels:
        """Return the label of every value of 16 bits; ``_NONE`` for those without."""
        table = np.full(_LARGEST + 1, _NONE, dtype=np.uint8)
        table[list(WHITES)] = IGNORE
        for value, label in self.labels or ((label, label) for label in range(self.number)):
            table[value] = label
        return table

    def _of_colours(self, values: Values, name: str) -> Labels:
        packed = packed_colours(values)
        labels: Labels = self._table_of_colours[packed]
        if (unknown := labels == _NONE).any():
            if (number := len(distinct(packed))) > MOST_COLOURS:
                raise no_mask(name, number)
            strange = [unpacked(shade) for shade in distinct(packed[unknown]).tolist()]
            raise self._unknown_colours(strange, float(unknown.mean()), name)
        return labels

    @cached_property
    def _table_of_colours(self) -> Labels:
        """The label of every colour, by its packed number; ``_NONE`` for those without."""
        table = np.full(1 << 24, _NONE, dtype=np.uint8)
        for colour, label in self.colours:
            table[pack(colour)] = label
        return table

    @cached_property
    def token(self) -> str:
        """What tells whether values mean the same."""
        return f"{self.number} {self.labels} {self.colours}"

    def _unknown_values(self, values: Values, unknown: npt.NDArray[np.bool_], name: str) -> DatasetInvalid:
        found = np.unique(values[unknown]).tolist()
        if len(found) > MOST_COLOURS or is_blurred(name):
            return no_mask(name, len(np.unique(values)))
        listed = ", ".join(map(str, found[:_SHOWN])) + (", …" if len(found) > _SHOWN else "")
        share = f"{unknown.mean():.1%}"
        expected = ", ".join(str(value) for value, _ in self.labels[:_SHOWN]) if self.labels else f"0–{self.number - 1}"
        return DatasetInvalid(
            say(
                f"{name} has the values {listed} ({share} of its pixels), which have no class: there are "
                f"{self.number} classes, values {expected}, and 255 for what is ignored",
                f"{name} 中有值 {listed}（占 {share} 的像素），没有对应的类别：共有 {self.number} 个类别，"
                f"应为 {expected}，255 表示忽略",
            ),
            hint=self._way_out(found),
        )

    def _way_out(self, found: list[int]) -> str:
        if found == [self.number]:
            return say(
                "Do the values begin with 1? Then line 1 of classes.txt, which is value 0, must be: background.",
                "掩码的值是不是从 1 开始？那么 classes.txt 的第 1 行（对应值 0）应写：background。",
            )
        return say(
            "Add the missing names to classes.txt (line 1 is value 0), or correct the mask. mmedu check names all.",
            "请在 classes.txt 中补上缺少的类别名（第 1 行对应值 0），或改正这张掩码。mmedu check 会列出全部。",
        )

    def _unknown_colours(self, colours: list[Colour], share: float, name: str) -> DatasetInvalid:
        listed = ", ".join(f"({r} {g} {b})" for r, g, b in colours[:3]) + (", …" if len(colours) > 3 else "")
        if not self.colours:
            return DatasetInvalid(
                say(
                    f"{name} is a mask in colours ({listed}), and no list says which class each is",
                    f"{name} 是彩色掩码（{listed}），但没有说明每种颜色是哪个类别",
                ),
                hint=_how_to_list(),
            )
        return DatasetInvalid(
            say(
                f"{name} has {len(colours)} colours without a class ({listed}), {share:.1%} of its pixels",
                f"{name} 中有 {len(colours)} 种颜色（{listed}，占 {share:.1%} 的像素）没有对应的类别",
            ),
            hint=_how_to_list()
            + say(
                " Colours that differ a little come of a mask that was resized or saved as JPEG: save it as PNG.",
                "如果颜色只有细微差别，可能是缩放过或存成了 JPEG：请存为 PNG。",
            ),
        )


def _how_to_list() -> str:
    return say(
        "Write a line for each class into classes.txt: name red green blue, e.g. road 128 64 128.",
        "请在 classes.txt 中每行写一个类别：名称 红 绿 蓝，例如 road 128 64 128。",
    )


def no_mask(name: str, shades: int, on_edges: int = 0) -> DatasetInvalid:
    """Make the error of a label picture that is a photograph, or blurred (-201).

    Args:
        name: Of its file.
        shades: How many values or colours it has.
        on_edges: How many of them are only where others meet; 0 where nobody counted.
    """
    en, zh = (
        (f", {on_edges} of them only where others meet", f"，其中 {on_edges} 种只出现在边缘") if on_edges else ("", "")
    )
    return DatasetInvalid(
        say(
            f"{name} is no mask: it has {shades} different values or colours{en}",
            f"{name} 不是掩码：其中有 {shades} 种不同的值或颜色{zh}",
        ),
        hint=say(
            "Is it a photograph? A mask has one value for each class. JPEG blurs edges: masks must be saved as PNG, "
            "and made smaller without smoothing (nearest neighbour).",
            "是不是把照片当成了掩码？掩码中每个类别只有一个值。JPEG 会使边缘模糊，掩码必须存为 PNG；"
            "缩放时不要平滑（用最近邻）。",
        ),
    )


def histogram(values: Values) -> list[int]:
    """Return how often each number, 0 to 255, is in (H, W) uint8."""
    if values.size > _EXACT:
        counted: list[int] = np.bincount(values.reshape(-1), minlength=256).tolist()
        return counted
    return [int(count) for count in cv2.calcHist([values], [0], None, [256], [0, 256]).reshape(-1)]


def is_blurred(name: str) -> bool:
    """Tell by its name whether a file is of a kind that does not keep values."""
    return name.lower().endswith((".jpg", ".jpeg", ".jfif"))


def gray_of(values: Values) -> Values | None:
    """Return one channel of (H, W, 3) where all three are the same, as many programs save gray; else None."""
    red = values[..., 0]
    if np.array_equal(red, values[..., 1]) and np.array_equal(red, values[..., 2]):
        return np.ascontiguousarray(red)
    return None


def pack(colour: Colour) -> int:
    """Return a colour as one number."""
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def unpacked(shade: int) -> Colour:
    """Return the colour that ``pack`` made a number of."""
    return shade >> 16, shade >> 8 & 255, shade & 255


def packed_colours(values: Values) -> npt.NDArray[np.int32]:
    """Return the colours of (H, W, 3) as numbers (H, W)."""
    wide = values.astype(np.int32)
    packed: npt.NDArray[np.int32] = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return packed


def distinct(packed: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return which numbers occur, ascending; only those that follow another are sorted: masks are flat."""
    flat = packed.reshape(-1)
    if not flat.size:
        return flat
    return np.unique(np.concatenate([flat[:1], flat[1:][flat[1:] != flat[:-1]]]))


def hex_of(colour: Colour) -> str:
    """Return a colour as ``#rrggbb``."""
    return f"#{pack(colour):06x}"


def voc_colours(number: int) -> tuple[Colour, ...]:
    """Return the colours in which PASCAL VOC shows class numbers: the bits of a number, spread over three channels.

    (The colour map of the VOC development kit, 2007 to 2012.)
    """
    colours = []
    for label in range(number):
        channels = [0, 0, 0]
        for bit in range(8):
            for channel in range(3):
                channels[channel] |= (label >> (3 * bit + channel) & 1) << (7 - bit)
        colours.append((channels[0], channels[1], channels[2]))
    return tuple(colours)


VOC_BORDER: Colour = (224, 224, 192)
"""How VOC's palette shows 255."""


def named(name: str, reason: str) -> str:
    """Put the name of a file before what is said of it."""
    return say(f"{one_line(name)}: {english(reason)}", f"{one_line(name)}：{reason}")
