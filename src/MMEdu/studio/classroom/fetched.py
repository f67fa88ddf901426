"""What a pupil's studio makes of a thing from the shelf: a project of its own, or a file in its folder."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from BaseDT.errors import DatasetInvalid, XEduError
from BaseDT.files import free_name, not_written
from BaseDT.language import say
from MMEdu.studio.projects import archives
from MMEdu.studio.projects.names import folder_name
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.projects.sorting import classes_of
from MMEdu.studio.studio import Studio

_PICTURES = "pictures"


def keep(studio: Studio, file: Path, item: dict[str, Any]) -> dict[str, Any]:
    """Make it the pupil's.

    Args:
        studio: Of the pupil.
        file: What was fetched.
        item: As the shelf tells of it.

    Returns:
        ``{project, pictures, refused: [sentence]}``, or ``{folder, name}`` of what is no pictures.

    Raises:
        DatasetInvalid: The zip cannot be used (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    kind, name = str(item.get("kind", "")), str(item.get("name", ""))
    if kind in ("set", "project", "zip"):
        return _as_project(studio, file, name)
    folder = "models" if kind == "model" else "files"
    target = free_name(studio.folder / folder / _file_name(str(item.get("file") or name)))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    except OSError as error:
        raise not_written(target, error) from error
    return {"folder": folder, "name": target.name}


def _as_project(studio: Studio, file: Path, name: str) -> dict[str, Any]:
    data = file.read_bytes()
    entries = [(entry.path, entry.data) for entry in archives.entries(data, name)]
    # Of a project only its pictures: what its trainings drew is none of a class.
    inside = [pair for pair in entries if _PICTURES in PurePosixPath(pair[0]).parts[:2]]
    entries = inside or entries
    classes = classes_of([path for path, _ in entries])
    projects = studio.room(Projects)
    project = projects.create("classify", name)
    added, refused = 0, list[str]()
    try:
        for one in dict.fromkeys(classes):
            given = [pair for pair, its in zip(entries, classes, strict=True) if its == one]
            refused += [str(wrong) for _, wrong in given if isinstance(wrong, DatasetInvalid)]
            pictures = [(PurePosixPath(path).name, content) for path, content in given if isinstance(content, bytes)]
            if not pictures:
                continue
            class_name = one or say("pictures", "图片")
            place = project.class_named(class_name) or project.add_class(class_name)
            taken, wrong = project.add_all(place.id, pictures)
            added += len(taken)
            refused += [file.error.message for file in wrong]
    except XEduError:
        projects.delete(project.id)
        raise
    if not added:
        projects.delete(project.id)
        raise DatasetInvalid(
            say(f"There is no picture in {name} that can be used.", f"{name} 中没有可用的图片。"),
            hint=say("Tell your teacher.", "请告诉老师。"),
        )
    return {"project": project.id, "pictures": added, "refused": refused[:5]}


def _file_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, suffix = last.rpartition(".")
    return f"{folder_name(stem)}.{folder_name(suffix)}" if dot and stem else folder_name(last)
