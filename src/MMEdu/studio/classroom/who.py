"""Who asks: the application has found out, and says it to the routes in a header that no browser can set."""

from __future__ import annotations

from MMEdu.studio.asking import Asked
from MMEdu.studio.classroom.classroom import Classroom
from MMEdu.studio.classroom.pupils import Pupil
from MMEdu.studio.studio import Studio


def pupil_cookie(studio: Studio) -> str:
    """Return the name of the cookie in which a browser keeps a pupil's key."""
    return f"{studio.door.cookie}_pupil"


def is_teacher(asked: Asked) -> bool:
    """Tell whether the teacher asks."""
    return asked.headers["x-who"] == "teacher"


def pupil_of(asked: Asked) -> Pupil | None:
    """Return the pupil who asks; None where it is the teacher, or nobody who is in."""
    who = asked.headers["x-who"]
    return None if who in ("", "teacher") else asked.studio.room(Classroom).pupils.find(who)
