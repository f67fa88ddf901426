"""What the browser loads: the files of the studio's page; every address that is no file is the class's page."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from MMEdu.studio.asking import Asked, get
from MMEdu.studio.routes.page import FOLDER, file

_NO_STORE = {"cache-control": "no-cache"}


def page(asked: Asked) -> Response:
    """Return the page."""
    if asked.path["path"].startswith(("api/", "page/")):
        raise HTTPException(404)
    text = (FOLDER / "classroom.html").read_bytes()
    return Response(text, media_type="text/html; charset=utf-8", headers=_NO_STORE)


ROUTES = [get("/page/{path:path}", file), get("/{path:path}", page)]
