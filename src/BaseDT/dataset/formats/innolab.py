"""What the labelling tool of OpenInnoLab (浦育) leaves: two lists, and a JSON file beside each labelled picture.

``labels.json`` lists the classes (``id``, ``name``), ``used_labels.json`` the labelled pictures (``filePath``); in
``<picture>.json`` the text ``rectTool`` holds ``width``, ``height`` and ``step_1.result``: boxes with ``attribute``.
A folder without these lists that has ``annotations/`` is read as VOC or COCO, by what lies in there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from BaseDT import plain_json
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.formats import coco, voc
from BaseDT.dataset.formats.source import Picture, Source, files_in, numbered, refuse_empty, subfolder
from BaseDT.dataset.notes import undecodable
from BaseDT.dataset.pictures import PictureFolder, stem_of
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.language import english, say
from BaseDT.names import composed


def read(src: Path) -> Source:
    """Read a labelled data set of OpenInnoLab. Pictures that are not labelled are left out.

    Raises:
        DatasetInvalid: A file is not as the platform writes it, or a picture is not there.
        AnnotationMissing: There are no labels.
    """
    lists = src / "labels.json", src / "used_labels.json"
    if not all(file.is_file() for file in lists):
        return _other(src, next(file.name for file in lists if not file.is_file()))
    labels = [_mapping(lists[0].name, item) for item in _list(lists[0].name, _parsed(lists[0]))]
    names = [composed(str(label.get("name", "")).strip()) for label in labels]
    if not all(names) or len(set(names)) < len(names):
        raise DatasetInvalid(
            say(
                f"{lists[0].name}: a class has no name, or the name of another",
                f"{lists[0].name}：有类别没有名称，或与另一个类别重名",
            ),
            hint=_again(),
        )
    label_of = {str(label.get("id")): number for number, label in enumerate(labels)}
    pictures = PictureFolder(src, src.name)
    pictures_by_key: dict[str, Picture] = {}
    unlabelled = 0
    for item in _list(lists[1].name, _parsed(lists[1])):
        key = _picture(pictures, str(_mapping(lists[1].name, item).get("filePath", "")))
        file = src / f"{stem_of(key)}.json"
        if not file.is_file():
            unlabelled += 1
            continue
        boxes, size = _annotation(file, label_of)
        pictures_by_key[key] = Picture(pictures.path(key), key, boxes, size)
    refuse_empty(pictures_by_key, src, say("annotation (.json)", "标注（.json）"))
    notes = (*((_left_out(unlabelled),) if unlabelled else ()), *undecodable(pictures.ignored.others))
    return Source(numbered(names), tuple(pictures_by_key[key] for key in sorted(pictures_by_key)), notes=notes)


def _other(src: Path, missing: str) -> Source:
    """Read an export that was unpacked into ``images`` and ``annotations``."""
    try:
        annotations = subfolder(src, "annotations")
    except DatasetInvalid:
        raise AnnotationMissing(
            say(f"There is no {english(missing)} in {src}", f"{src} 中没有{missing}"),
            hint=say(
                "Give the folder of the whole data set, as the platform made it.",
                "请给出平台生成的整个数据集的文件夹。",
            ),
        ) from None
    return voc.read(src) if files_in(annotations, ".xml") else coco.read(src)


def _left_out(number: int) -> str:
    return say(
        f"{number} pictures are in used_labels.json, but not labelled: not used.",
        f"used_labels.json 中有 {number} 张图片没有标注，不使用。",
    )


def _picture(pictures: PictureFolder, name: str) -> str:
    if (key := pictures.named(name)) is None:
        raise DatasetInvalid(
            say(
                f"used_labels.json names a picture that is not in {pictures.name}: '{name}'",
                f"used_labels.json 引用了 {pictures.name} 中没有的图片：'{name}'",
            ),
            hint=say("Download the whole data set again.", "请重新下载整个数据集。"),
        )
    return key


def _annotation(file: Path, label_of: Mapping[str, int]) -> tuple[tuple[Box, ...], tuple[int, int] | None]:
    tool = _mapping(file.name, _parsed(file)).get("rectTool")
    # The platform writes JSON as a text within the JSON.
    tool = _mapping(file.name, _loads(file.name, tool) if isinstance(tool, str) else tool)
    step = _mapping(file.name, tool.get("step_1", {}))
    results = [_mapping(file.name, result) for result in _list(file.name, step.get("result", []))]
    boxes = tuple(_box(file.name, result, label_of) for result in results)
    if any(tool.get(side) is None for side in ("height", "width")):
        return boxes, None
    return boxes, (round(_number(file.name, tool, "height")), round(_number(file.name, tool, "width")))


def _box(name: str, result: Mapping[str, object], label_of: Mapping[str, int]) -> Box:
    label = label_of.get(str(result.get("attribute")))
    if label is None:
        raise AnnotationMissing(
            say(
                f"{name} has a box of the class {result.get('attribute')!r}, which is not in labels.json",
                f"{name} 中有类别为 {result.get('attribute')!r} 的标注框，而 labels.json 中没有该类别",
            ),
            hint=_again(),
        )
    x, y, width, height = (_number(name, result, key) for key in ("x", "y", "width", "height"))
    return Box.between(label, (x, y, x + width, y + height))


def _number(name: str, values: Mapping[str, object], key: str) -> float:
    value = values.get(key)
    try:
        number = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise DatasetInvalid(
            say(f"{name}: '{key}' is no number: {value!r:.40}", f"{name}：'{key}' 不是数字：{value!r:.40}"),
            hint=_again(),
        )
    return number


def _parsed(file: Path) -> object:
    return _loads(file.name, read_text(file))


def _loads(name: str, text: str) -> object:
    try:
        return plain_json.loads(text)
    except ValueError as error:
        raise DatasetInvalid(
            say(
                f"{name} is no whole JSON: {english(plain_json.fault(error))}",
                f"{name} 不是完整的 JSON：{plain_json.fault(error)}",
            ),
            hint=_again(),
        ) from error


def _mapping(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise DatasetInvalid(
            say(
                f"{name} is not as the platform writes it: expected an object, found {value!r:.40}",
                f"{name} 与平台的格式不同：应为对象，却是 {value!r:.40}",
            ),
            hint=_again(),
        )
    return value


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise DatasetInvalid(
            say(
                f"{name} is not as the platform writes it: expected a list, found {value!r:.40}",
                f"{name} 与平台的格式不同：应为列表，却是 {value!r:.40}",
            ),
            hint=_again(),
        )
    return value


def _again() -> str:
    return say("Export the data set again.", "请重新导出数据集。")
