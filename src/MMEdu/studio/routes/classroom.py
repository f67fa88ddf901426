"""The class that this studio has joined; see ``MMEdu.studio.classroom.link``: asked only when the pupil wants it.

``GET /api/class`` → {joined, address, name, class?: what the class says (``classroom/routes/pupil.py``), problem?:
{message, hint}}; ``POST /api/class/join {address, pin, name}``, ``POST /api/class/leave`` → the same; ``POST
/api/class/fetch {item}`` → {project, kind, pictures, refused} or {folder, name}; ``POST /api/class/handin {project,
file?}`` → hand-in: ``file`` is what ``POST /api/projects/{id}/take`` gave, without it the project's own
``model.onnx`` is handed in.
"""

from __future__ import annotations

from pathlib import Path

from BaseDT.errors import CheckpointNotFound, DatasetNotFound
from BaseDT.files import discard
from BaseDT.language import say
from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.classroom import fetched
from MMEdu.studio.classroom.link import ClassLink
from MMEdu.studio.projects.projects import Projects
from XEdu.serve.guard import Refusal


def the_class(asked: Asked) -> object:
    """Say which class this is, and what is there; a class that does not answer is no error."""
    link = asked.studio.room(ClassLink)
    place = link.place
    if place is None:
        return {"joined": False, "address": "", "name": ""}
    told = {"joined": True, "address": place.address, "name": place.name}
    try:
        found = link.get("/api/class")
    except Refusal as refusal:
        return {**told, "problem": {"message": refusal.message, "hint": ""}}
    except DatasetNotFound as error:
        return {**told, "problem": {"message": error.message, "hint": error.hint}}
    return {**told, "class": found}


def join(asked: Asked) -> object:
    """Join a class."""
    asked.studio.room(ClassLink).join(asked.text("address"), asked.text("pin"), asked.text("name"))
    return the_class(asked)


def leave(asked: Asked) -> object:
    """Forget the class."""
    asked.studio.room(ClassLink).leave()
    return the_class(asked)


def fetch(asked: Asked) -> object:
    """Fetch a thing of the shelf."""
    link, wanted = asked.studio.room(ClassLink), asked.text("item")
    items = link.get("/api/class").get("shelf", [])
    item = next((one for one in items if isinstance(one, dict) and one.get("id") == wanted), None)
    if item is None:
        raise DatasetNotFound(
            say("This is not on the shelf any more.", "共享架上已经没有它了。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )
    file = link.fetch(wanted)
    try:
        return fetched.keep(asked.studio, file, item)
    finally:
        discard(file)


def hand_in(asked: Asked) -> object:
    """Hand in the model of a project."""
    link = asked.studio.room(ClassLink)
    project = asked.studio.room(Projects).find(asked.text("project"))
    model = _file(asked) or _newest(project.folder)
    if model is None:
        raise CheckpointNotFound(
            say(f"'{project.name}' has no model yet.", f"“{project.name}”还没有模型。"),
            hint=say(
                "Open the project and train it; a network of its own is converted to ONNX on the page Convert.",
                "请先打开项目训练；自己训练的网络请在“转换”页面转成 ONNX。",
            ),
        )
    upload = link.send(model, f"{project.name[:80]}.onnx")
    about = {"pictures": len(project.pictures()), "classes": [one.name for one in project.classes]}
    return link.post("/api/handins", {"upload": upload, **about})


def _newest(folder: Path) -> Path | None:
    """Return the model of a project: its own, or what was exported last of its trainings."""
    if (own := folder / "model.onnx").is_file():
        return own
    return max((folder / "runs").rglob("*.onnx"), key=lambda path: path.stat().st_mtime, default=None)


def _file(asked: Asked) -> Path | None:
    if not (identifier := asked.text("file", "")):
        return None
    from MMEdu.studio.files import Files

    path = asked.studio.room(Files).path(identifier)
    return path if path.suffix == ".onnx" else None  # a model that was taken with its script lies in the project, too


ROUTES = [
    get("/api/class", the_class),
    post("/api/class/join", join),
    post("/api/class/leave", leave),
    post("/api/class/fetch", fetch),
    post("/api/class/handin", hand_in),
]
