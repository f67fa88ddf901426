"""What a pupil's studio makes of a thing from the shelf: a project of its own, or a file in its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from BaseDT.errors import DatasetInvalid
from BaseDT.files import free_name, not_written
from BaseDT.language import say
from MMEdu.studio.projects.bringing import brought
from MMEdu.studio.projects.names import folder_name
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio


def keep(studio: Studio, file: Path, item: dict[str, Any]) -> dict[str, Any]:
    """Make it the pupil's.

    Args:
        studio: Of the pupil.
        file: What was fetched.
        item: As the shelf tells of it.

    Returns:
        ``{project, kind, pictures, refused: [sentence]}``, or ``{folder, name}`` of what is no pictures.

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
    projects = studio.room(Projects)
    project, refused = brought(projects, file.read_bytes(), f"{name}.zip")
    pictures = len(project.pictures())
    if not pictures:
        projects.delete(project.id)
        raise DatasetInvalid(
            say(f"There is no picture in {name} that can be used.", f"{name} 中没有可用的图片。"),
            hint=say("Tell your teacher.", "请告诉老师。"),
        )
    wrong = [one.error.message for one in refused[:5]]
    return {"project": project.id, "kind": project.kind, "pictures": pictures, "refused": wrong}


def _file_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, suffix = last.rpartition(".")
    return f"{folder_name(stem)}.{folder_name(suffix)}" if dot and stem else folder_name(last)
