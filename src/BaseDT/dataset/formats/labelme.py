"""labelme: a JSON file for each picture, with the shapes that were drawn on it.

``images/`` and ``annotations/*.json``, or both in one folder, as labelme leaves them. Rectangles give boxes, polygons
boxes and masks; polygons of one ``group_id`` are one object. Classes are those of ``classes.txt``, else of the files.
"""

from __future__ import annotations

import base64
import json
import math
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import plain_json
from BaseDT.dataset.boxes import Box
from BaseDT.dataset.class_order import order_note
from BaseDT.dataset.coco_json import NO_CLASSES
from BaseDT.dataset.formats.source import (
    Matched,
    Picture,
    Source,
    class_list,
    divided_by_folder,
    files_in,
    numbered,
    refuse_empty,
)
from BaseDT.dataset.notes import undecodable
from BaseDT.dataset.pictures import PictureFolder
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_text
from BaseDT.errors import AnnotationMissing, DatasetInvalid, XEduError, did_you_mean
from BaseDT.files import write_whole
from BaseDT.geometry import masks
from BaseDT.image import MAX_PIXELS
from BaseDT.image.values import decode_values
from BaseDT.language import english, say
from BaseDT.listing import shortened
from BaseDT.names import composed

_FOLDERS = ("annotations", "labels")
_CORNERS = 64  # of a circle as a polygon
# How many points a shape of a kind has; a circle's are its centre and a point of its edge.
_LEAST = {"rectangle": 2, "polygon": 3, "circle": 2, "mask": 2}


_FARTHEST = 1e9
"""Pixels: farther out no picture is, and areas of more overflow."""


@dataclass(frozen=True)
class _Shape:
    """One thing that was drawn: its class, its outline (n, 2), whether that is a mask, and its group if it has one.

    ``pixels`` (h, w) of 0 and others begin at the first point: what labelme's AI tools draw.
    """

    name: str
    points: npt.NDArray[np.float64]
    outline: bool
    group: object
    pixels: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class _Annotation:
    """What one file says: (height, width) or None, its objects, the kinds of the shapes that are none, no classes."""

    size: tuple[int, int] | None
    objects: tuple[tuple[_Shape, ...], ...]
    others: Counter[str]
    no_classes: Counter[str]


def read(src: Path, *, outlines: bool = False) -> Source:
    """Read what labelme left. Pictures without a file are left out: nobody has looked at them.

    Args:
        src: The folder.
        outlines: Whether rectangles and circles are outlines, too: where pixels are learned, not boxes.

    Raises:
        DatasetInvalid: The layout or a file is wrong (-201).
        AnnotationMissing: There is no annotation file, or no object in any (-701).
    """
    found = pictures_with_files(src)
    folder, of = found.folder, found.of
    annotations = {key: _read(file, outlines=outlines) for key, file in sorted(of.items())}
    listed = _without_no_classes(class_list(src / "classes.txt", folder / "classes.txt"))
    classes = listed or _classes(folder, annotations.values())
    labelled = tuple(
        Picture(found.path(key), key, _boxes(annotation, classes, of[key]), annotation.size)
        for key, annotation in annotations.items()
    )
    notes = [
        *_notes(found.without, annotations.values()),
        *undecodable(found.pictures.ignored.others),
        "" if listed else order_note(classes),
    ]
    return Source(numbered(classes), divided_by_folder(labelled), notes=tuple(filter(None, notes)), keeps=found.kept)


class _TemporaryFolder:
    """A folder that goes when nobody holds this any more, at the latest when Python ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="labelme-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class PicturesWithFiles:
    """Pictures that labelme has a file of.

    Attributes:
        folder: Where the files lie.
        pictures: The folder of pictures.
        of: The file of each picture, by its key.
        kept: The folder of pictures that only lay in their files, which goes when nobody holds it any more.
        unpacked: These pictures, by their keys.
        without: Pictures that have no file.
    """

    folder: Path
    pictures: PictureFolder
    of: Mapping[str, Path]
    kept: _TemporaryFolder | None
    unpacked: Mapping[str, Path]
    without: Sequence[str]

    def path(self, key: str) -> Path:
        """Return where a picture lies."""
        return self.unpacked.get(key, self.pictures.path(key))


def pictures_with_files(src: Path) -> PicturesWithFiles:
    """Match the pictures below a folder with labelme's files.

    Raises:
        DatasetInvalid: The layout or a file is wrong (-201).
        AnnotationMissing: There is no annotation file (-701).
    """
    pictures, folder = folders_of(src)
    files = files_in(folder, ".json")
    refuse_empty(files, folder, ".json")
    kept, unpacked = unpacked_pictures(pictures, folder, files)
    matched = Matched(pictures, folder, [file for file in files if file not in unpacked])
    of = {**matched.of, **{picture.name: file for file, picture in unpacked.items()}}
    paths = {picture.name: picture for picture in unpacked.values()}
    return PicturesWithFiles(folder, pictures, of, kept, paths, matched.without())


def unpacked_pictures(
    pictures: PictureFolder, folder: Path, files: Sequence[Path]
) -> tuple[_TemporaryFolder | None, dict[Path, Path]]:
    """Write the pictures that only lie in their JSON files (``imageData``) into a temporary folder.

    Returns:
        The folder, which goes when nobody holds it any more, and the picture of each such file.

    Raises:
        DatasetInvalid: A picture in a file cannot be read (-201).
        PathNotWritable, DiskFull: The temporary folder cannot be written (-104, -803).
    """
    alone = [file for file in files if not pictures.of_stem(file.relative_to(folder).with_suffix("").as_posix())]
    found = [(file, data) for file in alone if isinstance(data := document_of(file).get("imageData"), str) and data]
    if not found:
        return None, {}
    kept = _TemporaryFolder()
    unpacked = {}
    for number, (file, data) in enumerate(found):
        try:
            content = base64.b64decode(data, validate=True)
        except ValueError:
            raise wrong(
                f"{file.name}: imageData", say("it is no picture in base64", "它不是 base64 编码的图片")
            ) from None
        suffix = ".png" if content.startswith(b"\x89PNG") else ".jpg"
        path = kept.path / f"{file.stem}{suffix}"
        path = path if not path.exists() else path.with_name(f"{file.stem}_{number}{suffix}")
        unpacked[file] = write_whole(path, content, durable=False)
    return kept, unpacked


def folders_of(src: Path) -> tuple[PictureFolder, Path]:
    """Return where the pictures and where the files lie: in folders of their own, or together."""
    present = {name.lower(): src / name for name in folders_in(src)}
    folder = next((present[name] for name in _FOLDERS if name in present), src)
    folder_of_images = present.get("images", src) if folder != src else src
    return PictureFolder(folder_of_images, folder_of_images.name), folder


def _without_no_classes(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the classes of a list less those that labelme's own lists begin with."""
    return names and tuple(name for name in names if name not in NO_CLASSES)


def _classes(folder: Path, annotations: Iterable[_Annotation]) -> tuple[str, ...]:
    names = {shape.name for annotation in annotations for shapes in annotation.objects for shape in shapes}
    if not names:
        raise AnnotationMissing(
            say(f"No file in {folder} has a rectangle or polygon", f"{folder} 的文件中没有矩形或多边形"),
            hint=say("Draw at least one.", "请至少标注一个矩形或多边形。"),
        )
    return tuple(sorted(names))


def _read(file: Path, *, outlines: bool = False) -> _Annotation:
    document = document_of(file)
    shapes: list[_Shape] = []
    others, no_classes = Counter[str](), Counter[str]()
    for index, value in enumerate(shapes_of(file, document)):
        kind = str(value.get("shape_type") or "polygon") if isinstance(value, dict) else ""
        if isinstance(value, dict) and (label := str(value.get("label")).strip()) in NO_CLASSES:
            no_classes[label] += 1
        elif isinstance(value, dict) and kind not in _LEAST:
            others[kind[:40]] += 1
        else:
            shape = _shape(file, index, value, kind)
            shapes.append(_outlined(shape, kind) if outlines else shape)
    return _Annotation(size_of(document), tuple(_grouped(shapes)), others, no_classes)


def document_of(file: Path) -> Mapping[str, object]:
    """Return what a file says; DatasetInvalid (-201) where it is no object of JSON."""
    try:
        document = plain_json.loads(read_text(file))
    except json.JSONDecodeError as error:
        raise DatasetInvalid(
            say(
                f"{file.name} is no whole JSON: {english(plain_json.fault(error))}",
                f"{file.name} 不是完整的 JSON：{plain_json.fault(error)}",
            ),
            hint=say("Label this picture again.", "请重新标注这张图片。"),
        ) from error
    except ValueError as error:
        raise wrong(file.name, plain_json.fault(error)) from error
    if not isinstance(document, dict):
        raise wrong(file.name, say(f"found {document!r:.40}", f"内容是 {document!r:.40}"))
    return document


def shapes_of(file: Path, document: Mapping[str, object]) -> list[object]:
    """Return the list of what was drawn; DatasetInvalid (-201) where there is none."""
    shapes = document.get("shapes")
    if not isinstance(shapes, list):
        found = shortened(document)
        raise wrong(
            file.name,
            say(f"no list 'shapes' (found: {english(found)})", f"没有列表 'shapes'（其中有：{found}）"),
        )
    return shapes


def size_of(document: Mapping[str, object]) -> tuple[int, int] | None:
    """Return the (height, width) that a file claims; None where it claims none."""
    height, width = document.get("imageHeight"), document.get("imageWidth")
    if isinstance(height, int) and isinstance(width, int) and height > 0 and width > 0:
        return height, width
    return None


def _shape(file: Path, index: int, value: object, kind: str) -> _Shape:
    where = f"{file.name}: shapes[{index}]"
    if not isinstance(value, dict):
        raise wrong(where, say(f"found {value!r:.40}", f"内容是 {value!r:.40}"))
    name = value.get("label")
    if not isinstance(name, str) or not name.strip():
        raise wrong(where, say(f"its label is {name!r:.40}", f"它的 label 是 {name!r:.40}"))
    try:
        points = np.asarray(value.get("points"), dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        points = np.zeros((0, 0))
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < _LEAST[kind] or not (abs(points) < _FARTHEST).all():
        raise wrong(
            where, say(f"its points are {value.get('points')!r:.60}", f"它的 points 是 {value.get('points')!r:.60}")
        )
    if kind == "circle":
        radius = math.dist(points[0], points[1])
        points = np.array([points[0] - radius, points[0] + radius])
    pixels = _pixels(where, value) if kind == "mask" and value.get("mask") is not None else None
    return _Shape(composed(name.strip()), points, kind == "polygon", value.get("group_id"), pixels)


def _pixels(where: str, value: Mapping[str, object]) -> npt.NDArray[np.uint8]:
    """Return the mask of a shape that has one: a picture in base64."""
    try:
        data = base64.b64decode(str(value["mask"]), validate=True)
        pixels = decode_values(data, name=where)
    except (ValueError, XEduError):
        raise wrong(f"{where}: mask", say("it is no picture in base64", "它不是 base64 编码的图片")) from None
    return np.asarray(pixels.reshape(*pixels.shape[:2], -1).max(axis=2) != 0).view(np.uint8)


def _outlined(shape: _Shape, kind: str) -> _Shape:
    """Return a rectangle or a circle as a polygon."""
    if kind not in ("rectangle", "circle"):
        return shape
    (x1, y1), (x2, y2) = shape.points.min(axis=0), shape.points.max(axis=0)
    if kind == "rectangle":
        return replace(shape, points=np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]), outline=True)
    turn = np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)
    round_points = np.stack(
        [(x1 + x2) / 2 + (x2 - x1) / 2 * np.cos(turn), (y1 + y2) / 2 + (y2 - y1) / 2 * np.sin(turn)]
    )
    return replace(shape, points=round_points.T, outline=True)


def _grouped(shapes: Sequence[_Shape]) -> Iterator[tuple[_Shape, ...]]:
    """Put the shapes of one group and class together, in the order of their first."""
    groups: dict[tuple[str, str], list[_Shape]] = {}
    for number, shape in enumerate(shapes):
        key = f"alone {number}" if shape.group is None else f"group {shape.group}"
        groups.setdefault((shape.name, key), []).append(shape)
    for members in groups.values():
        yield tuple(members)


def _boxes(annotation: _Annotation, classes: Sequence[str], file: Path) -> tuple[Box, ...]:
    return tuple(_box(shapes, classes, file, annotation.size) for shapes in annotation.objects)


def _box(shapes: Sequence[_Shape], classes: Sequence[str], file: Path, size: tuple[int, int] | None) -> Box:
    name = shapes[0].name
    if name not in classes:
        raise DatasetInvalid(
            say(
                f"{file.name} has the class '{name}', which is not in classes.txt",
                f"{file.name} 中有类别 '{name}'，而 classes.txt 中没有",
            ),
            hint=f"{did_you_mean(name, classes)} "
            + say("Correct the name, or add it to classes.txt.", "请改正类别名，或写入 classes.txt。"),
        )
    points = np.concatenate([shape.points for shape in shapes])
    (x1, y1), (x2, y2) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    is_drawable = size is not None and size[0] * size[1] <= MAX_PIXELS
    if size is not None and is_drawable and any(shape.pixels is not None for shape in shapes):
        whole = _united(shapes, *size)
        return Box(classes.index(name), (x1, y1, x2, y2), area=float(whole.sum()), segmentation=masks.encoded(whole))
    if not all(shape.outline for shape in shapes):
        return Box(classes.index(name), (x1, y1, x2, y2))
    outlines = [shape.points.reshape(-1).tolist() for shape in shapes]
    area = sum(masks.area_of(shape.points) for shape in shapes)
    return Box(classes.index(name), (x1, y1, x2, y2), area=area, segmentation=outlines)


def _united(shapes: Sequence[_Shape], height: int, width: int) -> masks.Mask:
    """Return all shapes of an object as pixels of the picture; one that has neither outline nor pixels is left out."""
    whole = masks.filled([shape.points for shape in shapes if shape.outline], height, width)
    for shape in shapes:
        if shape.pixels is None:
            continue
        left, top = (round(value) for value in shape.points.min(axis=0).tolist())
        part = shape.pixels[max(0, -top) :, max(0, -left) :]
        covered = whole[max(0, top) :, max(0, left) :][: part.shape[0], : part.shape[1]]
        np.maximum(covered, part[: covered.shape[0], : covered.shape[1]], out=covered)
    return whole


def _notes(without: Sequence[str], annotations: Collection[_Annotation]) -> Iterator[str]:
    if without:
        yield say(
            f"{len(without)} pictures have no annotation file (e.g. {without[0]}): not used.",
            f"{len(without)} 张图片没有标注文件（如 {without[0]}），不使用。",
        )
    others: Counter[str] = sum((annotation.others for annotation in annotations), Counter())
    if others:
        kinds = ", ".join(f"{kind} {number}" for kind, number in others.most_common(4))
        yield say(
            f"{others.total()} shapes are no rectangle, polygon or circle ({kinds}): not used.",
            f"{others.total()} 个形状不是矩形、多边形或圆（{kinds}），不使用。",
        )
    no_classes: Counter[str] = sum((annotation.no_classes for annotation in annotations), Counter())
    if no_classes:
        names = ", ".join(no_classes)
        yield say(
            f"{no_classes.total()} shapes are labelled {names}, labelme's name for what is no class: not used.",
            f"{no_classes.total()} 个形状的标签是 {names}（labelme 中表示不属于任何类别），不使用。",
        )


def wrong(where: str, actual: str) -> DatasetInvalid:
    """Return the error (-201) of what is not as labelme writes it."""
    return DatasetInvalid(
        say(f"{where} is not as labelme writes it: {english(actual)}", f"{where} 与 labelme 的格式不同：{actual}"),
        hint=say("Open the picture in labelme and save it again.", "请在 labelme 中打开这张图片并重新保存。"),
    )
