"""What the masks of a set hold: a few are looked at, all where only they tell what classes there are.

``segmentation`` calls it with the class list that the folder has, if any; the answer is ``Codes`` and names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from BaseDT.dataset.class_colours import ClassList
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.mask_codes import (
    IGNORE,
    MOST_CLASSES,
    MOST_COLOURS,
    VOC_BORDER,
    WHITES,
    Codes,
    hex_of,
    is_blurred,
    no_mask,
    pack,
    unpacked,
    voc_colours,
)
from BaseDT.dataset.mask_seen import Seen, by_palettes, look
from BaseDT.dataset.masked import short_name
from BaseDT.errors import DatasetInvalid
from BaseDT.image.values import Colour
from BaseDT.language import say
from BaseDT.results.segmentation import is_background

BACKGROUND = "background"
_WHITE_LABELS = ((0, 0), *((white, 1) for white in WHITES))
_LOOKED_AT = 8
_KINDS = 2  # more different numbers of objects in pictures are no coincidence
_FEW = 3  # so many thin things, as wires, may be classes
# So many different values in one file are those of a photograph.
_MANY = 100
# The edges of a JPEG have more.
_MANY_OF_JPEG = 4
_SHOWN = 6


@dataclass(frozen=True)
class Meaning:
    """What the values of a set mean.

    Attributes:
        codes: How they become labels.
        names: Of the classes.
        colours: Of the classes; often none.
        notes: Lines for the user.
        seen: What every mask holds, where all were looked at; None for one that cannot be read.
    """

    codes: Codes
    names: tuple[str, ...]
    colours: tuple[Colour, ...] = ()
    notes: tuple[str, ...] = ()
    seen: Mapping[Path, Seen | None] = field(default_factory=dict)


def meaning(
    masks: Sequence[Path], listed: ClassList | None, names: Sequence[str] | None = None, *, refuse: bool = True
) -> Meaning:
    """Find out what the values of masks mean.

    Args:
        masks: All of the set.
        listed: What the folder says of the classes, or None: then every mask is opened once, in threads.
        names: Of the classes where the folder does not say: those of a model that is judged by it.
        refuse: Whether a mask is refused whose values have no class, among those that are looked at.

    Raises:
        DatasetInvalid: They cannot be told, or a mask is none (-201).
    """
    if listed is None and names is not None:
        listed = ClassList("", tuple(names))
    if listed is None:
        return _without_list(by_palettes(look(masks), ()))
    notes = []
    if len(listed.names) == 1 and not listed.colours and not is_background(listed.names[0]):
        notes.append(_one_name_note(listed))
        listed = replace(listed, names=(BACKGROUND, *listed.names))
    found = _of_listed(masks, listed, refuse=refuse)
    return replace(found, notes=(*notes, *found.notes))


def _of_listed(masks: Sequence[Path], listed: ClassList, *, refuse: bool) -> Meaning:
    """Find out what values mean where the classes have names: a few masks tell, all only where these leave it open."""
    number, notes = len(listed.names), []
    codes, colours = Codes(number, colours=_of_list(listed)), listed.colours
    some = by_palettes(look(spread(masks, _LOOKED_AT), refuse=refuse), [colour for colour, _ in codes.colours])
    if not colours and any(seen.is_coloured for seen in some.values() if seen):
        codes, colours = _voc_or_refused(listed, by_palettes(look(masks, refuse=refuse), ()))
    if number > 1 and _is_white(some.values()) and _is_white(look(masks, refuse=refuse).values()):
        if number > 2:
            raise _white_of_many(listed)
        codes = Codes(number, _WHITE_LABELS, codes.colours)
        notes.append(_white_note(listed.names[1]))
    if number == 2 and is_background(listed.names[0]) and _are_counted(some) and _are_counted(seen := look(masks)):
        most = max(value for mask in seen.values() if mask for value in mask.values - {*WHITES})
        codes = Codes(number, ((0, 0), *((value, 1) for value in range(1, most + 1))), codes.colours)
        notes.append(_counted_note(most, listed.names[1]))
    if refuse:
        _refuse_strange(codes, some)
    return Meaning(codes, listed.names, colours or _colours(some.values(), number), tuple(notes))


def _are_counted(seen: Mapping[Path, Seen | None]) -> bool:
    """Tell whether masks number single objects: the values of each count up from 1, and some beyond 1."""
    counts = [mask.values - {0, *WHITES} for mask in seen.values() if mask]
    return all(values == set(range(1, len(values) + 1)) for values in counts) and any(len(v) > 1 for v in counts)


def _counted_note(most: int, name: str) -> str:
    return say(
        f"The values of each mask count up from 1 (to {most}), and there is one class beside the background: they are "
        f"taken for numbers of single objects, all of them '{name}'.",
        f"每张掩码的值都从 1 开始连续编号（最大 {most}），而除背景外只有一个类别：当作单个目标的编号，都属于“{name}”。",
    )


def _of_list(listed: ClassList) -> tuple[tuple[Colour, int], ...]:
    """Return the colours of a list with their labels; VOC's border is ignored where it is no class."""
    if not listed.colours:
        return ()
    pairs = tuple((colour, label) for label, colour in enumerate(listed.colours))
    return pairs if VOC_BORDER in listed.colours else (*pairs, (VOC_BORDER, IGNORE))


def _is_white(seen: Iterable[Seen | None]) -> bool:
    """Tell whether masks hold nothing but 0 and white, and white at least once."""
    seen = list(seen)
    values = {value for mask in seen if mask for value in mask.values}
    return bool(values & set(WHITES)) and values <= {0, *WHITES} and not any(m.is_coloured for m in seen if m)


def _white_note(name: str) -> str:
    return say(
        f"The masks hold 0 and 255 only: 255 (white) is taken as '{name}', not as ignored.",
        f"掩码中只有 0 和 255：把 255（白色）当作“{name}”，而不是忽略。",
    )


def _white_of_many(listed: ClassList) -> DatasetInvalid:
    number = len(listed.names)
    return DatasetInvalid(
        say(
            f"The masks hold 0 and 255 only, and there are {number} classes: which one is white is not said",
            f"掩码中只有 0 和 255，而类别有 {number} 个：不清楚白色是哪一类",
        ),
        hint=say(
            "255 means ignored. Write the number of a class into each pixel (0, 1, 2 …), or leave two classes.",
            "255 表示忽略。请在每个像素写类别编号（0、1、2……），或只保留两个类别。",
        ),
    )


def _one_name_note(listed: ClassList) -> str:
    name = listed.names[0]
    return say(
        f"{listed.file or 'The list'} names one class: it is taken for 1, and what is 0 for the background.",
        f"{listed.file or '列表'} 中只有一个类别“{name}”：值 1 为该类别，值 0 视为背景。",
    )


def _voc_or_refused(listed: ClassList, seen: Mapping[Path, Seen | None]) -> tuple[Codes, tuple[Colour, ...]]:
    """Return the classes of masks in colours that no list explains: PASCAL VOC's colours stand for numbers.

    Raises:
        DatasetInvalid: They are others (-201).
    """
    number = len(listed.names)
    shades = {shade for mask in seen.values() if mask for shade in mask.shades}
    palette = voc_colours(number)
    if shades <= {*map(pack, palette), pack(VOC_BORDER)}:
        pairs = tuple((colour, label) for label, colour in enumerate(palette))
        return Codes(number, colours=(*pairs, (VOC_BORDER, IGNORE))), palette
    shown = ", ".join("({} {} {})".format(*unpacked(shade)) for shade in sorted(shades)[:_SHOWN])
    more = ", …" if len(shades) > _SHOWN else ""
    raise DatasetInvalid(
        say(
            f"The masks are in colours ({shown}{more}), and {listed.file or 'the list of classes'} names "
            f"{number} classes without colours",
            f"掩码是彩色的（{shown}{more}），而 {listed.file or '类别列表'} 中的 {number} 个类别没有写颜色",
        ),
        hint=say(
            "Write into classes.txt: name red green blue, a line each, e.g. road 128 64 128.",
            "请在 classes.txt 中每行写：名称 红 绿 蓝，例如 road 128 64 128。",
        ),
    )


def _refuse_strange(codes: Codes, seen: Mapping[Path, Seen | None]) -> None:
    """Refuse masks among those that were looked at whose values have no class."""
    for path, mask in seen.items():
        if mask is None:
            continue
        if mask.values and not (mask.shades and codes.colours):
            codes.labels_of(np.array([sorted(mask.values)], dtype=np.int32), short_name(path))
        else:
            pixels = np.array([[unpacked(shade) for shade in sorted(mask.shades)]], dtype=np.uint8)
            codes.labels_of(pixels, short_name(path))


def _without_list(seen: Mapping[Path, Seen | None]) -> Meaning:
    """Find the classes in the masks themselves."""
    whole = [mask for mask in seen.values() if mask]
    _refuse_photographs(seen)
    values = {value for mask in whole for value in mask.values}
    if any(mask.is_coloured for mask in whole):
        return _by_colours(seen)
    if _is_white(whole):
        names: tuple[str, ...] = (BACKGROUND, "foreground")
        notes: tuple[str, ...] = (_white_note(names[1]), _unnamed_note(names))
        return Meaning(Codes(2, _WHITE_LABELS), names, (), notes, seen)
    numbers = sorted(values - {IGNORE, WHITES[1]}) or [0]
    if len(numbers) > MOST_CLASSES:
        raise _too_many(len(numbers), numbers[-1])
    if numbers[0] >= 0 and numbers[-1] + 1 <= 2 * len(numbers):
        names = (BACKGROUND, *(f"class{number}" for number in range(1, numbers[-1] + 1)))
        notes = (_unnamed_note(names), *_maybe_counted(seen))
        return Meaning(Codes(len(names)), names, _colours(whole, len(names)), notes, seen)
    _refuse_blurred(seen)
    names = tuple(BACKGROUND if number == 0 else f"value{number}" for number in numbers)
    codes = Codes(len(names), tuple((number, label) for label, number in enumerate(numbers)))
    return Meaning(codes, names, (), (_sparse_note(numbers), _unnamed_note(names)), seen)


def _maybe_counted(seen: Mapping[Path, Seen | None]) -> Iterator[str]:
    """Say that values may be numbers of single objects: each mask counts up from 1, some farther than others."""
    farthest = {len(mask.values - {0, *WHITES}) for mask in seen.values() if mask}
    if _are_counted(seen) and len(farthest - {0}) > _KINDS:
        yield say(
            "The values of each mask count up from 1. If they number single objects of one kind, write its name alone "
            "into classes.txt.",
            "每张掩码的值都从 1 开始连续编号。如果它们是同一类目标的编号，请在 classes.txt 中只写这个类别的名称。",
        )


def _refuse_photographs(seen: Mapping[Path, Seen | None]) -> None:
    for path, mask in seen.items():
        name = short_name(path)
        if mask and len(mask.values or mask.shades) > (_MANY_OF_JPEG if is_blurred(name) else _MANY):
            raise no_mask(name, len(mask.values or mask.shades))


def _refuse_blurred(seen: Mapping[Path, Seen | None]) -> None:
    """Refuse a set of whose values, which nobody lists, most lie only where others meet."""
    everything = {value for mask in seen.values() if mask for value in mask.shades or mask.values}
    solid = {value for mask in seen.values() if mask for value in mask.solid}
    on_edges = everything - solid
    if len(on_edges) < _FEW or 2 * len(on_edges) <= len(everything):
        return
    path = max((path for path in seen if seen[path]), key=lambda path: len(_unlike(seen[path], solid)))
    mask = seen[path]
    assert mask is not None
    raise no_mask(short_name(path), len(mask.shades or mask.values), len(_unlike(mask, solid)))


def _unlike(mask: Seen | None, solid: Collection[int]) -> frozenset[int]:
    return (mask.shades or mask.values).difference(solid) if mask else frozenset()


def _too_many(number: int, largest: int) -> DatasetInvalid:
    return DatasetInvalid(
        say(
            f"The masks hold {number} different values up to {largest}; there can be {MOST_CLASSES} classes",
            f"掩码中有 {number} 种不同的值（最大 {largest}），而类别最多 {MOST_CLASSES} 个",
        ),
        hint=say(
            "Are these numbers of single objects? A mask has the number of a class in each pixel.",
            "这些值是不是单个目标的编号？掩码的每个像素应是类别编号。",
        ),
    )


def _by_colours(seen: Mapping[Path, Seen | None]) -> Meaning:
    """Take every colour of masks for a class; black comes first, then by the numbers of VOC where they are its."""
    _refuse_blurred(seen)
    whole = [mask for mask in seen.values() if mask]
    shades = {shade for mask in whole for shade in mask.shades}
    grays_of_numbers = {value for mask in whole if not mask.shades for value in mask.values}
    shades |= {pack((value, value, value)) for value in grays_of_numbers if 0 <= value < IGNORE}
    voc = {pack(colour): label for label, colour in enumerate(voc_colours(MOST_CLASSES))}
    if len(shades) > MOST_COLOURS:
        raise no_mask(next(short_name(path) for path, mask in seen.items() if mask and mask.shades), len(shades))
    shades = shades - {pack(VOC_BORDER)} if shades <= {*voc, pack(VOC_BORDER)} else shades
    in_order = sorted(shades, key=lambda shade: (shade != 0, voc.get(shade, MOST_CLASSES), shade))
    colours = tuple(map(unpacked, in_order))
    names = tuple(BACKGROUND if shade == 0 else hex_of(unpacked(shade)) for shade in in_order)
    grays = {c[0]: label for label, c in enumerate(colours) if len(set(c)) == 1}
    codes = Codes(len(names), tuple(sorted(grays.items())) or ((0, IGNORE),), _of_list(ClassList("", names, colours)))
    note = say(
        f"The masks are in {len(names)} colours, and no list says what they are: each is taken for a class. "
        "classes.txt with lines 'name red green blue' names them.",
        f"掩码中有 {len(names)} 种颜色，没有说明各是什么：每种颜色当作一个类别。"
        "可在 classes.txt 中每行写“名称 红 绿 蓝”来命名。",
    )
    return Meaning(codes, names, colours, (note,), seen)


def _colours(seen: Iterable[Seen | None], number: int) -> tuple[Colour, ...]:
    """Return the colours in which files with a palette show the classes, where they tell them apart."""
    palette = next((mask.palette for mask in seen if mask and mask.palette), ())[:number]
    return palette if len(set(palette)) == number else ()


def _unnamed_note(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return say(
        f"There is no classes.txt: the masks were looked at, and hold {len(names)} classes ({shown}). A name a line "
        "in classes.txt gives them names.",
        f"没有 classes.txt：已查看所有掩码，共有 {len(names)} 个类别（{shown}）。"
        "在 classes.txt 中每行写一个名称即可命名。",
    )


def _sparse_note(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_SHOWN])) + (", …" if len(numbers) > _SHOWN else "")
    return say(
        f"The values of the masks have gaps ({shown}): they are numbered from 0 in this order.",
        f"掩码中的值不连续（{shown}）：按此顺序从 0 开始编号。",
    )


def presence(seen: Mapping[Path, Seen | None], codes: Codes) -> Callable[[Path], frozenset[int] | None]:
    """Return a function that tells the labels of a mask's file; None where nobody has looked at it."""

    def labels(path: Path) -> frozenset[int] | None:
        mask = seen.get(path)
        if mask is None:
            return None
        return frozenset(_labels(mask, codes)) - {IGNORE}

    return labels


def _labels(mask: Seen, codes: Codes) -> Iterator[int]:
    if mask.shades and codes.colours:
        of_colour = {pack(colour): label for colour, label in codes.colours}
        yield from (of_colour[shade] for shade in mask.shades)
    else:
        yield from np.unique(codes.labels_of(np.array([[*mask.values]], dtype=np.int32), "")).tolist()
