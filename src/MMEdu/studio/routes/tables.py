"""Tables to learn from.

- ``GET /api/tables`` → {tables: [{name, path, bytes}], made: [{name, path, title, tells}]}
- ``POST /api/tables {upload}`` → {name, path}: takes over an upload
- ``POST /api/tables/made {name}`` → {name, path}: makes it at once, without a download
"""

from __future__ import annotations

from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.tables import Tables
from MMEdu.studio.uploads import Uploads


def all_tables(asked: Asked) -> object:
    """List the tables."""
    room = asked.studio.room(Tables)
    return {"tables": room.all(), "made": room.made()}


def add(asked: Asked) -> object:
    """Take over an upload."""
    return asked.studio.room(Uploads).take(asked.text("upload"), asked.studio.room(Tables).add)


def make(asked: Asked) -> object:
    """Make a table that needs no download."""
    return asked.studio.room(Tables).make(asked.text("name"))


ROUTES = [get("/api/tables", all_tables), post("/api/tables", add), post("/api/tables/made", make)]
