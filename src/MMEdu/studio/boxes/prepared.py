"""The set that a detector learns from: pictures with boxes, divided, in COCO's layout below the project's ``runs``.

A picture stays on its side when others come, so that two trainings can be compared and nothing that was learned from is
asked for later.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT import files
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from MMEdu.studio.boxes import advice, coco_file
from MMEdu.studio.boxes.boxes import Boxes
from MMEdu.studio.boxes.coco_file import Listed
from MMEdu.studio.boxes.drawn import DrawnBox
from MMEdu.studio.projects.picture import Picture, PictureClass

_HELD_OUT = 0.2
SPLITS = ("train", "valid")


@dataclass(frozen=True)
class Part:
    """A part of a set: its pictures with their boxes."""

    name: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class DividedSet:
    """Everything that a set's files say.

    Attributes:
        parts: For learning and for judging.
        boxes: By picture.
        sizes: Width and height by picture, upright.
        classes: Those with boxes, in the project's order.
    """

    parts: tuple[Part, ...]
    boxes: Mapping[str, Sequence[DrawnBox]]
    sizes: Mapping[str, tuple[int, int]]
    classes: tuple[PictureClass, ...]

    def annotations(self, part: Part) -> bytes:
        """Return the annotation file of a part."""
        categories = {one.id: number for number, one in enumerate(self.classes, 1)}
        images, annotations = [], []
        for picture in part.pictures:
            listed = Listed(picture.order, picture.id, picture.path.name, self.sizes[picture.id])
            images.append(coco_file.image_text(listed))
            annotations.append(coco_file.annotations_text(listed.number, self.boxes[picture.id], categories))
        return coco_file.document(images, annotations, self.classes)


def divided(boxes: Boxes) -> DividedSet:
    """Divide what was drawn in a project: about one picture in five is held out.

    Raises:
        DatasetInvalid: Fewer than four pictures have boxes (-201).
    """
    drawn, sizes = boxes.all(), boxes.project.sizes()
    known = [p for p in boxes.project.pictures() if p.id in drawn and 0 not in sizes.get(p.id, (0, 0))]
    if (count := sum(bool(drawn[picture.id]) for picture in known)) < advice.LEAST:
        raise DatasetInvalid(
            say(f"{count} pictures have boxes: that is too few to learn from.", f"有框的图片只有 {count} 张，太少了。"),
            hint=say(f"Draw boxes on {advice.LEAST} pictures at least; 30 are better.",
                     f"请至少在 {advice.LEAST} 张图片上画框，最好有 30 张。"),
        )  # fmt: skip
    used = {box.class_id for picture in known for box in drawn[picture.id]}
    held = _held_out(known, drawn)
    parts = (
        Part("train", tuple(picture for picture in known if picture.id not in held)),
        Part("valid", tuple(picture for picture in known if picture.id in held)),
    )
    classes = tuple(one for one in boxes.project.classes if one.id in used)
    return DividedSet(parts, drawn, sizes, classes)


def prepare(boxes: Boxes) -> Path:
    """Lay the set of a project below its ``runs``; the same boxes and pictures give the same folder.

    Returns:
        The folder, as ``MMDetection.load_dataset`` takes it.

    Raises:
        DatasetInvalid: Fewer than four pictures have boxes (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    whole = divided(boxes)
    texts = {part.name: whole.annotations(part) for part in whole.parts}
    folder = boxes.project.runs / f"set-{_fingerprint(whole, texts)}"
    if (folder / "annotations" / "valid.json").is_file():
        return folder
    building = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(building, ignore_errors=True)
    try:
        for part in whole.parts:
            _lay(part.pictures, building / "images" / part.name)
            files.write_whole(building / "annotations" / f"{part.name}.json", texts[part.name])
        building.rename(folder)
    except OSError as error:
        raise files.not_written(folder, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _held_out(pictures: Sequence[Picture], boxes: Mapping[str, Sequence[DrawnBox]]) -> set[str]:
    """Choose by the pictures' identifiers alone; a class keeps at least one picture to learn from."""
    shares = {picture.id: _share(picture.id) for picture in pictures}
    order = sorted(shares, key=shares.__getitem__)
    with_boxes = [one for one in order if boxes[one]]
    held = {one for one in order if shares[one] < _HELD_OUT}
    if not held & set(with_boxes):
        held.add(with_boxes[0])
    for class_id in {box.class_id for one in with_boxes for box in boxes[one]}:
        having = [one for one in with_boxes if any(box.class_id == class_id for box in boxes[one])]
        if all(one in held for one in having):
            held.discard(having[-1])
    if not held & set(with_boxes):  # each was the only one of its class
        held.add(next((one for one in with_boxes if _others_have(one, with_boxes, boxes)), with_boxes[0]))
    return held


def _others_have(one: str, pictures: Sequence[str], boxes: Mapping[str, Sequence[DrawnBox]]) -> bool:
    rest = {box.class_id for other in pictures if other != one for box in boxes[other]}
    return all(box.class_id in rest for box in boxes[one])


def _share(identifier: str) -> float:
    return int.from_bytes(hashlib.sha256(identifier.encode("utf-8")).digest()[:4], "big") / 2**32


def _fingerprint(whole: DividedSet, texts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in SPLITS:
        digest.update(texts[name])
    for part in whole.parts:
        digest.update("".join(f"{picture.id} {picture.stamp}\n" for picture in part.pictures).encode())
    return digest.hexdigest()[:8]


def _lay(pictures: Sequence[Picture], folder: Path) -> None:
    """Put pictures into a folder: under a second name where the disk can do that, which costs nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        target = folder / picture.path.name
        with contextlib.suppress(OSError):
            os.link(picture.path, target)
            continue
        shutil.copyfile(picture.path, target)
