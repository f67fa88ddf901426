"""One annotation file in COCO's format: read and checked, or written. ``coco`` and the formats call it.

Only what stands in the file; whether its pictures are there is asked elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from BaseDT import plain_json
from BaseDT.arguments import is_number
from BaseDT.dataset import plausible
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.geometry import masks
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.names import composed

NO_CLASSES = frozenset({"__ignore__", "_background_"})
"""What labelme calls regions that are not to be learned, and everything that nobody drew."""
_PARTS = ("images", "annotations", "categories")


@dataclass(frozen=True)
class Category:
    """A class of objects.

    Attributes:
        id: Its number in the files; numbers may have holes and start anywhere.
        name: What to call it.
        supercategory: The larger group it belongs to; often empty.
    """

    id: int
    name: str
    supercategory: str = ""


@dataclass(frozen=True)
class Entry:
    """One picture, as an annotation file describes it.

    Attributes:
        id: Its number in the file.
        file_name: Its name, as the file has it.
        width: In pixels; None where the file does not say.
        height: Likewise.
        boxes: Its objects, not yet fitted into the picture.
    """

    id: int
    file_name: str
    width: int | None
    height: int | None
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Annotations:
    """What one file holds.

    Attributes:
        name: What messages call the file.
        categories: In the order of their ids; the index is the label.
        entries: The pictures, in the order of the file.
        empty_outlines: Objects whose segmentation encloses nothing of their box, where masks were asked for; they have
            none now.
    """

    name: str
    categories: tuple[Category, ...]
    entries: tuple[Entry, ...]
    empty_outlines: int = 0


class Item:
    """An object of one of the three lists, and where it stands."""

    def __init__(self, file: str, part: str, index: int, value: object) -> None:
        self.where = f"{file}: {part}[{index}]"
        if not isinstance(value, dict):
            raise wrong(self.where, value, "an object", "一个对象")
        self.values: Mapping[str, object] = value

    def whole(self, key: str) -> int:
        """Return a whole number."""
        value = self.values.get(key)
        if isinstance(value, float) and value.is_integer():
            return int(value)  # some tools write 1.0
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(f"{self.where}.{key}", value, "a whole number", "整数")
        return value

    def size(self, key: str) -> int | None:
        """Return a number of pixels; None where there is none."""
        if self.values.get(key) is None:
            return None
        if (value := self.whole(key)) < 1:
            raise wrong(f"{self.where}.{key}", value, "a number of pixels", "像素数")
        return value

    def text(self, key: str) -> str:
        """Return a text that is not blank."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise wrong(f"{self.where}.{key}", value, "a text", "文本")
        return value

    def corners(self) -> tuple[float, float, float, float]:
        """Return x1, y1, x2, y2 of ``bbox``."""
        value = self.values.get("bbox")
        if not isinstance(value, list) or len(value) != 4 or not all(is_finite(number) for number in value):
            raise wrong(f"{self.where}.bbox", value, "four numbers: x, y, width, height", "四个数：x、y、宽、高")
        x, y, width, height = map(float, value)
        return x, y, x + width, y + height

    def area(self) -> float | None:
        """Return ``area`` in square pixels; None where there is none."""
        value = self.values.get("area")
        # Of a box with a negative side some tools write a negative area.
        return float(value) if isinstance(value, (int, float)) and is_finite(value) and value >= 0 else None


def read(file: Path, *, with_masks: bool = False) -> Annotations:
    """Read an annotation file.

    Args:
        file: The file.
        with_masks: Whether every ``segmentation`` must be one that can be drawn; else nobody looks at them.

    Raises:
        DatasetInvalid: It is no JSON, or not COCO's, or an id is there twice, or a mask is broken (-201).
        AnnotationMissing: It has no annotations, or one whose picture or category it does not describe (-701).
    """
    name = f"{file.parent.name}/{file.name}"
    parts = lists(name, parsed(name, read_text(file)))
    described = _categories(name, parts["categories"])
    category_of = _kept(name, described, _used(parts["annotations"]))
    categories = tuple(sorted({*category_of.values()}, key=lambda category: category.id))
    boxes = _boxes(name, parts, {number: categories.index(kept) for number, kept in category_of.items()})
    entries = _entries(name, parts["images"], boxes)
    _refuse_what_cannot_be_meant(name, entries)
    if not with_masks:
        return Annotations(name, categories, entries)
    _refuse_broken_masks(name, parts["annotations"], entries)
    drawable = tuple(replace(entry, boxes=tuple(map(_with_outline, entry.boxes))) for entry in entries)
    number = _outlines(entries) - _outlines(drawable)
    return Annotations(name, categories, drawable, number)


def _outlines(entries: Sequence[Entry]) -> int:
    return sum(bool(box.segmentation) for entry in entries for box in entry.boxes)


def _with_outline(box: Box) -> Box:
    if not box.segmentation or plausible.outline(box.segmentation, box.corners) is not None:
        return box
    return replace(box, segmentation=None, area=None)


def _refuse_what_cannot_be_meant(name: str, entries: Sequence[Entry]) -> None:
    plausible.refuse_shares(name, [box.corners for entry in entries for box in entry.boxes])
    sized = [(entry, box) for entry in entries if entry.width and entry.height for box in entry.boxes]
    numbers = [(*box.corners[:2], *box.size()) for _, box in sized]
    plausible.refuse_corners(name, numbers, [(entry.height or 0, entry.width or 0) for entry, _ in sized])


def parsed(name: str, text: str) -> object:
    """Return the values of a JSON text; ``name`` is what messages call it. DatasetInvalid (-201) where it is none."""
    try:
        return plain_json.loads(text)
    except json.JSONDecodeError as error:
        raise DatasetInvalid(
            say(
                f"{name} is no whole JSON: {english(plain_json.fault(error))}",
                f"{name} 不是完整的 JSON：{plain_json.fault(error)}",
            ),
            hint=say("Export or download it again.", "请重新导出或下载这个文件。"),
        ) from error
    except ValueError as error:
        raise DatasetInvalid(
            say(
                f"{name} cannot be read as JSON: {english(plain_json.fault(error))}",
                f"无法将 {name} 作为 JSON 读取：{plain_json.fault(error)}",
            ),
            hint=say("Export or download it again.", "请重新导出或下载这个文件。"),
        ) from error


def lists(name: str, document: object) -> dict[str, list[object]]:
    """Return the lists ``images``, ``annotations``, ``categories`` of a document.

    Raises:
        AnnotationMissing: It has pictures alone (-701).
        DatasetInvalid: It is not COCO's (-201).
    """
    content = document if isinstance(document, dict) else {}
    parts = {part: content.get(part) for part in _PARTS}
    if content and parts["annotations"] is None and isinstance(parts["images"], list):
        raise AnnotationMissing(
            say(f"{name} has pictures, but no 'annotations'", f"{name} 中有图片，但没有 'annotations'"),
            hint=say("Export the labels with the pictures.", "请连同标注一起导出。"),
        )
    lists = {part: value for part, value in parts.items() if isinstance(value, list)}
    if len(lists) < len(_PARTS):
        missing = ", ".join(part for part in _PARTS if part not in lists)
        keys = shortened(sorted(map(str, content))) or type(document).__name__
        raise DatasetInvalid(
            say(
                f"{name} is not in COCO's format: no list '{missing}' (found: {english(keys)})",
                f"{name} 不是 COCO 格式：没有列表 '{missing}'（其中有：{keys}）",
            ),
            hint=say(
                "Expected an object with the lists images, annotations and categories.",
                "应当是包含 images、annotations、categories 三个列表的对象。",
            ),
        )
    return lists


def _categories(name: str, items: Sequence[object]) -> list[Category]:
    categories = []
    for index, value in enumerate(items):
        item = Item(name, "categories", index, value)
        group = item.values.get("supercategory")
        categories.append(
            Category(item.whole("id"), item.text("name").strip(), group if isinstance(group, str) else "")
        )
    if not categories:
        raise AnnotationMissing(
            say(f"{name} describes no category", f"{name} 中没有类别"),
            hint=say("It needs at least one.", "至少需要一个类别。"),
        )
    refuse_twice(name, "categories", "id", [category.id for category in categories])
    return categories


def _used(annotations: Sequence[object]) -> frozenset[object]:
    """Return the ids of the categories that have an object."""
    return frozenset(
        value["category_id"]
        for value in annotations
        if isinstance(value, dict) and isinstance(value.get("category_id"), (int, float))
    )


def _kept(name: str, described: Sequence[Category], used: Collection[object]) -> dict[int, Category]:
    """Return the class that each id means.

    A name that is there twice is one class where an editor wrote it in two ways, or where only one has objects: some
    exports put the name of the whole project before the classes.

    Raises:
        DatasetInvalid: Two categories of the same name have objects (-201).
    """
    of_name: dict[str, list[Category]] = {}
    for category in described:
        of_name.setdefault(composed(category.name), []).append(category)
    kept: dict[int, Category] = {}
    for plain, same in of_name.items():
        in_use = [category for category in same if category.id in used]
        if len({category.name for category in same}) == 1:
            refuse_twice(name, "categories", "name", [c.name if c in in_use else c.id for c in described])
        else:
            in_use = same  # the same in every file, whichever of the spellings it uses
        kept |= {category.id: replace((in_use or same)[0], name=plain) for category in same}
    groups = _groups(described, used)
    unused = groups | (NO_CLASSES - {category.name for category in described if category.id in used})
    return {number: category for number, category in kept.items() if category.name not in unused} or kept


def _groups(described: Sequence[Category], used: Collection[object]) -> frozenset[str]:
    """Return the names of categories without objects that only hold the others together (Roboflow lists them first)."""
    above = {category.supercategory for category in described if category.supercategory != category.name}
    classes = {category.name for category in described if category.id in used}
    return frozenset(
        composed(category.name)
        for category in described
        if category.name in above - classes and category.supercategory in ("", "none", category.name)
    )


def _boxes(name: str, parts: Mapping[str, list[object]], label_of: Mapping[int, int]) -> dict[int, list[Box]]:
    """Return the boxes of each picture's id; ``label_of`` has the label of each category's id."""
    boxes: dict[int, list[Box]] = {}
    for index, value in enumerate(parts["images"]):
        boxes[Item(name, "images", index, value).whole("id")] = []
    refuse_twice(name, "images", "id", [Item(name, "images", i, v).whole("id") for i, v in enumerate(parts["images"])])
    ids = []
    for index, value in enumerate(parts["annotations"]):
        item = Item(name, "annotations", index, value)
        ids.append(item.whole("id"))
        image = reference(item, "image_id", boxes, "images")
        label = label_of[reference(item, "category_id", label_of, "categories")]
        crowd = item.values.get("iscrowd") in (1, True)
        segmentation = item.values.get("segmentation") or None
        boxes[image].append(
            Box.between(label, item.corners(), crowd=crowd, area=item.area(), segmentation=segmentation)
        )
    refuse_twice(name, "annotations", "id", ids)
    return boxes


def reference(item: Item, key: str, targets: Mapping[int, object], part: str) -> int:
    """Return what an annotation belongs to; AnnotationMissing (-701) where the list ``part`` does not have it."""
    number = item.whole(key)
    if number not in targets:
        raise AnnotationMissing(
            say(
                f"{item.where} belongs to {key} {number}, which is not in '{part}'",
                f"{item.where} 属于 {key} {number}，而 '{part}' 中没有它",
            ),
            hint=say(
                f"Add it to {part}, or delete the annotation; best export the file anew.",
                f"请在 {part} 中补上，或删除这条标注；最好重新导出。",
            ),
        )
    return number


def _entries(name: str, items: Sequence[object], boxes: Mapping[int, list[Box]]) -> tuple[Entry, ...]:
    entries = []
    for index, value in enumerate(items):
        item = Item(name, "images", index, value)
        number = item.whole("id")
        sizes = item.size("width"), item.size("height")
        entries.append(Entry(number, item.text("file_name"), *sizes, tuple(boxes[number])))
    return tuple(entries)


def _refuse_broken_masks(name: str, items: Sequence[object], entries: Sequence[Entry]) -> None:
    """Make sure that the masks can be drawn; a picture without a size is refused by whoever needs its size."""
    sizes = {entry.id: (entry.height, entry.width) for entry in entries}
    for index, value in enumerate(items):
        item = Item(name, "annotations", index, value)
        height, width = sizes[item.whole("image_id")]
        if not (segmentation := item.values.get("segmentation")) or height is None or width is None:
            continue
        try:
            masks.check(segmentation, height, width)
        except DatasetInvalid as error:
            raise DatasetInvalid(
                say(
                    f"{item.where} (id {item.whole('id')}): {english(error.message)}",
                    f"{item.where}（id {item.whole('id')}）：{error.message}",
                ),
                hint=error.hint,
            ) from error


def refuse_twice(name: str, part: str, key: str, values: Iterable[int | str]) -> None:
    """Raise DatasetInvalid (-201) where two objects of a list have the same value."""
    first: dict[int | str, int] = {}
    for index, value in enumerate(values):
        if (earlier := first.setdefault(value, index)) != index:
            raise DatasetInvalid(
                say(
                    f"{name}: {part}[{index}] has the {key} {value!r} of {part}[{earlier}]",
                    f"{name}：{part}[{index}] 的 {key} {value!r} 与 {part}[{earlier}] 相同",
                ),
                hint=say(f"Each {key} may be there once.", f"每个 {key} 只能出现一次。"),
            )


def is_finite(value: object) -> bool:
    """Tell whether a value of JSON is a number that one can reckon with."""
    return isinstance(value, (int, float)) and is_number(value)


def wrong(where: str, value: object, en: str, zh: str) -> DatasetInvalid:
    """Return the error (-201) of a value that is not what it should be."""
    actual = say("missing", "缺失的") if value is None else f"{value!r:.60}"
    return DatasetInvalid(
        say(f"{where} is {english(actual)}", f"{where} 是 {actual}"), hint=say(f"Expected {en}.", f"应当是{zh}。")
    )


def as_json(categories: Sequence[Category], entries: Iterable[Entry]) -> str:
    """Return the text of an annotation file. Annotations are numbered from 1; letters stay letters.

    Args:
        categories: In the order of the labels.
        entries: The pictures, with known sizes.
    """
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for entry in entries:
        images.append({"id": entry.id, "file_name": entry.file_name, "width": entry.width, "height": entry.height})
        for box in entry.boxes:
            number = len(annotations) + 1
            annotations.append(_annotation(box, number, entry.id, categories[box.label].id))
    listed = [{"id": c.id, "name": c.name, "supercategory": c.supercategory} for c in categories]
    document = {"images": images, "annotations": annotations, "categories": listed}
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _annotation(box: Box, number: int, image: int, category: int) -> dict[str, object]:
    width, height = box.size()
    x, y = box.corners[:2]
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [round(value, 3) for value in (x, y, width, height)],
        "area": round(width * height if box.area is None else box.area, 3),
        "iscrowd": int(box.crowd),
        "segmentation": box.segmentation or [],
    }
