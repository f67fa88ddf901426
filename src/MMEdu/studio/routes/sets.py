"""Data sets.

- ``GET /api/sets?task=`` → {sets: [{name, path, task, changed, project?}], made: [{name, task, title}]}
- ``POST /api/sets {upload, name?}`` → a set: takes over an upload (a folder, or one zip)
- ``POST /api/sets/made {name}`` → a set: makes it at once, without a download
- ``POST /api/sets/check {path | project, task?, backbone?}`` → {ok, path, name, task, fits, classes,
  sentence, lines, table, suits: {model, reason} | null, sheet}; ``suits`` names a model for such pictures, ``sheet`` is
  a ``data:`` address
"""

from __future__ import annotations

from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.data_sets import DataSets
from MMEdu.studio.uploads import Uploads


def all_sets(asked: Asked) -> object:
    """List the data sets, of one task where it is named."""
    sets, task = asked.studio.room(DataSets), asked.query.get("task", "")
    return {"sets": sets.all(task), "made": [one for one in sets.made() if task in ("", one["task"])]}


def add(asked: Asked) -> object:
    """Take over an upload."""
    name = asked.text("name", "")
    sets = asked.studio.room(DataSets)
    return asked.studio.room(Uploads).take(asked.text("upload"), lambda came: sets.add(came, name))


def make(asked: Asked) -> object:
    """Make a set that needs no download."""
    return asked.studio.room(DataSets).make(asked.text("name"))


def check(asked: Asked) -> object:
    """Say what is in a data set."""
    backbone = asked.text("backbone", "") or None
    sets = asked.studio.room(DataSets)
    project = asked.text("project", "")
    folder = sets.place_of_project(project) if project else sets.place(asked.text("path"))
    return sets.check(folder, asked.text("task", ""), backbone)


ROUTES = [
    get("/api/sets", all_sets),
    post("/api/sets", add),
    post("/api/sets/made", make),
    post("/api/sets/check", check),
]
