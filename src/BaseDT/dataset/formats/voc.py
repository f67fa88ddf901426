"""Pascal VOC: an XML file for each picture, as labelImg writes them.

``images/``, ``annotations/*.xml``, and ``classes.txt``, without which the classes are those of the files, sorted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from BaseDT.dataset.boxes import Box
from BaseDT.dataset.class_order import order_note
from BaseDT.dataset.formats.source import (
    Matched,
    Picture,
    Source,
    class_list,
    divided_by_folder,
    files_in,
    numbered,
    refuse_empty,
    subfolder,
)
from BaseDT.dataset.notes import undecodable
from BaseDT.dataset.pictures import PictureFolder
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import AnnotationMissing, DatasetInvalid, did_you_mean
from BaseDT.language import say
from BaseDT.names import composed

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


@dataclass(frozen=True)
class _Annotation:
    """What one file says: (height, width) or None, and its objects as (class, corners), whichever corner is first."""

    size: tuple[int, int] | None
    objects: tuple[tuple[str, tuple[float, float, float, float]], ...]


class _Doctype(Exception):
    """The file defines a document type: that is how XML files attack their readers."""


def read(src: Path) -> Source:
    """Read a data set in the format of Pascal VOC.

    Pictures without an annotation are left out: labelImg writes none for a picture that nobody has looked at.

    Raises:
        DatasetInvalid: The layout or a file is wrong.
        AnnotationMissing: There is no annotation file.
    """
    folder = subfolder(src, "annotations")
    files = files_in(folder, ".xml")
    refuse_empty(files, folder, ".xml")
    matched = Matched(PictureFolder(subfolder(src, "images", "jpegimages"), "images"), folder, files)
    annotations = {key: _read(file) for key, file in matched.of.items()}
    listed = class_list(src / "classes.txt")
    classes = listed or _classes(folder, annotations.values())
    pictures = tuple(
        Picture(matched.pictures.path(key), key, _boxes(annotation, classes, matched.of[key]), annotation.size)
        for key, annotation in sorted(annotations.items())
    )
    notes = [
        *_left_out(matched.without()),
        *undecodable(matched.pictures.ignored.others),
        "" if listed else order_note(classes),
    ]
    return Source(numbered(classes), divided_by_folder(pictures), notes=tuple(filter(None, notes)))


def _classes(folder: Path, annotations: Iterable[_Annotation]) -> tuple[str, ...]:
    """Return the classes of the files, sorted."""
    names = {name for annotation in annotations for name, _ in annotation.objects}
    if not names:
        raise AnnotationMissing(
            say(f"No file in {folder} has an object", f"{folder} 的文件中没有目标（object）"),
            hint=say("Draw at least one box.", "请至少标注一个框。"),
        )
    return tuple(sorted(names))


def _left_out(keys: Sequence[str]) -> Iterator[str]:
    if keys:
        yield say(
            f"{len(keys)} pictures have no annotation file (e.g. {keys[0]}): not used.",
            f"{len(keys)} 张图片没有标注文件（如 {keys[0]}），不使用。",
        )


def _read(file: Path) -> _Annotation:
    root = _tree(file)
    objects = tuple(_object(file, index, node) for index, node in enumerate(root.findall("object"), 1))
    return _Annotation(_size(root), objects)


def _tree(file: Path) -> ElementTree.Element:
    """Parse a file; one with a document type is refused before anything in it is expanded."""
    # Tools on Chinese Windows declare UTF-8 and write GBK: what is decoded here needs no declaration any more.
    text = _DECLARATION.sub("", read_text(file)).encode("utf-8", "surrogatepass")
    guard = expat.ParserCreate("utf-8")
    guard.StartDoctypeDeclHandler = _refuse_doctype
    try:
        guard.Parse(text, True)
        root = ElementTree.fromstring(text)
    except _Doctype:
        raise DatasetInvalid(
            say(f"{file.name} defines a document type (DOCTYPE)", f"{file.name} 含有文档类型定义（DOCTYPE）"),
            hint=say("An annotation needs none: delete the line.", "标注文件不需要 DOCTYPE，请删除这一行。"),
        ) from None
    except (expat.ExpatError, ElementTree.ParseError, RecursionError) as error:
        raise DatasetInvalid(
            say(
                f"{file.name} is no whole XML: {error}",
                f"{file.name} 不是完整的 XML：{_fault_zh(error)}",
            ),
            hint=say("Label this picture again.", "请重新标注这张图片。"),
        ) from error
    if root.tag != "annotation":
        raise DatasetInvalid(
            say(
                f"{file.name} is no VOC annotation: it begins with <{root.tag}>",
                f"{file.name} 不是 VOC 标注：它以 <{root.tag}> 开头",
            ),
            hint=say("Expected <annotation>.", "应以 <annotation> 开头。"),
        )
    return root


def _refuse_doctype(*_: object) -> None:
    raise _Doctype


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    """Return (height, width); None where it is missing or 0, as some tools write it."""
    try:
        height, width = (int(float(root.findtext(f"size/{side}", "0"))) for side in ("height", "width"))
    except (ValueError, OverflowError):
        return None
    return (height, width) if height > 0 and width > 0 else None


def _object(file: Path, index: int, node: ElementTree.Element) -> tuple[str, tuple[float, float, float, float]]:
    name = composed(node.findtext("name", "").strip())
    if not name:
        raise DatasetInvalid(
            say(f"{file.name}: object {index} has no name", f"{file.name}：第 {index} 个目标没有名称"),
            hint=say("Label this picture again.", "请重新标注这张图片。"),
        )
    edges = [_edge(file, index, node, edge) for edge in ("xmin", "ymin", "xmax", "ymax")]
    x1, y1, x2, y2 = edges
    if x2 == x1 or y2 == y1:  # a click without a drag: without area, though inclusive edges would give it a pixel
        return name, (x1, y1, x1, y1)
    # VOC counts pixels from 1 and includes the last: in edges the first pixel is 0 to 1 (VOC devkit; Detectron2).
    (x1, x2), (y1, y2) = (
        (first - 1, second) if first < second else (first, second - 1) for first, second in ((x1, x2), (y1, y2))
    )
    return name, (x1, y1, x2, y2)


def _edge(file: Path, index: int, node: ElementTree.Element, edge: str) -> float:
    text = node.findtext(f"bndbox/{edge}")
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DatasetInvalid(
            say(
                f"{file.name}: {edge} of object {index} is {'missing' if text is None else repr(text)}",
                f"{file.name}：第 {index} 个目标的 {edge} {'缺失' if text is None else f'是 {text!r}'}",
            ),
            hint=say("Expected a number of pixels.", "应当是像素数。"),
        )
    return value


def _fault_zh(error: Exception) -> str:
    """Say in Chinese where the text goes wrong: the parser names its faults in English alone."""
    line, column = getattr(error, "lineno", 0), getattr(error, "offset", 0)
    line, column = getattr(error, "position", (line, column))
    return f"第 {line} 行第 {column + 1} 列有语法错误" if line else "嵌套过深"


def _boxes(annotation: _Annotation, classes: Sequence[str], file: Path) -> tuple[Box, ...]:
    for name, _ in annotation.objects:
        if name not in classes:
            raise DatasetInvalid(
                say(
                    f"{file.name} has the class '{name}', which is not in classes.txt",
                    f"{file.name} 中有类别 '{name}'，而 classes.txt 中没有",
                ),
                hint=f"{did_you_mean(name, classes)} "
                + say(
                    "Correct the name, or add it to classes.txt; without classes.txt all classes are taken.",
                    "请改正类别名，或写入 classes.txt；没有 classes.txt 时会采用所有类别。",
                ),
            )
    return tuple(Box.between(classes.index(name), corners) for name, corners in annotation.objects)
