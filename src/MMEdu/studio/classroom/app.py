"""The application of ``mmedu class``: teacher and pupils told apart before any route is asked.

The teacher has the token, which only the terminal shows, and asks from this computer; a pupil has a key. The path says
who may ask: ``/api/teacher/…`` the teacher alone, every other ``/api/…`` both, but for what is asked before coming in.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from BaseDT.language import say
from MMEdu.studio.app import framed
from MMEdu.studio.asking import json_response
from MMEdu.studio.classroom.classroom import Classroom
from MMEdu.studio.classroom.who import pupil_cookie
from MMEdu.studio.studio import Studio
from XEdu.serve.guard import LOOPBACK

_OPEN = ("/api/hello", "/api/words", "/api/session", "/api/join")
_PARTS = ("coming_in", "pupil", "wall", "teacher", "wheels", "page")
"""The files of ``routes``; the page comes last: it answers to whatever is left."""


def make_class_app(studio: Studio, hosts: Iterable[str] = LOOPBACK, own: Iterable[str] = LOOPBACK) -> ASGIApp:
    """Put the application together.

    Args:
        studio: Its folder is that of the class, its door has the teacher's token and the PIN.
        hosts: By which names the server may be called.
        own: Addresses of this computer: from where the teacher asks.
    """
    found: list[BaseRoute] = []
    for name in _PARTS:
        found += importlib.import_module(f"MMEdu.studio.classroom.routes.{name}").ROUTES
    return framed(studio, found, lambda app: _Roles(app, studio, own), hosts)


class _Roles:
    """Finds out who asks, says it to the routes in a header of its own, and turns the others away."""

    def __init__(self, app: ASGIApp, studio: Studio, own: Iterable[str]) -> None:
        self._app, self._studio, self._own = app, studio, frozenset({*LOOPBACK, *own})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        who = self._who(scope)
        path = scope["path"]
        closed = path.startswith("/api/") and path not in _OPEN and not who
        if closed or (path.split("/")[1:3] == ["api", "teacher"] and who != "teacher"):
            await _turned_away(who)(scope, receive, send)
            return
        client = (scope.get("client") or ("", 0))[0].removeprefix("::ffff:")
        told = [(b"x-who", who.encode("latin-1")), (b"x-from", client.encode("latin-1", "replace"))]
        told.append((b"x-here", b"1" if client in self._own else b""))
        names = {name for name, _ in told}
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in names]
        await self._app({**scope, "headers": [*headers, *told]}, receive, send)

    def _who(self, scope: Scope) -> str:
        cookies = Request(scope).cookies
        client = (scope.get("client") or ("", 0))[0].removeprefix("::ffff:")
        if client in self._own and self._studio.door.knows(cookies.get(self._studio.door.cookie)):
            return "teacher"
        pupil = self._studio.room(Classroom).pupils.by_key(cookies.get(pupil_cookie(self._studio), ""))
        return pupil.id if pupil else ""


def _turned_away(who: str) -> ASGIApp:
    if who:
        message = say("That is for the teacher alone.", "只有老师可以这样做。")
        return json_response({"error": "teacher", "message": message}, 403)
    message = say("Come in first: the PIN and your name.", "请先用 PIN 和名字进入课堂。")
    return json_response({"error": "closed", "message": message}, 401)
