"""``Lessons``: the lessons of all projects, each begun when somebody first asks for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from MMEdu.studio.jobs.jobs import Jobs
from MMEdu.studio.lessons import answers, taking
from MMEdu.studio.lessons.backbones import Backbones, told
from MMEdu.studio.lessons.lesson import Lesson
from MMEdu.studio.lessons.taking import Taken
from MMEdu.studio.lessons.taught_project import TaughtProject
from MMEdu.studio.lessons.trained import Trained, compared, last_trained
from MMEdu.studio.studio import Studio

_PATIENCE = 20.0
"""Seconds that taking away waits for what is being learnt."""
_MOST = 3
"""Lessons that are open at a time: each keeps the features of its pictures, 5 kB a picture."""


class Lessons:
    """A room of the studio.

    Args:
        studio: Of which the projects are.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lock, self._taking = threading.Lock(), threading.Lock()
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

    def take(self, project: TaughtProject, what: str) -> Taken:
        """Write what somebody takes away.

        Args:
            project: Which.
            what: ``zip``, ``onnx`` or ``int8``.

        Raises:
            ParameterInvalid: It is none of these (-305).
            DatasetNotLoaded: There is no model yet (-603).
            XEduError: It cannot be written.
        """
        if what not in ("zip", "onnx", "int8"):
            raise ParameterInvalid(
                say(f"Nothing is taken away as {quoted(what)}.", f"无法带走 {quoted(what)}。"),
                hint=say("There are: zip, onnx, int8.", "可用的有：zip、onnx、int8。"),
            )
        lesson = self.of(project)
        learnt, backbone, look = lesson.settled(_PATIENCE), self._backbones.ready, lesson.look
        with self._taking:
            if what == "zip":
                return taking.take_zip(project, backbone, learnt, look)
            if learnt is None or backbone is None:
                if (error := self._backbones.error) is not None:
                    raise type(error)(**told(error))
                raise taking.nothing_learnt(look)
            take = taking.take_onnx if what == "onnx" else taking.take_int8
            return take(project, backbone, learnt, look)

    def programs(self, project: TaughtProject) -> dict[str, str]:
        """Return lines of code for one's own program; see ``taking.programs``."""
        return taking.programs(project, self.of(project).look, self._backbones.ready)

    def trained(self, project: TaughtProject) -> tuple[Trained, str] | None:
        """Return the last network that was trained of a project, and a sentence that compares; None: there is none."""
        found = last_trained(self._studio.room(Jobs), project.id)
        return None if found is None else (found, compared(found, *answers.share(self.of(project))))

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
