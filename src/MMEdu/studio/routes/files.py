"""Files of the work folder, by identifiers that other answers of the API give.

``GET /api/files/{id}`` → the file: a picture is shown, anything else saved under its name; ``?save=1`` saves it, too.
"""

from __future__ import annotations

from starlette.responses import FileResponse, Response

from MMEdu.studio.asking import Asked, get
from MMEdu.studio.files import Files

_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
}
_TYPES = {
    ".json": "application/json; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".zip": "application/zip",
}


def file(asked: Asked) -> Response:
    """Return a file."""
    path = asked.studio.room(Files).path(asked.path["id"])
    suffix = path.suffix.lower()
    shown = suffix in _PICTURES and asked.query.get("save") != "1"
    kind = _PICTURES.get(suffix) or _TYPES.get(suffix, "application/octet-stream")
    return FileResponse(
        path,
        media_type=kind,
        filename=path.name.encode("utf-8", "replace").decode("utf-8"),
        content_disposition_type="inline" if shown else "attachment",
        headers={"cache-control": "no-cache"},
    )


ROUTES = [get("/api/files/{id}", file)]
