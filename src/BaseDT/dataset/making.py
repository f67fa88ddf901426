"""Writing a new data set from a foreign one: measured, divided, copied. ``DataSet.make_dataset`` calls it.

The folder is built under a temporary name beside its place and renamed at the end: it is whole or not there.
Pictures are copied byte for byte.
"""

from __future__ import annotations

import contextlib
import functools
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from BaseDT import contents, image
from BaseDT.dataset import labels
from BaseDT.dataset.boxes import Box, BoxTally, fitted, in_pixels
from BaseDT.dataset.check import check_images, damaged_error
from BaseDT.dataset.coco_json import Entry, as_json
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.directions import Head, Labelled, directions
from BaseDT.dataset.dividing import SPLITS, TEST, TRAIN, VAL, Ratios, as_divided, by_class, by_rarest, kept_note
from BaseDT.dataset.formats.source import Picture, Source
from BaseDT.dataset.pictures import folded
from BaseDT.dataset.plausible import refuse_shares
from BaseDT.dataset.report import Report
from BaseDT.dataset.samples import Sample
from BaseDT.dataset.upright import heads_of, turned_box
from BaseDT.errors import DatasetInvalid, ParameterInvalid, PathExists, XEduError
from BaseDT.files import not_written, patiently, write_whole
from BaseDT.language import english, say, system_reason
from BaseDT.names import composed

_IMAGENET_FOLDERS = ("training_set", "val_set", "test_set")
_COCO_NAMES = ("train", "valid", "test")
_SHOWN = 8
# (height, width) of a picture as it is read: upright.
Size = tuple[int, int]


def refuse_existing(target: Path) -> None:
    """Raise PathExists (-105) where something is there already; an empty folder may be.

    Raises:
        PathExists: Something is there.
        PathNotWritable: It cannot be looked into (-104).
    """
    try:
        if not target.exists() or (target.is_dir() and next(target.iterdir(), None) is None):
            return
    except OSError as error:
        raise not_written(target, error) from error
    raise PathExists(
        say(f"The target is there already: {target}", f"目标文件夹已经存在：{target}"),
        hint=say(
            "Nothing is overwritten: choose another name, or delete or rename the folder.",
            "不会覆盖已有的内容：请换一个名称，或删除、重命名这个文件夹。",
        ),
    )


def refuse_inside(target: Path, source: Path) -> None:
    """Raise ParameterInvalid (-305) where the new set would lie inside the old one, which stays as it is."""
    if target.resolve().is_relative_to(source.resolve()):
        raise ParameterInvalid(
            say(f"The new data set would lie inside the old one: {target}", f"新数据集会放在旧数据集里面：{target}"),
            hint=say("Choose a folder beside it.", "请选择该文件夹之外的位置。"),
        )


def sizes_of(paths: Sequence[Path], *, hint: str = "") -> list[Size]:
    """Open every picture once, in parallel, and return (height, width) of each as it is read: upright.

    Raises:
        DatasetInvalid: Some are damaged; all of them are named (-201).
    """
    sizes: list[Size] = [(0, 0)] * len(paths)

    def visit(index: int, sample: Sample) -> None:
        data = contents.read_bytes(sample.path)
        height, width = image.decode(data, name=sample.path.name, strict=True).shape[:2]
        sizes[index] = height, width

    if damaged := check_images([Sample(path, 0) for path in paths], visit):
        raise damaged_error(damaged, hint=hint)
    return sizes


def make_imagenet(source: Source, target: Path, ratios: Ratios, seed: int) -> Report:
    """Write an ImageNet-style data set: ``training_set/<class>/…``, ``val_set``, ``test_set`` and the text files.

    Args:
        source: Folders of classes; a key begins with the folder.
        target: The new folder.
        ratios: The shares.
        seed: For the division.

    Raises:
        DatasetInvalid: Pictures are damaged.
        PathNotWritable: The folder cannot be written.
        DiskFull: There is no room.
    """
    pictures = source.pictures
    sizes_of([picture.path for picture in pictures], hint=repair_hint())
    of = [picture.boxes[0].label for picture in pictures]
    kept = as_divided([picture.split for picture in pictures], ratios)
    chosen, ratios = kept or (by_class([picture.key for picture in pictures], of, ratios, seed), ratios)
    names = unique_names([_class_and_name(picture.key) for picture in pictures])
    classes = tuple(category.name for category in source.categories)
    with whole_folder(target) as half:
        for picture, split, name in zip(pictures, chosen, names, strict=True):
            _copy(picture, half / _IMAGENET_FOLDERS[split] / name)
        _write(half / "classes.txt", as_lines(classes))
        for split, text in ((VAL, "val.txt"), (TEST, "test.txt")):
            if labelled := sorted((of[i], names[i]) for i, its in enumerate(chosen) if its == split):
                _write(half / text, labels.as_text((name, label) for label, name in labelled))
    return _report(
        source,
        target,
        "IMAGENET",
        ratios,
        chosen,
        [picture.boxes for picture in pictures],
        (kept_note(),) if kept else (),
    )


def make_coco(source: Source, target: Path, ratios: Ratios, seed: int) -> Report:
    """Write a data set in COCO's layout: ``images/train``, ``valid``, ``test``, ``annotations/…``, ``classes.txt``.

    Args:
        source: Pictures with boxes.
        target: The new folder.
        ratios: The shares.
        seed: For the division.

    Raises:
        DatasetInvalid: Pictures are damaged, or there are none.
        PathNotWritable: The folder cannot be written.
        DiskFull: There is no room.
    """
    pictures = source.pictures
    if not pictures:
        raise DatasetInvalid(
            say("There is no picture with annotations", "没有带标注的图片"),
            hint=say("Check the folder.", "请检查文件夹。"),
        )
    if not source.relative:
        refuse_shares("Annotations", [box.corners for picture in pictures for box in picture.boxes])
    sizes = sizes_of([picture.path for picture in pictures], hint=repair_hint())
    heads = heads_of([picture.path for picture in pictures])
    tally = BoxTally()
    # Shares are those of the upright picture, whatever a camera stored (``formats.yolo``).
    known = [Labelled(p.key, head, p.size, p.boxes) for p, head in zip(pictures, heads, strict=True)]
    stored, notes = ([False] * len(pictures), ()) if source.relative else directions(known)
    placed = zip(pictures, sizes, heads, stored, strict=True)
    boxes = [
        _placed(p, size, head if is_stored else None, source.relative, tally) for p, size, head, is_stored in placed
    ]
    labels_in_pictures = [frozenset(box.label for box in picture_boxes) for picture_boxes in boxes]
    kept = as_divided([picture.split for picture in pictures], ratios)
    chosen, ratios = kept or (by_rarest([p.key for p in pictures], labels_in_pictures, ratios, seed), ratios)
    names = unique_names([picture.key.rpartition("/")[2] for picture in pictures])
    with whole_folder(target) as half:
        for split, name in enumerate(_COCO_NAMES):
            members = [index for index, its in enumerate(chosen) if its == split]
            if not members:
                continue
            for index in members:
                _copy(pictures[index], half / "images" / name / names[index])
            entries = [Entry(i + 1, names[i], sizes[i][1], sizes[i][0], boxes[i]) for i in members]
            _write(half / "annotations" / f"{name}.json", as_json(source.categories, entries))
        _write(half / "classes.txt", as_lines([category.name for category in source.categories]))
    notes = (*tally.notes(), *notes, *([kept_note()] if kept else []))
    return _report(source, target, "COCO", ratios, chosen, boxes, notes)


def as_lines(names: Sequence[str]) -> str:
    """Return the text of ``classes.txt``."""
    return "".join(f"{' '.join(name.split())}\n" for name in names)  # a name from XML may hold a line end


def repair_hint() -> str:
    """Say what to do about damaged pictures."""
    return say("Repair or delete them, then run it again.", "请修复或删除这些图片，然后重新运行。")


def _placed(picture: Picture, size: Size, turns: Head | None, relative: bool, tally: BoxTally) -> tuple[Box, ...]:
    """Fit a picture's boxes into it; ``turns`` is the head of a picture whose boxes have to be turned."""
    height, width = size
    boxes = picture.boxes
    if turns is not None:
        boxes = tuple(turned_box(box, turns) for box in boxes)
    if relative:
        boxes = tuple(in_pixels(box, width, height) for box in boxes)
    return fitted(boxes, width, height, tally)


def _class_and_name(key: str) -> str:
    """Return the class folder and the file of a key; folders between them fall away."""
    return f"{composed(key.partition('/')[0])}/{key.rpartition('/')[2]}"


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names that are different on every file system; of equal ones the first keeps its own.

    Args:
        names: File names or posix paths.
    """
    count = Counter(map(folded, names))
    taken = {name for name, number in count.items() if number == 1}
    unique = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        new, number = name, 1
        while folded(new) in taken and count[folded(name)] > 1:
            number += 1
            new = f"{stem}_{number}{dot}{suffix}"
        taken.add(folded(new))
        unique.append(new)
    return unique


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder to fill, which takes its place at the end; after an error nothing of it stays.

    Raises:
        PathNotWritable: It cannot be written (-104).
        DiskFull: There is no room (-803).
    """
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.tmp")
    missing = [folder for folder in target.parents if not folder.exists()]
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if target.is_dir():
            target.rmdir()  # an empty one; Windows renames onto nothing
        patiently(functools.partial(temporary.replace, target))
    except XEduError:
        raise
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # after Ctrl-C, too; when it got its name it is gone from here
        with contextlib.suppress(OSError):  # the first that holds something ends it
            for folder in missing:
                folder.rmdir()


def _copy(picture: Picture, to: Path) -> None:
    copy_file(picture.path, to)


def copy_file(path: Path, to: Path) -> None:
    """Copy a picture byte for byte.

    Raises:
        DatasetInvalid: It cannot be read any more (-201).
        PathNotWritable, DiskFull: It cannot be written (-104, -803).
    """
    try:
        data = contents.read_bytes(path)
    except OSError as error:
        raise DatasetInvalid(
            say(
                f"A picture cannot be read any more: {path}: {english(system_reason(error))}",
                f"图片无法再次读取：{path}：{system_reason(error)}",
            ),
            hint=repair_hint(),
        ) from error
    write_whole(to, data, durable=False)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8"))


def _report(
    source: Source,
    target: Path,
    kind: str,
    ratios: Ratios,
    chosen: Sequence[int],
    boxes: Sequence[Sequence[Box]],
    notes: Sequence[str],
) -> Report:
    classes = tuple(category.name for category in source.categories)
    counts = {name: [0] * len(classes) for name in SPLITS}
    for split, picture_boxes in zip(chosen, boxes, strict=True):
        for box in picture_boxes:
            counts[SPLITS[split]][box.label] += 1
    pictures = {name: sum(its == split for its in chosen) for split, name in enumerate(SPLITS)}
    fixed = {name: tuple(numbers) for name, numbers in counts.items()}
    bits = stored_bits([picture.path for picture in source.pictures])
    lines = (*source.notes, *notes, *depth_notes(bits), *lacking(classes, fixed, ratios))
    return Report(target, kind, classes, pictures, fixed, lines)


def lacking(classes: Sequence[str], counts: dict[str, tuple[int, ...]], ratios: Ratios) -> Iterator[str]:
    """Name the classes that are too rare for one of the splits."""
    for split in ratios.splits_in_use():
        without = [name for name, number in zip(classes, counts[SPLITS[split]], strict=True) if not number]
        if not without:
            continue
        listed = ", ".join(without[:_SHOWN]) + (", ..." if len(without) > _SHOWN else "")
        if split == TRAIN:
            yield say(f"There is nothing to train with of: {listed}.", f"以下类别没有可训练的内容：{listed}。")
        else:
            yield say(
                f"Too few pictures for '{SPLITS[split]}' of: {listed}.",
                f"以下类别图片太少，{SPLITS[split]} 中没有：{listed}。",
            )
