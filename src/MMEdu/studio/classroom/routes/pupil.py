"""What a pupil may do: see and fetch what is on the shelf, hand in, send photographs.

``GET /api/class`` → {open, shelf: [{id, name, file, kind, pictures, bytes}], photos: {name, classes: [{id, name,
count}]}?, me: {id, name, hand_ins: [{id, when, name, pictures, state, before?, done, total, score?, right?, of?,
message?, hint?, sentences}]}}; ``GET /api/shelf/{id}`` → the file; ``POST /api/uploads {name, size}`` → {id,
received, part}, ``POST /api/uploads/{id}?at=N`` (raw), ``GET /api/uploads/{id}``; ``POST /api/handins {upload,
pictures, classes}`` → hand-in; ``POST /api/photos/{class}`` (raw) → {count}; ``GET /api/events`` (SSE): ``changed``.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.classroom.classroom import LARGEST_HAND_IN, Classroom
from MMEdu.studio.classroom.pupils import HandIn, Pupil
from MMEdu.studio.classroom.who import is_teacher, pupil_of
from MMEdu.studio.live import event_stream, events_at

_LARGEST_OF_TEACHER = 4 * 2**30


def the_class(asked: Asked) -> object:
    """Return what a pupil's page shows."""
    classroom = asked.studio.room(Classroom)
    pupil = pupil_of(asked)
    return {
        "open": classroom.open,
        "shelf": [item.told() for item in classroom.shelf.items()],
        "photos": classroom.photos.told(),
        "me": _me(classroom, pupil) if pupil else None,
    }


def fetch(asked: Asked) -> Response:
    """Return a thing of the shelf as one file."""
    classroom = asked.studio.room(Classroom)
    item = classroom.shelf.find(asked.path["id"])
    return FileResponse(classroom.shelf.packed(item), filename=item.download, media_type="application/octet-stream")


def begin_upload(asked: Asked) -> object:
    """Expect a file in parts."""
    largest = _LARGEST_OF_TEACHER if is_teacher(asked) else LARGEST_HAND_IN
    uploads = asked.studio.room(Classroom).uploads
    return uploads.begin(asked.headers["x-who"], asked.text("name"), asked.json().get("size"), largest).told()


def add_part(asked: Asked) -> object:
    """Take a part of a file."""
    at = asked.query.get("at", "")
    if not (at.isascii() and at.isdigit() and len(at) < 16):
        raise ParameterInvalid(
            say("The part does not say where it belongs.", "没有说明这一段的位置。"),
            hint=say("Send it again.", "请重新发送。"),
        )
    uploads = asked.studio.room(Classroom).uploads
    return uploads.add(asked.headers["x-who"], asked.path["id"], int(at), asked.body).told()


def upload_state(asked: Asked) -> object:
    """Say how much of a file has come."""
    return asked.studio.room(Classroom).uploads.find(asked.headers["x-who"], asked.path["id"]).told()


def hand_in(asked: Asked) -> object:
    """Take a model in."""
    classroom, pupil = asked.studio.room(Classroom), pupil_of(asked)
    if pupil is None:
        raise ParameterInvalid(
            say("The teacher hands nothing in.", "老师不需要提交。"),
            hint=say("Come in as a pupil.", "请以同学身份进入。"),
        )
    upload = classroom.uploads.whole(pupil.id, asked.text("upload"))
    given = asked.json()
    return told_hand_in(classroom, classroom.hand_in(pupil, upload, given.get("pictures"), given.get("classes")))


def send_photo(asked: Asked) -> object:
    """Take a photograph into a class."""
    classroom = asked.studio.room(Classroom)
    classroom.photos.add(asked.path["class"], asked.headers["x-who"], asked.body)
    classroom.changed()
    return {"count": len(classroom.photos.of(asked.path["class"]))}


def open_events(request: Request) -> StreamingResponse:
    """Follow what changes."""
    channel = request.app.state.studio.room(Classroom).channel
    return event_stream(request, channel.after, start=channel.number)


def told_hand_in(classroom: Classroom, hand_in: HandIn) -> dict[str, Any]:
    """Return what a pupil may know of a hand-in of his own: no picture of the hidden set."""
    state = classroom.state_of(hand_in)
    told: dict[str, Any] = {
        "id": hand_in.id,
        "when": hand_in.when,
        "name": hand_in.name,
        "pictures": hand_in.pictures,
        "state": state,
        "done": hand_in.progress[0],
        "total": hand_in.progress[1],
    }
    if state == "waiting":
        told["before"] = next((n for n, one in enumerate(classroom.waiting()) if one is hand_in), 0)
    result = hand_in.result or {}
    if state == "done":
        told |= {"score": result["score"], "right": result["right"], "of": result["total"]}
        told["sentences"] = result.get("sentences", [])
    if state == "failed":
        told |= {"message": result["message"], "hint": result.get("hint", "")}
    return told


def _me(classroom: Classroom, pupil: Pupil) -> dict[str, Any]:
    latest = reversed(pupil.hand_ins[-10:])
    return {"id": pupil.id, "name": pupil.name, "hand_ins": [told_hand_in(classroom, one) for one in latest]}


ROUTES = [
    get("/api/class", the_class),
    get("/api/shelf/{id}", fetch),
    post("/api/uploads", begin_upload),
    post("/api/uploads/{id}", add_part),
    get("/api/uploads/{id}", upload_state),
    post("/api/handins", hand_in),
    post("/api/photos/{class}", send_photo),
    events_at("/api/events", open_events),
]
