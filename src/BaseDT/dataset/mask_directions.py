"""Which way up masks were drawn: on pictures as they are stored, or as a camera's note turns them.

A mask's size tells where a note exchanges height and width; where none tells, it is as most of the others are, and a
note says so. ``segmentation`` calls it; for boxes see ``directions``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from BaseDT.dataset.directions import Head
from BaseDT.dataset.masked import size_hint
from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say

_SHOWN = 5


@dataclass(frozen=True)
class Drawn:
    """A picture and its mask, by their heads; None for a file that cannot be read.

    Attributes:
        name: What to call the mask.
        picture: Of the picture.
        mask: Of its mask.
    """

    name: str
    picture: Head | None
    mask: Head | None


def orientations(drawn: Sequence[Drawn]) -> tuple[list[int], tuple[str, ...]]:
    """Return by which note each mask must be turned, 1 for none, and what there is to say about it.

    Raises:
        DatasetInvalid: Masks have another size than their pictures; they are named (-201).
    """
    _refuse_other_sizes(drawn)
    stored = [i for i, one in enumerate(drawn) if _tells(one) and _is_of_stored(one)]
    upright = [i for i, one in enumerate(drawn) if _tells(one) and not _is_of_stored(one)]
    hidden = [i for i, one in enumerate(drawn) if _turns(one) and not _tells(one)]
    follows = len(stored) > len(upright)
    turned = {*stored, *(hidden if follows else ())}
    notes = tuple(_notes(drawn, stored, hidden, follows=follows))
    return [one.picture.orientation if i in turned and one.picture else 1 for i, one in enumerate(drawn)], notes


def _turns(one: Drawn) -> bool:
    return one.picture is not None and one.picture.orientation != 1 and one.mask is not None


def _tells(one: Drawn) -> bool:
    return one.mask is not None and one.picture is not None and one.picture.stored != one.picture.upright


def _is_of_stored(one: Drawn) -> bool:
    assert one.picture is not None
    assert one.mask is not None
    return one.mask.upright == one.picture.stored


def _refuse_other_sizes(drawn: Sequence[Drawn]) -> None:
    wrong = [d for d in drawn if d.picture and d.mask and d.mask.upright not in (d.picture.stored, d.picture.upright)]
    if not wrong:
        return
    parts = [_difference(one) for one in wrong[:_SHOWN]]
    listed = say("; ".join(map(english, parts)), "；".join(parts))
    rest = len(wrong) - _SHOWN
    more = say(f"; and {rest} more", f"；另有 {rest} 张") if rest > 0 else ""
    raise DatasetInvalid(
        say(
            f"{len(wrong)} masks have another size than their pictures: {english(listed)}{english(more)}",
            f"{len(wrong)} 张掩码与图片大小不同：{listed}{more}",
        ),
        hint=size_hint(),
    )


def _difference(one: Drawn) -> str:
    assert one.picture is not None
    assert one.mask is not None
    (height, width), (own_height, own_width) = one.picture.upright, one.mask.upright
    return say(
        f"{one.name} is {own_width}×{own_height}, its picture {width}×{height}",
        f"{one.name} 是 {own_width}×{own_height}，图片是 {width}×{height}",
    )


def _notes(drawn: Sequence[Drawn], stored: Sequence[int], hidden: Sequence[int], *, follows: bool) -> Iterator[str]:
    if stored:
        yield say(
            f"{len(stored)} masks were drawn without the camera's rotation: they were turned with their pictures.",
            f"{len(stored)} 张掩码绘制时忽略了照片的旋转信息，已随图片一起旋转。",
        )
    if not hidden:
        return
    name = drawn[hidden[0]].name
    if follows:
        yield say(
            f"{len(hidden)} pictures are rotated in a way that no size shows (180°, mirrored or square, e.g. of "
            f"{name}): as with most of the others, their masks were turned with them.",
            f"{len(hidden)} 张图片的旋转方式无法从尺寸看出（180°、镜像或正方形，如 {name}）：与多数图片一样，"
            "掩码已随图片旋转。",
        )
    else:
        yield say(
            f"{len(hidden)} pictures are rotated in a way that no size shows (180°, mirrored or square, e.g. of "
            f"{name}): their masks are taken as drawn on the upright picture. Look at one of them with its mask.",
            f"{len(hidden)} 张图片的旋转方式无法从尺寸看出（180°、镜像或正方形，如 {name}）：掩码按旋转后的图片理解。"
            "请查看其中一张及其掩码。",
        )
