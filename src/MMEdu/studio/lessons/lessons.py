"""``Lessons``: the lessons of all projects, each begun when somebody first asks for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from MMEdu.studio.lessons import answers
from MMEdu.studio.lessons.backbones import Backbones
from MMEdu.studio.lessons.lesson import Lesson
from MMEdu.studio.lessons.taught_project import TaughtProject
from MMEdu.studio.studio import Studio

_MOST = 3
"""Lessons that are open at a time: each keeps the features of its pictures, 5 kB a picture."""


class Lessons:
    """A room of the studio.

    Args:
        studio: Of which the projects are.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Lesson] = OrderedDict()

    def of(self, project: TaughtProject) -> Lesson:
        """Return the lesson of a project; begins it where it is not there."""
        ended: list[Lesson] = []
        with self._lock:
            lesson = self._open.pop(project.id, None)
            if lesson is not None and not (lesson.alive and lesson.project is project):
                ended.append(lesson)
                lesson = None
            if lesson is None:
                lesson = Lesson(project, self._backbones)
            self._open[project.id] = lesson
            while len(self._open) > _MOST:
                ended.append(self._open.popitem(last=False)[1])
        for one in ended:
            one.close()
        return lesson

    def predict(self, project: TaughtProject, data: bytes, *, why: bool = False) -> dict[str, object]:
        """Answer for a live picture; see ``answers.predict``."""
        return answers.predict(self.of(project), self._backbones, data, why=why)

    def teaching(self, project: TaughtProject) -> dict[str, object]:
        """Say what was learnt, and how well."""
        return answers.teaching(self.of(project), self._backbones)

    def close(self) -> None:
        """End all lessons."""
        with self._lock:
            lessons, self._open = list(self._open.values()), OrderedDict()
        for lesson in lessons:
            lesson.close()

    @property
    def _backbones(self) -> Backbones:
        make: Callable[[Studio], Backbones] = Backbones
        return self._studio.room(make)
