"""The application: its routes found, who may ask checked, errors told in the asker's language."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from BaseDT.errors import (
    CheckpointNotFound,
    DatasetNotFound,
    DiskFull,
    ImageNotFound,
    LogNotFound,
    MemoryExhausted,
    PathExists,
    XEduError,
)
from BaseDT.language import Language, current_language, say
from MMEdu.studio import routes
from MMEdu.studio.asking import json_response
from MMEdu.studio.studio import Studio
from XEdu.serve.asking_language import InTheAskersLanguage
from XEdu.serve.guard import LOOPBACK, Guard, Refusal

_OPEN = ("/api/session", "/api/words", "/api/hello")
"""Asked before one has come in."""
_STATUS: tuple[tuple[type[XEduError], int], ...] = (
    (DatasetNotFound, 404),
    (CheckpointNotFound, 404),
    (ImageNotFound, 404),
    (LogNotFound, 404),
    (PathExists, 409),
    (DiskFull, 507),
    (MemoryExhausted, 507),
)


def make_app(studio: Studio, hosts: Iterable[str] = LOOPBACK) -> ASGIApp:
    """Put the application together.

    Args:
        studio: What it serves.
        hosts: By which names it may be called.
    """
    return framed(studio, _found_routes(), lambda app: _Admitted(app, studio), hosts)


def framed(
    studio: Studio, found: Sequence[BaseRoute], admitted: Callable[[ASGIApp], ASGIApp], hosts: Iterable[str]
) -> ASGIApp:
    """Put routes behind the guard, with errors told in the asker's language; ``mmedu class`` has routes of its own.

    Args:
        studio: What the routes share.
        found: The routes.
        admitted: Puts around the application what lets only those in who may ask.
        hosts: As for ``make_app``.
    """
    app = Starlette(
        routes=found,
        exception_handlers={XEduError: _named, Refusal: _refused, HTTPException: _http, Exception: _unforeseen},
    )
    app.state.studio = studio
    return InTheAskersLanguage(Guard(admitted(app), hosts), _language_of)


def _found_routes() -> list[BaseRoute]:
    """Every file in ``routes`` has ``ROUTES``. The page comes last: it answers to whatever is left."""
    names = sorted(module.name for module in pkgutil.iter_modules(routes.__path__))
    names.sort(key=lambda name: name == "page")
    found: list[BaseRoute] = []
    for name in names:
        found += importlib.import_module(f"{routes.__name__}.{name}").ROUTES
    return found


class _Admitted:
    """Lets only those ask the API who have come in by the door."""

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app, self._studio = app, studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/") and scope["path"] not in _OPEN:
            cookie = Request(scope).cookies.get(self._studio.door.cookie)
            if not self._studio.door.knows(cookie):
                message = say(
                    "Open the address that the studio printed, with all that stands behind the #.",
                    "请打开 studio 启动时输出的完整地址（包括 # 后面的部分）。",
                )
                await json_response({"error": "closed", "message": message}, 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _language_of(request: Request) -> Language:
    """The page says its language; a browser that does not is asked by ``Accept-Language``."""
    said = request.headers.get("x-language") or request.query_params.get("language") or ""
    said = said or request.cookies.get("mmedu_language", "")
    if said in ("en", "zh"):
        return "zh" if said == "zh" else "en"
    accepted = request.headers.get("accept-language")
    if not accepted:
        return current_language()
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


async def _named(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, XEduError)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    told = {"error": type(error).__name__, "code": error.code, "message": error.message, "hint": error.hint}
    return json_response(told, status)


async def _refused(request: Request, error: Exception) -> Response:
    """Answer to what grew too large while it was read."""
    del request
    assert isinstance(error, Refusal)
    return json_response({"error": error.word, "message": error.message}, error.status)


async def _http(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, HTTPException)
    message = (
        say("There is nothing at this address.", "这个地址没有内容。") if error.status_code == 404 else error.detail
    )
    return json_response({"error": "http", "message": message}, error.status_code)


async def _unforeseen(request: Request, error: Exception) -> Response:
    logging.getLogger("mmedu.studio").error("%s %s", request.method, request.url.path, exc_info=error)
    message = say(
        "That failed in a way that nobody foresaw; nothing is lost. The window in which the studio runs says more.",
        "发生了意料之外的错误；数据没有丢失。运行 studio 的窗口里有详细信息。",
    )
    return json_response({"error": "unforeseen", "message": message}, 500)
