"""Uploads in pieces, below the 20 MB of a request; ``/api/sets`` and ``/api/models`` take over what came.

- ``POST /api/uploads`` → {upload}
- ``POST /api/uploads/{upload}/piece?file=NAME&offset=BYTES``, raw → {received}: a large file, piece by piece
- ``POST /api/uploads/{upload}/files``, a form → {files}: many small ones; their names may be paths within a folder
- ``DELETE /api/uploads/{upload}``
"""

from __future__ import annotations

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.studio.asking import Asked, delete, post
from MMEdu.studio.uploads import Uploads


def begin(asked: Asked) -> object:
    """Begin an upload."""
    return {"upload": asked.studio.room(Uploads).begin()}


def piece(asked: Asked) -> object:
    """Add to a file."""
    offset = asked.query.get("offset", "0")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
        raise ParameterInvalid(
            say(f"offset={offset[:20]!r} is no number of bytes.", f"offset={offset[:20]!r} 不是字节数。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )
    received = asked.studio.room(Uploads).piece(
        asked.path["upload"], asked.query.get("file", ""), int(offset), asked.body
    )
    return {"received": received}


def files(asked: Asked) -> object:
    """Add whole files."""
    return {"files": asked.studio.room(Uploads).files(asked.path["upload"], asked.files)}


def drop(asked: Asked) -> object:
    """Forget an upload."""
    asked.studio.room(Uploads).drop(asked.path["upload"])
    return {}


ROUTES = [
    post("/api/uploads", begin),
    post("/api/uploads/{upload}/piece", piece),
    post("/api/uploads/{upload}/files", files),
    delete("/api/uploads/{upload}", drop),
]
