"""What the teacher alone may do.

``GET /api/teacher`` → {open, show_mistakes, test, problem, shelf, wheels, photos (with photographs), pupils: [{id,
name, tries, state, message?, hint?, sentences}], folder}; ``POST /api/teacher/settings {open?, show_mistakes?}``;
``POST /api/teacher/test {path}|{upload}|{photos: true}``, ``DELETE``; ``POST /api/teacher/shelf
{path}|{upload}|{photos: true}``, ``DELETE /api/teacher/shelf/{id}``; ``POST /api/teacher/pupils/{id} {name}|{again:
true}``, ``DELETE``; ``POST /api/teacher/photos {name, classes}``, ``DELETE``; ``GET|DELETE
/api/teacher/photos/{id}``; ``GET /api/teacher/wall.csv``.
"""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import table_cell
from BaseDT.language import say
from MMEdu.studio.asking import Asked, delete, get, post
from MMEdu.studio.classroom.classroom import Classroom, put_wheel_or_file
from MMEdu.studio.classroom.pupils import Pupil
from MMEdu.studio.classroom.routes.wall import told_mistakes

_WHO = "teacher"


def desk(asked: Asked) -> object:
    """Return what the teacher's page shows."""
    classroom = asked.studio.room(Classroom)
    return {
        "folder": str(classroom.folder),
        "open": classroom.open,
        "show_mistakes": classroom.show_mistakes,
        "test": classroom.test,
        "problem": classroom.problem,
        "shelf": [item.told() for item in classroom.shelf.items()],
        "wheels": [path.name for path in classroom.shelf.wheels()],
        "photos": classroom.photos.told(with_photos=True),
        "pupils": [_pupil(classroom, pupil) for pupil in classroom.pupils.all()],
        "names": {pupil.id: pupil.name for pupil in classroom.pupils.all()},
    }


def settings(asked: Asked) -> object:
    """Open or close the hand-in, show the hidden pictures or not."""
    given = asked.json()
    chosen = {name: given[name] for name in ("open", "show_mistakes") if isinstance(given.get(name), bool)}
    asked.studio.room(Classroom).set(**chosen)
    return desk(asked)


def choose_test(asked: Asked) -> object:
    """Choose the hidden test set."""
    classroom, given = asked.studio.room(Classroom), asked.json()
    if given.get("photos") is True:
        classroom.test_from_photos()
    elif "upload" in given:
        classroom.test_from_upload(classroom.uploads.whole(_WHO, asked.text("upload")))
    else:
        classroom.choose_test(_path(asked))
    return desk(asked)


def no_test(asked: Asked) -> object:
    """Judge no more."""
    asked.studio.room(Classroom).no_test()
    return desk(asked)


def put(asked: Asked) -> object:
    """Put something onto the shelf."""
    classroom, given = asked.studio.room(Classroom), asked.json()
    if given.get("photos") is True:
        classroom.photos_to_shelf()
    elif "upload" in given:
        put_wheel_or_file(classroom, classroom.uploads.whole(_WHO, asked.text("upload")))
    else:
        classroom.put_on_shelf(_path(asked))
    return desk(asked)


def take_off(asked: Asked) -> object:
    """Take something off the shelf."""
    classroom = asked.studio.room(Classroom)
    classroom.shelf.remove(classroom.shelf.find(asked.path["id"]))
    classroom.changed()
    return desk(asked)


def change_pupil(asked: Asked) -> object:
    """Rename a pupil, or let the name open once more."""
    classroom = asked.studio.room(Classroom)
    pupil = classroom.pupils.find(asked.path["id"])
    if asked.json().get("again") is True:
        classroom.pupils.let_in_again(pupil)
    else:
        classroom.pupils.rename(pupil, asked.text("name"))
    classroom.changed()
    return desk(asked)


def remove_pupil(asked: Asked) -> object:
    """Remove a pupil and all hand-ins."""
    classroom = asked.studio.room(Classroom)
    classroom.remove_pupils([classroom.pupils.find(asked.path["id"])])
    return desk(asked)


def collect(asked: Asked) -> object:
    """Ask for photographs."""
    classroom, classes = asked.studio.room(Classroom), asked.json().get("classes")
    listed = classes if isinstance(classes, list) and all(isinstance(one, str) for one in classes) else []
    classroom.photos.begin(asked.text("name"), listed)
    classroom.changed()
    return desk(asked)


def no_photos(asked: Asked) -> object:
    """Ask for photographs no more, and throw away what came."""
    classroom = asked.studio.room(Classroom)
    classroom.photos.end()
    classroom.changed()
    return desk(asked)


def photo(asked: Asked) -> Response:
    """Return a photograph."""
    found = asked.studio.room(Classroom).photos.find(asked.path["id"])
    return FileResponse(found.path, media_type="image/jpeg", headers={"cache-control": "private, max-age=600"})


def remove_photo(asked: Asked) -> object:
    """Throw a photograph away."""
    classroom = asked.studio.room(Classroom)
    classroom.photos.remove(asked.path["id"])
    classroom.changed()
    return desk(asked)


def as_table(asked: Asked) -> Response:
    """Return the league as a table that every spreadsheet opens, Chinese too."""
    classroom = asked.studio.room(Classroom)
    test = classroom.test["id"] if classroom.test else ""
    text = io.StringIO()
    table = csv.writer(text)
    heads = ("name", "pictures", "score", "right", "of", "tries", "handed in", "folder")
    table.writerow(say(",".join(heads), "姓名,图片数,得分,正确,总数,提交次数,提交时间,文件夹").split(","))
    for pupil in classroom.pupils.all():
        best = pupil.best(test)
        shown = best or (pupil.hand_ins[-1] if pupil.hand_ins else None)
        found: dict[str, Any] = (best.result if best else None) or {}
        numbers = [found.get(name, "") for name in ("score", "right", "total")]
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(shown.when)) if shown else ""
        row = [table_cell(pupil.name), shown.pictures if shown else 0, *numbers, len(pupil.hand_ins), when]
        table.writerow([*row, table_cell(pupil.folder.name)])
    headers = {"content-disposition": 'attachment; filename="class.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _pupil(classroom: Classroom, pupil: Pupil) -> dict[str, Any]:
    told: dict[str, Any] = {"id": pupil.id, "name": pupil.name, "tries": len(pupil.hand_ins), "state": ""}
    if pupil.hand_ins:
        last = pupil.hand_ins[-1]
        told |= {"state": classroom.state_of(last), "when": last.when, "pictures": last.pictures}
        best = pupil.best(classroom.test["id"]) if classroom.test else None
        found = (best.result if best else None) or {}
        told |= {"score": found.get("score"), "mistakes": told_mistakes(found)}
        told |= {name: (last.result or {}).get(name) for name in ("message", "hint", "sentences")}
    return told


def _path(asked: Asked) -> Path:
    text = asked.text("path").strip().strip('"').strip("'").strip()
    if not text or "\0" in text:
        raise ParameterInvalid(
            say("The path is missing.", "还没有填写路径。"),
            hint=say("Copy the folder's path from the file manager.", "请从文件管理器复制文件夹的路径。"),
        )
    return Path(text)


ROUTES = [
    get("/api/teacher", desk),
    post("/api/teacher/settings", settings),
    post("/api/teacher/test", choose_test),
    delete("/api/teacher/test", no_test),
    post("/api/teacher/shelf", put),
    delete("/api/teacher/shelf/{id}", take_off),
    post("/api/teacher/pupils/{id}", change_pupil),
    delete("/api/teacher/pupils/{id}", remove_pupil),
    post("/api/teacher/photos", collect),
    delete("/api/teacher/photos", no_photos),
    get("/api/teacher/photos/{id}", photo),
    delete("/api/teacher/photos/{id}", remove_photo),
    get("/api/teacher/wall.csv", as_table),
]
