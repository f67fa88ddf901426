"""Annotation files in COCO's format with keypoints, read and checked. ``keypoints`` calls it; no picture is looked for.

COCO's ``keypoints`` are numbers of pixels; ``keypoint_source.with_middles`` makes places of them, as Detectron2 does.
``bbox`` has edges, as everywhere in this package.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.dataset import plausible
from BaseDT.dataset.coco_json import Item, is_finite, lists, parsed, reference, refuse_twice, wrong
from BaseDT.dataset.keypoint_names import Pair, sides, skeleton_of
from BaseDT.dataset.keypoint_samples import UNLABELLED, VISIBLE, PosedObject
from BaseDT.dataset.keypoint_source import KeypointSource, Person
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.escaping import one_line
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.names import composed

MARK = "edges of pixels"
"""What ``info.keypoints`` says in files that ``make_dataset`` writes: whole numbers are places there, too."""


_NUMBERS, _USUAL = frozenset({int, float}), frozenset({0, 1, 2})


@dataclass(frozen=True, eq=False)
class PosedEntry:
    """One picture, as an annotation file describes it.

    Attributes:
        file_name: Its name, as the file has it.
        size: (height, width) in pixels; None where the file does not say.
        people: Who is in it.
    """

    file_name: str
    size: tuple[int, int] | None
    people: tuple[Person, ...]


@dataclass(frozen=True, eq=False)
class PosedAnnotations:
    """What one file holds.

    Attributes:
        name: What messages call the file.
        classes: The categories that have points, in the order of their ids.
        names: Of the points.
        skeleton: Pairs from 0.
        flip_pairs: Pairs from 0 that the file tells beside the names; None where it tells none.
        entries: The pictures, in the order of the file.
        notes: Lines for the user.
        in_places: Whether the file says that its numbers are places, not numbers of pixels.
    """

    name: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    skeleton: tuple[Pair, ...]
    flip_pairs: tuple[Pair, ...] | None
    entries: tuple[PosedEntry, ...]
    notes: tuple[str, ...] = ()
    in_places: bool = False


@dataclass(frozen=True)
class _Kind:
    """A category: its name, the names of its points (None where it has none), its pairs as they are written."""

    name: str
    points: tuple[str, ...] | None
    skeleton: object
    flip_pairs: object = None


def read(files: Sequence[Path]) -> list[PosedAnnotations]:
    """Read the annotation files of a set. Coordinates are as they are written.

    Raises:
        DatasetInvalid: A file is no JSON or not COCO's, or points are not as they should be, or differ (-201).
        AnnotationMissing: A file has no keypoints, or what belongs to nothing (-701).
    """
    read_files = [_read(file) for file in files]
    for other in read_files[1:]:
        _refuse_other_points(read_files[0], other)
    return read_files


def _read(file: Path) -> PosedAnnotations:
    name = f"{file.parent.name}/{file.name}"
    document = parsed(name, read_text(file))
    parts = lists(name, document)
    items = [Item(name, "annotations", i, value) for i, value in enumerate(parts["annotations"])]
    ids = {Item(name, "images", i, value).whole("id"): i for i, value in enumerate(parts["images"])}
    numbers = [Item(name, "images", i, value).whole("id") for i, value in enumerate(parts["images"])]
    refuse_twice(name, "images", "id", numbers)
    refuse_twice(name, "annotations", "id", [item.whole("id") for item in items])
    kinds = _with_points(name, _kinds(name, parts["categories"]), items)
    points, notes = _points_of(name, kinds, items)
    skeleton, lines = _skeleton(name, kinds, len(points))
    labels = {number: label for label, number in enumerate(kinds)}
    people, strangers = _people(items, ids, labels, points)
    entries = []
    for index, value in enumerate(parts["images"]):
        item = Item(name, "images", index, value)
        height, width = item.size("height"), item.size("width")
        size = None if height is None or width is None else (height, width)
        entries.append(PosedEntry(item.text("file_name"), size, tuple(people.get(item.whole("id"), ()))))
    notes += [*lines, *_strangers_note(name, strangers)]
    classes = tuple(kind.name for kind in kinds.values())
    info = document.get("info") if isinstance(document, dict) else None
    in_places = isinstance(info, dict) and info.get("keypoints") == MARK
    corners = [person.corners for entry in entries for person in entry.people if person.corners is not None]
    plausible.refuse_shares(name, corners)
    flips = next((kind.flip_pairs for kind in kinds.values() if kind.flip_pairs), None)
    pairs = skeleton_of(flips, len(points), name)[0] if flips else None
    return PosedAnnotations(name, classes, points, skeleton, pairs, tuple(entries), tuple(notes), in_places)


def _kinds(name: str, categories: Sequence[object]) -> dict[int, _Kind]:
    """Return what the file says of each category, by id."""
    kinds: dict[int, _Kind] = {}
    items = [Item(name, "categories", index, value) for index, value in enumerate(categories)]
    refuse_twice(name, "categories", "id", [item.whole("id") for item in items])
    for item in items:
        value = item.values.get("keypoints")
        names: tuple[str, ...] | None = None
        if value:
            if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
                raise wrong(f"{item.where}.keypoints", value, "a list of names", "名称的列表")
            names = tuple(composed(text.strip()) for text in value)
            refuse_twice(item.where, "keypoints", "name", names)
        kinds[item.whole("id")] = _Kind(
            composed(item.text("name").strip()), names, item.values.get("skeleton"), item.values.get("flip_pairs")
        )
    return kinds


def _with_points(name: str, kinds: Mapping[int, _Kind], items: Sequence[Item]) -> dict[int, _Kind]:
    """Return the categories of persons: those with names of points, and those whose objects have points.

    Raises:
        AnnotationMissing: There is none, or an annotation's category is not there (-701).
        DatasetInvalid: Two of them have different points (-201).
    """
    posed = {reference(item, "category_id", kinds, "categories") for item in items if item.values.get("keypoints")}
    found = {number: kind for number, kind in sorted(kinds.items()) if kind.points is not None or number in posed}
    in_use = {number: kind for number, kind in found.items() if number in posed}
    if not found:
        raise AnnotationMissing(
            say(
                f"{name} has no keypoints: neither in 'categories' nor in 'annotations'",
                f"{name} 中没有关键点：'categories' 和 'annotations' 中都没有 keypoints",
            ),
            hint=say(
                "Label points and export 'COCO keypoints'; for boxes alone use MMDetection.",
                "请标注关键点并导出为 “COCO keypoints”；若只有标注框，请用 MMDetection。",
            ),
        )
    found = in_use or found
    named = [kind for kind in found.values() if kind.points is not None]
    for kind in named[1:]:
        if kind.points != named[0].points:
            raise _other_points(name, named[0], kind)
    return found


def _other_points(name: str, first: _Kind, other: _Kind) -> DatasetInvalid:
    counts = [len(kind.points or ()) for kind in (first, other)]
    return DatasetInvalid(
        say(
            f"{name}: the categories '{first.name}' ({counts[0]} points) and '{other.name}' ({counts[1]} points) have "
            "different keypoints",
            f"{name}：类别 '{first.name}'（{counts[0]} 个点）和 '{other.name}'（{counts[1]} 个点）的关键点不同",
        ),
        hint=say(
            "One model learns one set of points: make a data set for each category.",
            "一个模型只能学习一套关键点：请为每个类别单独制作数据集。",
        ),
    )


def _points_of(name: str, kinds: Mapping[int, _Kind], items: Sequence[Item]) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of the points; where no category names them, their numbers, and a note that says so."""
    named = next((kind.points for kind in kinds.values() if kind.points is not None), None)
    if named is not None:
        return named, []
    values = [item.values.get("keypoints") for item in items]
    lengths = Counter(len(value) // 3 for value in values if isinstance(value, list) and value)
    number = max(1, lengths.most_common(1)[0][0]) if lengths else 1
    note = say(
        f"{name}: no category names its points: they are called 0 to {number - 1}. Names in 'keypoints' of "
        "'categories' would also tell left from right.",
        f"{name}：类别中没有关键点名称，按 0 到 {number - 1} 命名。在 'categories' 的 'keypoints' 中写上名称，"
        "还能据此区分左右。",
    )
    return tuple(map(str, range(number))), [note]


def _skeleton(name: str, kinds: Mapping[int, _Kind], points: int) -> tuple[tuple[Pair, ...], list[str]]:
    for kind in kinds.values():
        if kind.skeleton:
            return skeleton_of(kind.skeleton, points, name)
    return (), []


def _people(
    items: Sequence[Item], pictures: Mapping[int, int], labels: Mapping[int, int], points: Sequence[str]
) -> tuple[dict[int, list[Person]], int]:
    """Return the persons of each picture's id, and how many objects of other categories there are."""
    people: dict[int, list[Person]] = {}
    strangers = 0
    for item in items:
        image = reference(item, "image_id", pictures, "images")
        category = item.whole("category_id")
        if category not in labels:
            strangers += 1
            continue
        people.setdefault(image, []).append(
            Person(
                _points(item, len(points)),
                _corners(item),
                item.area() or None,
                labels[category],
                item.values.get("iscrowd") in (1, True),
                item.whole("id"),
            )
        )
    return people, strangers


def _corners(item: Item) -> tuple[float, float, float, float] | None:
    """Return the edges of a box; None where there is none, or it has no area."""
    if not item.values.get("bbox"):
        return None
    x1, y1, x2, y2 = item.corners()
    return (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)) if x1 != x2 and y1 != y2 else None


def _points(item: Item, number: int) -> npt.NDArray[np.float64]:
    """Return (K, 3); of what is not labelled all are 0."""
    value = item.values.get("keypoints")
    where = f"{item.where} (id {item.whole('id')})"
    if value is None or value == []:
        return np.zeros((number, 3))
    if not isinstance(value, list) or not _NUMBERS.issuperset(map(type, value)):
        raise DatasetInvalid(
            say(f"{where}: its keypoints are {value!r:.60}", f"{where}：keypoints 是 {value!r:.60}"), hint=_form(number)
        )
    if len(value) != 3 * number:
        raise _other_number(where, value, number)
    points = np.array(value, dtype=np.float64).reshape(-1, 3)
    if not _USUAL.issuperset(value[2::3]):
        points[:, 2] = [_visibility(where, index, entry) for index, entry in enumerate(value[2::3])]
    return checked(points, where)


def checked(points: npt.NDArray[np.float64], where: str) -> npt.NDArray[np.float64]:
    """Return points of which all that are labelled are numbers, and the others 0.

    Args:
        points: (K, 3).
        where: What messages call the object.

    Raises:
        DatasetInvalid: One is labelled, but is no number (-201).
    """
    labelled = points[:, 2] > UNLABELLED
    broken = labelled & ~np.isfinite(points[:, :2]).all(axis=1)
    if broken.any():
        index = int(np.flatnonzero(broken)[0])
        x, y = points[index, :2].tolist()
        raise DatasetInvalid(
            say(
                f"{where}: point {index} is labelled, but lies at {x}, {y}",
                f"{where}：第 {index} 个点已标注，但坐标是 {x}, {y}",
            ),
            hint=say("Correct it, or write 0, 0, 0: not labelled.", "请改正坐标，或写成 0, 0, 0（未标注）。"),
        )
    points[~labelled] = 0
    return points


def _visibility(where: str, index: int, value: object) -> int:
    """Return 0, 1 or 2; what is larger than 2, or a share, is how sure some tool was that it sees the point."""
    if not isinstance(value, (int, float)) or not is_finite(value) or value < 0:
        raise DatasetInvalid(
            say(
                f"{where}: point {index} has the visibility {value!r}", f"{where}：第 {index} 个点的可见性是 {value!r}"
            ),
            hint=say(
                "The third number is 0 (not labelled), 1 (hidden) or 2 (visible).",
                "第三个数应为 0（未标注）、1（被遮挡）或 2（可见）。",
            ),
        )
    return int(value) if value in (0, 1) else VISIBLE


def _other_number(where: str, value: Sequence[object], number: int) -> DatasetInvalid:
    if len(value) == 2 * number:
        return DatasetInvalid(
            say(
                f"{where} has {len(value)} numbers for {number} points: pairs of x, y without a visibility",
                f"{where}：{number} 个关键点只有 {len(value)} 个数：只有 x、y，缺少可见性",
            ),
            hint=_form(number),
        )
    if len(value) % 3:
        return DatasetInvalid(
            say(
                f"{where} has {len(value)} numbers in its keypoints, which is no multiple of three",
                f"{where} 的 keypoints 有 {len(value)} 个数，不是 3 的倍数",
            ),
            hint=_form(number),
        )
    return DatasetInvalid(
        say(
            f"{where} has {len(value) // 3} keypoints, and its category has {number}",
            f"{where} 有 {len(value) // 3} 个关键点，而它的类别有 {number} 个",
        ),
        hint=say(
            "Every object has all points of its category: write 0, 0, 0 for those that are not labelled.",
            "每个目标都要写全类别中的所有关键点，未标注的写 0, 0, 0。",
        ),
    )


def _form(number: int) -> str:
    return say(
        f"Expected one list of {3 * number} numbers: x, y, v of each point; v is 0 (not labelled), 1 (hidden) or 2 "
        "(visible).",
        f"应为一个含 {3 * number} 个数的列表：每个点依次是 x、y、v；v 为 0（未标注）、1（被遮挡）或 2（可见）。",
    )


def _refuse_other_points(first: PosedAnnotations, other: PosedAnnotations) -> None:
    if first.names != other.names:
        index = next(
            (i for i, pair in enumerate(zip(first.names, other.names, strict=False)) if pair[0] != pair[1]), -1
        )
        detail = say(
            f"{len(first.names)} points and {len(other.names)}", f"分别是 {len(first.names)} 个和 {len(other.names)} 个"
        )
        if len(first.names) == len(other.names):
            a, b = one_line(first.names[index]), one_line(other.names[index])
            detail = say(f"point {index} is '{a}' and '{b}'", f"第 {index} 个点分别是 '{a}' 和 '{b}'")
        raise DatasetInvalid(
            say(
                f"{first.name} and {other.name} have different keypoints: {english(detail)}",
                f"{first.name} 与 {other.name} 的关键点不同：{detail}",
            ),
            hint=say("All annotation files need the same keypoints.", "所有标注文件的关键点必须一致。"),
        )
    if unknown := [name for name in other.classes if name not in first.classes]:
        known = shortened(map(one_line, first.classes))
        raise DatasetInvalid(
            say(
                f"{other.name} has the category '{one_line(unknown[0])}', {first.name} has: {english(known)}",
                f"{other.name} 中有类别 '{one_line(unknown[0])}'，而 {first.name} 中是：{known}",
            ),
            hint=say("All annotation files need the same categories. ", "所有标注文件的类别（categories）必须一致。"),
        )


def relabelled(file: PosedAnnotations, classes: Sequence[str]) -> Iterator[PosedEntry]:
    """Return the pictures of a file with the labels of these classes."""
    labels = [classes.index(name) for name in file.classes]
    for entry in file.entries:
        people = (replace(person, label=labels[person.label]) for person in entry.people)
        yield replace(entry, people=tuple(people))


def _strangers_note(name: str, strangers: int) -> Iterator[str]:
    if strangers:
        yield say(
            f"{name}: {strangers} objects are of categories without keypoints: not used.",
            f"{name}：{strangers} 个目标所属的类别没有关键点，不使用。",
        )


@dataclass(frozen=True, eq=False)
class Written:
    """A picture for ``as_json``: its number, name, (height, width) and persons; ``boxed``: whether these have boxes."""

    id: int
    file_name: str
    size: tuple[int, int]
    people: Sequence[PosedObject]
    boxed: bool


def as_json(source: KeypointSource, pictures: Sequence[Written]) -> str:
    """Return the text of an annotation file. Annotations are numbered from 1; letters stay letters.

    Middles of pixels are written as the numbers of these, as COCO does. Where other places occur, places are written,
    and the file says so.

    Args:
        source: Classes, names, skeleton and pairs.
        pictures: Of one split.
    """
    labelled = [person.points[person.labelled, :2] for picture in pictures for person in picture.people]
    middles = all(bool(((points - 0.5) == np.floor(points)).all()) for points in labelled)
    annotations: list[dict[str, object]] = []
    for picture in pictures:
        for person in picture.people:
            annotations.append(_annotation(person, len(annotations) + 1, picture, middles=middles))
    images = [{"id": p.id, "file_name": p.file_name, "width": p.size[1], "height": p.size[0]} for p in pictures]
    shared: dict[str, object] = {"supercategory": "", "keypoints": list(source.names)}
    shared["skeleton"] = [[a + 1, b + 1] for a, b in source.skeleton]
    if source.flip_pairs != sides(source.names)[0]:  # names do not tell them
        shared["flip_pairs"] = [[a + 1, b + 1] for a, b in source.flip_pairs]
    categories = [{"id": number, "name": name, **shared} for number, name in enumerate(source.classes, 1)]
    document: dict[str, object] = {} if middles else {"info": {"keypoints": MARK}}
    document |= {"images": images, "annotations": annotations, "categories": categories}
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _annotation(person: PosedObject, number: int, picture: Written, *, middles: bool) -> dict[str, object]:
    points: list[float | int] = []
    for x, y, visibility in person.points.tolist():
        place = (round(x - 0.5), round(y - 0.5)) if middles else (round(x, 3), round(y, 3))
        points += [*place, int(visibility)] if visibility else [0, 0, 0]
    x1, y1, x2, y2 = person.box
    annotation: dict[str, object] = {
        "id": number,
        "image_id": picture.id,
        "category_id": person.label + 1,
        "keypoints": points,
        "num_keypoints": int(person.labelled.sum()),
        "iscrowd": int(person.crowd),
    }
    if picture.boxed:
        annotation["bbox"] = [round(value, 3) for value in (x1, y1, x2 - x1, y2 - y1)]
    if person.area is not None:
        annotation["area"] = round(person.area, 3)
    return annotation
