"""What ``mmedu check`` says of a classification set: pictures by class, every one decoded. Works without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.depth import dim_notes
from BaseDT.dataset.imagenet import ImageNetDataset, load
from BaseDT.language import english, say
from MMEdu.engine.events import Listener
from MMEdu.models import recipe_file
from MMEdu.tasks.decoding import Sizes, damaged_lines, decode_all, fixed_notes, total_line
from MMEdu.tasks.deep_check import Deep, Looks, near_duplicates, report
from MMEdu.tasks.spec import CheckReport

# Beyond this side the documents advise against LeNet, as for colour.
_TOO_RICH_FOR_LENET = 224


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check an ImageNet-style folder; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    del sheet  # whole pictures have nothing to be drawn on them
    dataset = load(path, write=fix)
    samples = [*dataset.train, *dataset.val, *dataset.test]
    looks = None if deep is None else Looks(len(samples))
    decoded = decode_all(samples, emit, looks)
    damaged, sizes = decoded.damaged, decoded.sizes
    same = copies.find(dataset.listed(), decoded.marks)
    dim = dim_notes([sample.path for sample in samples])
    fixed = fixed_notes(dataset.missing, fix=fix)
    notes = [*dataset.notes, *fixed, *dim, *same.notes(dataset.root)]
    notes += [] if backbone is None else _suitability(backbone, sizes)
    rows, total = _table(dataset)
    closer = None if deep is None or looks is None else _closer_look(dataset, looks, deep, emit)
    lines = [*notes, *damaged_lines(damaged), *(closer.lines if closer else ()), total_line(total, len(damaged))]
    return CheckReport(
        not damaged,
        {**_content(dataset, notes, damaged, sizes), "copies": same.content(), "deep": closer and closer.content},
        rows,
        lines,
    )


def _closer_look(dataset: ImageNetDataset, looks: Looks, folder: Path, emit: Listener) -> Deep:
    """Find near duplicates and suspicious labels, and show them on a page."""
    from MMEdu.tasks.classification.suspicious import suspicious_labels  # a plain check needs no weights

    alike = near_duplicates(dataset.listed(), looks, dataset.root, dataset.classes)
    labels, remarks = suspicious_labels(dataset, looks, emit)
    return report(folder, dataset.root, [*alike, *labels], remarks)


def _suitability(backbone: str, sizes: Sizes) -> list[str]:
    """Compare the pictures' sizes with the model's input.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    entry = recipe_file.entry_of(backbone, "classification")
    height, width = entry.preprocess.size
    colour = entry.preprocess.color
    lines = [say(f"{entry.name} sees {colour} {width}x{height}.", f"{entry.name} 的输入：{colour} {width}x{height}。")]
    small = sum(min(size) < min(height, width) for size in sizes)
    large = sum(min(size) > _TOO_RICH_FOR_LENET for size in sizes)
    if 2 * small > len(sizes):
        lines.append(say(f"{small} pictures are smaller: they will be enlarged.", f"{small} 张图片比它小，将被放大。"))
    if colour == "gray" and 2 * large > len(sizes):
        lines.append(
            say(
                f"{large} pictures are larger than {_TOO_RICH_FOR_LENET} pixels: MobileNet and ResNet18 see more.",
                f"{large} 张图片大于 {_TOO_RICH_FOR_LENET} 像素：建议使用 MobileNet 或 ResNet18。",
            )
        )
    return lines


def _content(
    dataset: ImageNetDataset, notes: Sequence[str], damaged: Sequence[Damaged], sizes: Sizes
) -> dict[str, object]:
    return {
        "ok": not damaged,
        "root": str(dataset.root),
        "classes": list(dataset.classes),
        "train": list(dataset.counts("train")),
        "val": list(dataset.counts("val")),
        "test": list(dataset.counts("test")),
        "short_side": [min(map(min, sizes)), max(map(min, sizes))] if sizes else None,
        "missing": list(dataset.missing),
        "notes": list(notes),
        "damaged": [{"path": str(item.path), "reason": english(item.reason)} for item in damaged],
    }


def _table(dataset: ImageNetDataset) -> tuple[list[tuple[str | int, ...]], int]:
    """Return the pictures by class and split, and how many there are."""
    train, val, test = (dataset.counts(split) for split in ("train", "val", "test"))
    head = (say("class", "类别"), say("train", "训练"), say("val", "验证"), say("test", "测试"))
    rows: list[tuple[str | int, ...]] = [head, *zip(dataset.classes, train, val, test, strict=True)]
    rows.append((say("total", "合计"), sum(train), sum(val), sum(test)))
    return rows, sum((*train, *val, *test))
