"""``Lesson``: one project that is taught. Its own thread sees new pictures and learns; any thread may ask it.

The newest pictures are seen first: while somebody records, the live answers follow the hand.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from BaseDT.errors import XEduError
from BaseDT.files import Stamp
from MMEdu.actions import teach
from MMEdu.actions.teach import Backbone, Collection, Judgement, LastLayer, Table
from MMEdu.studio.lessons import memory
from MMEdu.studio.lessons.backbones import Backbones
from MMEdu.studio.lessons.memory import KeptLesson
from MMEdu.studio.lessons.taught_project import Look, TaughtPicture, TaughtProject, look_at

State = Literal["empty", "one_class", "learning", "ready", "unavailable"]

_BATCH = 4
"""Pictures that are seen at once: more win nothing on one core, and a new picture waits longer."""
_TELL, _RETRY = 0.1, 10.0
_QUIET, _KEEP_EACH = 2.0, 500
"""Seconds without a change after which what was seen is written; pictures after which it is in any case."""
_FIT_PAUSE, _FIT_SHARE = 0.3, 4.0
"""While pictures come, learning takes this share of the time at most."""


@dataclass(frozen=True)
class Learnt:
    """A last layer, and what it was learnt from.

    Attributes:
        layer: It.
        table: The pictures.
    """

    layer: LastLayer
    table: Table

    def kept(self, said: teach.Floats | None) -> KeptLesson:
        """Return it as it is kept, with the held-out answers."""
        table = self.table
        return KeptLesson(table.pictures, table.classes, table.labels.tolist(), self.layer, said)


@dataclass(frozen=True)
class Judged:
    """What is known of how good a last layer is.

    Attributes:
        table: The pictures that it is about.
        said: Held-out answers, (N, classes).
        judgement: Of them.
        plane: The pictures' places, (N, 2).
    """

    table: Table
    said: teach.Floats
    judgement: Judgement
    plane: teach.Floats


@dataclass(frozen=True)
class Progress:
    """How far a lesson is.

    Attributes:
        state: As pages show it.
        done: Pictures that were seen.
        total: Pictures that there are; those that cannot be read are not counted.
    """

    state: State
    done: int
    total: int


class Lesson:
    """Teaches one project until it is closed.

    Args:
        project: What is taught; its listeners get one more.
        backbones: Where the network comes from.
    """

    def __init__(self, project: TaughtProject, backbones: Backbones) -> None:
        self.project = project
        self._backbones = backbones
        self._woken, self._ended = threading.Event(), False
        self._lock = threading.RLock()  # of what follows
        self._look = look_at(project)
        self._seen: Collection | None = None
        self._stamps: dict[str, Stamp] = {}
        self._unreadable: dict[str, Stamp] = {}
        self._learnt: Learnt | None = None
        self._kept: KeptLesson | None = None
        self._judged: Judged | None = None
        self._busy, self._failed = True, False
        self._told: tuple[Progress, float] = (Progress("empty", -1, -1), 0.0)
        self._told_names: dict[str, str] = {}
        self._unkept = 0
        self._thread = threading.Thread(target=self._work, name=f"lesson {project.id}", daemon=True)
        project.listeners.append(self._changed)
        self._woken.set()
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still learns."""
        return not self._ended

    @property
    def look(self) -> Look:
        """The project as it is now."""
        return look_at(self.project)

    @property
    def names(self) -> dict[str, str]:
        """Names of the project's classes as they are now, by id."""
        return {one.id: one.name for one in self.project.classes}

    @property
    def learnt(self) -> Learnt | None:
        """The last layer; None before there are two classes with pictures."""
        return self._learnt

    @property
    def judged(self) -> Judged | None:
        """How good it is; it may be of a moment ago."""
        return self._judged

    @property
    def unreadable(self) -> list[str]:
        """The ids of pictures that cannot be decoded."""
        with self._lock:
            return list(self._unreadable)

    @property
    def progress(self) -> Progress:
        """How far it is with what the project holds now."""
        return self._progress(self.look)

    def _progress(self, look: Look) -> Progress:
        with self._lock:
            seen = self._seen
            pictures = [one for one in look.pictures if one not in self._unreadable]
            done = 0 if seen is None else sum(one in seen for one in pictures)
            used = {look.pictures[one].class_id for one in pictures}
            state: State = "empty" if not used else "one_class" if len(used) == 1 else "ready"
            if self._backbones.error is not None:
                state = "unavailable"
            elif state == "ready" and (self._busy or self._learnt is None):
                state = "learning"
            return Progress(state, done, len(pictures))

    def settled(self, seconds: float) -> Learnt | None:
        """Wait until everything that is there was learnt, or nothing can be; returns what was learnt.

        Args:
            seconds: So long at most.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end and (self._woken.is_set() or self._busy) and not self._ended:
            if self._backbones.error is not None:
                break
            time.sleep(0.01)
        return self._learnt

    def close(self) -> None:
        """End it; what was seen is kept."""
        self._ended = True
        self._woken.set()
        if self._changed in self.project.listeners:
            self.project.listeners.remove(self._changed)
        if self._thread is not threading.current_thread():
            self._thread.join(10)

    # --- the thread ------------------------------------------------------------------------------------------------

    def _changed(self, change: object) -> None:
        """A listener of the project: quick, from any thread."""
        self._busy = True
        if getattr(change, "what", "") == "deleted":
            self._ended = True
        self._woken.set()

    def _work(self) -> None:
        try:
            self._teach()
        finally:
            self._ended = True  # whoever asks next begins anew, whatever ended this
        if self._unkept:
            self._keep()

    def _teach(self) -> None:
        while not self._ended:
            woken = self._woken.wait(_QUIET if self._unkept else _RETRY if self._failed else None)
            if self._ended:
                break
            if not woken and self._unkept:
                self._keep()
                continue
            self._woken.clear()
            try:
                self._learn_all(self._backbones.open())
                self._failed = False
            except (XEduError, MemoryError, OSError) as error:  # once more, when something changes or a while after
                if not isinstance(error, XEduError):
                    logging.getLogger("mmedu.studio").warning("%s: %r", self._thread.name, error)
                self._busy, self._failed = False, True
                self._tell(always=True)

    def _learn_all(self, backbone: Backbone) -> None:
        """See and learn until nothing is left to do."""
        self._busy = True
        self._look_again(backbone)
        fitted, took = 0.0, 0.0
        while pending := self._pending():
            self._see(backbone, pending[-_BATCH:])
            now = time.monotonic()
            if now - fitted > max(_FIT_PAUSE, _FIT_SHARE * took):
                self._fit()
                fitted, took = time.monotonic(), time.monotonic() - now
            self._tell()
            if self._unkept >= _KEEP_EACH:
                self._keep()
            if self._ended:
                return
            if self._woken.is_set():
                self._woken.clear()
                self._look_again(backbone)
        self._fit()
        if self._woken.is_set():
            return
        self._busy = False
        self._tell(always=True)
        self._judge()

    def _look_again(self, backbone: Backbone) -> None:
        look = look_at(self.project)
        with self._lock:
            if self._seen is None:
                self._seen = Collection(backbone.width)
                kept = memory.recall(self.project.folder, backbone.key, backbone.width)
                self._stamps, self._kept = kept.stamps, kept.lesson
                self._seen.put(list(kept.stamps), kept.features)
            self._look = look
            same = {
                one: stamp
                for one, stamp in self._stamps.items()
                if one in look.pictures and tuple(look.pictures[one].stamp) == stamp
            }
            gone = [one for one in self._stamps if one not in same]
            self._seen.forget(gone)
            self._stamps = same
            self._unkept += len(gone)
            if any(one in look.pictures for one in gone):  # somebody has painted it over
                self._kept = None
            self._unreadable = {
                one: stamp
                for one, stamp in self._unreadable.items()
                if one in look.pictures and tuple(look.pictures[one].stamp) == stamp
            }
        self._tell()

    def _pending(self) -> list[TaughtPicture]:
        """Return the pictures that were not seen yet, the newest last."""
        with self._lock:
            pictures = self._look.pictures.values()
            return [one for one in pictures if one.id not in self._stamps and one.id not in self._unreadable]

    def _see(self, backbone: Backbone, pictures: list[TaughtPicture]) -> None:
        try:
            features = backbone.features_of([picture.path for picture in pictures])
        except XEduError:
            if len(pictures) > 1:
                for picture in pictures:
                    self._see(backbone, [picture])
                return
            self._leave_out(pictures[0])
            return
        with self._lock:
            assert self._seen is not None
            self._seen.put([picture.id for picture in pictures], features)
            self._stamps |= {picture.id: _stamp(picture) for picture in pictures}
            self._unkept += len(pictures)

    def _leave_out(self, picture: TaughtPicture) -> None:
        """Go on without a picture: it is damaged, or has gone or moved since it was listed."""
        now = look_at(self.project).pictures.get(picture.id)
        with self._lock:
            if now is not None and now.path != picture.path:
                self._woken.set()  # it has moved: another look finds it
                self._look.pictures[picture.id] = now
            elif now is not None:
                self._unreadable[picture.id] = _stamp(now)
            else:
                self._look.pictures.pop(picture.id, None)

    def _fit(self) -> None:
        with self._lock:
            assert self._seen is not None
            classes = {one.id: one.class_id for one in self._look.pictures.values()}
            table = self._seen.table(classes, self._look.classes)
        if len(table.classes) < 2:
            self._learnt, self._judged = None, None
            return
        old, kept = self._learnt, self._kept
        if old is not None and _same(old.table, table):
            return
        known = kept is not None and kept.is_of(table)
        self._learnt = Learnt(kept.layer if kept is not None and known else teach.learn(table), table)
        self._kept = kept if known else None

    def _judge(self) -> None:
        """Say how good it is, once nothing else is to do."""
        learnt, names = self._learnt, self.names
        if learnt is None:
            return
        if self._judged is not None and self._judged.table is learnt.table:
            if names != self._told_names:  # sentences speak of classes by their names
                self._tell_judged(self._judged, names)
            return
        table = learnt.table
        said = None if self._kept is None else self._kept.said
        if said is None:
            said = teach.held_out_answers(table.features, table.labels, self._is_called)
            if self._is_called():  # something is there to learn first
                return
            self._unkept += 1
        self._judged = Judged(table, said, teach.judgement(table, said), teach.plane(table.features))
        self._tell_judged(self._judged, names)

    def _is_called(self) -> bool:
        return self._ended or self._woken.is_set()

    def _tell_judged(self, judged: Judged, names: dict[str, str]) -> None:
        self._told_names = names
        self.project.channel.tell("learning", {**_plain(self.progress), "judged": judged.judgement.judged})

    def _keep(self) -> None:
        with self._lock:
            self._unkept = 0
            backbone, seen = self._backbones.ready, self._seen
            if backbone is None or seen is None:
                return
            pictures = list(self._stamps)
            stamps, features = dict(self._stamps), seen.features(pictures)
        learnt, judged = self._learnt, self._judged
        said = judged.said if judged is not None and learnt is not None and judged.table is learnt.table else None
        lesson = None if learnt is None else learnt.kept(said)
        memory.keep(self.project.folder, backbone.key, pictures, stamps, features, lesson)

    def _tell(self, *, always: bool = False) -> None:
        progress, now = self._progress(self._look), time.monotonic()
        told, when = self._told
        if always or (progress != told and (progress.state != told.state or now - when > _TELL)):
            self._told = progress, now
            self.project.channel.tell("learning", _plain(progress))


def _plain(progress: Progress) -> dict[str, object]:
    return {"state": progress.state, "done": progress.done, "total": progress.total}


def _stamp(picture: TaughtPicture) -> Stamp:
    size, time_ns = picture.stamp
    return size, time_ns


def _same(table: Table, other: Table) -> bool:
    return (
        table.pictures == other.pictures
        and table.classes == other.classes
        and np.array_equal(table.labels, other.labels)
        and np.array_equal(table.features, other.features)
    )
