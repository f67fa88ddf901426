"""Which pictures a model is measured with, and which kind of output their labels are for. No picture is decoded here.

Every kind of output knows the folders that hold labels for it (``OutputKind.labelled``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.image import expand, is_image_file
from BaseDT.language import say
from XEdu.outputs import kind as kinds
from XEdu.outputs.kind import LabelledFolder

TIMED = 10
"""Pictures that are timed: as many as in the documents' own measurement."""
_GENERATED = (480, 640)  # what a board's camera gives


@dataclass(frozen=True)
class Pictures:
    """The pictures of a measurement.

    Attributes:
        files: All of them.
        source: What they are, for the report.
        folder: Where they lie; None for generated ones.
        labelled: What is known of their content; None where nothing is.
        kind: Name of the kind of output that the labels are for.
    """

    files: tuple[Path, ...]
    source: str
    folder: Path | None = None
    labelled: LabelledFolder | None = None
    kind: str = ""

    def timed(self) -> list[Path]:
        """At most ten, evenly spread over all."""
        count = min(TIMED, len(self.files))
        return [self.files[index * len(self.files) // count] for index in range(count)]


def find(folder: Path) -> Pictures:
    """Return the pictures of a folder: those with labels that a kind of output knows, or its own.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It holds no picture, or is a set that cannot be read (-201).
        AnnotationMissing: It is in COCO's layout, and annotations are missing (-701).
    """
    if not folder.is_dir():
        raise DatasetNotFound(
            say(f"No such folder of pictures: {folder}.", f"找不到图片文件夹：{folder}。"),
            hint=say("Give a folder of pictures, or leave it out.", "请给出图片文件夹，或不提供此参数。"),
        )
    # The last first: any folder of folders is one of classes, and so classification, the first, is asked last.
    for name in reversed(kinds.names()):
        if (labelled := kinds.find(name).labelled(folder)) is not None:
            return Pictures(labelled.files, labelled.source, folder, labelled, name)
    if not any(is_image_file(file) for file in folder.iterdir()):
        raise DatasetInvalid(
            say(f"No picture in {folder}.", f"{folder} 中没有图片。"),
            hint=say(
                "Expected pictures, folders of classes that hold pictures, or an ImageNet-style or COCO dataset.",
                "应为图片文件夹、按类别分好的文件夹，或 ImageNet、COCO 格式的数据集。",
            ),
        )
    items, _ = expand(folder)
    return Pictures(tuple(Path(str(item.source)) for item in items), str(folder), folder)


def generate(folder: Path, count: int = TIMED) -> Pictures:
    """Write JPEGs of 640×480 that weigh about what a photo does; the same ones every time."""
    for index in range(count):
        encoded, data = cv2.imencode(".jpg", _photo(np.random.default_rng(index)), [cv2.IMWRITE_JPEG_QUALITY, 90])
        if encoded:
            (folder / f"{index:02d}.jpg").write_bytes(data.tobytes())
    height, width = _GENERATED
    source = say(f"generated pictures, {width}×{height}", f"生成的图片，{width}×{height}")
    return Pictures(tuple(sorted(folder.glob("*.jpg"))), source)


def _photo(rng: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Smooth colour noise of several octaves, H×W×3."""
    height, width = _GENERATED
    total = np.full((height, width, 3), 128, np.float32)
    for cells, strength in ((3, 70), (8, 45), (24, 25), (70, 13), (180, 6)):
        grid = rng.standard_normal((cells, cells, 3), np.float32)
        total += strength * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)
