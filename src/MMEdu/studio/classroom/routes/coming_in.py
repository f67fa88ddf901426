"""Coming in: the teacher with the token, pupils with the PIN and a name.

``GET /api/hello`` → {role: "teacher"|"pupil"|"", name, here: whether this is the teacher's computer};
``POST /api/session {token}``; ``POST /api/join {pin, name}`` → {id, name}, and a cookie.
"""

from __future__ import annotations

import threading

from starlette.responses import Response

from BaseDT.errors import PathExists
from BaseDT.language import current_language, say
from MMEdu import __version__
from MMEdu.studio.asking import Asked, get, json_response, post
from MMEdu.studio.classroom.classroom import Classroom
from MMEdu.studio.classroom.who import is_teacher, pupil_cookie, pupil_of
from MMEdu.studio.studio import Studio
from MMEdu.studio.words import words
from XEdu.serve.door import Door

_LONG = 200 * 24 * 3600
_EACH = 5
"""Wrong PINs a minute from one address; the door counts those of all."""
_MOST_ADDRESSES = 1000


class _Doors:
    """A count of wrong PINs for each address, so that one who guesses does not shut out the class."""

    def __init__(self, studio: Studio) -> None:
        del studio
        self._doors: dict[str, Door] = {}
        self._lock = threading.Lock()

    def of(self, address: str) -> Door:
        """Return the count of an address."""
        with self._lock:
            if len(self._doors) > _MOST_ADDRESSES:
                self._doors.clear()  # the door of all goes on counting
            return self._doors.setdefault(address, Door("", "", guesses=_EACH))


def hello(asked: Asked) -> object:
    """Say who asks, to anybody."""
    pupil = pupil_of(asked)
    role = "teacher" if is_teacher(asked) else "pupil" if pupil else ""
    return {
        "role": role,
        "id": pupil.id if pupil else "",
        "name": pupil.name if pupil else "",
        "here": bool(asked.headers["x-here"]),
        "program": "mmedu class",
        "version": __version__,
        "language": current_language(),
    }


def all_words(asked: Asked) -> object:
    """Return the page's words in the asker's language, by key."""
    del asked
    return words(current_language())


def session(asked: Asked) -> Response:
    """Give the teacher's cookie to whoever has the token, on this computer."""
    door = asked.studio.door
    if not asked.headers["x-here"]:
        return _closed(
            "elsewhere",
            say("The teacher's page opens on the teacher's computer only.", "教师页面只能在教师的电脑上打开。"),
        )
    if not door.opens_to_token(asked.text("token", "")):
        message = say("That is not this class's address any more: open the one that the terminal shows.",
                      "这个地址已失效：请打开终端里显示的地址。")  # fmt: skip
        return _closed("token", message)
    response = json_response({"ok": True})
    response.set_cookie(door.cookie, door.cookie_value, httponly=True, samesite="strict", max_age=30 * 24 * 3600)
    return response


def join(asked: Asked) -> Response:
    """Let a pupil in."""
    door, own = asked.studio.door, asked.studio.room(_Doors).of(asked.headers["x-from"])
    if (seconds := max(door.seconds_to_wait(), own.seconds_to_wait())) > 0:
        wait = int(seconds) + 1
        message = say(f"Too many wrong PINs: wait {wait} s.", f"PIN 错误次数过多：请等待 {wait} 秒。")
        return _closed("wait", message, 429)
    if not door.opens_to_pin(asked.text("pin")):
        own.opens_to_pin("wrong")
        return _closed("pin", say("That is not the PIN of this class.", "这不是本课堂的 PIN。"))
    classroom = asked.studio.room(Classroom)
    name = asked.text("name")
    try:
        pupil, key = classroom.pupils.join(name)
    except PathExists as error:
        told = {"error": "taken", "code": error.code, "message": error.message, "hint": error.hint}
        return json_response({**told, "free": classroom.pupils.free(name.strip())}, 409)
    classroom.changed()
    response = json_response({"id": pupil.id, "name": pupil.name})
    response.set_cookie(pupil_cookie(asked.studio), key, httponly=True, samesite="strict", max_age=_LONG)
    return response


def _closed(word: str, message: str, status: int = 401) -> Response:
    return json_response({"error": word, "message": message}, status)


ROUTES = [
    get("/api/hello", hello),
    get("/api/words", all_words),
    post("/api/session", session),
    post("/api/join", join),
]
