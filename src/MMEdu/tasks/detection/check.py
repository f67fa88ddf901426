"""What ``mmedu check`` says of a detection set: boxes by class, every picture decoded, some drawn with their boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from BaseDT import draw, fonts, image
from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.coco import CocoDataset, CocoImage, CocoSplit, load
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.samples import Sample
from BaseDT.dataset.upright import upright
from BaseDT.errors import XEduError
from BaseDT.image import Pixels
from BaseDT.language import english, say
from BaseDT.results import DetectionResult
from MMEdu.engine.events import Listener
from MMEdu.models import recipe_file
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.decoding import damaged_lines, decode_all, fixed_notes, total_line
from MMEdu.tasks.deep_check import Looks, near_duplicates, report
from MMEdu.tasks.detection.suspicious_boxes import suspicious_boxes
from MMEdu.tasks.spec import CheckReport

_SPLITS: tuple[CocoSplit, ...] = ("train", "val", "test")
_TILES, _COLUMNS, _TILE = 20, 5, 240
_NARROW = 8  # pixels of the network's input: what it hardly sees


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check a folder in COCO's layout and draw some pictures with their boxes; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    entry = None if backbone is None else recipe_file.entry_of(backbone, "detection")
    dataset = upright(load(path, with_masks=entry is not None and entry.options.masks))
    samples = [Sample(picture.path, 0) for name in _SPLITS for picture in dataset.split(name)]
    looks = None if deep is None else Looks(len(samples))
    bits = stored_bits([sample.path for sample in samples])
    decoded = decode_all(samples, emit, looks, bits)
    damaged, same = decoded.damaged, copies.find(dataset.listed(), decoded.marks, bits)
    notes = [*dataset.notes, *fixed_notes((), fix=fix), *depth_notes(bits), *same.notes(dataset.root)]
    notes += [] if entry is None else [_suitability(entry, dataset)]
    drawn = _write(sheet, dataset, bits or 16)
    lines = [*notes, *damaged_lines(damaged)]
    closer = None
    if deep is not None and looks is not None:
        alike = near_duplicates(dataset.listed(), looks, dataset.root, dataset.classes)
        closer = report(deep, dataset.root, [*alike, *suspicious_boxes(dataset)], (), bits or 16)
        lines += closer.lines
    if drawn is not None:
        lines.append(say(f"Drawn with their boxes: {drawn}", f"带标注框的图片：{drawn}"))
    lines.append(total_line(sum(len(dataset.split(name)) for name in _SPLITS), len(damaged)))
    content = {**_content(dataset, notes, damaged, drawn), "copies": same.content(), "deep": closer and closer.content}
    return CheckReport(not damaged, content, _table(dataset), lines)


def _suitability(entry: ModelEntry, dataset: CocoDataset) -> str:
    """Compare the objects' sizes with the model's input."""
    preprocess = entry.preprocess
    corners = [
        preprocess.to_input([box.corners for box in picture.boxes], (picture.height, picture.width))
        for name in _SPLITS
        for picture in dataset.split(name)
        if picture.boxes
    ]
    sides = np.concatenate([np.zeros((0, 4)), *corners])
    small = int(((sides[:, 2:] - sides[:, :2]).min(axis=1) < _NARROW).sum())
    shape = f"{preprocess.size[1]}x{preprocess.size[0]}"
    english, chinese = ("ratio kept", "保持比例") if preprocess.fit == "letterbox" else ("stretched", "拉伸")
    return say(
        f"{entry.name} sees {shape} (whole pictures, {english}); {small} of {len(sides)} objects are there narrower "
        f"than {_NARROW} pixels.",
        f"{entry.name} 的输入：{shape}（完整图片，{chinese}）；{len(sides)} 个目标中有 {small} 个"
        f"在其中不足 {_NARROW} 像素宽。",
    )


def _write(path: Path, dataset: CocoDataset, bits: int) -> Path | None:
    """Draw pictures of all splits with their boxes, those with boxes first; None where no picture can be drawn."""
    images = [picture for name in _SPLITS for picture in dataset.split(name)]
    # Spread over the set, so that the same sheet shows its beginning and its end.
    images.sort(key=lambda picture: not picture.boxes)
    step = max(1, len(images) // _TILES)
    tiles = list(_tiles(images[::step][:_TILES], dataset.classes, bits))
    if not tiles:
        return None
    heading = fonts.picture_text(f"{len(tiles)} of {len(images)} pictures", f"{len(images)} 张图片中的 {len(tiles)} 张")
    sheet = draw.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading)
    return image.write(path, sheet)


def _tiles(images: Sequence[CocoImage], classes: Sequence[str], bits: int) -> Iterator[draw.Tile]:
    for picture in images:
        try:
            pixels = image.decode(picture.path.read_bytes(), name=picture.path.name, bits=bits)
        except (XEduError, OSError):
            continue  # it is among the damaged ones
        yield draw.Tile(_with_boxes(pixels, picture, classes), f"{picture.path.parent.name}/{picture.path.name}")


def _with_boxes(pixels: Pixels, picture: CocoImage, classes: Sequence[str]) -> Pixels:
    scale = _TILE / max(pixels.shape[:2])
    small = _resized(pixels, scale)
    boxes = [(box.label, tuple(value * scale for value in box.corners)) for box in picture.boxes]
    results = [DetectionResult(label, 1.0, box, classes[label]) for label, box in boxes]
    return draw.detections(small, results, scores=False)


def _resized(pixels: Pixels, scale: float) -> Pixels:
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _content(
    dataset: CocoDataset, notes: Sequence[str], damaged: Sequence[Damaged], drawn: Path | None
) -> dict[str, object]:
    return {
        "ok": not damaged,
        "root": str(dataset.root),
        "task": "detection",
        "classes": list(dataset.classes),
        **{name: list(dataset.counts(name)) for name in _SPLITS},
        "pictures": {name: len(dataset.split(name)) for name in _SPLITS},
        "without_boxes": {name: _empty(dataset.split(name)) for name in _SPLITS},
        "notes": list(notes),
        "damaged": [{"path": str(item.path), "reason": english(item.reason)} for item in damaged],
        "sheet": None if drawn is None else str(drawn),
    }


def _empty(images: Sequence[CocoImage]) -> int:
    return sum(not picture.boxes for picture in images)


def _table(dataset: CocoDataset) -> list[tuple[str | int, ...]]:
    counts = [dataset.counts(name) for name in _SPLITS]
    head = (say("boxes of", "标注框"), say("train", "训练"), say("val", "验证"), say("test", "测试"))
    rows: list[tuple[str | int, ...]] = [head, *zip(dataset.classes, *counts, strict=True)]
    rows.append((say("pictures", "图片"), *(len(dataset.split(name)) for name in _SPLITS)))
    rows.append((say("without boxes", "无标注框"), *(_empty(dataset.split(name)) for name in _SPLITS)))
    return rows
