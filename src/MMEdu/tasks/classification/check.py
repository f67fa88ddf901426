"""What ``mmedu check`` says of a classification set: pictures by class, every one decoded, and what the recipe will do.

Works without torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.depth import dim_notes
from BaseDT.dataset.labelled import load
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset
from BaseDT.language import english, say
from MMEdu.engine.events import Listener
from MMEdu.models import recipe_file
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.classification import outlook
from MMEdu.tasks.classification.starting import usual_backbone
from MMEdu.tasks.decoding import Sizes, damaged_lines, decode_all, fixed_notes, total_line
from MMEdu.tasks.deep_check import Deep, Looks, near_duplicates, report
from MMEdu.tasks.spec import CheckReport


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check an ImageNet-style folder; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    dataset = load(path, write=fix)
    entry = _entry(backbone, dataset)
    samples = [*dataset.train, *dataset.val, *dataset.test]
    looks = None if deep is None else Looks(len(samples))
    decoded = decode_all(samples, emit, looks)
    damaged, sizes = decoded.damaged, decoded.sizes
    same = copies.find(dataset.listed(), decoded.marks)
    dim = dim_notes([sample.path for sample in samples])
    fixed = fixed_notes(dataset.missing, fix=fix)
    recipe = outlook.lines(entry, sizes, is_choice=backbone is None)
    notes = [*dataset.notes, *fixed, *dim, *same.notes(dataset.root), *recipe]
    drawn = outlook.write_sheet(sheet, entry, dataset)
    closer = None if deep is None or looks is None else _closer_look(dataset, looks, deep, emit)
    rows, total = _table(dataset)
    lines = [*notes, *damaged_lines(damaged), *(closer.lines if closer else ())]
    if drawn is not None:
        lines.append(say(f"What {entry.name} sees of ten pictures: {drawn}", f"{entry.name} 看到的十张图片：{drawn}"))
    lines.append(total_line(total, len(damaged)))
    content = {
        **_content(dataset, notes, damaged, sizes),
        "copies": same.content(),
        "deep": closer and closer.content,
        "sheet": None if drawn is None else str(drawn),
    }
    return CheckReport(not damaged, content, rows, lines)


def _closer_look(dataset: ImageNetDataset | MultiLabelDataset, looks: Looks, folder: Path, emit: Listener) -> Deep:
    """Find near duplicates and suspicious labels, and show them on a page."""
    from MMEdu.tasks.classification.suspicious import suspicious_labels  # a plain check needs no weights

    alike = near_duplicates(dataset.listed(), looks, dataset.root, dataset.classes)
    if isinstance(dataset, MultiLabelDataset):
        remark = say(
            "Whether labels are right is not looked at where pictures have several.",
            "图片有多个标签时，不检查标签是否正确。",
        )
        return report(folder, dataset.root, alike, [remark])
    labels, remarks = suspicious_labels(dataset, looks, emit)
    return report(folder, dataset.root, [*alike, *labels], remarks)


def _entry(backbone: str | None, dataset: ImageNetDataset | MultiLabelDataset) -> ModelEntry:
    """Return the model that is asked about; without one that which a training would choose.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    return recipe_file.entry_of(backbone or usual_backbone(dataset), "classification")


def _content(
    dataset: ImageNetDataset | MultiLabelDataset, notes: Sequence[str], damaged: Sequence[Damaged], sizes: Sizes
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


def _table(dataset: ImageNetDataset | MultiLabelDataset) -> tuple[list[tuple[str | int, ...]], int]:
    """Return the pictures by class and split, and how many there are."""
    train, val, test = (dataset.counts(split) for split in ("train", "val", "test"))
    head = (say("class", "类别"), say("train", "训练"), say("val", "验证"), say("test", "测试"))
    rows: list[tuple[str | int, ...]] = [head, *zip(dataset.classes, train, val, test, strict=True)]
    # Not the sum of the rows: a picture may have several labels, or none.
    sizes = [len(part) for part in (dataset.train, dataset.val, dataset.test)]
    rows.append((say("total", "合计"), *sizes))
    return rows, sum(sizes)
