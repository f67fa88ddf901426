"""YOLO's format for poses: lines ``class cx cy width height x y v x y v …`` in shares of the upright picture.

``data.yaml`` says how many points there are and whether they have a visibility (``kpt_shape: [17, 3]``), which change
places in a mirrored picture (``flip_idx``), and, in newer files, their names (``kpt_names``). Folders are those of
``yolo``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.formats import data_yaml
from BaseDT.dataset.formats.yolo import find, numbers_of
from BaseDT.dataset.keypoint_names import sides
from BaseDT.dataset.keypoint_samples import HIDDEN, UNLABELLED, VISIBLE
from BaseDT.dataset.keypoint_source import KeypointSource, Person, PosedPicture, divided_by_folder
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.names import composed

_KEYS = ("kpt_shape", "flip_idx", "kpt_names")
_SLACK = 0.5
"""So far beside its picture a point may lie that was only guessed; what lies farther out is in pixels."""


@dataclass(frozen=True)
class _Points:
    """What ``data.yaml`` says: how many points, numbers for each, names, pairs, and whether these are known."""

    number: int
    values: int
    names: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    mirrors: bool
    notes: tuple[str, ...]


def looks_like_yolo_pose(src: Path) -> bool:
    """Tell whether a YAML file in a folder says what shape keypoints have."""
    try:
        return data_yaml.texts_of(src, _KEYS) is not None
    except (XEduError, OSError):
        return False


def read(src: Path) -> KeypointSource:
    """Read a set for poses in the format of YOLO.

    Raises:
        DatasetInvalid: The layout, ``data.yaml`` or a line is wrong (-201).
        AnnotationMissing: There is no label file (-701).
    """
    points = _points_of_yaml(src)
    found = find(src)
    pictures = [
        PosedPicture(picture.path, picture.key, _people(file, len(found.classes), points), None, picture.split)
        for picture, file in zip(found.pictures, found.labels, strict=True)
    ]
    return KeypointSource(
        found.classes,
        points.names,
        flip_pairs=points.pairs,
        mirrors=points.mirrors,
        pictures=divided_by_folder(pictures),
        relative=True,
        notes=(*found.notes, *points.notes),
    )


def _points_of_yaml(src: Path) -> _Points:
    found = data_yaml.texts_of(src, _KEYS)
    if found is None:
        raise DatasetInvalid(
            say(f"No data.yaml in {src} has a kpt_shape", f"{src} 的 data.yaml 中没有 kpt_shape"), hint=_shape_hint()
        )
    file, texts = found
    shape = [int(number) for number in re.findall(r"[0-9]{1,4}", texts["kpt_shape"].partition("#")[0])]
    if len(shape) != 2 or shape[0] < 1 or shape[1] not in (2, 3):
        raise DatasetInvalid(
            say(
                f"{file.name}: kpt_shape is {texts['kpt_shape'].strip()[:40]}",
                f"{file.name}：kpt_shape 是 {texts['kpt_shape'].strip()[:40]}",
            ),
            hint=_shape_hint(),
        )
    names, notes = _names(file, texts.get("kpt_names", ""), shape[0])
    pairs, mirrors = sides(names)
    if "flip_idx" in texts:
        pairs, mirrors = _pairs(file, texts["flip_idx"], shape[0]), True
    return _Points(shape[0], shape[1], names, pairs, mirrors, tuple(notes))


def _shape_hint() -> str:
    return say(
        "Write the number of points and of the numbers of each: kpt_shape: [17, 3]",
        "请写出关键点个数和每个点的数字个数：kpt_shape: [17, 3]",
    )


def _names(file: Path, text: str, number: int) -> tuple[tuple[str, ...], list[str]]:
    """Return the names of the points; their numbers where the file has others, or none."""
    inner = re.search(r"\[([^\[\]]*)\]", text)
    rows = inner[1].split(",") if inner else re.findall(r"^\s*-\s+(.*)$", text, re.MULTILINE)
    names = tuple(composed(row.partition(" #")[0].strip().strip("'\"").strip()) for row in rows)
    if len(names) == number == len(set(names)) and all(names):
        return names, []
    numbers = tuple(map(str, range(number)))
    if not text.strip():
        return numbers, []
    return numbers, [
        say(
            f"{file.name}: kpt_names has no {number} different names: points are called 0 to {number - 1}.",
            f"{file.name}：kpt_names 中没有 {number} 个不同的名称，关键点按 0 到 {number - 1} 命名。",
        )
    ]


def _pairs(file: Path, text: str, number: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs of ``flip_idx``: the point that takes the place of each."""
    others = [int(found) for found in re.findall(r"-?[0-9]{1,5}", re.sub(r"#[^\n]*", "", text))]
    if sorted(others) != list(range(number)) or any(others[other] != index for index, other in enumerate(others)):
        raise DatasetInvalid(
            say(
                f"{file.name}: flip_idx is no exchange of {number} points: {text.strip()[:60]}",
                f"{file.name}：flip_idx 不是 {number} 个关键点的两两对换：{text.strip()[:60]}",
            ),
            hint=say(
                "It names for each point the one that takes its place in a mirrored picture, itself in the middle.",
                "它为每个点写出翻转后对应的点，中间的点写自己。",
            ),
        )
    return tuple((index, other) for index, other in enumerate(others) if index < other)


def _people(file: Path | None, classes: int, points: _Points) -> tuple[Person, ...]:
    if file is None:
        return ()
    lines = enumerate(read_lines(file), 1)
    return tuple(_person(f"{file.name}:{n}", line, n, classes, points) for n, line in lines if line.strip())


def _person(where: str, line: str, number: int, classes: int, points: _Points) -> Person:
    numbers = numbers_of(line)
    expected = 5 + points.number * points.values
    if len(numbers) not in (5, expected):
        found = str(len(numbers)) if numbers else f"'{one_line(line.strip()[:60])}'"
        raise DatasetInvalid(
            say(
                f"{where}: expected {expected} numbers (kpt_shape: [{points.number}, {points.values}]), found {found}",
                f"{where}：应有 {expected} 个数（kpt_shape: [{points.number}, {points.values}]），却是 {found}",
            ),
            hint=say(
                "A line is: class cx cy width height, then x y v of each point. Correct it, or kpt_shape.",
                "每行应为：类别 中心x 中心y 宽 高，然后是每个点的 x y v。请改正该行或 kpt_shape。",
            ),
        )
    label = numbers[0]
    if not label.is_integer() or not 0 <= label < classes:
        raise DatasetInvalid(
            say(
                f"{where}: there is no class {label:g}: there are {classes}",
                f"{where}：没有类别 {label:g}：共有 {classes} 个",
            ),
            hint=say("Correct the number, or complete the names.", "请改正类别编号，或补全类别名称。"),
        )
    cx, cy, width, height = numbers[1:5]
    corners = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
    has_area = width > 0 and height > 0
    values = np.array(numbers[5:], dtype=np.float64).reshape(-1, points.values)
    return Person(_points(where, values, points), corners if has_area else None, label=int(label), id=number)


def _points(where: str, values: npt.NDArray[np.float64], points: _Points) -> npt.NDArray[np.float64]:
    """Return (K, 3) in shares; where no visibility is written, 0, 0 and what is negative are not labelled."""
    if not len(values):  # a box alone
        return np.zeros((points.number, 3))
    if points.values == 2:
        told = (values > 0).any(axis=1) & (values >= 0).all(axis=1)
        visible = np.where(told, VISIBLE, UNLABELLED)
    else:
        visible = np.where(values[:, 2] <= 0, UNLABELLED, np.where(values[:, 2] == 1, HIDDEN, VISIBLE))
    result = np.column_stack([values[:, :2], visible])
    result[visible == UNLABELLED] = 0
    if far := [index for index, row in enumerate(result) if row[:2].min() < -_SLACK or row[:2].max() > 1 + _SLACK]:
        x, y = result[far[0], :2].tolist()
        raise DatasetInvalid(
            say(
                f"{where}: point {far[0]} lies at {x:g}, {y:g}, and shares of the picture are from 0 to 1",
                f"{where}：第 {far[0]} 个点的坐标是 {x:g}, {y:g}，而比例应在 0 到 1 之间",
            ),
            hint=say("Divide x by the picture's width, y by its height.", "请把 x 除以图片宽度，y 除以图片高度。"),
        )
    return np.asarray(result, dtype=np.float64)
