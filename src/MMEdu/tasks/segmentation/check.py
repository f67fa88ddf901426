"""What ``mmedu check`` says of a set of masks: pixels by class, every picture and mask decoded, some drawn tinted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from BaseDT.dataset import mask_check, segmentation
from BaseDT.dataset.mask_check import SPLITS, MaskCheck
from BaseDT.dataset.masked import SegmentationDataset
from BaseDT.language import say
from MMEdu.engine.events import Listener, long_work
from MMEdu.models import recipe_file
from MMEdu.models.registry import ModelEntry
from MMEdu.tasks.decoding import damaged_lines, fixed_notes, total_line
from MMEdu.tasks.deep_check import Looks, near_duplicates, report
from MMEdu.tasks.spec import CheckReport


def check(
    path: Path, backbone: str | None, sheet: Path, emit: Listener, *, fix: bool, deep: Path | None
) -> CheckReport:
    """Check a folder of pictures with masks and draw some of them; see ``tasks.spec.CheckDataset``.

    Raises:
        BackboneUnknown: No such model (-302).
    """
    entry = None if backbone is None else recipe_file.entry_of(backbone, "segmentation")
    dataset = segmentation.load(path, refuse=False)
    number = len(dataset.listed())
    looks = None if deep is None else Looks(number)
    with long_work(emit, say("Checking pictures", "检查图片")) as progress:
        checked = mask_check.check_masks(dataset, progress=progress, look=looks)
    same = checked.copies(dataset)
    notes = [*dataset.notes, *fixed_notes((), fix=fix), *checked.notes, *same.notes(dataset.root)]
    notes += [] if entry is None else [_suitability(entry)]
    drawn = mask_check.write_sheet(sheet, dataset, checked.bits)
    lines = [*notes, *damaged_lines(checked.damaged), *checked.lines()]
    closer = None
    if deep is not None and looks is not None:
        alike = near_duplicates(dataset.listed(), looks, dataset.root, dataset.classes)
        closer = report(deep, dataset.root, alike, (), checked.bits or 16)
        lines += closer.lines
    if drawn is not None:
        lines.append(say(f"Drawn with their masks: {drawn}", f"带掩膜的图片：{drawn}"))
    lines.append(total_line(number, len(checked.damaged)))
    content = {
        **_content(dataset, checked, notes, drawn),
        "copies": same.content(),
        "deep": closer and closer.content,
    }
    return CheckReport(checked.ok, content, mask_check.table(dataset, checked), lines)


def _suitability(entry: ModelEntry) -> str:
    preprocess = entry.preprocess
    shape = f"{preprocess.size[1]}x{preprocess.size[0]}"
    en, zh = ("ratio kept", "保持比例") if preprocess.fit == "letterbox" else ("stretched", "拉伸")
    return say(
        f"{entry.name} sees {shape} (whole pictures, {en}).", f"{entry.name} 的输入：{shape}（完整图片，{zh}）。"
    )


def _content(
    dataset: SegmentationDataset, checked: MaskCheck, notes: Sequence[str], drawn: Path | None
) -> dict[str, object]:
    return {
        "ok": checked.ok,
        "root": str(dataset.root),
        "task": "segmentation",
        "classes": list(dataset.classes),
        # In how many pictures each class occurs, and which share of the known pixels it has.
        **{name: list(checked.pictures[name]) for name in SPLITS},
        "shares": [round(share, 6) for share in checked.shares()],
        "pictures": {name: len(dataset.split(name)) for name in SPLITS},
        "notes": list(notes),
        **checked.content(),
        "sheet": None if drawn is None else str(drawn),
    }
