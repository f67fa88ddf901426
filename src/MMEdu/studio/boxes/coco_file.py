"""``annotations.json``: the boxes of a project in COCO's format, with the project's own identifiers beside.

What somebody edited by hand is read as far as it can be; a file that was not read whole is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from BaseDT import plain_json
from BaseDT.arguments import is_number
from MMEdu.studio.boxes.drawn import DrawnBox
from MMEdu.studio.projects.picture import PictureClass

NAME = "annotations.json"
PER_PICTURE = 1000
"""Annotations are numbered within their picture, so that a picture's text stays the same when another changes."""


@dataclass
class Read:
    """What stands in a file.

    Attributes:
        boxes: By picture: its id, or its file's name. A picture without any is one on which nothing is to be found.
        names: Of the classes, by their identifiers in the file.
        left_out: How many boxes and pictures could not be understood.
    """

    boxes: dict[str, list[DrawnBox]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True)
class Listed:
    """A picture as the file lists it.

    Attributes:
        number: Its id within the file.
        picture: The project's id.
        file_name: Of its file.
        size: Width and height, upright.
    """

    number: int
    picture: str
    file_name: str
    size: tuple[int, int]


def read(file: Path) -> Read:
    """Read a file.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is no JSON, or has no list of pictures.
    """
    document = plain_json.loads(file.read_text(encoding="utf-8-sig"))
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        raise ValueError("no list of pictures")
    found = Read()
    classes = _categories(document.get("categories"), found)
    pictures: dict[object, str] = {}
    for value in document["images"]:
        name = _picture_of(value)
        if not name or not _is_key(value.get("id")):
            found.left_out += 1
            continue
        pictures[value["id"]] = name
        found.boxes.setdefault(name, [])
    listed = document.get("annotations")
    for value in listed if isinstance(listed, list) else []:
        box = _box_of(value, classes)
        picture = pictures.get(value["image_id"]) if box is not None and _is_key(value.get("image_id")) else None
        if box is None or picture is None:
            found.left_out += 1
        else:
            found.boxes[picture].append(box)
    return found


def image_text(listed: Listed) -> str:
    """Return the JSON of a picture."""
    width, height = listed.size
    entry = {"id": listed.number, "file_name": listed.file_name, "width": width, "height": height}
    return json.dumps({**entry, "picture": listed.picture}, ensure_ascii=False)


def annotations_text(number: int, boxes: Sequence[DrawnBox], categories: Mapping[str, int]) -> str:
    """Return the JSON of a picture's boxes, comma between them.

    Args:
        number: Of the picture within the file.
        boxes: Its boxes; those of other classes are left out.
        categories: Number of each class.
    """
    texts = []
    for place, box in enumerate(box for box in boxes if box.class_id in categories):
        entry = {
            "id": number * PER_PICTURE + place,
            "image_id": number,
            "category_id": categories[box.class_id],
            "bbox": [box.x, box.y, box.width, box.height],
            "area": round(box.width * box.height, 2),
            "iscrowd": 0,
            "segmentation": [],
        }
        texts.append(json.dumps(entry))
    return ",\n".join(texts)


def document(images: Iterable[str], annotations: Iterable[str], classes: Sequence[PictureClass]) -> bytes:
    """Return the whole text of a file: of ``image_text``, ``annotations_text``, and the classes, numbered from 1."""
    categories = ",\n".join(
        json.dumps({"id": number, "name": one.name, "supercategory": "", "class": one.id}, ensure_ascii=False)
        for number, one in enumerate(classes, 1)
    )
    parts = (",\n".join(images), ",\n".join(filter(None, annotations)), categories)
    named = zip(("images", "annotations", "categories"), parts, strict=True)
    text = ",\n".join(f'"{name}": [\n{part}\n]' for name, part in named)
    return f"{{\n{text}\n}}\n".encode("utf-8", "replace")


def _categories(values: object, found: Read) -> dict[object, str]:
    """Return what identifies each category's class: its own identifier, else its name. Fills ``names``."""
    classes: dict[object, str] = {}
    for value in values if isinstance(values, list) else []:
        if not isinstance(value, dict) or not _is_key(value.get("id")) or not isinstance(value.get("name"), str):
            found.left_out += 1
            continue
        key = value["class"] if isinstance(value.get("class"), str) else f"name:{value['name']}"
        classes[value["id"]] = key
        found.names[key] = value["name"]
    return classes


def _picture_of(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("picture"), str):
        return str(value["picture"])
    name = value.get("file_name")
    return PurePosixPath(name.replace("\\", "/")).name if isinstance(name, str) else ""


def _box_of(value: object, classes: Mapping[object, str]) -> DrawnBox | None:
    if not isinstance(value, dict) or not _is_key(value.get("category_id")):
        return None
    box: Any = value.get("bbox")
    known = classes.get(value["category_id"])
    if known is None or not isinstance(box, list) or len(box) != 4:
        return None
    if not all(isinstance(number, (int, float)) and is_number(number) and abs(number) < 1e6 for number in box):
        return None
    x, y, width, height = map(float, box)
    return DrawnBox(known, x, y, width, height)


def _is_key(value: object) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)
