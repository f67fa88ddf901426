"""Writing a data set for segmentation: counted, divided, copied, its masks drawn. ``DataSet.make_dataset`` calls it.

``images/``, ``labels/*.png``, ``splits/train.txt`` …, ``classes.txt``. A mask is a PNG whose values are the numbers of
the classes; its palette shows them in colours. The folder is whole or not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from BaseDT.dataset import drawn_masks, segmentation
from BaseDT.dataset.check import damaged_error
from BaseDT.dataset.dividing import SPLITS, Ratios, as_divided, by_rarest, kept_note
from BaseDT.dataset.formats.source import Source
from BaseDT.dataset.making import as_lines, copy_file, lacking, repair_hint, unique_names, whole_folder
from BaseDT.dataset.mask_check import MaskCheck, check_masks
from BaseDT.dataset.mask_codes import VOC_BORDER
from BaseDT.dataset.masked import MaskedImage, SegmentationDataset
from BaseDT.dataset.report import Report
from BaseDT.draw.masks import mask_colour
from BaseDT.errors import DatasetInvalid
from BaseDT.files import write_whole
from BaseDT.image.values import Colour, write_values
from BaseDT.language import english, say, with_name
from BaseDT.results.segmentation import is_background

TYPE = "SEGMENTATION"
MASKS = "MASKS"
"""The format of folders that have masks already."""
_SHOWN = 5


def read(root: Path, src_format: str, readers: dict[str, Callable[..., Source]]) -> SegmentationDataset:
    """Read a set of any format as one for segmentation; pictures of a set that is not divided are for training.

    Args:
        root: Its folder.
        src_format: ``'COCO'``, ``'YOLO'``, ``'LABELME'``, ``'VOC'``, ``'MASKS'``; another: whatever the folder is.
        readers: Those of formats whose objects may have outlines.

    Raises:
        DatasetInvalid, AnnotationMissing: As its reader does; or no object has an outline (-201, -701).
    """
    if src_format not in readers:
        return segmentation.load(root, complete=False, refuse=False)
    outlines = {"outlines": True} if src_format == "LABELME" else {}
    return drawn_masks.of_source(root, readers[src_format](root, **outlines), complete=False)


def make_segmentation(data: SegmentationDataset, target: Path, ratios: Ratios, seed: int) -> Report:
    """Write a data set in the documented layout for segmentation.

    Args:
        data: Pictures with masks; where there are some for validation or test, it is divided already.
        target: The new folder.
        ratios: The shares.
        seed: For the division.

    Raises:
        DatasetInvalid: Pictures or masks are damaged, or have values without a class; all are named (-201).
        PathNotWritable: The folder cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    parts = (data.train, data.val, data.test)
    pictures = [picture for part in parts for picture in part]
    checked = check_masks(data)
    _refuse_what_is_wrong(checked)
    is_divided = bool(data.val or data.test)
    given = [split if is_divided else None for split, part in enumerate(parts) for _ in part]
    kept = as_divided(given, ratios)
    keys = [picture.path.as_posix()[len(data.root.as_posix()) :] for picture in pictures]
    chosen, ratios = kept or (by_rarest(keys, checked.shown, ratios, seed), ratios)
    stems = unique_names([f"{picture.path.stem}.png" for picture in pictures])
    with whole_folder(target) as half:
        for picture, stem in zip(pictures, stems, strict=True):
            _write_pair(half, picture, stem.rpartition(".")[0], _palette(data))
        for split, name in enumerate(SPLITS):
            members = [stem.rpartition(".")[0] for stem, its in zip(stems, chosen, strict=True) if its == split]
            if members:
                _write(half / "splits" / f"{name}.txt", "".join(f"{stem}\n" for stem in sorted(members)))
        _write(half / "classes.txt", as_lines(data.classes))
    return _report(data, target, checked, chosen, ratios, [kept_note()] if kept else [])


def _write_pair(folder: Path, picture: MaskedImage, stem: str, palette: tuple[Colour, ...]) -> None:
    copy_file(picture.path, folder / "images" / f"{stem}{picture.path.suffix}")
    write_values(folder / "labels" / f"{stem}.png", picture.read_mask(), palette, durable=False)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8"))


def _palette(data: SegmentationDataset) -> tuple[Colour, ...]:
    """Return 256 colours: those of the set, else those in which drawings show the classes; what is ignored is pale."""
    colours = data.colours or tuple(
        (0, 0, 0) if is_background(name) else mask_colour(label)[::-1] for label, name in enumerate(data.classes)
    )
    return (*colours, *((0, 0, 0) for _ in range(255 - len(colours))), VOC_BORDER)


def _refuse_what_is_wrong(checked: MaskCheck) -> None:
    if checked.damaged:
        raise damaged_error(checked.damaged, hint=repair_hint())
    if not checked.wrong:
        return
    parts = [with_name(item.path.name, item.reason) for item in checked.wrong[:_SHOWN]]
    listed = say("; ".join(map(english, parts)), "；".join(parts))
    number = len(checked.wrong)
    raise DatasetInvalid(
        say(f"{number} masks cannot be used: {english(listed)}", f"{number} 张掩码无法使用：{listed}"),
        hint=say("Correct them, or complete classes.txt.", "请改正这些掩码，或补全 classes.txt。"),
    )


def _report(
    data: SegmentationDataset,
    target: Path,
    checked: MaskCheck,
    chosen: Sequence[int],
    ratios: Ratios,
    notes: Sequence[str],
) -> Report:
    counts = {name: [0] * len(data.classes) for name in SPLITS}
    for split, labels in zip(chosen, checked.shown, strict=True):
        for label in labels:
            counts[SPLITS[split]][label] += 1
    fixed = {name: tuple(numbers) for name, numbers in counts.items()}
    pictures = Counter(SPLITS[split] for split in chosen)
    lines = (*data.notes, *notes, *checked.notes, *lacking(data.classes, fixed, ratios))
    return Report(target, TYPE, data.classes, {name: pictures[name] for name in SPLITS}, fixed, lines)


def report(data: SegmentationDataset) -> Report:
    """Open every picture and mask of a set and return its numbers.

    Raises:
        DatasetInvalid: Some are damaged, or have values without a class; all are named (-201).
    """
    checked = check_masks(data)
    _refuse_what_is_wrong(checked)
    pictures = {"train": len(data.train), "val": len(data.val), "test": len(data.test)}
    same = checked.copies(data)
    counts = {str(split): numbers for split, numbers in checked.pictures.items()}
    return Report(
        data.root, TYPE, data.classes, pictures, counts, (*data.notes, *checked.notes, *same.notes(data.root))
    )
