"""A set of keypoints for ``DataSet``: made in the documented layout from a foreign one, and checked.

``images/``, ``train.json``, ``val.json`` and ``test.json`` in COCO's keypoint format; as in ``making`` the folder is
whole or not there, and pictures are copied byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from BaseDT import contents, image
from BaseDT.dataset import copies, keypoint_files, keypoints
from BaseDT.dataset.check import check_images, damaged_error
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.dividing import SPLITS, Ratios, as_divided, by_rarest, kept_note
from BaseDT.dataset.formats import labelme_points, yolo_pose
from BaseDT.dataset.keypoint_fitting import Fitted, fitted
from BaseDT.dataset.keypoint_json import Written, as_json
from BaseDT.dataset.keypoint_source import KeypointSource
from BaseDT.dataset.making import Size, copy_file, repair_hint, sizes_of, unique_names, whole_folder
from BaseDT.dataset.report import Report
from BaseDT.dataset.samples import Sample, SplitName
from BaseDT.errors import AnnotationMissing
from BaseDT.files import write_whole
from BaseDT.language import say

Knows = Callable[[Path], object]
Read = Callable[[Path], KeypointSource]
_READERS: dict[str, tuple[Knows, Read]] = {
    "COCO": (keypoint_files.annotation_files, keypoints.read_source),
    "YOLO": (yolo_pose.looks_like_yolo_pose, yolo_pose.read),
    "LABELME": (labelme_points.looks_like_labelme_points, labelme_points.read),
}


def reader(root: Path, src_format: str, *, asked: bool) -> Read | None:
    """Return what reads the points of a set; None where it has none.

    Args:
        root: Its folder.
        src_format: ``"COCO"``, ``"YOLO"`` or ``"LABELME"``; others have no points.
        asked: Whether the user asked for points: then the reader says what is wrong.
    """
    knows, read = _READERS.get(src_format, (None, None))
    return read if knows is not None and (asked or knows(root)) else None


def make_keypoints(source: KeypointSource, target: Path, ratios: Ratios, seed: int) -> Report:
    """Write a data set of keypoints.

    Args:
        source: Pictures with persons.
        target: The new folder.
        ratios: The shares.
        seed: For the division.

    Raises:
        DatasetInvalid: Pictures are damaged, or points cannot be meant (-201).
        AnnotationMissing: No person has a labelled point (-701).
        PathNotWritable: The folder cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    pictures = source.pictures
    sizes = sizes_of([picture.path for picture in pictures], hint=repair_hint())
    placed = fitted(source, say("The annotations", "标注"))
    if not any(placed.people):
        raise AnnotationMissing(
            say("No person has a labelled point.", "没有任何已标注的关键点。"),
            hint=say("Label points in the pictures.", "请在图片中标注关键点。"),
        )
    kept = as_divided([picture.split for picture in pictures], ratios)
    classes = [frozenset(person.label for person in people) for people in placed.people]
    chosen, ratios = kept or (by_rarest([picture.key for picture in pictures], classes, ratios, seed), ratios)
    names = unique_names([picture.key.rpartition("/")[2] for picture in pictures])
    with whole_folder(target) as half:
        for picture, name in zip(pictures, names, strict=True):
            copy_file(picture.path, half / "images" / name)
        for split, part in enumerate(SPLITS):
            members = [index for index, its in enumerate(chosen) if its == split]
            if members:
                text = as_json(source, _written(members, names, sizes, placed))
                write_whole(half / f"{part}.json", text.encode("utf-8"))
    notes = (*source.notes, *placed.notes, *([kept_note()] if kept else []))
    return _report(source, target, chosen, placed, notes)


def _written(members: Sequence[int], names: Sequence[str], sizes: Sequence[Size], placed: Fitted) -> list[Written]:
    # Without boxes, whole pictures stay the persons.
    return [
        Written(index + 1, names[index], sizes[index], placed.people[index], boxed=not placed.whole_pictures)
        for index in members
    ]


def _report(
    source: KeypointSource, target: Path, chosen: Sequence[int], placed: Fitted, notes: Sequence[str]
) -> Report:
    counts = {name: Counter[int]() for name in SPLITS}
    for split, people in zip(chosen, placed.people, strict=True):
        counts[SPLITS[split]].update(person.label for person in people)
    pictures = {name: sum(its == split for its in chosen) for split, name in enumerate(SPLITS)}
    numbers = {name: tuple(count[label] for label in range(len(source.classes))) for name, count in counts.items()}
    return Report(target, "KEYPOINTS", source.classes, pictures, numbers, tuple(notes))


def report(data: keypoints.KeypointsDataset) -> Report:
    """Open every picture of a set, and return its numbers.

    Raises:
        DatasetInvalid: Pictures are damaged; all of them are named (-201).
    """
    listed = list(dict.fromkeys(data.listed()))  # a picture of several persons is opened once
    marks: list[copies.Mark | None] = [None] * len(listed)
    bits = stored_bits([picture.path for picture in listed])

    def visit(index: int, sample: Sample) -> None:
        content = contents.read_bytes(sample.path)
        marks[index] = copies.mark(content, image.decode(content, name=sample.path.name, strict=True, bits=bits or 16))

    if damaged := check_images([Sample(picture.path, 0) for picture in listed], visit):
        raise damaged_error(damaged)
    parts: tuple[SplitName, ...] = ("train", "val", "test")
    pictures: dict[str, int] = {name: len(data.pictures(name)) for name in parts}
    counts: dict[str, tuple[int, ...]] = {name: data.counts(name) for name in parts}
    notes = (*data.notes, *depth_notes(bits), *copies.find(listed, marks, bits).notes(data.root))
    return Report(data.root, "KEYPOINTS", data.classes, pictures, counts, notes)
