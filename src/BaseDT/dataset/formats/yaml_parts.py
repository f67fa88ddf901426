"""Where the pictures of each part lie, as a ``data.yaml`` says: folders, or lists of pictures. ``yolo`` calls it.

Paths count from ``path``, or from the file, as Ultralytics reads them; only what lies inside the set's folder is taken.
A path of another machine is known by its end, as everywhere in sets that travel.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from BaseDT.dataset.dividing import SPLITS
from BaseDT.dataset.formats.data_yaml import DataYaml
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import AnnotationMissing, DatasetInvalid, XEduError
from BaseDT.escaping import one_line
from BaseDT.language import say

_ABSOLUTE = re.compile(r"[A-Za-z]:|[/\\~]")


@dataclass(frozen=True)
class Place:
    """Pictures of one part.

    Attributes:
        split: Which part.
        images: The folder of the pictures, inside the set's folder.
        only: Posix paths in it of those that are meant; None: all.
    """

    split: int
    images: Path
    only: frozenset[str] | None = None


def places(src: Path, file: DataYaml) -> list[Place]:
    """Return where the pictures are that a file names; none where it names no training pictures.

    Raises:
        DatasetInvalid: A path leads out of the set's folder, or a list is none (-201).
        AnnotationMissing: What a path names is not there (-701).
    """
    if not file.entries("train"):
        return []
    bases = _bases(src, file)
    found: list[Place] = []
    for split, part in enumerate(SPLITS):
        for entry in file.entries(part):
            target = _inside(src, entry, bases)
            if target is None:
                raise _lost(src, file.file.name, part, entry, bases)
            found += _of_list(src, target, split, bases) if target.is_file() else [Place(split, target)]
    return found


def usual_note(error: XEduError) -> str:
    """Say that the usual folders are read, as the file's own cannot be."""
    english, chinese = error.message_en.rstrip("."), error.message.rstrip("。")
    return say(f"{english}. The usual folders are read.", f"{chinese}。因此按常用的文件夹读取。")


def _bases(src: Path, file: DataYaml) -> list[Path]:
    """Return the folders that paths may count from: ``path``, where it lies inside, and that of the file."""
    paths = [base for entry in file.entries("path") if (base := _inside(src, entry, [src])) and base.is_dir()]
    return [*paths, src]


def _inside(src: Path, entry: str, bases: list[Path]) -> Path | None:
    """Return what a path names inside the set's folder; None where that is nothing."""
    plain = entry.replace("\\", "/").strip()
    # Roboflow counts from a folder that is not there; a whole path is often that of another machine.
    ends = [plain]
    if _ABSOLUTE.match(plain) or plain.startswith("../"):
        parts = [part for part in re.sub(r"^[A-Za-z]:", "", plain).split("/") if part not in ("", ".", "..", "~")]
        # The last name alone tells too little: images/ may be those of all parts.
        ends += ["/".join(parts[start:]) for start in range(len(parts)) if not start or len(parts) - start > 1]
    for end in ends:
        for base in bases:
            target = Path(os.path.normpath(base / end))
            if target.is_relative_to(src) and _exists(target):
                return target
    return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _of_list(src: Path, file: Path, split: int, bases: list[Path]) -> Iterator[Place]:
    """Return the pictures that a text file lists, by the folders that their labels go by."""
    by_folder: dict[Path, set[str]] = {}
    lines = [line.strip() for line in read_lines(file)]
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        target = _inside(src, line, [file.parent, *bases])
        if target is None or not target.is_file():
            raise _lost(src, f"{file.name}:{number}", SPLITS[split], line, [file.parent, *bases])
        folder = images_folder(src, target.parent)
        by_folder.setdefault(folder, set()).add(target.relative_to(folder).as_posix())
    if not by_folder:
        raise DatasetInvalid(
            say(f"{file.name} lists no picture", f"{file.name} 没有列出任何图片"),
            hint=say("Write the path of a picture in each line.", "每行写一张图片的路径。"),
        )
    return (Place(split, folder, frozenset(keys)) for folder, keys in sorted(by_folder.items()))


def images_folder(src: Path, folder: Path) -> Path:
    """Return the ``images`` that a folder is or lies in; itself where there is none."""
    above = [folder, *folder.parents]
    inside = above[: above.index(src) + 1] if src in above else [folder]
    return next((path for path in inside if path.name.lower() == "images"), folder)


def labels_of(src: Path, images: Path) -> Path:
    """Return the folder of the labels of some pictures: ``labels`` in place of ``images``, as Ultralytics reads it."""
    root = images_folder(src, images)
    if root.name.lower() != "images":
        return images
    for name in ("labels", "annotations"):
        folder = root.parent / name / images.relative_to(root)
        if folder.is_dir():
            return folder
    return images


def _lost(src: Path, where: str, part: str, entry: str, bases: list[Path]) -> XEduError:
    """Make the error of a path that names nothing inside the set's folder."""
    shown = one_line(entry[:80])
    outside = [target for base in bases if _exists(target := Path(os.path.normpath(base / entry)))]
    if outside:
        return DatasetInvalid(
            say(
                f"{where}: {part} leads out of {src.name}: {shown}",
                f"{where}：{part} 指向 {src.name} 之外：{shown}",
            ),
            hint=say("Put these pictures into the data set's folder.", "请把这些图片放进数据集文件夹。"),
        )
    return AnnotationMissing(
        say(
            f"{where}: {part} names what is not there: {shown}",
            f"{where}：{part} 指定的内容不存在：{shown}",
        ),
        hint=say(
            f"Correct it, or leave 'path' out: paths count from the folder of data.yaml ({part}: images/{part}).",
            f"请改正，或删去 path：路径从 data.yaml 所在文件夹算起（{part}: images/{part}）。",
        ),
    )
