"""Which pictures a model is measured with, and what they show. No picture is decoded here.

Labels are matched by the names of the classes: a folder of class folders, an ImageNet-style set, or a set in COCO's
layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from BaseDT.dataset import coco, imagenet
from BaseDT.dataset.coco import CocoImage
from BaseDT.dataset.layout import locate
from BaseDT.dataset.upright import upright
from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.image import expand, is_image_file
from BaseDT.language import say

TIMED = 10
"""Pictures that are timed: as many as in the documents' own measurement."""
_GENERATED = (480, 640)  # what a board's camera gives


@dataclass(frozen=True)
class Pictures:
    """The pictures of a measurement.

    Attributes:
        files: All of them.
        names: What each shows, in the words of the folders; empty where nothing is known.
        source: What they are, for the report.
        boxed: The folder, where it is in COCO's layout and tells what is where.
    """

    files: tuple[Path, ...]
    names: tuple[str, ...]
    source: str
    boxed: Path | None = None

    def timed(self) -> list[Path]:
        """At most ten, evenly spread over all."""
        count = min(TIMED, len(self.files))
        return [self.files[index * len(self.files) // count] for index in range(count)]

    def labelled(self) -> list[tuple[str, str]]:
        """Each file with what it shows; none where nothing is known."""
        return [(str(file), name) for file, name in zip(self.files, self.names, strict=True)] if self.names else []


def find(folder: Path) -> Pictures:
    """Return the pictures of a folder: of its class folders, of its validation set, or its own.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It holds no picture, or is a set that cannot be read (-201).
        AnnotationMissing: It is in COCO's layout, and annotations are missing (-701).
    """
    if not folder.is_dir():
        raise DatasetNotFound(
            f"No such folder of pictures: {folder}.",
            hint=say("Give a folder of pictures, or leave it out.", "请给出图片文件夹，或不提供此参数。"),
        )
    if coco.looks_like_coco(folder):
        _, boxed = judged_of(folder)
        return Pictures(tuple(picture.path for picture in boxed), (), f"{folder} (COCO)", folder)
    pairs, source = _labelled(folder)
    if pairs:
        return Pictures(tuple(file for file, _ in pairs), tuple(name for _, name in pairs), source)
    if not any(is_image_file(file) for file in folder.iterdir()):
        raise DatasetInvalid(
            f"No picture in {folder}.",
            hint=say(
                "Expected pictures, folders of classes that hold pictures, or an ImageNet-style or COCO dataset.",
                "应为图片文件夹、按类别分好的文件夹，或 ImageNet、COCO 格式的数据集。",
            ),
        )
    items, _ = expand(folder)
    return Pictures(tuple(Path(str(item.source)) for item in items), (), str(folder))


def judged_of(folder: Path) -> tuple[tuple[str, ...], tuple[CocoImage, ...]]:
    """Return the classes of a set in COCO's layout and its pictures for validation, or for training if it has none.

    Raises:
        DatasetInvalid, AnnotationMissing: The set cannot be read (-201, -701).
    """
    data = upright(coco.load(folder))
    return data.classes, data.val or data.train


def _labelled(folder: Path) -> tuple[list[tuple[Path, str]], str]:
    if _is_dataset(folder):
        dataset = imagenet.load(folder)
        return [(sample.path, dataset.classes[sample.label]) for sample in dataset.val], f"{folder} (val)"
    found: list[tuple[Path, str]] = []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        found += [(file, sub.name) for file in sorted(sub.rglob("*")) if is_image_file(file) and file.is_file()]
    return found, str(folder)


def _is_dataset(folder: Path) -> bool:
    """Whether it holds a training set; one without is a folder of class folders, or of pictures."""
    try:
        return bool(locate(folder).train)
    except DatasetInvalid:
        return False


def generate(folder: Path, count: int = TIMED) -> Pictures:
    """Write JPEGs of 640×480 that weigh about what a photo does; the same ones every time."""
    for index in range(count):
        done, data = cv2.imencode(".jpg", _photo(np.random.default_rng(index)), [cv2.IMWRITE_JPEG_QUALITY, 90])
        if done:
            (folder / f"{index:02d}.jpg").write_bytes(data.tobytes())
    height, width = _GENERATED
    source = say(f"generated pictures, {width}×{height}", f"生成的图片，{width}×{height}")
    return Pictures(tuple(sorted(folder.glob("*.jpg"))), (), source)


def _photo(rng: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Smooth colour noise of several octaves, H×W×3."""
    height, width = _GENERATED
    total = np.full((height, width, 3), 128, np.float32)
    for cells, strength in ((3, 70), (8, 45), (24, 25), (70, 13), (180, 6)):
        grid = rng.standard_normal((cells, cells, 3), np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)
