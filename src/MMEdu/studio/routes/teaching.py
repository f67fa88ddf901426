"""Teaching and taking away.

- ``POST /api/predict?project=ID[&why=1]``, body: one JPEG or PNG →
  ``{ready, classes: [{id, name, score}], ms, heat?: {class, width, height, data}}``. The classes are in the project's
  order. ``heat.data`` is a PNG in base64 with a transparent ground, in the picture's ratio, to be laid over it.
  While nothing is learnt: ``{ready: false, state, classes: [], message?, hint?}``.
- ``GET /api/projects/{id}/teaching`` → ``{state, done, total, classes: [{id, name, count}], empty, current, accuracy,
  percent, guessing, judged, right, order: [class], matrix: [[n]], cells: [[[picture]]],
  mistakes: [{picture, true, said, score}], map: [{picture, class, x, y}], sentences: [str], unreadable: [picture],
  message?, hint?}``. Accuracy: 0 to 1, and ``percent``, that rounded, 100 only where all are right; null while it
  cannot be said. ``guessing``: it is no better than guessing. ``empty``: so many classes have no pictures.
  Rows of the matrix are the classes that the pictures are in, columns those that they were taken for, both in the order
  of ``order``; x and y are -1 to 1, y upwards. ``current``: the figures are of all that is there now.
- ``POST /api/projects/{id}/take {what: "zip" | "onnx" | "int8"}`` → ``{file, name, bytes, …}``; ``GET
  /api/files/{file}`` fetches it. zip: ``pictures, model`` (whether there is one); onnx: ``files, code``, a zip of the
  model, its run script and its classes, each of which ``files`` has by itself; int8: ``fp32, int8, tested, before,
  after, sentence, code``: of ``tested`` pictures that were left out, so many are named rightly before and after. It may
  take half a minute.
- ``GET /api/projects/{id}/trained`` → ``{trained: {job, percent, judged, sentence, file, name, bytes} | null}``: the
  last network that was trained as a whole. ``percent`` and ``judged`` may be null; ``sentence`` compares it with what
  was learnt at once, and says that this is what ``take`` gives.
- ``GET /api/projects/{id}/code`` → ``{use, teach, qr}``: four lines that ask the model, the program that teaches the
  same without the page, and the sentence that says what the QR code holds.
- ``GET /api/projects/{id}/qr``: that code, an SVG.
- The project's events: ``learning {state, done, total, judged?}``, state ``empty``, ``one_class``, ``learning``,
  ``ready`` or ``unavailable``; with ``judged`` the figures are new: ask for ``teaching`` again.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response

from BaseDT.errors import ParameterInvalid
from BaseDT.language import say
from MMEdu.studio.asking import Asked, get, post
from MMEdu.studio.files import Files
from MMEdu.studio.lessons import qr
from MMEdu.studio.lessons.lessons import Lessons
from MMEdu.studio.lessons.taught_project import TaughtProject
from MMEdu.studio.projects.projects import Projects
from MMEdu.studio.studio import Studio


def predict(asked: Asked) -> object:
    """Answer for a live picture."""
    identifier = asked.query.get("project", "")
    if not identifier:
        raise ParameterInvalid(
            say("The request names no project.", "请求没有指明项目。"), hint=say("Reload the page.", "请刷新页面。")
        )
    why = asked.query.get("why", "") not in ("", "0")
    return _lessons(asked).predict(_project(asked.studio, identifier), asked.body, why=why)


def teaching(asked: Asked) -> object:
    """Say what was learnt, and how well."""
    return _lessons(asked).teaching(_project(asked.studio, asked.path["id"]))


def take(asked: Asked) -> object:
    """Write what somebody takes away."""
    taken = _lessons(asked).take(_project(asked.studio, asked.path["id"]), asked.text("what"))
    files = asked.studio.room(Files)
    parts = [_listed(files, part) for part in taken.parts]
    return {**_listed(files, taken.file), **taken.more, **({"files": parts} if parts else {})}


def _listed(files: Files, file: Path) -> dict[str, object]:
    return {"file": files.add(file), "name": file.name, "bytes": file.stat().st_size}


def trained(asked: Asked) -> object:
    """Return the last network that was trained as a whole."""
    found = _lessons(asked).trained(_project(asked.studio, asked.path["id"]))
    if found is None:
        return {"trained": None}
    last, sentence = found
    told = {"job": last.job.id, "percent": last.share, "judged": last.judged, "sentence": sentence}
    return {"trained": {**told, **_listed(asked.studio.room(Files), last.file)}}


def code(asked: Asked) -> object:
    """Return lines of code for one's own program, and what the QR code holds."""
    project = _project(asked.studio, asked.path["id"])
    lines = _lessons(asked).programs(project)
    _, sentence = qr.content(asked.studio.address, project.id, lines["use"])
    return {**lines, "qr": sentence}


def qr_code(asked: Asked) -> Response:
    """Draw the QR code."""
    project = _project(asked.studio, asked.path["id"])
    text, _ = qr.content(asked.studio.address, project.id, _lessons(asked).programs(project)["use"])
    return Response(qr.svg(text), media_type="image/svg+xml", headers={"cache-control": "no-cache"})


def _lessons(asked: Asked) -> Lessons:
    return asked.studio.room(Lessons)


def _project(studio: Studio, identifier: str) -> TaughtProject:
    return studio.room(Projects).find(identifier)


ROUTES = [
    post("/api/predict", predict),
    get("/api/projects/{id}/teaching", teaching),
    post("/api/projects/{id}/take", take),
    get("/api/projects/{id}/trained", trained),
    get("/api/projects/{id}/code", code),
    get("/api/projects/{id}/qr", qr_code),
]
