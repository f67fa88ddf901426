"""Routes as plain functions: ``Asked`` in, plain data out. They run in worker threads, in the asker's language.

def rename(asked: Asked) -> object:
    return {"name": asked.text("name")}

ROUTES = [post("/api/projects/{id}", rename)]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import anyio.to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.studio.studio import Studio

_MOST_FILES = 1000


@dataclass(frozen=True)
class UploadedFile:
    """A file that came with a request. Its name is the browser's: never a path to write to."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Asked:
    """A request, read whole.

    Attributes:
        studio: The studio.
        path: What stands in the path, by name.
        query: What stands behind the question mark.
        headers: By name, in small letters.
        body: As it came; empty for a form.
        files: Of a form.
        fields: Texts of a form.
    """

    studio: Studio
    path: Mapping[str, Any]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    files: tuple[UploadedFile, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """Return the object of the body; an empty body is an empty object.

        Raises:
            ParameterInvalid: It is no JSON object (-305).
        """
        try:
            value = json.loads(self.body) if self.body.strip() else {}
            if b"\\u" in self.body:  # half a character, as a browser may cut one, can be neither kept nor sent back
                value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            raise _no_object() from error
        if not isinstance(value, dict):
            raise _no_object()
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text of the body's object.

        Raises:
            ParameterInvalid: It is missing, or no text (-305).
        """
        value = self.json().get(name, default)
        if isinstance(value, str):
            return value
        raise ParameterInvalid(
            say(f"The request lacks the text '{name}'.", f"请求缺少文本“{name}”。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )


Endpoint = Callable[[Asked], object]
"""Returns plain data (sent as JSON) or a ``Response``."""


def get(path: str, endpoint: Endpoint) -> Route:
    """Make a route that reads."""
    return _route(path, endpoint, "GET")


def post(path: str, endpoint: Endpoint) -> Route:
    """Make a route that changes."""
    return _route(path, endpoint, "POST")


def delete(path: str, endpoint: Endpoint) -> Route:
    """Make a route that removes."""
    return _route(path, endpoint, "DELETE")


def json_response(value: object, status: int = 200) -> Response:
    """Return plain data as JSON; Chinese stays Chinese."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json; charset=utf-8")


async def asked_of(request: Request) -> Asked:
    """Read a request."""
    files: list[UploadedFile] = []
    fields: dict[str, str] = {}
    body = b""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FILES) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files.append(UploadedFile(value.filename or "", await value.read()))
                else:
                    fields[name] = value
    else:
        body = await request.body()
    studio = cast(Studio, request.app.state.studio)
    return Asked(
        studio, request.path_params, dict(request.query_params), dict(request.headers), body, tuple(files), fields
    )


def _route(path: str, endpoint: Endpoint, method: str) -> Route:
    async def answer(request: Request) -> Response:
        asked = await asked_of(request)
        value = await anyio.to_thread.run_sync(endpoint, asked)
        return value if isinstance(value, Response) else json_response(value)

    return Route(path, answer, methods=[method], name=f"{method} {path}")


def _no_object() -> ParameterInvalid:
    return ParameterInvalid(
        say("The request holds no JSON object.", "请求内容不是 JSON 对象。"),
        hint=say("Reload the page.", "请刷新页面。"),
    )
