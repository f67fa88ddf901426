"""labelme: a JSON file for each picture, with points that were clicked on persons.

A point's label is its name, its ``group_id`` the person it belongs to; a rectangle or polygon of the same group is the
person's box, and its label the person's class. Without groups all points of a picture are one person; with several
rectangles, a point belongs to the smallest one around it. A flag ``occluded``, or the description ``1``, marks a hidden
point.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.coco_json import NO_CLASSES
from BaseDT.dataset.formats.labelme import (
    document_of,
    pictures_with_files,
    shapes_of,
    size_of,
    wrong,
)
from BaseDT.dataset.formats.source import class_list
from BaseDT.dataset.keypoint_samples import HIDDEN, UNLABELLED, VISIBLE
from BaseDT.dataset.keypoint_source import KeypointSource, Person, PosedPicture, divided_by_folder
from BaseDT.dataset.notes import undecodable
from BaseDT.dataset.scan import folders_in
from BaseDT.errors import AnnotationMissing, DatasetInvalid, did_you_mean
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.names import composed

_SHAPE = re.compile(rb'"shape_type"\s*:\s*"([a-z]+)"')
_HEAD = 1 << 20
_ASKED = 20  # files of a folder: some pictures show nobody
_FOLDERS = 4
_PERSON = "person"
_BOXES = frozenset({"rectangle", "polygon"})
_HIDDEN_FLAGS = frozenset({"occluded", "hidden", "invisible", "遮挡", "被遮挡", "不可见"})

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Drawn:
    """One shape: what it is, its label, its group (None: it has none), its corners; a point's are equal in pairs."""

    kind: Literal["point", "box"]
    label: str
    group: object
    corners: Corners
    visibility: int = VISIBLE

    def holds(self, x: float, y: float) -> bool:
        x1, y1, x2, y2 = self.corners
        return x1 <= x <= x2 and y1 <= y <= y2

    @property
    def area(self) -> float:
        x1, y1, x2, y2 = self.corners
        return (x2 - x1) * (y2 - y1)


_Group = tuple[_Drawn, ...]


def looks_like_labelme_points(src: Path) -> bool:
    """Tell whether a folder holds labelme's files with points, by the first of them: at least as many as other shapes.

    A point that was clicked by mistake makes no set of boxes one of keypoints.
    """
    folder = next((src / name for name in folders_in(src) if name.lower() in ("annotations", "labels")), src)
    places = [folder, *(folder / name for name in folders_in(folder)[:_FOLDERS])]
    files = (file for place in places for file in islice(sorted(place.glob("*.json")), _ASKED))
    kinds = Counter[bool]()
    try:
        for file in files:
            with file.open("rb") as stream:
                kinds.update(kind == b"point" for kind in _SHAPE.findall(stream.read(_HEAD)))
    except OSError:
        return False
    return kinds[True] > 0 and kinds[True] >= kinds[False]


def read(src: Path) -> KeypointSource:
    """Read what labelme left. Pictures without a file are left out: nobody has looked at them.

    Raises:
        DatasetInvalid: The layout or a file is wrong, or one person has a point twice (-201).
        AnnotationMissing: There is no annotation file, or no point in any (-701).
    """
    found = pictures_with_files(src)
    sizes: dict[str, tuple[int, int] | None] = {}
    groups: dict[str, list[_Group]] = {}
    for key, file in sorted(found.of.items()):
        document = document_of(file)
        sizes[key] = size_of(document)
        groups[key] = _grouped(file, list(_drawn(file, document)))
    everybody = [group for in_picture in groups.values() for group in in_picture]
    names = _names(found.folder, everybody, class_list(src / "classes.txt", found.folder / "classes.txt"))
    classes = tuple(dict.fromkeys(sorted({_class(group) for group in everybody})))
    posed = [
        PosedPicture(
            found.path(key),
            key,
            tuple(_person(group, names, classes) for group in in_picture),
            sizes[key],
        )
        for key, in_picture in groups.items()
    ]
    notes = [*_notes(found.without), *undecodable(found.pictures.ignored.others)]
    source = KeypointSource(classes, names, pictures=divided_by_folder(posed), notes=tuple(notes), keeps=found.kept)
    return source.with_sides()


def _drawn(file: Path, document: Mapping[str, object]) -> Iterator[_Drawn]:
    for index, value in enumerate(shapes_of(file, document)):
        where = f"{file.name}: shapes[{index}]"
        if not isinstance(value, dict):
            raise wrong(where, say(f"found {value!r:.40}", f"内容是 {value!r:.40}"))
        kind = str(value.get("shape_type") or "polygon")
        if kind != "point" and kind not in _BOXES:
            continue
        label = value.get("label")
        if not isinstance(label, str) or not label.strip():
            raise wrong(where, say(f"its label is {label!r:.40}", f"它的 label 是 {label!r:.40}"))
        if label.strip() in NO_CLASSES:
            continue
        points = _points(where, value.get("points"))
        low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        name = composed(label.strip())
        group = value.get("group_id")
        if kind == "point":
            yield _Drawn("point", name, group, (low[0], low[1], low[0], low[1]), _visibility(value))
        else:
            yield _Drawn("box", name, group, (low[0], low[1], high[0], high[1]))


def _points(where: str, value: object) -> npt.NDArray[np.float64]:
    try:
        points = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        points = np.zeros((0, 0))
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise wrong(where, say(f"its points are {value!r:.60}", f"它的 points 是 {value!r:.60}"))
    return points


def _visibility(value: Mapping[str, object]) -> int:
    flags = value.get("flags")
    if isinstance(flags, dict) and any(flags.get(name) for name in _HIDDEN_FLAGS):
        return HIDDEN
    told = str(value.get("description") or "").strip()
    return int(told) if told in ("0", "1", "2") else VISIBLE


def _grouped(file: Path, drawn: Sequence[_Drawn]) -> list[_Group]:
    """Return the shapes of each person; who has no point is none."""
    groups: dict[str, list[_Drawn]] = {}
    alone = [shape for shape in drawn if shape.group is None]
    for shape in drawn:
        if shape.group is not None:
            groups.setdefault(f"group {shape.group}", []).append(shape)
    boxes = [shape for shape in alone if shape.kind == "box"]
    for shape in (shape for shape in alone if shape.kind == "point"):
        x, y = shape.corners[:2]
        around = [number for number, box in enumerate(boxes) if box.holds(x, y)]
        nearest = min(around, key=lambda number: boxes[number].area, default=None)
        if len(boxes) == 1:
            nearest = 0
        groups.setdefault(f"alone {nearest}", [] if nearest is None else [boxes[nearest]]).append(shape)
    for name, members in groups.items():
        _refuse_twice(file, name, [shape.label for shape in members if shape.kind == "point"])
    return [tuple(members) for members in groups.values() if any(shape.kind == "point" for shape in members)]


def _refuse_twice(file: Path, group: str, labels: Sequence[str]) -> None:
    twice = [label for label, number in Counter(labels).items() if number > 1]
    if not twice:
        return
    label = one_line(twice[0])
    whose = (
        say(f"of {group}", f"（{group}）")
        if group.startswith("group")
        else say("without a group_id", "（没有 group_id）")
    )
    raise DatasetInvalid(
        say(
            f"{file.name}: the point '{label}' {whose} is there {labels.count(twice[0])} times",
            f"{file.name}：关键点 '{label}'{whose}出现了 {labels.count(twice[0])} 次",
        ),
        hint=say(
            "Give the points of each person a group_id of their own (in labelme: select them, then Ctrl+G).",
            "请为每个人的关键点设置各自的 group_id（在 labelme 中选中后按 Ctrl+G）。",
        ),
    )


def _names(folder: Path, groups: Sequence[_Group], listed: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the names of the points: in the order of ``classes.txt``, by number, or as they were clicked first.

    Raises:
        AnnotationMissing: Nobody has a point (-701).
        DatasetInvalid: The list lacks one (-201).
    """
    clicked = [[shape.label for shape in group if shape.kind == "point"] for group in groups]
    names = {label for labels in clicked for label in labels}
    if not names:
        raise AnnotationMissing(
            say(f"No file in {folder} has a point", f"{folder} 的文件中没有关键点（point）"),
            hint=say("Create points on the persons.", "请用“创建控制点（point）”标注关键点。"),
        )
    if listed is not None and names & set(listed):
        if unknown := sorted(names - set(listed)):
            raise DatasetInvalid(
                say(
                    f"The point '{one_line(unknown[0])}' is not in classes.txt",
                    f"classes.txt 中没有关键点 '{one_line(unknown[0])}'",
                ),
                hint=f"{did_you_mean(unknown[0], listed)} "
                + say("Correct the name, or add it to classes.txt.", "请改正名称，或写入 classes.txt。"),
            )
        boxes = {shape.label for group in groups for shape in group if shape.kind == "box"}
        return tuple(name for name in listed if name in names or name not in boxes | {_PERSON, *NO_CLASSES})
    if all(name.isdecimal() for name in names):
        return tuple(sorted(names, key=int))
    longest = max(clicked, key=len)
    return tuple(dict.fromkeys((*longest, *sorted(names))))


def _class(group: _Group) -> str:
    return next((shape.label for shape in group if shape.kind == "box"), _PERSON)


def _person(group: _Group, names: Sequence[str], classes: Sequence[str]) -> Person:
    points = np.zeros((len(names), 3))
    for shape in group:
        if shape.kind == "point" and shape.visibility != UNLABELLED:
            points[names.index(shape.label)] = (*shape.corners[:2], shape.visibility)
    boxes = [shape.corners for shape in group if shape.kind == "box" and shape.area > 0]
    return Person(points, boxes[0] if boxes else None, label=classes.index(_class(group)))


def _notes(without: Sequence[str]) -> Iterator[str]:
    if without:
        yield say(
            f"{len(without)} pictures have no annotation file (e.g. {without[0]}): not used.",
            f"{len(without)} 张图片没有标注文件（如 {without[0]}），不使用。",
        )
