"""What the browser loads. Every address that is no file is the same page: its script reads the address."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from MMEdu.studio.asking import Asked, get

FOLDER = Path(__file__).parents[1] / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json; charset=utf-8",
}
_NO_STORE = {"cache-control": "no-cache"}


def file(asked: Asked) -> Response:
    """Return a file of the page."""
    name = asked.path["path"]
    path = FOLDER if "\0" in name else (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER.resolve()) or path.suffix not in _TYPES or not path.is_file():
        raise HTTPException(404)
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=_NO_STORE)


def page(asked: Asked) -> Response:
    """Return the page."""
    if asked.path["path"].startswith("api/"):
        raise HTTPException(404)
    return Response((FOLDER / "index.html").read_bytes(), media_type=_TYPES[".html"], headers=_NO_STORE)


ROUTES = [get("/page/{path:path}", file), get("/{path:path}", page)]
