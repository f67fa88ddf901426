"""Paths that a page names: where they lie, and how a program calls them."""

from __future__ import annotations

from pathlib import Path

from BaseDT.arguments import invalid
from BaseDT.errors import CheckpointNotFound, DatasetNotFound, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.files import what_is_at
from BaseDT.language import say
from MMEdu.studio.programs.kind import Place, Settings


def data_set(settings: Settings, place: Place) -> tuple[str, dict[str, str]]:
    """Return a folder of data as a program names it, and ``project`` where it is one's pictures.

    Args:
        settings: What the page sent: ``dataset``, a path relative to the work folder; or ``project``, its identifier
            (``dataset: {"project": id}`` means the same).
        place: Where the program will run.

    Raises:
        ParameterInvalid: It is no path, or leads out of the work folder (-305).
        DatasetNotFound: There is no such folder (-101).
    """
    name, value = "dataset", settings.get("dataset")
    project = settings.get("project", value.get("project") if isinstance(value, dict) else None)
    if project is not None:
        if not isinstance(project, str):
            raise invalid("project", project, "a project's identifier", "项目标识")
        return called(place.project(project), place), {"project": project}
    path = _path(name, value, place)
    if what_is_at(path) != "folder":
        raise DatasetNotFound(
            say(f"{name}={quoted(value)}: there is no such folder.", f"{name}={quoted(value)}：没有这个文件夹。"),
            hint=say("Choose a data set, or copy its folder into the work folder.",
                     "请选择一个数据集，或把它的文件夹复制到工作文件夹。"),
        )  # fmt: skip
    return called(path, place), {}


def learned_from(settings: Settings, place: Place) -> tuple[str, dict[str, str]]:
    """Return a table or a folder of pictures as a program names it, and ``project`` where it is one's pictures.

    A whole path may lead out of the work folder where ``place.elsewhere`` says so; a relative one never does.

    Raises:
        ParameterInvalid: It is no path, or leads where it must not (-305).
        DatasetNotFound: There is no such file or folder (-101).
    """
    value = settings.get("dataset")
    if settings.get("project") is None and isinstance(value, str) and not value.isspace():
        path = _path("dataset", value, place)
        if what_is_at(path) == "file":
            return called(path, place), {}
    return data_set(settings, place)


def model_file(name: str, value: object, place: Place) -> str:
    """Return a model's file as a program names it.

    Raises:
        ParameterInvalid: It is no path, or leads out of the work folder (-305).
        CheckpointNotFound: There is no such file (-102).
    """
    path = _path(name, value, place)
    if what_is_at(path) != "file":
        raise CheckpointNotFound(
            say(f"{name}={quoted(value)}: there is no such file.", f"{name}={quoted(value)}：没有这个文件。"),
            hint=say("Choose a model, or copy its file into the work folder.",
                     "请选择一个模型，或把它的文件复制到工作文件夹。"),
        )  # fmt: skip
    return called(path, place)


def model_files(name: str, value: object, place: Place, suffixes: tuple[str, ...]) -> list[str]:
    """Return a file, or the files of a folder, as a program names them, by their names.

    Raises:
        ParameterInvalid: It is no path, or leads out of the work folder; or the folder has none (-305).
        CheckpointNotFound: There is no such file (-102).
    """
    path = _path(name, value, place)
    if what_is_at(path) != "folder":
        return [model_file(name, value, place)]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes and file.is_file())
    if not files:
        raise ParameterInvalid(
            say(f"{name}={quoted(value)}: the folder has no {suffixes[0]} file.",
                f"{name}={quoted(value)}：文件夹中没有 {suffixes[0]} 文件。"),
            hint=say("Choose another folder.", "请换一个文件夹。"),
        )  # fmt: skip
    return [called(file, place) for file in files]


def called(path: Path, place: Place) -> str:
    """Return a path as a program names it: relative to the work folder where it lies in it."""
    if path.is_relative_to(place.work):
        return path.relative_to(place.work).as_posix()
    return str(path)


def _path(name: str, value: object, place: Place) -> Path:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise invalid(name, value, "a path in the work folder", "工作文件夹中的路径")
    try:
        path = (place.work / value).resolve()
    except (OSError, RuntimeError) as error:  # too long, a link to itself
        raise invalid(name, value, "a path in the work folder", "工作文件夹中的路径") from error
    if path.is_relative_to(place.work) or (place.elsewhere and Path(value).is_absolute()):
        return path
    raise ParameterInvalid(
        say(f"{name}={quoted(value)} leads out of the work folder.", f"{name}={quoted(value)} 不在工作文件夹中。"),
        hint=say("Copy it into the work folder, and choose it there.", "请先复制到工作文件夹，再选择。"),
    )
