"""What ``mmedu check`` says of a classification set: pictures by class, every one decoded, and what the recipe will do.

Works without torch.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from BaseDT.dataset import copies
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.labelled import load
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset
from BaseDT.language import english, in_this_context, say
from MMEdu.engine.events import Listener
from MMEdu.models import recipe_file
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification import outlook
from MMEdu.tasks.classification.starting import usual_backbone
from MMEdu.tasks.decoding import Decoded, damaged_lines, decode_all, fixed_notes, total_line
from MMEdu.tasks.spec import CheckReport

if TYPE_CHECKING:
    from MMEdu.tasks.deep_check import Deep, Looks


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check an ImageNet-style folder; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    dataset = load(path, write=fix)
    samples = [*dataset.train, *dataset.val, *dataset.test]
    bits = stored_bits([sample.path for sample in samples])
    entry = _entry(backbone, dataset).with_bits(bits)
    looks = None
    if deep is not None:
        from MMEdu.tasks.deep_check import Looks  # a plain check draws no page

        looks = Looks(len(samples))
    with ThreadPoolExecutor(1) as pool:  # of small pictures the decoders leave a core half idle
        drawing = pool.submit(in_this_context(outlook.write_sheet), sheet, entry, dataset)
        decoded = decode_all(samples, emit, looks, bits)
        drawn = drawing.result()
    same = copies.find(dataset.listed(), decoded.marks, bits)
    notes = [
        *dataset.notes,
        *fixed_notes(dataset.missing, fix=fix),
        *depth_notes(bits),
        *same.notes(dataset.root),
        *outlook.lines(entry, decoded.sizes, is_choice=backbone is None),
    ]
    closer = None if deep is None or looks is None else _closer_look(dataset, looks, deep, emit, bits or 16)
    counts = _Counts(dataset.counts("train"), dataset.counts("val"), dataset.counts("test"))
    lines = [*notes, *damaged_lines(decoded.damaged), *(closer.lines if closer else ())]
    if drawn is not None:
        lines.append(say(f"What {entry.name} sees of ten pictures: {drawn}", f"{entry.name} 看到的十张图片：{drawn}"))
    lines.append(total_line(len(samples), len(decoded.damaged)))
    content = {
        **_content(dataset, counts, decoded),
        "notes": notes,
        "copies": same.content(),
        "deep": closer and closer.content,
        "sheet": None if drawn is None else str(drawn),
    }
    return CheckReport(not decoded.damaged, content, _table(dataset, counts), lines)


class _Counts(NamedTuple):
    """Pictures by class: counting ten thousand takes as long as decoding some hundred."""

    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]


def _closer_look(
    dataset: ImageNetDataset | MultiLabelDataset, looks: Looks, folder: Path, emit: Listener, bits: int
) -> Deep:
    """Find near duplicates and suspicious labels, and show them on a page."""
    from MMEdu.tasks.classification.suspicious import suspicious_labels  # a plain check needs no weights
    from MMEdu.tasks.deep_check import near_duplicates, report

    alike = near_duplicates(dataset.listed(), looks, dataset.root, dataset.classes)
    if isinstance(dataset, MultiLabelDataset):
        remark = say(
            "Whether labels are right is not looked at where pictures have several.",
            "图片有多个标签时，不检查标签是否正确。",
        )
        return report(folder, dataset.root, alike, [remark], bits)
    labels, remarks = suspicious_labels(dataset, looks, emit)
    return report(folder, dataset.root, [*alike, *labels], remarks, bits)


def _entry(backbone: str | None, dataset: ImageNetDataset | MultiLabelDataset) -> ModelEntry:
    """Return the model that is asked about; without one that which a training would choose.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    return recipe_file.entry_of(backbone or usual_backbone(dataset), "classification")


def _content(dataset: ImageNetDataset | MultiLabelDataset, counts: _Counts, decoded: Decoded) -> dict[str, object]:
    sides = [min(size) for size in decoded.sizes]
    return {
        "ok": not decoded.damaged,
        "root": str(dataset.root),
        "classes": list(dataset.classes),
        **{part: list(numbers) for part, numbers in counts._asdict().items()},
        "short_side": [min(sides), max(sides)] if sides else None,
        "missing": list(dataset.missing),
        "damaged": [{"path": str(item.path), "reason": english(item.reason)} for item in decoded.damaged],
    }


def _table(dataset: ImageNetDataset | MultiLabelDataset, counts: _Counts) -> list[tuple[str | int, ...]]:
    """Return the pictures by class and split."""
    head = (say("class", "类别"), say("train", "训练"), say("val", "验证"), say("test", "测试"))
    # Not the sum of the rows: a picture may have several labels, or none.
    total = (say("total", "合计"), len(dataset.train), len(dataset.val), len(dataset.test))
    return [head, *zip(dataset.classes, *counts, strict=True), total]
