"""A project that was taken away as a zip comes back, here or on another computer; so do folders of classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from BaseDT import plain_json
from BaseDT.errors import DatasetInvalid, DiskFull, PathNotWritable, XEduError
from BaseDT.files import write_whole
from BaseDT.language import say
from MMEdu.studio.projects import archives, intake, project_file, refusals
from MMEdu.studio.projects.archives import Entry
from MMEdu.studio.projects.names import cleaned, folder_name, same
from MMEdu.studio.projects.picture import COLOURS, PictureClass, new_id, order_in
from MMEdu.studio.projects.project import Project, Refused
from MMEdu.studio.projects.project_file import Damaged, Saved, new_class_id, new_project_id
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.projects.sorting import classes_of

_BOXES = "annotations.json"


def brought(projects: Projects, data: bytes, name: str) -> tuple[Project, list[Refused]]:
    """Make a project of a zip.

    Pictures keep their ids, classes theirs; the project gets one of its own. What was trained does not come along: a
    model is learnt again in a second.

    Args:
        projects: Where it comes to.
        data: The zip.
        name: Of its file.

    Returns:
        The project, and the pictures that were refused.

    Raises:
        DatasetInvalid: It is no whole zip, holds too much or no pictures, or is of a newer version of mmedu (-201).
        DiskFull, PathNotWritable: It cannot be written (-803, -104).
    """
    if not archives.is_zip(data):
        raise DatasetInvalid(
            say(f"{name} is no zip.", f"{name} 不是 zip 文件。"),
            hint=say("Choose the zip that a project was taken away as.", "请选择导出项目时得到的 zip 文件。"),
        )
    entries = archives.entries(data, name)
    stem = cleaned(PurePosixPath(name).stem[:300], "?")
    saved, root = _saved_in(entries, stem)
    given = [(entry, place) for entry in entries if (place := _within(entry.path, root))]
    if root is None:
        names = [one or stem for one in classes_of([entry.path for entry in entries])]
        given = [(entry, f"{one}/{PurePosixPath(entry.path).name}") for entry, one in zip(entries, names, strict=True)]
    boxes = next((entry for entry in entries if root is not None and entry.path == f"{root}{_BOXES}"), None)
    refused: list[Refused] = []

    def fill(folder: Path, new: Saved) -> None:
        new.classes, new.settings = saved.classes, saved.settings
        _write(folder, saved, given, refused)
        if boxes is not None and saved.kind == "find":
            write_whole(folder / _BOXES, boxes.read())

    return projects.create(saved.kind, "", fill, saved.name), refused


def _saved_in(entries: Sequence[Entry], name: str) -> tuple[Saved, str | None]:
    """Return what the project's file in a zip says, and the folder in which it lies; None where there is no project."""
    found = [entry for entry in entries if PurePosixPath(entry.path).name == project_file.NAME]
    nothing = Saved(new_project_id(), "classify", name)
    if not found:
        return nothing, None
    first = min(found, key=lambda entry: entry.path.count("/"))
    root = first.path.removesuffix(project_file.NAME)
    try:
        return project_file.checked(plain_json.loads(first.read()), PurePosixPath(root).name or name), root
    except (Damaged, ValueError) as error:
        if isinstance(error, XEduError):
            raise
        return nothing, root


def _within(path: str, root: str | None) -> str:
    """Return a picture's path within ``pictures``; empty for what is none."""
    start = f"{root}pictures/"
    return path[len(start) :] if root is not None and path.startswith(start) else ""


def _write(folder: Path, saved: Saved, given: Sequence[tuple[Entry, str]], refused: list[Refused]) -> None:
    """Write pictures under their ids, and make the classes that the file does not know."""
    places = {same(one.folder): index for index, one in enumerate(saved.classes) if one.folder}
    for index, one in enumerate(saved.classes):  # a name that this system cannot make
        taken = [other.folder for other in saved.classes[:index]]
        inner = folder_name(one.folder, taken) if one.folder else ""
        saved.classes[index] = PictureClass(one.id, one.name, one.color, inner)
        if inner:
            (folder / "pictures" / inner).mkdir()
    orders = [order_in(_id_of(saved, place)) or 0 for _, place in given]
    following, used = max(orders, default=0) + 1, set[str]()
    for entry, place in given:
        short = PurePosixPath(place).name
        identifier = _id_of(saved, place)
        if order_in(identifier) is None or identifier in used:
            identifier, following = new_id(following), following + 1
        try:
            if len(used) >= refusals.MOST_PICTURES:
                raise refusals.full()
            data = entry.read()
            suffix = intake.looked_at(data, short).suffix
            inner = _class_folder(saved, places, place) if saved.kind == "classify" else "."
            write_whole(folder / "pictures" / inner / f"{identifier}{suffix}", data, durable=False)
            used.add(identifier)
        except (DiskFull, PathNotWritable):
            raise
        except XEduError as error:
            refused.append(Refused(short, error))


def _id_of(saved: Saved, place: str) -> str:
    return saved.own_names.get(place) or PurePosixPath(place).stem


def _class_folder(saved: Saved, places: dict[str, int], place: str) -> str:
    """Return the folder of a picture's class; the class is made where it is not known."""
    name = place.split("/")[0] if "/" in place else say("pictures", "图片")
    if same(name) not in places:
        if len(saved.classes) >= refusals.MOST_CLASSES:
            raise refusals.too_many_classes()
        places[same(name)] = len(saved.classes)
        shown = cleaned(name[:300], "?")
        inner = folder_name(shown, [one.folder for one in saved.classes])
        saved.classes.append(PictureClass(new_class_id(), shown, len(saved.classes) % COLOURS, inner))
    return saved.classes[places[same(name)]].folder
