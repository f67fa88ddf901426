"""``Projects``: the projects of a work folder. ``studio.room(Projects)``."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from BaseDT import files
from BaseDT.dataset.scan import is_system
from BaseDT.errors import ParameterInvalid, XEduError
from BaseDT.language import say
from MMEdu.studio.projects import disk, project_file, refusals
from MMEdu.studio.projects.names import cleaned, folder_name
from MMEdu.studio.projects.project import Project
from MMEdu.studio.projects.project_file import KINDS, Damaged, Saved
from MMEdu.studio.studio import Studio

Fill = Callable[[Path, Saved], None]
"""Writes into the ``pictures`` of a new project's folder, and says in its file what they are."""
_FRESH = 1.0  # s for which a look at the disk is enough


@dataclass(frozen=True)
class Listed:
    """A project as the home page shows it.

    Attributes:
        folder: Its name on the disk.
        project: None where it cannot be opened.
        problem: Why not, and what to do; or what was odd about it. Empty where all is well.
        id: Also of one that cannot be opened, where its file tells.
        changed: When, in s since 1970, as the disk says.
    """

    folder: str
    project: Project | None
    problem: str
    id: str
    changed: float


class Projects:
    """The projects of a studio, found by their ids wherever their folders were moved to within ``projects``.

    Attributes:
        listeners: Called with each project that is opened or made, before anybody else has it.
    """

    def __init__(self, studio: Studio) -> None:
        self.folder = studio.folder / "projects"
        self.listeners: list[Callable[[Project], None]] = []
        self._open: dict[str, Project] = {}
        self._looked: dict[str, float] = {}
        self._lock = threading.RLock()
        for pattern in (".deleted-*", ".new-*"):  # a server that was killed left them
            for left in self.folder.glob(pattern):
                shutil.rmtree(left, ignore_errors=True)

    def list(self) -> list[Listed]:
        """Return all projects, the one that was changed last first; the disk is looked at."""
        with self._lock:
            listed = [one for name in disk.class_folders(self.folder) if (one := self._listed(self.folder / name))]
        return sorted(listed, key=lambda one: -one.changed)

    def find(self, project_id: str) -> Project:
        """Return a project.

        Raises:
            DatasetNotFound: It is not there (-101).
            DatasetInvalid: It is of a newer version of mmedu, or cannot be read (-201).
        """
        known = self._open.get(project_id)
        if known is not None and known.folder.is_dir():  # without the lock: a frame does not wait for a list
            known.write_again()
            return known
        with self._lock:
            lost = self._open.get(project_id)
            if lost is not None and lost.folder.is_dir():  # another thread has opened it meanwhile
                return lost
            self._open.pop(project_id, None)
            for name in disk.class_folders(self.folder):
                folder = self.folder / name
                if project_file.id_in(folder) != project_id:
                    continue
                if lost is not None:  # its folder has another name now
                    lost.follow_to(folder)
                    self._open[project_id] = lost
                    return lost
                return self._opened(folder)
            for listed in self.list():  # one whose file is damaged is mended on the way
                if listed.project is not None and listed.id == project_id:
                    return listed.project
        raise refusals.no_project()

    def looked_at(self, project_id: str) -> Project:
        """Return a project whose folder was compared with the memory a moment ago.

        Raises:
            DatasetNotFound, DatasetInvalid: As ``find``.
        """
        project = self.find(project_id)
        self._look(project)
        return project

    def create(self, kind: str, name: str = "", fill: Fill | None = None, default: str = "") -> Project:
        """Make a project, whole or not at all.

        Args:
            kind: ``classify`` or ``find``.
            name: As it is shown; without one it is called after its kind.
            fill: Puts something into it.
            default: Its name where ``name`` is empty.

        Raises:
            ParameterInvalid: There is no such kind, or the name is too long (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        known = next((one for one in KINDS if one == kind), None)
        if known is None:
            raise ParameterInvalid(
                say(f"There are no projects of kind '{kind}'.", f"没有“{kind}”类型的项目。"),
                hint=say("Kinds are classify and find.", "可选 classify 或 find。"),
            )
        name = cleaned(name, "") or self._free_project_name(default or _default_name(known))
        saved = Saved(project_file.new_project_id(), known, name)
        building = self.folder / f".new-{secrets.token_hex(6)}"
        try:
            for inner in ("pictures", "runs"):
                try:
                    (building / inner).mkdir(parents=True)
                except OSError as error:
                    raise files.not_written(building / inner, error) from error
            if fill is not None:
                fill(building, saved)
            files.write_whole(building / project_file.NAME, saved.encoded())
            with self._lock:
                taken = disk.class_folders(self.folder)
                folder = self.folder / folder_name(name, taken)
                try:
                    files.patiently(partial(building.rename, folder))
                except OSError as error:
                    raise files.not_written(folder, error) from error
                return self._opened(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def delete(self, project_id: str) -> None:
        """Delete a project with everything in its folder, also one that cannot be opened.

        Raises:
            DatasetNotFound: It is not there (-101).
            PathNotWritable: Another program holds it; it stays whole (-104).
        """
        with self._lock:
            folder = self._folder_of(project_id)
            aside = self.folder / f".deleted-{secrets.token_hex(6)}"
            try:
                files.patiently(partial(folder.rename, aside))
            except OSError as error:
                raise refusals.held(folder.name) from error
            project = self._open.pop(project_id, None)
        if project is not None:
            project.tell_deleted()
        shutil.rmtree(aside, ignore_errors=True)

    # --- within ---------------------------------------------------------------------------------------------------

    def _folder_of(self, project_id: str) -> Path:
        if project_id in self._open and self._open[project_id].folder.is_dir():
            return self._open[project_id].folder
        for name in disk.class_folders(self.folder):
            if project_file.id_in(self.folder / name) == project_id:
                return self.folder / name
        raise refusals.no_project()

    def _listed(self, folder: Path) -> Listed | None:
        if is_system(folder.name) or not any((folder / one).exists() for one in (project_file.NAME, "pictures")):
            return None
        changed = _changed(folder)
        try:
            project = self._at(folder)
        except XEduError as error:
            problem = " ".join(part for part in (error.message, error.hint) if part)
            return Listed(folder.name, None, problem, project_file.id_in(folder), changed)
        return Listed(folder.name, project, " ".join(project.notes), project.id, changed)

    def _at(self, folder: Path) -> Project:
        """Return the project in a folder, looked at."""
        project = next((one for one in self._open.values() if one.folder == folder), None)
        if project is None:
            if (known := project_file.id_in(folder)) and (lost := self._open.get(known)) and not lost.folder.is_dir():
                lost.follow_to(folder)
                return lost
            return self._opened(folder)
        project.write_again()
        self._look(project)
        return project

    def _look(self, project: Project) -> None:
        now = time.monotonic()
        if now - self._looked.get(project.id, -_FRESH) >= _FRESH:
            project.look()
            self._looked[project.id] = time.monotonic()

    def _opened(self, folder: Path) -> Project:
        notes: list[str] = []
        _sweep(folder)
        try:
            saved = project_file.read(folder)
        except Damaged:
            saved, kept = project_file.rebuilt(folder)
            if kept:
                notes.append(
                    say(f"The file project.json in '{folder.name}' was damaged and was made anew from the folders. "
                        f"Nothing is deleted; the damaged file is kept as {kept}.",
                        f"“{folder.name}”的 project.json 已损坏，已按文件夹重新生成。"
                        f"图片都在；损坏的文件改名为 {kept}。")
                )  # fmt: skip
        other = self._open.get(saved.id)
        if other is not None and other.folder != folder and other.folder.is_dir():  # somebody has copied the folder
            saved = replace(saved, id=project_file.new_project_id(), name=cleaned(folder.name, saved.name))
        if other is None or saved.id != other.id:
            project = Project(folder, saved, notes)
        else:
            project = other
            project.follow_to(folder)
        if not (folder / project_file.NAME).is_file() or project_file.id_in(folder) != saved.id:
            files.write_whole(folder / project_file.NAME, saved.encoded())
            project.look()
        self._open[project.id] = project
        self._looked[project.id] = time.monotonic()
        for listener in self.listeners:
            listener(project)
        return project

    def _free_project_name(self, name: str) -> str:
        taken = {project.name for project in self._open.values()} | set(disk.class_folders(self.folder))
        stem, _, last = name.rpartition(" ")
        if name in taken and stem in taken and last.isdecimal():  # the second of a name is followed by the third
            name = stem
        numbered = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
        return next(one for one in numbered if one not in taken)


def _sweep(folder: Path) -> None:
    """Remove what a killed server left half done in a project's folder."""
    for left in folder.glob(".deleted-*"):
        shutil.rmtree(left, ignore_errors=True)
    pictures = folder / "pictures"
    for place in (folder, pictures, *(pictures / name for name in disk.class_folders(pictures))):
        files.sweep(place)


def _changed(folder: Path) -> float:
    stamps = [files.stamp_of(folder / one) for one in (project_file.NAME, "pictures", "runs")]
    stamps += [files.stamp_of(folder / "pictures" / name) for name in disk.class_folders(folder / "pictures")]
    return max([stamp[1] / 1e9 for stamp in stamps if stamp], default=0.0)


def _default_name(kind: str) -> str:
    return say("My pictures", "我的图片") if kind == "classify" else say("Find things", "寻找物体")
