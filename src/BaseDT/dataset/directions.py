"""Which way up the boxes of a set were drawn: on pictures as they are stored, or as a camera's note turns them.

A size alone does not tell: the boxes are asked, and the rest of the set. ``upright`` and ``making`` call it, so that a
check, a training and a set that is made come to the same answer and say it in the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from BaseDT.dataset.boxes import Box
from BaseDT.errors import DatasetInvalid
from BaseDT.language import english, say

_SHOWN = 5
_TURNS_OVER = range(5, 9)
# Boxes are drawn a little over the edge: by so much of a side, at least by a pixel.
_SLACK = 0.02

Size = tuple[int, int]
Frame = Literal["stored", "upright"]


@dataclass(frozen=True)
class Head:
    """What the head of a picture's file tells.

    Attributes:
        height: As it is stored, in pixels.
        width: Likewise.
        orientation: The camera's note, 1 to 8; 1 where there is none.
    """

    height: int
    width: int
    orientation: int = 1

    @property
    def stored(self) -> Size:
        """(height, width) without the note."""
        return self.height, self.width

    @property
    def upright(self) -> Size:
        """(height, width) as ``BaseDT.image`` reads it."""
        return (self.width, self.height) if self.orientation in _TURNS_OVER else (self.height, self.width)


@dataclass(frozen=True)
class Labelled:
    """What is known of a picture with boxes.

    Attributes:
        name: What to call it.
        head: None where the file could not be read.
        claimed: (height, width) that the annotation has; None where it has none.
        boxes: As the annotation has them, in pixels, not yet fitted into any picture.
    """

    name: str
    head: Head | None
    claimed: Size | None
    boxes: Sequence[Box]


def directions(pictures: Sequence[Labelled]) -> tuple[list[bool], tuple[str, ...]]:
    """Tell for each picture whether its boxes were drawn on the stored picture, and what there is to say about it.

    Args:
        pictures: Of the whole set: the others decide where a picture does not tell.

    Raises:
        DatasetInvalid: Pictures have another size than their annotations say; they are named (-201).
    """
    _refuse_changed(pictures)
    shown = {i: _by_boxes(picture) for i, picture in enumerate(pictures) if _size_tells(picture)}
    votes = _votes(pictures, shown)
    frames: dict[int, Frame] = {}
    followed: list[int] = []
    for index, frame in shown.items():
        claim = _claim(pictures[index])
        majority = votes.get(claim)
        frames[index] = frame or majority or claim
        if frame is None and majority is not None and {claim, majority} != {"upright"}:
            followed.append(index)
    # 180 degrees, mirrored, square: no size and no box can tell, so they are as most of the others are.
    hidden = [i for i, picture in enumerate(pictures) if _turns(picture) and i not in shown and picture.boxes]
    frames |= dict.fromkeys(hidden, _most(Counter(frames.values())) or "upright")
    stored = [frames.get(i) == "stored" for i in range(len(pictures))]
    return stored, tuple(_notes(pictures, frames, followed, hidden))


def _turns(picture: Labelled) -> bool:
    return picture.head is not None and picture.head.orientation != 1


def _size_tells(picture: Labelled) -> bool:
    return picture.head is not None and picture.head.stored != picture.head.upright


def _claim(picture: Labelled) -> Frame:
    """What the size in the annotation says; where there is none, pictures are labelled as they are shown."""
    return "stored" if picture.head is not None and picture.claimed == picture.head.stored else "upright"


def _votes(pictures: Sequence[Labelled], shown: Mapping[int, Frame | None]) -> dict[Frame, Frame | None]:
    """For each claim, how most of the pictures were drawn whose boxes tell it."""
    counts: dict[Frame, Counter[Frame]] = {}
    for index, frame in shown.items():
        if frame is not None:
            counts.setdefault(_claim(pictures[index]), Counter())[frame] += 1
    return {claim: _most(count) for claim, count in counts.items()}


def _most(count: Counter[Frame]) -> Frame | None:
    if count["stored"] == count["upright"]:
        return None
    return "stored" if count["stored"] > count["upright"] else "upright"


def _by_boxes(picture: Labelled) -> Frame | None:
    """Return the only picture that the boxes fit; None where they fit both or tell one as often as the other."""
    assert picture.head is not None
    count: Counter[Frame] = Counter()
    for box in picture.boxes:
        stored, upright = _fits(box, picture.head.stored), _fits(box, picture.head.upright)
        if stored != upright:
            count["stored" if stored else "upright"] += 1
    return _most(count)


def _fits(box: Box, size: Size) -> bool:
    if isinstance(box.segmentation, Mapping) and isinstance(code := box.segmentation.get("size"), (list, tuple)):
        return tuple(code) == size  # a run-length code is of one picture only
    x1, y1, x2, y2 = box.corners
    height, width = size
    slack_x, slack_y = max(1.0, _SLACK * width), max(1.0, _SLACK * height)
    return -slack_x <= x1 and x2 <= width + slack_x and -slack_y <= y1 and y2 <= height + slack_y


def _notes(
    pictures: Sequence[Labelled], frames: Mapping[int, Frame], followed: Sequence[int], hidden: Sequence[int]
) -> Iterator[str]:
    unseen = frozenset(hidden)
    turned = [i for i, frame in frames.items() if frame == "stored" and i not in unseen]
    kept = [i for i, frame in frames.items() if frame == "upright" and _claim(pictures[i]) == "stored"]
    kept = [i for i in kept if i not in unseen]
    if turned:
        yield say(
            f"{len(turned)} pictures were labelled without the camera's rotation: their boxes were turned with them.",
            f"{len(turned)} 张图片标注时忽略了照片的旋转信息，标注框已随图片一起旋转。",
        )
    if kept:
        name = pictures[kept[0]].name
        yield say(
            f"{len(kept)} pictures have the size of the stored picture in their annotations (e.g. {name}), but boxes "
            "of the upright one: nothing was turned.",
            f"{len(kept)} 张图片的标注写的是旋转前的尺寸（如 {name}），但标注框属于旋转后的图片，未作旋转。",
        )
    if followed:
        yield say(
            f"{len(followed)} of them (e.g. {pictures[followed[0]].name}) would fit both ways: they are taken as most "
            "of the others are.",
            f"其中 {len(followed)} 张（如 {pictures[followed[0]].name}）两种方向都可能，按多数图片处理。",
        )
    if hidden:
        yield _hidden_note(len(hidden), pictures[hidden[0]].name, frames[hidden[0]])


def _hidden_note(number: int, name: str, frame: Frame) -> str:
    if frame == "stored":
        return say(
            f"{number} pictures are rotated in a way that no size shows (180°, mirrored or square, e.g. {name}): as "
            "with most of the others, their boxes were turned with them.",
            f"{number} 张图片的旋转方式无法从尺寸看出（180°、镜像或正方形，如 {name}）：与多数图片一样，"
            "标注框已随图片旋转。",
        )
    return say(
        f"{number} pictures are rotated in a way that no size shows (180°, mirrored or square, e.g. {name}): their "
        "boxes are taken as drawn on the upright picture. Look at one of them with its boxes.",
        f"{number} 张图片的旋转方式无法从尺寸看出（180°、镜像或正方形，如 {name}）：标注框按旋转后的图片理解。"
        "请查看其中一张及其标注框。",
    )


def _refuse_changed(pictures: Sequence[Labelled]) -> None:
    changed = [p for p in pictures if p.head and p.claimed and p.claimed not in (p.head.stored, p.head.upright)]
    if not changed:
        return
    differences = [_difference(picture) for picture in changed[:_SHOWN]]
    listed = say("; ".join(map(english, differences)), "；".join(differences))
    more = (
        say(f"; and {len(changed) - _SHOWN} more", f"；另有 {len(changed) - _SHOWN} 张")
        if len(changed) > _SHOWN
        else ""
    )
    hint = say(
        "Were they resized or turned after labelling? Take the originals, or label them again.",
        "可能在标注后缩放或旋转过图片：请换回原图，或重新标注。",
    )
    if any(p.head is not None and p.claimed == p.head.stored[::-1] for p in changed):
        hint += say(
            " Height and width are exchanged, and no note in the picture says which way it was turned: nothing is "
            "turned by guessing.",
            "其中有图片的宽高互换，而图片中没有旋转信息，方向不明，因此不会猜测旋转。",
        )
    raise DatasetInvalid(
        say(
            f"{len(changed)} pictures have another size than their annotations say: {english(listed)}{english(more)}",
            f"{len(changed)} 张图片的大小与标注中写的不同：{listed}{more}",
        ),
        hint=hint,
    )


def _difference(picture: Labelled) -> str:
    assert picture.head is not None
    assert picture.claimed is not None
    (height, width), (claimed_height, claimed_width) = picture.head.upright, picture.claimed
    return say(
        f"{picture.name} is {width}×{height}, not {claimed_width}×{claimed_height}",
        f"{picture.name} 是 {width}×{height}，而不是 {claimed_width}×{claimed_height}",
    )
