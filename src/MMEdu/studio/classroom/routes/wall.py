"""The wall: what everybody sees of everybody.

``GET /api/wall`` → {here: number of pupils, test: {name, pictures}?, show_mistakes, waiting, rows: [{id, name,
place?, pictures, score?, right?, of?, state, tries, mistakes: [{n, true, said}]}]}, sorted; ``GET
/api/wall/{pupil}/{n}`` → a picture of the hidden set, where the teacher shows these; ``GET /api/address`` →
{addresses, pin}; ``GET /api/qr?n=0`` → SVG.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
from starlette.responses import Response

from BaseDT import image
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.studio.asking import Asked, get
from MMEdu.studio.classroom.classroom import Classroom
from MMEdu.studio.classroom.pupils import Pupil
from MMEdu.studio.classroom.who import is_teacher
from MMEdu.studio.studio import Studio

_SHOWN = 3
_SIDE = 320
_KEEP = {"cache-control": "private, max-age=600"}


@dataclass
class Told:
    """How to come in, as the server found it out; set when it starts."""

    addresses: tuple[str, ...] = ()
    pin: str = ""


def told_of(studio: Studio) -> Told:
    """Make the place where the server says how to come in."""
    del studio
    return Told()


def wall(asked: Asked) -> object:
    """Return the league."""
    classroom = asked.studio.room(Classroom)
    pupils = classroom.pupils.all()
    rows = [_row(classroom, pupil) for pupil in pupils if pupil.hand_ins]
    rows.sort(key=lambda row: (-row["score"] if row["score"] is not None else 1, row["name"].casefold()))
    place = 0
    for number, row in enumerate(rows):
        if row["score"] is None:
            break
        place = place if number and rows[number - 1]["score"] == row["score"] else number + 1
        row["place"] = place
    test = classroom.test
    return {
        "here": len(pupils),
        "test": {"name": test["name"], "pictures": test["pictures"]} if test else None,
        "show_mistakes": classroom.show_mistakes,
        "open": classroom.open,
        "waiting": len(classroom.waiting()),
        "rows": rows,
    }


def mistake(asked: Asked) -> Response:
    """Return the picture of a mistake, small."""
    classroom = asked.studio.room(Classroom)
    if not (classroom.show_mistakes or is_teacher(asked)):
        raise ParameterInvalid(
            say("The hidden pictures are not shown.", "隐藏的图片不公开。"), hint=say("Ask your teacher.", "请问老师。")
        )
    number = asked.path["n"]
    pupil = classroom.pupils.find(asked.path["pupil"])
    path = classroom.mistake(pupil, int(number) if number.isascii() and number.isdigit() else -1)
    return Response(_small(path, path.stat().st_mtime_ns), media_type="image/jpeg", headers=_KEEP)


def address(asked: Asked) -> object:
    """Say how one comes in."""
    told = asked.studio.room(told_of)
    return {"addresses": list(told.addresses), "pin": told.pin}


def qr(asked: Asked) -> Response:
    """Return an address with the PIN as a QR code: one who scans it types the name alone."""
    import segno

    told = asked.studio.room(told_of)
    number = asked.query.get("n", "0")
    chosen = int(number) if number.isascii() and number.isdigit() else 0
    if chosen >= len(told.addresses):
        raise ParameterInvalid(
            say("There is no such address.", "没有这个地址。"), hint=say("Reload the page.", "请刷新页面。")
        )
    drawn = io.BytesIO()
    segno.make(f"{told.addresses[chosen]}/#pin={told.pin}", error="m").save(drawn, kind="svg", border=2, scale=8)
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})


def told_mistakes(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the worst mistakes of a judged model: ``n`` is what the picture's address takes."""
    listed = result.get("mistakes", [])[:_SHOWN]
    return [{"n": n, "true": one["true"], "said": one["said"]} for n, one in enumerate(listed)]


def _row(classroom: Classroom, pupil: Pupil) -> dict[str, Any]:
    test = classroom.test["id"] if classroom.test else ""
    best, last = pupil.best(test), pupil.hand_ins[-1]
    row: dict[str, Any] = {
        "id": pupil.id,
        "name": pupil.name,
        "pictures": (best or last).pictures,
        "score": None,
        "state": classroom.state_of(last),
        "tries": len(pupil.hand_ins),
        "done": last.progress[0],
        "total": last.progress[1],
        "mistakes": [],
    }
    if best and best.result:
        found = best.result
        row |= {"score": found["score"], "right": found["right"], "of": found["total"]}
        if classroom.show_mistakes:  # not to the teacher alone either: it is the teacher's screen that the class sees
            row["mistakes"] = told_mistakes(found)
    return row


@functools.lru_cache(maxsize=512)
def _small(path: Path, changed: int) -> bytes:
    del changed
    pixels = image.read(path)
    scale = min(1.0, _SIDE / max(pixels.shape[:2]))
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return cv2.imencode(".jpg", cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))[1].tobytes()


ROUTES = [
    get("/api/wall", wall),
    get("/api/wall/{pupil}/{n}", mistake),
    get("/api/address", address),
    get("/api/qr", qr),
]
