"""Tables to learn from: ``.csv`` and ``.txt`` in the work folder, those that come from the browser, made ones."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.files import free_name
from BaseDT.language import say
from MMEdu.studio import made_sets
from MMEdu.studio.projects.names import cleaned, folder_name
from MMEdu.studio.studio import Studio
from MMEdu.studio.uploads import moved_whole

FOLDER = "datasets"
MADE: Mapping[str, tuple[str, str, str, str]] = {
    "iris": ("classes", "MMEdu.demo.tables:write_iris", "Iris: which flower is it?", "鸢尾花：是哪一种？"),
    "wine": ("classes", "MMEdu.demo.tables:write_wine", "Wine: who grew it?", "葡萄酒：来自哪家酒庄？"),
    "diabetes": (
        "numbers",
        "MMEdu.demo.tables:write_diabetes",
        "Diabetes: how far does it go?",
        "糖尿病：一年后发展到什么程度？",
    ),
}
"""By name: what its last column holds (``classes``, ``numbers``), what writes it, its name in English and Chinese."""
SUFFIXES = (".csv", ".txt", ".tsv")
_DEEP, _MOST = 3, 200
_NOT_BELOW = frozenset({"runs", "projects", "models", "pictures", "__pycache__"})


class Tables:
    """The tables of a studio."""

    def __init__(self, studio: Studio) -> None:
        self._root = studio.folder
        self._making = threading.Lock()

    def all(self) -> list[dict[str, Any]]:
        """List what lies in the work folder: name, path within it, bytes."""
        made = {f"{FOLDER}/{name}.csv" for name in MADE}
        found = [path for path in self._files() if path.relative_to(self._root).as_posix() not in made]
        return [
            {
                "name": path.name,
                "path": path.relative_to(self._root).as_posix(),
                "bytes": path.stat().st_size,
            }
            for path in sorted(found, key=lambda path: path.name.casefold())
        ]

    def made(self) -> list[dict[str, str]]:
        """List tables that can be made at once, without a download: name, path, title, what is told."""
        if find_spec("sklearn") is None:
            return []
        return [
            {"name": name, "path": f"{FOLDER}/{name}.csv", "title": say(en, zh), "tells": tells}
            for name, (tells, _, en, zh) in MADE.items()
        ]

    def make(self, name: str) -> dict[str, Any]:
        """Make one of ``made``, unless it is there.

        Raises:
            DatasetNotFound: There is no such table (-101).
            DependencyMissing: What brings the numbers is not installed (-502).
            WorkerFailed: It could not be made (-805).
        """
        if name not in MADE:
            raise DatasetNotFound(
                say(f"There is no table '{name}' to make.", f"没有名为“{name}”的内置表格。"),
                hint=say(f"There are: {', '.join(MADE)}.", f"可用的有：{'、'.join(MADE)}。"),
            )
        with self._making:
            target = self._root / FOLDER / f"{name}.csv"
            if not target.exists():
                made_sets.write(self._root, MADE[name][1], target)
        return {"name": target.name, "path": f"{FOLDER}/{target.name}"}

    def add(self, came: Path) -> dict[str, Any]:
        """Take over a table that came from the browser.

        Raises:
            DatasetInvalid: There is none, or there are several (-201).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        files = [path for path in sorted(came.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file()]
        if len(files) != 1:
            raise DatasetInvalid(
                say("That is no table.", "这不是表格文件。"),
                hint=say("Choose one .csv file. Excel saves a sheet as CSV, too.",
                         "请选择一个 .csv 文件；Excel 也可以把表格另存为 CSV。"),
            )  # fmt: skip
        stem, suffix = files[0].stem, files[0].suffix.lower()
        target = free_name(self._root / FOLDER / f"{folder_name(cleaned(stem, 'table'))}{suffix}")
        moved_whole(files[0], target)
        return {"name": target.name, "path": target.relative_to(self._root).as_posix()}

    def _files(self) -> Iterator[Path]:
        count, pending = 0, [(self._root, 0)]
        while pending and count < _MOST:
            folder, depth = pending.pop(0)
            for entry in _listed(folder):
                if entry.name.startswith(".") or entry.is_symlink():  # it may lead out of the work folder
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth < _DEEP and entry.name.lower() not in _NOT_BELOW:
                        pending.append((Path(entry.path), depth + 1))
                elif Path(entry.name).suffix.lower() in SUFFIXES:
                    count += 1
                    yield Path(entry.path)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
