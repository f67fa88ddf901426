"""Where the annotation files with keypoints and their pictures lie in a folder, and whether there are any. Heads only.

The documented layout is ``train.json``, ``val.json`` and ``images/``; detection's is ``annotations/train.json`` and
``images/train``. Others are known by their names: ``annotations/person_keypoints_train2017.json`` with ``train2017``,
``train/_annotations.coco.json``, or one file for all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from BaseDT.dataset.dividing import TEST, TRAIN, VAL, split_named
from BaseDT.dataset.pictures import PictureFolder
from BaseDT.dataset.scan import folders_in, holds_pictures
from BaseDT.errors import AnnotationMissing, DatasetInvalid
from BaseDT.language import say

# A file that is larger is asked at its two ends: categories stand before the pictures or behind the annotations.
_WHOLE = 1 << 21
_END = 1 << 19
_MANY = 200  # JSON files beside each other: a file for each picture, as labelme writes them
_POINTS = re.compile(rb'"keypoints"\s*:\s*\[\s*["\d\[{-]')
_LISTS = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')


@dataclass(frozen=True)
class PosedFile:
    """An annotation file, and what its pictures are for; None where nothing says it."""

    json: Path
    split: int | None


def annotation_files(root: Path, *, by_name: bool = False) -> list[PosedFile]:
    """Return the annotation files with keypoints that lie where they do by custom; none where there are none.

    Args:
        root: The data set's folder.
        by_name: Take those whose names tell what they are for, without looking into them: reading says what is wrong.
    """
    found = []
    for folder in _folders(root):
        files = _jsons(folder)
        split = None if folder.name.lower() == "annotations" or folder == root else split_named(folder.name)
        for file in files if len(files) <= _MANY else ():
            named = split_in(file.stem)
            if (named is not None) if by_name else carries_keypoints(file):
                found.append(PosedFile(file, split if named is None else named))
    return found


def _folders(root: Path) -> Iterator[Path]:
    yield root
    for name in folders_in(root):
        if name.lower() == "annotations" or split_named(name) is not None:
            yield root / name


def _jsons(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:  # of many pictures beside them no path is made
            names = [entry.name for entry in entries if entry.name.lower().endswith(".json") and entry.is_file()]
    except OSError:
        return []
    return [folder / name for name in sorted(names) if not name.startswith(".")]


def carries_keypoints(file: Path) -> bool:
    """Tell whether a file is COCO's and has keypoints; of a large one only its two ends are read."""
    data = _ends(file).replace(b"\0", b"")  # UTF-16 has one in every letter
    return bool(_LISTS.search(data) and _POINTS.search(data))


def _ends(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            if size <= _WHOLE:
                return stream.read()
            head = stream.read(_END)
            stream.seek(size - _END)
            return head + stream.read()
    except OSError:
        return b""


def split_in(name: str) -> int | None:
    """Return the split that a word of a file's name means: that of ``person_keypoints_train2017``; None for none."""
    splits = {split for word in re.findall(r"[a-z]+", name.lower()) if (split := split_named(word)) is not None}
    return splits.pop() if len(splits) == 1 else None


def by_split(root: Path, files: Sequence[PosedFile]) -> tuple[dict[int, Path], list[str]]:
    """Return the file of each split, and what the user should know. A single file is for training, whatever its name.

    Raises:
        AnnotationMissing: There are several, and none is for training (-701).
        DatasetInvalid: Two files are for the same (-201).
    """
    if len(files) == 1:
        return {TRAIN: files[0].json}, []
    named = [file for file in files if file.split is not None]
    others = [file for file in files if file.split is None]
    if not any(file.split == TRAIN for file in named):
        if len(others) != 1:
            raise AnnotationMissing(
                say(
                    f"There is no train.json in {root} (found: {_listed(root, files)})",
                    f"{root} 中没有 train.json（其中有：{_listed(root, files)}）",
                ),
                hint=layout(),
            )
        named, others = [*named, PosedFile(others[0].json, TRAIN)], []
    chosen: dict[int, Path] = {}
    for file in named:
        assert file.split is not None
        if (earlier := chosen.setdefault(file.split, file.json)) is not file.json:
            pair = [PosedFile(earlier, None), file]
            raise DatasetInvalid(
                say(
                    f"Two annotation files are for the same pictures: {_listed(root, pair)}",
                    f"有两个标注文件用途相同：{_listed(root, pair)}",
                ),
                hint=say("Keep one of them, or put both into one file.", "请只保留一个，或合并成一个文件。"),
            )
    notes = []
    if others:
        notes.append(
            say(
                f"Beside train.json these are not used: {_listed(root, others)}.",
                f"除 train.json 外，以下文件不使用：{_listed(root, others)}。",
            )
        )
    return chosen, notes


def _listed(root: Path, files: Sequence[PosedFile]) -> str:
    names = [file.json.relative_to(root).as_posix() for file in files]
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def layout() -> str:
    """Say what is expected."""
    return say(
        "Expected: images/, train.json and val.json in COCO's keypoint format.",
        "应当是：images/、train.json、val.json（COCO 关键点格式）。",
    )


def pictures_of(root: Path, file: Path, split: int, names: Sequence[str]) -> PictureFolder:
    """Return the folder in which all pictures of a file are; where there is none, that which has most of them.

    Args:
        root: The data set's folder.
        file: The annotation file.
        split: What it is for.
        names: What it calls its pictures.
    """
    best: tuple[int, PictureFolder] | None = None
    for folder in _candidates(root, file, split):
        name = folder.relative_to(root).as_posix() if folder != root else root.name
        pictures = PictureFolder(folder, name)
        number = sum(pictures.named(wanted) is not None for wanted in names)
        if number == len(names):
            return pictures
        if best is None or number > best[0]:
            best = number, pictures
    return best[1] if best is not None else PictureFolder(root, root.name)


def _candidates(root: Path, file: Path, split: int) -> Iterator[Path]:
    if file.parent != root and holds_pictures(file.parent):
        yield file.parent
    images = next((root / name for name in folders_in(root) if name.lower() == "images"), None)
    for folder in filter(None, (images, root)):
        names = folders_in(folder)
        alike = [name for name in names if split_named(name) == split]
        in_stem = [name for name in names if name.lower() in file.stem.lower() and name not in alike]
        for name in (*alike, *in_stem):
            yield folder / name
        if split == VAL:  # the documents have the pictures of valid.json in images/test, too
            yield from (folder / name for name in names if split_named(name) == TEST)
        yield folder
