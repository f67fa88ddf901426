"""What ``mmedu check`` says of a set of keypoints: how often each point is labelled, damaged pictures, some drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from BaseDT import draw, fonts, image
from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.keypoint_samples import HIDDEN, UNLABELLED
from BaseDT.dataset.keypoints import KeypointsDataset, PosedObject, load
from BaseDT.dataset.samples import Listed, Sample, SplitName
from BaseDT.draw.skeleton import SEEN_FROM
from BaseDT.errors import XEduError
from BaseDT.geometry.regions import PADDING, RotatedRegion
from BaseDT.language import english, say
from BaseDT.results import KeypointsResult
from MMEdu.engine.events import Listener
from MMEdu.models import recipe_file
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.decoding import damaged_lines, decode_all, fixed_notes, total_line
from MMEdu.tasks.deep_check import Looks, near_duplicates, report
from MMEdu.tasks.pose.suspicious_points import suspicious_points
from MMEdu.tasks.spec import CheckReport

_SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
_TILES, _COLUMNS, _TILE = 20, 5, 240
_GROUND = 224  # beside a picture
# Of points that are not labelled, hidden (drawn hollow), visible.
_SCORES = np.array([0.0, 0.6 * SEEN_FROM, 1.0])
_SMALL = 0.25  # of the input's side: persons below it are enlarged fourfold, and blurred


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check a set of keypoints and draw some pictures with their points; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    entry = None if backbone is None else recipe_file.entry_of(backbone, "pose")
    dataset = load(path)
    listed = [Listed(picture, name) for name in _SPLITS for picture in dataset.pictures(name)]
    samples = [Sample(item.path, 0) for item in listed]
    looks = None if deep is None else Looks(len(samples))
    bits = stored_bits([sample.path for sample in samples])
    decoded = decode_all(samples, emit, looks, bits)
    damaged, same = decoded.damaged, copies.find(listed, decoded.marks, bits)
    notes = [*dataset.notes, *fixed_notes((), fix=fix), *depth_notes(bits), *same.notes(dataset.root)]
    notes += _visibility(dataset)
    notes += [] if entry is None else [_suitability(entry, dataset)]
    drawn = _write(sheet, dataset, bits or 16)
    lines = [*notes, *damaged_lines(damaged)]
    closer = None
    if deep is not None and looks is not None:
        alike = near_duplicates(listed, looks, dataset.root, dataset.classes)
        closer = report(deep, dataset.root, [*alike, *suspicious_points(dataset)], (), bits or 16)
        lines += closer.lines
    if drawn is not None:
        lines.append(say(f"Drawn with their points: {drawn}", f"带关键点的图片：{drawn}"))
    lines.append(total_line(len(listed), len(damaged)))
    content = {**_content(dataset, notes, damaged, drawn), "copies": same.content(), "deep": closer and closer.content}
    return CheckReport(not damaged, content, _table(dataset), lines)


def _visibility(dataset: KeypointsDataset) -> Iterator[str]:
    """Say how many of all points are labelled, how many of these are hidden, and how large persons are."""
    people = [person for name in _SPLITS for person in dataset.split(name)]
    seen = np.concatenate([person.points[:, 2] for person in people])
    labelled, hidden = int((seen > UNLABELLED).sum()), int((seen == HIDDEN).sum())
    yield say(
        f"{labelled} of {len(seen)} points are labelled ({labelled / len(seen):.0%}), {hidden} of them hidden.",
        f"{len(seen)} 个关键点中有 {labelled} 个已标注（{labelled / len(seen):.0%}），其中 {hidden} 个被遮挡。",
    )
    if dataset.whole_pictures:
        return  # their sizes are those of the pictures
    sides = [max(person.box[2] - person.box[0], person.box[3] - person.box[1]) for person in people]
    low, middle, high = (round(float(value)) for value in np.percentile(sides, (5, 50, 95)))
    yield say(
        f"Nine in ten persons are {low} to {high} pixels large, half of all more than {middle}.",
        f"九成的人大小在 {low} 到 {high} 像素之间，一半大于 {middle} 像素。",
    )


def _suitability(entry: ModelEntry, dataset: KeypointsDataset) -> str:
    """Compare the persons' sizes with the model's input."""
    height, width = entry.preprocess.size
    people = [person for name in _SPLITS for person in dataset.split(name)]
    sides = [max(person.box[2] - person.box[0], person.box[3] - person.box[1]) for person in people]
    small = sum(side < _SMALL * max(height, width) for side in sides)
    return say(
        f"{entry.name} sees each person in {width}x{height}; {small} of {len(people)} are below a quarter of it.",
        f"{entry.name} 以 {width}x{height} 的输入查看每个人；{len(people)} 个人中有 {small} 个不足其四分之一大。",
    )


def _write(path: Path, dataset: KeypointsDataset, bits: int) -> Path | None:
    """Draw persons of all splits with their points; None where no picture can be drawn."""
    people = [person for name in _SPLITS for person in dataset.split(name)]
    # Spread over the set, so that the same sheet shows its beginning and its end.
    step = max(1, len(people) // _TILES)
    tiles = list(_tiles(people[::step][:_TILES], dataset, bits))
    if not tiles:
        return None
    heading = fonts.picture_text(f"{len(tiles)} of {len(people)} persons", f"{len(people)} 个人中的 {len(tiles)} 个")
    return image.write(path, draw.contact_sheet(tiles, columns=_COLUMNS, tile=_TILE, heading=heading))


def _tiles(people: Sequence[PosedObject], dataset: KeypointsDataset, bits: int) -> Iterator[draw.Tile]:
    for person in people:
        try:
            pixels = image.decode(person.path.read_bytes(), name=person.path.name, bits=bits)
        except (XEduError, OSError):
            continue  # it is among the damaged ones
        size = (_TILE, _TILE)
        region = RotatedRegion.of_box(person.box, size, 1.0 if dataset.whole_pictures else PADDING)
        result = KeypointsResult(
            region.points_to_input(person.points[:, :2], size),
            _SCORES[person.points[:, 2].astype(np.int64)],
            name=dataset.classes[person.label],
            names=dataset.names,
            skeleton=dataset.skeleton,
        )
        shown = draw.keypoints(region.crop(pixels, size, _GROUND), [result], labels=False)
        yield draw.Tile(shown, f"{person.path.parent.name}/{person.path.name}")


def _content(
    dataset: KeypointsDataset, notes: Sequence[str], damaged: Sequence[Damaged], drawn: Path | None
) -> dict[str, object]:
    return {
        "ok": not damaged,
        "root": str(dataset.root),
        "task": "pose",
        "classes": list(dataset.classes),
        "points": list(dataset.names),
        "skeleton": [list(pair) for pair in dataset.skeleton],
        "flip_pairs": [list(pair) for pair in dataset.flip_pairs],
        **{name: list(dataset.labelled(name)) for name in _SPLITS},
        "persons": {name: len(dataset.split(name)) for name in _SPLITS},
        "pictures": {name: len(dataset.pictures(name)) for name in _SPLITS},
        "without_persons": {name: dataset.empty.get(name, 0) for name in _SPLITS},
        "notes": list(notes),
        "damaged": [{"path": str(item.path), "reason": english(item.reason)} for item in damaged],
        "sheet": None if drawn is None else str(drawn),
    }


def _table(dataset: KeypointsDataset) -> list[tuple[str | int, ...]]:
    labelled = [dataset.labelled(name) for name in _SPLITS]
    head = (say("labelled points", "已标注的关键点"), say("train", "训练"), say("val", "验证"), say("test", "测试"))
    rows: list[tuple[str | int, ...]] = [head, *zip(dataset.names, *labelled, strict=True)]
    rows.append((say("persons", "人数"), *(len(dataset.split(name)) for name in _SPLITS)))
    rows.append((say("pictures", "图片"), *(len(dataset.pictures(name)) for name in _SPLITS)))
    rows.append((say("without persons", "无人图片"), *(dataset.empty.get(name, 0) for name in _SPLITS)))
    return rows
