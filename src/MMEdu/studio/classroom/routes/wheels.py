"""Wheels for ``pip install --no-index --find-links http://…/wheels``: a plain list of links, without PIN.

They are published software, and pip has no cookie.
"""

from __future__ import annotations

import html
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from MMEdu.studio.asking import Asked, get
from MMEdu.studio.classroom.classroom import Classroom


def index(asked: Asked) -> Response:
    """Return the list."""
    wheels = asked.studio.room(Classroom).shelf.wheels()
    links = "".join(f'<a href="/wheels/{quote(path.name)}">{html.escape(path.name)}</a><br>\n' for path in wheels)
    text = f"<!doctype html><html><head><title>wheels</title></head><body>\n{links}</body></html>\n"
    return Response(text.encode(), media_type="text/html; charset=utf-8")


def wheel(asked: Asked) -> Response:
    """Return a wheel."""
    for path in asked.studio.room(Classroom).shelf.wheels():
        if path.name == asked.path["name"]:
            return FileResponse(path, media_type="application/octet-stream")
    raise HTTPException(404)


ROUTES = [get("/wheels", index), get("/wheels/", index), get("/wheels/{name}", wheel)]
