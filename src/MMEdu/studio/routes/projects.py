"""Projects: their classes and pictures. JSON; errors as everywhere: ``{error, code, message, hint}``.

- ``GET /api/projects`` → ``{projects: [{id, folder, name, kind, changed, pictures, classes, covers, problem?}]}``; one
  that cannot be opened has no ``kind``, and its ``problem`` says why. ``GET /api/starts`` → ``{starts: [{id, kind,
  name, what, pictures, classes: [name]}]}``; ``GET /api/starts/{start}/cover`` shows one.
- ``POST /api/projects {kind, name?, start?}``, ``GET /api/projects/{id}``, ``POST /api/projects/{id} {name?, settings?,
  order?}`` → project: ``{id, name, kind, folder, revision, notes, settings, pictures, classes: [class]}``, a class is
  ``{id, name, color, count, pictures}``. Pictures are ``{id, width, height, added}``, upright, in the order in which
  they came; those of a project of kind "find" stand in ``project.pictures``, the others with their class. ``color`` is
  0 to 7. ``width`` is 0 where a file that somebody put into the folder is no picture after all.
  ``POST /api/projects`` with a form: ``files`` is a zip that a project was taken away as, or of class folders → project
  with ``refused``.
- ``DELETE /api/projects/{id}``: what runs of it is stopped first.
- ``POST …/classes {name?}`` → class; ``POST …/classes/{c} {name?, color?}`` → class; ``DELETE …/classes/{c}``.
- ``POST …/classes/{c}/pictures``: a form with ``files`` (pictures, zips), or one picture as the body → ``{added:
  [picture], refused: [{file, message, hint}], revision}``. One picture as the body that is refused is an error.
- ``POST …/pictures``: the same for kind "find"; for kind "classify" pictures and zips whose folders name their classes
  (``webkitRelativePath`` as file name); classes that are missing are made. Each of ``added`` has ``class``.
- ``DELETE …/pictures/{p}``, ``POST …/pictures/remove {pictures: [id]}``, ``POST …/pictures/{p}/move {class}``,
  ``POST …/pictures/move {pictures: [id], class}`` → ``{revision}``.
- ``GET …/pictures/{p}``: the file (JPEG where browsers do not show it), ``GET …/pictures/{p}/thumb``: 160 pixels.
- ``GET …/events``: ``changed {revision}``, ``missed``, and what other parts tell on ``Project.channel``.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from BaseDT import image
from BaseDT.contents import read_bytes
from BaseDT.dataset.scan import LABEL_FILES, is_system
from BaseDT.errors import DatasetInvalid, ParameterInvalid, XEduError
from BaseDT.image.writing import jpeg
from BaseDT.language import say
from MMEdu.studio.asking import Asked, UploadedFile, delete, get, post
from MMEdu.studio.jobs.job import ACTIVE, Job
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.live import Told, event_stream, events_at
from MMEdu.studio.projects import archives, refusals
from MMEdu.studio.projects.bringing import brought
from MMEdu.studio.projects.intake import shown_in_browsers
from MMEdu.studio.projects.picture import Picture, PictureClass
from MMEdu.studio.projects.project import Project, Refused
from MMEdu.studio.projects.projects import Listed, Projects
from MMEdu.studio.projects.sorting import classes_of
from MMEdu.studio.projects.starts import Start, start_named, starts
from MMEdu.studio.studio import Studio

_COVERS = 3
_TYPES = {".png": "image/png", ".webp": "image/webp", ".bmp": "image/bmp", ".avif": "image/avif"}
Sent = tuple[str, Callable[[], bytes]]
"""A file that came: its path, and what reads it."""
_JOBS_END = 15.0
"""Seconds; a job that was asked to stop has ended by then."""
_ASK_AGAIN = {"cache-control": "no-cache"}


def all_projects(asked: Asked) -> object:
    """List the projects, the latest first."""
    projects = asked.studio.room(Projects)
    return {"projects": [_listed(one) for one in projects.list()]}


def create(asked: Asked) -> object:
    """Make a project."""
    projects = asked.studio.room(Projects)
    if asked.files:
        made, refused = brought(
            projects, asked.files[0].data, asked.files[0].name.replace("\\", "/").rpartition("/")[2]
        )
        return _project(made) | {"refused": [_refused(one) for one in refused]}
    name = asked.text("name", "")
    if not asked.text("start", ""):
        return _project(projects.create(asked.text("kind"), name))
    start = start_named(asked.text("start"))
    return _project(projects.create(start.kind, name, start.fill, say(*start.name)))


def all_starts(asked: Asked) -> object:
    """List the sets to start from."""
    del asked
    return {"starts": [_start(one) for one in starts()]}


def start_cover(asked: Asked) -> Response:
    """Return a picture of a set to start from."""
    return Response(start_named(asked.path["start"]).cover(), media_type="image/jpeg", headers=_ASK_AGAIN)


def show(asked: Asked) -> object:
    """Return a project, compared with its folder."""
    return _project(asked.studio.room(Projects).looked_at(asked.path["id"]))


def change(asked: Asked) -> object:
    """Rename a project, keep settings of pages, order the classes."""
    project, given = _found(asked), asked.json()
    if "name" in given:
        project.rename(asked.text("name"))
    if "settings" in given:
        if not isinstance(given["settings"], dict):
            raise _no("settings")
        project.change_settings(given["settings"])
    if "order" in given:
        project.order_classes(_texts(asked, "order"))
    return _project(project)


def remove(asked: Asked) -> object:
    """Delete a project; what runs of it ends first."""
    _end_jobs(asked.studio, asked.path["id"])
    asked.studio.room(Projects).delete(asked.path["id"])
    return {}


def _end_jobs(studio: Studio, project_id: str) -> None:
    """Stop the jobs of a project, and wait for them: a process that still writes may hold its files."""
    jobs = studio.room(Jobs)

    def active() -> list[Job]:
        return [one for one in jobs.all() if one.settings.get("project") == project_id and one.state in ACTIVE]

    for job in active():
        with contextlib.suppress(XEduError):
            jobs.stop(job.id)
    until = time.monotonic() + _JOBS_END
    while active() and time.monotonic() < until:
        time.sleep(0.05)


def add_class(asked: Asked) -> object:
    """Make a class."""
    project = _found(asked)
    return _class(project, project.add_class(asked.text("name", "")), {})


def change_class(asked: Asked) -> object:
    """Rename a class, or colour it."""
    project, given = _found(asked), asked.json()
    color = given.get("color")
    if color is not None and (not isinstance(color, int) or isinstance(color, bool)):
        raise _no("color")
    name = asked.text("name") if "name" in given else None
    return _class(project, project.change_class(asked.path["class_id"], name, color), project.sizes())


def remove_class(asked: Asked) -> object:
    """Delete a class with its pictures."""
    project = _found(asked)
    project.remove_class(asked.path["class_id"])
    return {"revision": project.revision}


def add_to_class(asked: Asked) -> object:
    """Take in pictures of one class, whatever folders they come in."""
    project = _found(asked)
    return _added_to(project, asked.path["class_id"], asked)


def add_pictures(asked: Asked) -> object:
    """Take in pictures of which their folders say the class; of kind "find", pictures."""
    project = _found(asked)
    if project.kind == "find":
        return _added_to(project, "", asked)
    if not asked.files:
        raise _no("files")
    added: list[Picture] = []
    refused: list[Refused] = []
    for default, files in _groups(asked.files):
        names = [name or default for name in classes_of([name for name, _ in files])]
        for class_name in dict.fromkeys(names):
            mine = [pair for pair, name in zip(files, names, strict=True) if name == class_name]
            more, less = _into_class(project, class_name, mine)
            added += more
            refused += less
    return _told(project, added, refused)


def remove_pictures(asked: Asked) -> object:
    """Delete pictures."""
    project = _found(asked)
    project.remove(*([asked.path["picture"]] if "picture" in asked.path else _texts(asked, "pictures")))
    return {"revision": project.revision}


def move_pictures(asked: Asked) -> object:
    """Move pictures to another class."""
    project = _found(asked)
    chosen = [asked.path["picture"]] if "picture" in asked.path else _texts(asked, "pictures")
    project.move(asked.text("class"), *chosen)
    return {"revision": project.revision}


def picture(asked: Asked) -> Response:
    """Return a picture's file."""
    found = _found(asked).picture(asked.path["picture"])
    suffix = found.path.suffix.lower()
    if asked.headers.get("if-none-match") == _tag(found):
        return Response(status_code=304, headers=_told_again(found))
    if not shown_in_browsers(suffix):
        return Response(jpeg(image.read(found.path)), media_type="image/jpeg", headers=_told_again(found))
    try:
        content = read_bytes(found.path)
    except OSError as error:
        raise refusals.no_picture() from error
    return Response(content, media_type=_TYPES.get(suffix, "image/jpeg"), headers=_told_again(found))


def thumb(asked: Asked) -> Response:
    """Return a small picture."""
    project = _found(asked)
    found = project.picture(asked.path["picture"])
    if asked.headers.get("if-none-match") == _tag(found):
        return Response(status_code=304, headers=_told_again(found))
    return Response(project.thumb(found.id), media_type="image/jpeg", headers=_told_again(found))


def _tag(one: Picture) -> str:
    return f'"{one.stamp[0]:x}-{one.stamp[1]:x}"'


def _told_again(one: Picture) -> dict[str, str]:
    return _ASK_AGAIN | {"etag": _tag(one)}


def events(request: Request) -> StreamingResponse:
    """Tell what happens to a project; at first its revision, for something may have happened since the page read it."""
    studio: Studio = request.app.state.studio
    project = studio.room(Projects).find(request.path_params["id"])
    start = project.channel.number
    news = [Told(start, "changed", {"revision": project.revision})]

    def source(number: int) -> list[Told]:
        first, news[:] = list(news), []
        return first + project.channel.after(number)

    return event_stream(request, source, start=start)


# --- what is sent ---------------------------------------------------------------------------------------------------


def _listed(one: Listed) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "folder": one.folder, "name": one.folder, "changed": one.changed}
    if one.problem:
        told["problem"] = one.problem
    if one.project is not None:
        pictures = one.project.pictures()
        told |= {"name": one.project.name, "kind": one.project.kind, "pictures": len(pictures)}
        told["classes"] = len(one.project.classes)
        told["covers"] = _covers(one.project, pictures)
    return told


def _covers(project: Project, pictures: tuple[Picture, ...]) -> list[str]:
    """Return a picture of each of the first classes; of kind "find" the first ones."""
    firsts: dict[str, str] = {}
    for picture in reversed(pictures):
        firsts[picture.class_id or picture.id] = picture.id
    order = [one.id for one in project.classes] if project.kind == "classify" else [p.id for p in pictures[:_COVERS]]
    return [firsts[one] for one in order if one in firsts][:_COVERS]


def _start(one: Start) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "name": say(*one.name),
        "what": say(*one.what),
        "classes": one.class_names(),
        "pictures": one.count,
    }


def _project(project: Project) -> dict[str, Any]:
    revision, sizes = project.revision, project.sizes()
    loose = project.pictures("") if project.kind == "find" else ()
    return {
        "id": project.id,
        "name": project.name,
        "kind": project.kind,
        "folder": project.folder.name,
        "revision": revision,
        "notes": list(project.notes),
        "settings": project.settings,
        "classes": [_class(project, one, sizes) for one in project.classes],
        "pictures": [_picture(one, sizes) for one in loose],
    }


def _class(project: Project, one: PictureClass, sizes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    pictures = [_picture(p, sizes) for p in project.pictures(one.id)]
    return {"id": one.id, "name": one.name, "color": one.color, "count": len(pictures), "pictures": pictures}


def _picture(one: Picture, sizes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    width, height = sizes.get(one.id, (0, 0))
    return {"id": one.id, "width": width, "height": height, "added": one.order}


def _told(project: Project, added: list[Picture], refused: list[Refused]) -> dict[str, Any]:
    sizes = project.sizes()
    return {
        "added": [_picture(one, sizes) | {"class": one.class_id} for one in added],
        "refused": [_refused(one) for one in refused],
        "revision": project.revision,
    }


def _refused(one: Refused) -> dict[str, str]:
    return {"file": one.file, "message": one.error.message, "hint": one.error.hint}


# --- what comes in --------------------------------------------------------------------------------------------------


def _found(asked: Asked) -> Project:
    return asked.studio.room(Projects).find(asked.path["id"])


def _added_to(project: Project, class_id: str, asked: Asked) -> object:
    if not asked.files:
        if not asked.body:
            raise _no("files")
        if archives.is_zip(asked.body):
            return _added_files(project, class_id, [UploadedFile("zip", asked.body)])
        return _told(project, [project.add(class_id, asked.body)], [])
    return _added_files(project, class_id, asked.files)


def _added_files(project: Project, class_id: str, uploaded: Iterable[UploadedFile]) -> object:
    refused: list[Refused] = []
    added, more = project.add_all(class_id, _read((one for _, group in _groups(uploaded) for one in group), refused))
    return _told(project, added, refused + more)


def _into_class(project: Project, name: str, files: Iterable[Sent]) -> tuple[list[Picture], list[Refused]]:
    """Take pictures into the class of a name; it is made for the first of them."""
    refused: list[Refused] = []
    if not name:
        alone = [file for file, _ in _read(files, refused)]
        return [], refused + [Refused(file, _no_folder(file)) for file in alone]
    known = project.class_named(name)
    try:
        found = known or project.add_class(name)
    except XEduError as error:
        return [], [Refused(_short(file), error) for file, _ in files]
    try:
        added, more = project.add_all(found.id, _read(files, refused))
    finally:
        if known is None and not project.pictures(found.id):  # nothing of it was a picture
            project.remove_class(found.id)
    return added, refused + more


def _groups(uploaded: Iterable[UploadedFile]) -> Iterator[tuple[str, list[Sent]]]:
    """Give what belongs together: the files of a zip, whose name is that of a class without folder; all the rest."""
    alone: list[Sent] = []
    for one in uploaded:
        name = one.name.replace("\\", "/")
        if not archives.is_zip(one.data):
            alone.append((name, partial(bytes, one.data)))
            continue
        try:
            entries = _pictures_of_a_project(archives.entries(one.data, name))
            yield PurePosixPath(name).stem, [(entry.path, entry.read) for entry in entries]
        except DatasetInvalid as error:
            yield "", [(name, partial(_raise, error))]
    yield "", alone


def _pictures_of_a_project(entries: list[archives.Entry]) -> list[archives.Entry]:
    """Return only the pictures where a zip is a project that was taken away: its model and its file are none."""
    if not any(PurePosixPath(entry.path).name == "project.json" for entry in entries):
        return entries
    return [entry for entry in entries if "pictures" in PurePosixPath(entry.path).parts[:2]] or entries


def _read(files: Iterable[Sent], refused: list[Refused]) -> Iterator[tuple[str, bytes]]:
    """Give the files that can be read, and put the others to what is refused."""
    for name, read in files:
        if _goes_without_saying(name):
            continue
        try:
            data = read()
        except XEduError as error:
            refused.append(Refused(_short(name), error))
            continue
        yield _short(name), data


def _goes_without_saying(name: str) -> bool:
    """Tell whether a file of a folder was never meant as a picture: a system's own, or a data set's lists."""
    return is_system(_short(name)) or _short(name).lower() in LABEL_FILES


def _short(name: str) -> str:
    return name.rpartition("/")[2]


def _raise(error: XEduError) -> bytes:
    raise error


def _no_folder(file: str) -> DatasetInvalid:
    return DatasetInvalid(
        say(f"{file} lies in no folder: its class is not known.", f"{file} 不在文件夹中，无法确定类别。"),
        hint=say("Drop it onto a class, or drop a folder that is called like the class.",
                 "请把它拖到某个类别上，或拖入以类别命名的文件夹。"),
    )  # fmt: skip


def _texts(asked: Asked, name: str) -> list[str]:
    values = asked.json().get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _no(name)
    return values


def _no(name: str) -> ParameterInvalid:
    return ParameterInvalid(
        say(f"The request lacks '{name}'.", f"请求缺少“{name}”。"), hint=say("Reload the page.", "请刷新页面。")
    )


_ONE = "/api/projects/{id}"
ROUTES = [
    get("/api/projects", all_projects),
    post("/api/projects", create),
    get("/api/starts", all_starts),
    get("/api/starts/{start}/cover", start_cover),
    get(_ONE, show),
    post(_ONE, change),
    delete(_ONE, remove),
    post(f"{_ONE}/classes", add_class),
    post(f"{_ONE}/classes/{{class_id}}", change_class),
    delete(f"{_ONE}/classes/{{class_id}}", remove_class),
    post(f"{_ONE}/classes/{{class_id}}/pictures", add_to_class),
    post(f"{_ONE}/pictures", add_pictures),
    post(f"{_ONE}/pictures/remove", remove_pictures),
    post(f"{_ONE}/pictures/move", move_pictures),
    get(f"{_ONE}/pictures/{{picture}}", picture),
    delete(f"{_ONE}/pictures/{{picture}}", remove_pictures),
    get(f"{_ONE}/pictures/{{picture}}/thumb", thumb),
    post(f"{_ONE}/pictures/{{picture}}/move", move_pictures),
    events_at(f"{_ONE}/events", events),
]
