"""COCO comes in, from a zip or a folder with annotations, and goes out as a zip that ``load_dataset`` reads."""

from __future__ import annotations

import json
import secrets
import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from BaseDT import files
from BaseDT.dataset import coco, coco_json
from BaseDT.dataset.coco import CocoImage
from BaseDT.dataset.textfiles import read_text
from BaseDT.dataset.upright import upright
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.image import is_image_file
from BaseDT.language import say
from MMEdu.studio.boxes.boxes import Boxes
from MMEdu.studio.boxes.drawn import DrawnBox
from MMEdu.studio.boxes.prepared import divided
from MMEdu.studio.projects import archives
from MMEdu.studio.projects.project import Refused

_CLASSES = 60


@dataclass(frozen=True)
class Taken:
    """What came in.

    Attributes:
        pictures: Ids of the new pictures.
        boxes: How many boxes they have.
        refused: Files that could not be taken.
        notes: Sentences on the rest.
    """

    pictures: tuple[str, ...]
    boxes: int
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]


def unpacked(data: bytes, name: str = "") -> tuple[list[tuple[str, bytes]], list[Refused]]:
    """Return the files of a zip, and those that are refused.

    Raises:
        DatasetInvalid: It is no whole zip, holds too much, or no pictures (-201).
    """
    given: list[tuple[str, bytes]] = []
    refused: list[Refused] = []
    for entry in archives.entries(data, name or say("The zip", "该 zip")):
        if isinstance(entry.data, bytes):
            given.append((entry.path, entry.data))
        else:
            refused.append(Refused(entry.path, entry.data))
    return given, refused


def take(boxes: Boxes, given: Sequence[tuple[str, bytes]]) -> Taken:
    """Take pictures with their annotations into a project.

    Args:
        boxes: Of the project.
        given: Names and contents: pictures, and annotation files in COCO's format (``.json``).

    Raises:
        AnnotationMissing: There is no annotation file, or none names a picture that is here (-701).
        DatasetInvalid: An annotation file cannot be read, or does not fit the pictures (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    pictures = {name: data for name, data in given if is_image_file(PurePosixPath(name).name)}
    documents = [(name, data) for name, data in given if name.lower().endswith(".json")]
    place = boxes.project.cache / f"coming-{secrets.token_hex(4)}"
    try:
        found, missing = _read_all(place, documents, pictures)
        return _kept(boxes, found, pictures, missing)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def zipped(boxes: Boxes, file: Path) -> Path:
    """Write a project as a set in COCO's layout, zipped.

    Raises:
        DatasetInvalid: Fewer than four pictures have boxes (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    whole = divided(boxes)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for part in whole.parts:
                archive.writestr(f"annotations/{part.name}.json", whole.annotations(part))
                for picture in part.pictures:
                    archive.write(picture.path, f"images/{part.name}/{picture.path.name}")
    except OSError as error:
        files.discard(file)
        raise files.not_written(file, error) from error
    return file


@dataclass(frozen=True)
class _Found:
    """A picture of a file with its boxes, upright; which of the files that came it is."""

    name: str
    boxes: tuple[tuple[str, tuple[float, float, float, float]], ...]


def _read_all(
    place: Path, documents: Iterable[tuple[str, bytes]], pictures: Mapping[str, bytes]
) -> tuple[list[_Found], int]:
    """Read annotation files and lay their pictures where the house's reader finds them."""
    by_end: dict[str, list[str]] = {}
    for name in pictures:
        by_end.setdefault(PurePosixPath(name).name, []).append(name)
    found: dict[str, _Found] = {}
    missing = 0
    unreadable: DatasetInvalid | AnnotationMissing | None = None
    for number, (name, data) in enumerate(documents):
        folder = place / str(number)
        file = files.write_whole(folder / "annotations.json", data, durable=False)
        try:
            text = coco_json.parsed(PurePosixPath(name).name, read_text(file))
            parts = coco_json.lists(PurePosixPath(name).name, text)
        except (DatasetInvalid, AnnotationMissing) as error:  # a zip has other .json files, too
            unreadable = error
            continue
        here, names = _with_own_names(parts, name, by_end, pictures)
        missing += len(parts["images"]) - len(names)
        if not names:
            continue
        for own, source in names.items():
            files.write_whole(folder / "images" / own, pictures[source], durable=False)
        files.write_whole(file, json.dumps(here, ensure_ascii=False).encode("utf-8"), durable=False)
        data_set = upright(coco.load(folder, train_json="annotations.json", train_images="images"))
        classes = data_set.classes
        found |= {names[one.path.name]: _found(names[one.path.name], one, classes) for one in data_set.train}
    if not found:
        raise unreadable or AnnotationMissing(
            say("There is no annotation file in COCO's format for these pictures.",
                "没有找到与这些图片对应的 COCO 格式标注文件。"),
            hint=say("Drop a folder or a zip with pictures and a .json file; or add pictures without boxes, and draw.",
                     "请拖入包含图片和 .json 标注的文件夹或 zip；也可以只添加图片，然后自己画框。"),
        )  # fmt: skip
    return list(found.values()), missing


def _with_own_names(
    parts: Mapping[str, list[Any]], document: str, by_end: Mapping[str, list[str]], pictures: Mapping[str, bytes]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a document of those pictures that are here, under plain names; and what each of these names stands for."""
    names: dict[str, str] = {}
    images, ids = [], set()
    for value in parts["images"]:
        written = value.get("file_name") if isinstance(value, dict) else None
        source = _meant(written, document, by_end, pictures) if isinstance(written, str) else None
        if source is None:
            continue
        own = f"{len(names):06}{PurePosixPath(source).suffix.lower()}"
        names[own] = source
        images.append({**value, "file_name": own})
        ids.add(_hashable(value.get("id")))
    of_these = [a for a in parts["annotations"] if isinstance(a, dict) and _hashable(a.get("image_id")) in ids]
    return {"images": images, "annotations": of_these, "categories": parts["categories"]}, names


def _meant(written: str, document: str, by_end: Mapping[str, list[str]], pictures: Mapping[str, bytes]) -> str | None:
    """Return which file a name in a document means: the one that lies nearest where several are called so."""
    written = written.replace("\\", "/")
    if written in pictures:
        return written
    same = by_end.get(PurePosixPath(written).name, [])
    whole = [name for name in same if name.endswith(f"/{written}")] or same
    split = PurePosixPath(document).stem  # annotations/train.json: images/train
    near = [name for name in whole if split in PurePosixPath(name).parts] or whole
    beside = [name for name in near if PurePosixPath(name).parent == PurePosixPath(document).parent] or near
    return beside[0] if beside else None


def _found(name: str, image: CocoImage, classes: Sequence[str]) -> _Found:
    return _Found(name, tuple((classes[box.label], box.corners) for box in image.boxes if not box.crowd))


def _kept(boxes: Boxes, found: Sequence[_Found], pictures: Mapping[str, bytes], missing: int) -> Taken:
    project = boxes.project
    names = dict.fromkeys(name for one in found for name, _ in one.boxes)
    ids: dict[str, str] = {}
    for name in list(names)[:_CLASSES]:
        known = project.class_named(name)
        ids[name] = (known or project.add_class(name)).id
    drawn: dict[str, list[DrawnBox]] = {}
    refused: list[Refused] = []
    for one in found:
        added, problems = project.add_all("", [(PurePosixPath(one.name).name, pictures[one.name])])
        refused += problems
        for picture in added:
            drawn[picture.id] = [
                DrawnBox(ids[name], x1, y1, x2 - x1, y2 - y1) for name, (x1, y1, x2, y2) in one.boxes if name in ids
            ]
    boxes.put_all(drawn)
    notes = []
    if missing:
        notes.append(
            say(f"{missing} pictures of the annotation file are not here.", f"标注文件中的 {missing} 张图片不在这里。")
        )
    if len(names) > _CLASSES:
        notes.append(
            say(
                f"Of {len(names)} classes the first {_CLASSES} came in.",
                f"{len(names)} 个类别中只导入了前 {_CLASSES} 个。",
            )
        )
    return Taken(tuple(drawn), sum(map(len, drawn.values())), tuple(refused), tuple(notes))


def _hashable(value: object) -> object:
    return value if isinstance(value, (int, float, str)) else None
