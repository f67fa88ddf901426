"""Models in the work folder.

- ``GET /api/models`` → {models: [{id, name, title, path, folder, form: "checkpoint"|"exported", format, size, changed,
  best, running, folded, task?, backbone?, classes?, precision?, problem?}], backends: [{name, missing: [package],
  install}]}, finished ones first, of them the newest
- ``POST /api/models {upload}`` → {models: […]}: takes over an upload
"""

from __future__ import annotations

from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.model_files import ModelFiles
from MMEdu.studio.uploads import Uploads


def all_models(asked: Asked) -> object:
    """List the models."""
    room = asked.studio.room(ModelFiles)
    return {"models": room.all(), "backends": room.backends()}


def add(asked: Asked) -> object:
    """Take over an upload."""
    models = asked.studio.room(ModelFiles)
    return {"models": asked.studio.room(Uploads).take(asked.text("upload"), models.add)}


ROUTES = [get("/api/models", all_models), post("/api/models", add)]
