"""Boxes of a project of kind "find". Pictures and classes are those of ``routes.projects``.

- ``GET /api/projects/{id}/boxes`` → {pictures: {PICTURE: {CLASS: n}}, drawn, empty, boxes: {CLASS: n}, ready,
  sentences: [{kind: "note" | "hint", text}], notes: [text]}. A picture that is not listed has not been looked at;
  one with {} has nothing to find.
- ``GET /api/projects/{id}/boxes/{picture}`` → {picture, width, height, boxes: [{class, x, y, width, height}] | null};
  pixels of the upright picture
- ``POST`` there {boxes: [...] | null, page?} → the same, as they were kept, with ``notes``. The last one who writes
  wins; the project's events tell ``boxes {picture, count, page}``.
- ``POST /api/projects/{id}/coco``, a zip, or a form of files (pictures and their COCO .json) → {pictures, boxes,
  classes, refused: [{file, message, hint}], notes}
- ``GET /api/projects/{id}/coco`` → a zip in COCO's layout
- ``POST /api/projects/{id}/boxes-set`` → {path, train, valid}: the set that a training reads, below ``runs``
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from BaseDT.errors import DatasetInvalid
from BaseDT.files import discard
from BaseDT.language import say
from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.boxes import advice, exchange, prepared
from MMEdu.studio.boxes.boxes import Boxes, BoxesRoom
from MMEdu.studio.boxes.drawn import DrawnBox
from MMEdu.studio.projects import archives
from MMEdu.studio.projects.project import Refused
from MMEdu.studio.projects.projects import Projects


def overview(asked: Asked) -> object:
    """Say what was drawn so far."""
    boxes = _boxes(asked)
    boxes.flush()
    drawn, project = boxes.all(), boxes.project
    known = advice.progress(len(project.pictures()), drawn, project.sizes())
    return {
        "pictures": {one: Counter(box.class_id for box in mine) for one, mine in drawn.items()},
        "drawn": known.drawn,
        "empty": known.empty,
        "boxes": {one.id: known.boxes.get(one.id, 0) for one in project.classes},
        "ready": known.ready,
        "sentences": advice.sentences(known, project.classes),
        "notes": boxes.notes,
    }


def of_picture(asked: Asked) -> object:
    """Return the boxes of a picture."""
    boxes, picture = _boxes(asked), asked.path["picture"]
    return _told(boxes, picture, boxes.of(picture))


def put(asked: Asked) -> object:
    """Keep the boxes of a picture."""
    boxes, picture = _boxes(asked), asked.path["picture"]
    values = asked.json().get("boxes")
    kept = boxes.put(picture, values, asked.text("page", "")[:40])
    return {**_told(boxes, picture, None if values is None else kept.boxes), "notes": list(kept.notes)}


def take(asked: Asked) -> object:
    """Take in a set with annotations."""
    boxes = _boxes(asked)
    given = [(one.name, one.data) for one in asked.files]
    refused: list[Refused] = []
    if not given or (len(given) == 1 and archives.is_zip(given[0][1])):
        name, data = given[0] if given else ("", asked.body)
        given, refused = exchange.unpacked(data, name)
    taken = exchange.take(boxes, given)
    told = [
        {"file": one.file, "message": one.error.message, "hint": one.error.hint} for one in (*refused, *taken.refused)
    ]
    return {"pictures": list(taken.pictures), "boxes": taken.boxes, "refused": told, "notes": list(taken.notes)}


def give(asked: Asked) -> Response:
    """Give the set out as a zip."""
    boxes = _boxes(asked)
    file = exchange.zipped(boxes, boxes.project.cache / f"coco-{os.urandom(4).hex()}.zip")
    name = f"{boxes.project.name}.zip".replace("/", "_").replace("\\", "_")
    return FileResponse(
        file, media_type="application/zip", filename=name, background=BackgroundTask(discard, Path(file))
    )


def prepare(asked: Asked) -> object:
    """Lay the set that a training reads."""
    boxes = _boxes(asked)
    folder = prepared.prepare(boxes)
    counts = {part.name: len(part.pictures) for part in prepared.divided(boxes).parts}
    return {"path": folder.relative_to(asked.studio.folder).as_posix(), **counts}


def _boxes(asked: Asked) -> Boxes:
    return asked.studio.room(BoxesRoom).of(asked.studio.room(Projects).looked_at(asked.path["id"]))


def _told(boxes: Boxes, picture: str, drawn: tuple[DrawnBox, ...] | None) -> dict[str, object]:
    width, height = boxes.project.sizes().get(picture, (0, 0))
    if 0 in (width, height):
        raise DatasetInvalid(
            say("This picture cannot be read.", "这张图片无法读取。"),
            hint=say("Delete it, and add it anew.", "请删除后重新添加。"),
        )
    listed = None if drawn is None else [box.to_json() for box in drawn]
    return {"picture": picture, "width": width, "height": height, "boxes": listed}


ROUTES = [
    get("/api/projects/{id}/boxes", overview),
    post("/api/projects/{id}/boxes-set", prepare),
    get("/api/projects/{id}/boxes/{picture}", of_picture),
    post("/api/projects/{id}/boxes/{picture}", put),
    get("/api/projects/{id}/coco", give),
    post("/api/projects/{id}/coco", take),
]
