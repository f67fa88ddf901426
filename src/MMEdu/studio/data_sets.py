"""Data sets to train on: those in ``datasets`` of the work folder, those that come from the browser, made ones."""

from __future__ import annotations

import base64
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.dataset.scan import PICTURES, is_system
from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.files import free_name
from BaseDT.language import say
from BaseDT.pasted import as_meant
from MMEdu.studio import made_sets, zips
from MMEdu.studio.boxes.boxes import BoxesRoom
from MMEdu.studio.boxes.prepared import prepare
from MMEdu.studio.projects.names import cleaned, folder_name
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio
from MMEdu.studio.uploads import moved_whole

FOLDER = "datasets"
MADE: Mapping[str, tuple[str, str, str, str]] = {
    "digits": ("classification", "MMEdu.demo.digits:write", "Handwritten digits", "手写数字"),
    "pages": ("detection", "MMEdu.demo.pages:write", "Digits on pages, with boxes", "页面上的数字（带标注框）"),
}
"""By name: the task, what writes it, and what it is called in English and Chinese."""
_TASKS = {"classify": "classification", "find": "detection"}
"""Kinds of projects, and what can be trained on their pictures."""
_LAYOUT = frozenset(
    {"training_set", "trainning_set", "val_set", "test_set", "images", "annotations", "labels", "masks"}
)
_MOST_LINES = 30
_LETTERS = 16


class DataSets:
    """The data sets of a studio."""

    def __init__(self, studio: Studio) -> None:
        self._studio, self._root = studio, studio.folder
        self._projects = studio.room(Projects)
        self._making = threading.Lock()

    def all(self, task: str = "") -> list[dict[str, Any]]:
        """List what lies in ``datasets``, and projects with pictures: name, path within the work folder, task.

        Args:
            task: Only those of one task.
        """
        found = [
            {"name": folder.name, "path": f"{FOLDER}/{folder.name}", "task": _task_of(folder), "changed": changed}
            for folder, changed in _folders(self._root / FOLDER)
        ]
        return [one for one in [*found, *self._of_projects()] if task in ("", one["task"])]

    def _of_projects(self) -> Iterator[dict[str, Any]]:
        for listed in self._projects.list():
            if (project := listed.project) is not None and project.pictures():
                yield {
                    "name": project.name,
                    "path": project.folder.relative_to(self._root).as_posix(),
                    "task": _TASKS[project.kind],
                    "changed": listed.changed,
                    "project": project.id,
                }

    def made(self) -> list[dict[str, str]]:
        """List sets that can be made at once, without a download."""
        if find_spec("sklearn") is None:  # it brings the digits
            return []
        return [{"name": name, "task": task, "title": say(en, zh)} for name, (task, _, en, zh) in MADE.items()]

    def make(self, name: str) -> dict[str, Any]:
        """Make one of ``made``, unless it is there.

        Raises:
            DatasetNotFound: There is no such set (-101).
            DependencyMissing: What brings the pictures is not installed (-502).
            WorkerFailed: It could not be made (-805).
        """
        if name not in MADE:
            raise DatasetNotFound(
                say(f"There is no set '{name}' to make.", f"没有名为“{name}”的内置数据集。"),
                hint=say(f"There are: {', '.join(MADE)}.", f"可用的有：{'、'.join(MADE)}。"),
            )
        with self._making:
            target = self._root / FOLDER / name
            if not target.exists():
                made_sets.write(self._root, MADE[name][1], target)
        return {"name": name, "path": f"{FOLDER}/{name}", "task": MADE[name][0]}

    def add(self, came: Path, name: str) -> dict[str, Any]:
        """Take over what came from the browser: a folder, or one zip.

        Args:
            came: The folder of an upload.
            name: What the user calls it; empty: as the folder or zip is called.

        Raises:
            DatasetInvalid: There is nothing in it, or the zip cannot be used (-201).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        inside = _listed(came)
        if len(inside) == 1 and inside[0].suffix.lower() == ".zip":
            name = name or inside[0].stem
            came = _unpacked(inside[0], came / "unpacked")
        root = _innermost(came)
        if not any(root.iterdir()):
            raise DatasetInvalid(
                say("Nothing came that a data set is made of.", "没有收到可用的数据集文件。"),
                hint=say("Choose a folder or a zip with pictures.", "请选择包含图片的文件夹或 zip 压缩包。"),
            )
        default = root.name if root != came else say("data set", "数据集")
        there = [folder.name for folder, _ in _folders(self._root / FOLDER)]
        target = free_name(self._root / FOLDER / folder_name(cleaned(name, default), there))
        moved_whole(root, target)
        return {"name": target.name, "path": f"{FOLDER}/{target.name}", "task": _task_of(target)}

    def place(self, path: str) -> Path:
        """Return the folder that a text means: in the work folder, or anywhere on this computer.

        Raises:
            DatasetNotFound: There is none (-101).
        """
        if not path.strip() or "\0" in path:
            raise DatasetNotFound(
                say("No folder is named.", "没有填写文件夹。"),
                hint=say("Choose one of the list, or type the path of a folder.", "请从列表中选择，或填写文件夹路径。"),
            )
        return (self._root / as_meant(path.strip()).expanduser()).resolve()

    def place_of_project(self, project_id: str) -> Path:
        """Return a project's pictures as a data set.

        Raises:
            DatasetNotFound: There is no such project (-101).
            XEduError: Its pictures cannot be learned from yet; the hint says why.
        """
        project = self._projects.find(project_id)
        if project.kind == "find":
            return prepare(self._studio.room(BoxesRoom).of(project))
        return project.training_set().path

    def check(self, folder: Path, task: str, backbone: str | None) -> dict[str, Any]:
        """Say what is in a data set, as ``mmedu check`` does, and whether it is one of a task.

        Args:
            folder: As ``place`` and ``place_of_project`` return it.
            task: The task that it should be of; empty: any.
            backbone: A model whose input the pictures are compared with, or None.

        Raises:
            XEduError: It cannot be read; the hint says what is expected.
        """
        from MMEdu.actions import check as action  # the readers of every task

        found = action.task_of(folder)
        fits = task in ("", found)
        with tempfile.TemporaryDirectory(prefix="mmedu-") as there:
            sheet = Path(there, "sheet.png")
            report = action.check(folder, backbone if fits else None, sheet, _quiet)
            drawn = base64.b64encode(sheet.read_bytes()).decode("ascii") if sheet.is_file() else ""
        choice = action.suggestion(folder)
        lines = [line for line in report.lines if str(sheet) not in line]
        return {
            "ok": report.ok,
            "path": folder.relative_to(self._root).as_posix() if folder.is_relative_to(self._root) else str(folder),
            "name": folder.name,
            "task": found,
            "fits": fits,
            "classes": list(report.content.get("classes", ()))[:200],
            "sentence": _sentence(report.content, report.table),
            "lines": lines[:_MOST_LINES],
            "table": [list(row) for row in report.table[:60]],
            "suits": None if choice is None else {"model": choice.backbone, "reason": choice.reason},
            "sheet": f"data:image/png;base64,{drawn}" if drawn else "",
        }


def _sentence(content: Mapping[str, Any], table: Iterable[Iterable[str | int]]) -> str:
    """Say what was found: how many classes, and how many pictures of each part."""
    pictures = content.get("pictures")
    counts = [int(pictures[part]) for part in ("train", "val", "test")] if isinstance(pictures, Mapping) else []
    if not counts:
        *_, last = table
        counts = [number for number in last if isinstance(number, int)]
    classes = [_shortened(str(name)) for name in content.get("classes", ())]
    few = ", ".join(classes[:6]) + (", …" if len(classes) > 6 else "")
    few_zh = "、".join(classes[:6]) + ("……" if len(classes) > 6 else "")
    named = say(f"{_counted(len(classes), 'class', 'classes')} ({few})", f"{len(classes)} 个类别（{few_zh}）")
    learn, judge, test = (*counts, 0, 0, 0)[:3]
    if not judge and not test:
        return say(
            f"{named}, {_counted(learn, 'picture', 'pictures')}; some of them are kept back to judge by.",
            f"{named}，共 {learn} 张图片，其中一部分会留作验证。",
        )
    tested = say(f", {test} to test with", f"、{test} 张测试") if test else ""
    return say(
        f"{named}, {_counted(learn, 'picture', 'pictures')} to learn from, {judge} to judge by{tested}.",
        f"{named}，{learn} 张训练、{judge} 张验证{tested}。",
    )


def _quiet(event: object) -> None:
    """Hear of progress; nobody looks at it here."""
    del event


def _shortened(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _folders(place: Path) -> list[tuple[Path, float]]:
    """List the data sets in a folder, with when they were changed."""
    try:
        with os.scandir(place) as entries:
            found = [
                (Path(entry.path), entry.stat().st_mtime)
                for entry in entries
                if entry.is_dir() and not entry.name.startswith(".") and not is_system(entry.name)
            ]
    except OSError:
        return []
    return sorted(found, key=lambda one: one[0].name.casefold())


def _task_of(folder: Path) -> str:
    from MMEdu.actions import check as action

    try:
        return action.task_of(folder)
    except (OSError, ValueError):  # whoever chooses it is told
        return ""


def _listed(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if not one.name.startswith("."))


def _unpacked(file: Path, target: Path) -> Path:
    target.mkdir()
    with zips.opened(file, file.name) as archive:
        for entry in archive.entries:
            archive.unpack(entry, free_name(target.joinpath(*entry.parts)))
    return target


def _innermost(folder: Path) -> Path:
    """Go down through folders that hold nothing but a folder, down to what a data set begins with."""
    while True:
        inside = _listed(folder)
        if len(inside) != 1 or not inside[0].is_dir() or inside[0].name.lower() in _LAYOUT:
            return folder
        if any(one.suffix.lower() in PICTURES for one in inside[0].iterdir()):  # a class with its pictures
            return folder
        folder = inside[0]
