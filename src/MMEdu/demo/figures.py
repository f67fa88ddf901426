"""Stick figures with eight joints as a set of keypoints in COCO's form. The demo calls ``write``; no network.

One figure on each picture, waving or leaning, thick or thin, with clothes of two colours, on grounds of blurred colour,
stripes and clutter. It faces us: its left hand is on the right of the picture, unless its arms are crossed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from BaseDT import files, image
from BaseDT.image import Pixels

SIDE = 240
"""Width and height of a picture in pixels."""
COUNTS: Mapping[str, int] = MappingProxyType({"train": 600, "valid": 80, "test": 120})
"""How many pictures there are of each kind."""
NAMES = ("head", "neck", "left_hand", "right_hand", "left_hip", "right_hip", "left_foot", "right_foot")
SKELETON = ((0, 1), (1, 2), (1, 3), (1, 4), (1, 5), (4, 5), (4, 6), (5, 7))

_SEED = 0
_SPLITS = ("train", "valid", "test")
_MARGIN = 10
_LEAN = 0.35  # radians, either way
_CLUTTER = 6  # lines of the ground at most

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Figure:
    """A picture and where the joints of its figure are.

    Attributes:
        pixels: (SIDE, SIDE, 3), BGR.
        points: (8, 2) of x, y in pixels, in the order of ``NAMES``.
        box: x1, y1, x2, y2 around the figure.
    """

    pixels: Pixels
    points: Points
    box: tuple[float, float, float, float]


def write(folder: Path, counts: Mapping[str, int] = COUNTS) -> Path:
    """Write ``annotations/{train,valid,test}.json`` and ``images/{train,valid,test}/figure_<number>.png``.

    The same files with the same bytes each time; files of others in the folder stay.

    Args:
        folder: Made when missing.
        counts: How many pictures of each kind; fewer are the first of more.

    Returns:
        The folder.

    Raises:
        PathNotWritable: It cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    for split, count in counts.items():
        pictures: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for number in range(count):
            figure = compose(np.random.default_rng((_SEED, _SPLITS.index(split), number)))
            name = f"figure_{number:04}.png"
            image.write(folder / "images" / split / name, figure.pixels)
            pictures.append({"id": number + 1, "file_name": name, "width": SIDE, "height": SIDE})
            annotations.append(_annotation(number + 1, figure))
        content = {"images": pictures, "annotations": annotations, "categories": [_category()]}
        data = json.dumps(content, ensure_ascii=False).encode("utf-8")
        files.write_whole(folder / "annotations" / f"{split}.json", data)
    return folder


def _category() -> dict[str, Any]:
    skeleton = [[first + 1, second + 1] for first, second in SKELETON]  # COCO counts from 1
    return {"id": 1, "name": "figure", "keypoints": list(NAMES), "skeleton": skeleton}


def _annotation(number: int, figure: Figure) -> dict[str, Any]:
    x1, y1, x2, y2 = figure.box
    keypoints = [value for x, y in figure.points.tolist() for value in (round(x, 2), round(y, 2), 2)]
    return {
        "id": number,
        "image_id": number,
        "category_id": 1,
        "bbox": [round(value, 2) for value in (x1, y1, x2 - x1, y2 - y1)],
        "area": round((x2 - x1) * (y2 - y1), 2),
        "iscrowd": 0,
        "keypoints": keypoints,
        "num_keypoints": len(NAMES),
    }


def compose(random: np.random.Generator) -> Figure:
    """Make one picture.

    Args:
        random: Where chance comes from.
    """
    canvas = _ground(random)
    posed, elbows = _posed(random)
    height = SIDE * random.uniform(0.55, 0.92)
    spread = np.concatenate([posed, elbows])
    posed, elbows = (points / np.ptp(spread[:, 1]) * height for points in (posed, elbows))
    thick = max(2, round(height * random.uniform(0.025, 0.06)))
    radius = height * random.uniform(0.07, 0.1)
    whole = np.concatenate([posed, elbows, posed[:1] - radius, posed[:1] + radius])
    low, high = whole.min(axis=0) - thick, whole.max(axis=0) + thick
    if (high - low).max() > SIDE - 2:  # arms spread wide
        share = (SIDE - 2) / (high - low).max()
        posed, elbows, radius, low, high = posed * share, elbows * share, radius * share, low * share, high * share
    room = SIDE - (high - low)
    corner = random.uniform(0, 1, 2) * room
    posed, elbows = posed - low + corner, elbows - low + corner
    _draw(canvas, posed, elbows, thick, radius, random)
    noise = random.normal(0, random.uniform(1, 10), canvas.shape)
    pixels = np.clip(canvas * random.uniform(0.7, 1.2) + noise, 0, 255).astype(np.uint8)
    box = np.concatenate([corner, corner + (high - low)]).clip(0, SIDE).tolist()
    return Figure(pixels, posed, (box[0], box[1], box[2], box[3]))


def _ground(random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Draw blurred colour with a few stripes and spots."""
    cells = int(random.choice([2, 3, 6, 12]))
    canvas = cv2.resize(random.uniform(0, 255, (cells, cells, 3)), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    canvas = canvas * random.uniform(0.3, 1.0) + random.uniform(0, 90)
    for _ in range(int(random.integers(_CLUTTER + 1))):
        start, end = (random.uniform(0, SIDE, 2).astype(int).tolist() for _ in range(2))
        colour = random.uniform(0, 255, 3).tolist()
        if random.random() < 0.5:
            cv2.line(canvas, start, end, colour, int(random.integers(1, 8)), cv2.LINE_AA)
        else:
            cv2.circle(canvas, start, int(random.integers(4, 30)), colour, -1, cv2.LINE_AA)
    return np.asarray(canvas, dtype=np.float32)


def _posed(random: np.random.Generator) -> tuple[Points, Points]:
    """Choose where the joints are (8, 2), and between them elbows and knees (4, 2); upright is about 1 high."""
    torso, arm, leg = random.uniform(0.26, 0.34), random.uniform(0.34, 0.46), random.uniform(0.36, 0.5)
    shoulder, hip = np.zeros(2), random.uniform(0.05, 0.1)
    middle = np.array([0.0, torso])
    head = np.array([random.uniform(-0.04, 0.04), -random.uniform(0.13, 0.17)])
    aside = np.array([hip, 0.0])
    hips = [middle + aside, middle - aside]  # the figure's left is on our right
    hands, feet, bends = [], [], []
    for sign in (1, -1):
        bend, hand = _limb(shoulder, arm, random.uniform(-2.6, 0.2), random.uniform(-1.2, 0.9), sign)
        hands.append(hand)
        bends.append(bend)
    for sign, start in zip((1, -1), hips, strict=True):
        bend, foot = _limb(start, leg, random.uniform(-0.9, 0.15), random.uniform(-0.2, 0.6), sign)
        feet.append(foot)
        bends.append(bend)
    points = np.array([head, shoulder, *hands, *hips, *feet])
    angle = random.uniform(-_LEAN, _LEAN)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T, np.array(bends) @ turn.T


def _limb(start: Points, length: float, angle: float, bend: float, sign: int) -> tuple[Points, Points]:
    """Return joint and end of a limb that hangs down at 0 and is raised sideways by negative angles."""
    first = start + length / 2 * np.array([-sign * np.sin(angle), np.cos(angle)])
    second = first + length / 2 * np.array([-sign * np.sin(angle + bend), np.cos(angle + bend)])
    return first, second


def _draw(
    canvas: npt.NDArray[np.float32],
    joints: Points,
    bends: Points,
    thick: int,
    radius: float,
    random: np.random.Generator,
) -> None:
    head, neck, left_hand, right_hand, left_hip, right_hip, left_foot, right_foot = joints
    upper, lower, skin = (_colour(canvas, random) for _ in range(3))
    for start, bend, end in ((left_hip, bends[2], left_foot), (right_hip, bends[3], right_foot)):
        _line(canvas, (start, bend, end), lower, thick)
    _line(canvas, (left_hip, right_hip), lower, thick)
    _line(canvas, (left_hip, neck, right_hip), upper, thick)
    for bend, end in ((bends[0], left_hand), (bends[1], right_hand)):
        _line(canvas, (neck, bend, end), upper, thick)
    _line(canvas, (neck, head), skin, thick)
    centre = (round(float(head[0])), round(float(head[1])))
    cv2.circle(canvas, centre, round(radius), skin, -1, cv2.LINE_AA)
    for end in (left_hand, right_hand, left_foot, right_foot):
        cv2.circle(canvas, (round(float(end[0])), round(float(end[1]))), thick, skin, -1, cv2.LINE_AA)


def _line(canvas: npt.NDArray[np.float32], points: tuple[Points, ...], colour: list[float], thick: int) -> None:
    cv2.polylines(canvas, [np.rint(np.array(points)).astype(np.int32)], False, colour, thick, cv2.LINE_AA)


def _colour(canvas: npt.NDArray[np.float32], random: np.random.Generator) -> list[float]:
    """Choose a colour that is not that of the ground on the whole."""
    mean = canvas.mean(axis=(0, 1))
    tried = random.uniform(0, 255, (8, 3))
    best: list[float] = tried[np.abs(tried - mean).sum(axis=1).argmax()].tolist()
    return best
