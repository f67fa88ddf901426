"""Who has come in: a name, a key that is known by its hash alone, and what was handed in. A folder a pupil."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from BaseDT.errors import DatasetNotFound, ParameterInvalid, PathExists
from BaseDT.files import free_name
from BaseDT.language import say
from MMEdu.studio.classroom import names
from MMEdu.studio.classroom.files import read_json, throw_away, write_json
from MMEdu.studio.projects.names import folder_name

_MOST, _MOST_HAND_INS = 200, 100
_AGAIN = 600.0
_PUPIL, _HAND_IN, RESULT = "pupil.json", "handin.json", "result.json"
MODEL = "model.onnx"


@dataclass
class HandIn:
    """A model that was handed in, with everything that came with it.

    Attributes:
        id: Name of its folder.
        folder: Where it is.
        when: Seconds since 1970.
        pictures: How many it learned from, as its sender says.
        classes: As its sender says.
        language: Of the sentences about it.
        name: What its sender calls it.
        result: What was found out about it; None before.
        progress: Pictures that are judged, of how many.
    """

    id: str
    folder: Path
    when: float
    pictures: int
    classes: list[str]
    language: str
    name: str
    result: dict[str, Any] | None = None
    progress: tuple[int, int] = (0, 0)

    def set_result(self, result: dict[str, Any]) -> None:
        """Keep what was found out, on the disk, too."""
        self.result = result
        write_json(self.folder / RESULT, result)


@dataclass
class Pupil:
    """One who has come in.

    Attributes:
        id: The server's.
        name: As it was typed.
        folder: Where the hand-ins are.
        key: Hash of what the browser holds.
        again: Until when the name opens once more, for another device; by ``time.monotonic``.
    """

    id: str
    name: str
    folder: Path
    key: str
    again: float = 0.0
    hand_ins: list[HandIn] = field(default_factory=list)

    def best(self, test: str) -> HandIn | None:
        """Return the best hand-in on a test set."""
        judged = [one for one in self.hand_ins if one.result and one.result.get("test") == test]
        scored = [one for one in judged if one.result and isinstance(one.result.get("score"), (int, float))]
        return max(scored, key=lambda one: (one.result or {})["score"], default=None)


class Pupils:
    """Everybody in the class.

    Args:
        folder: A folder a pupil lies in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._known = {pupil.id: pupil for pupil in map(_read, sorted(folder.glob(f"*/{_PUPIL}"))) if pupil}
        self._by_key = {pupil.key: pupil for pupil in self._known.values()}

    def all(self) -> list[Pupil]:
        """Return everybody."""
        with self._lock:
            return list(self._known.values())

    def find(self, identifier: str) -> Pupil:
        """Return a pupil.

        Raises:
            DatasetNotFound: There is none: removed meanwhile (-101).
        """
        with self._lock:
            if pupil := self._known.get(identifier):
                return pupil
        raise DatasetNotFound(
            say("This pupil is not here any more.", "这位同学已不在列表中。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )

    def by_key(self, key: str) -> Pupil | None:
        """Return who holds a key."""
        with self._lock:
            return self._by_key.get(_hash(key))

    def join(self, name: str) -> tuple[Pupil, str]:
        """Let somebody in; returns the pupil and the key.

        Raises:
            ParameterInvalid: It is no name, or the room is full (-305).
            PathExists: The name is taken (-105); the hint holds a free one.
        """
        name = names.cleaned(name)
        key = secrets.token_urlsafe(24)
        with self._lock:
            if old := next((pupil for pupil in self._known.values() if names.same(pupil.name, name)), None):
                if time.monotonic() > old.again:
                    raise _taken(name, self.free(name))
                pupil = Pupil(old.id, old.name, old.folder, _hash(key), 0.0, old.hand_ins)
            elif len(self._known) >= _MOST:
                raise ParameterInvalid(
                    say(f"{_MOST} pupils are here already.", f"已经有 {_MOST} 位同学。"),
                    hint=say("Ask your teacher to remove some.", "请让老师移除一些。"),
                )
            else:
                identifier = names.new_id()
                pupil = Pupil(identifier, name, self._folder / f"{folder_name(name)} {identifier}", _hash(key))
            self._keep(pupil)
        return pupil, key

    def free(self, name: str) -> str:
        """Return a name like this one that nobody has."""
        with self._lock:
            return names.free(name, [pupil.name for pupil in self._known.values()])

    def rename(self, pupil: Pupil, name: str) -> None:
        """Call a pupil otherwise; the folder stays where it is.

        Raises:
            PathExists: Another one is called so (-105).
        """
        name = names.cleaned(name)
        with self._lock:
            others = [one.name for one in self._known.values() if one.id != pupil.id]
            if any(names.same(name, other) for other in others):
                raise _taken(name, names.free(name, others))
            before, pupil.name = pupil.name, name
            try:
                self._keep(pupil)
            except Exception:
                pupil.name = before
                raise

    def let_in_again(self, pupil: Pupil) -> None:
        """Let the name open once more: another device, or a browser that has forgotten."""
        pupil.again = time.monotonic() + _AGAIN

    def remove(self, pupil: Pupil) -> None:
        """Remove a pupil with all that was handed in."""
        with self._lock:
            self._known.pop(pupil.id, None)
            self._by_key.pop(pupil.key, None)
        throw_away(pupil.folder)

    def new_hand_in(self, pupil: Pupil, name: str, pictures: int, classes: list[str], language: str) -> HandIn:
        """Make a place for a hand-in, dated.

        Raises:
            ParameterInvalid: There are too many already (-305).
            DiskFull, PathNotWritable: It cannot be written (-803, -104).
        """
        with self._lock:
            if len(pupil.hand_ins) >= _MOST_HAND_INS:
                raise ParameterInvalid(
                    say(f"You have handed in {_MOST_HAND_INS} times.", f"你已经提交了 {_MOST_HAND_INS} 次。"),
                    hint=say("Ask your teacher.", "请问老师。"),
                )
            folder = free_name(pupil.folder / time.strftime("%Y-%m-%d %H.%M.%S"))
            hand_in = HandIn(folder.name, folder, time.time(), pictures, classes, language, name)
            about = {"when": hand_in.when, "name": name, "pictures": pictures, "classes": classes, "language": language}
            write_json(folder / _HAND_IN, {"format": 1, **about})
            return hand_in

    def add(self, pupil: Pupil, hand_in: HandIn) -> None:
        """Count a hand-in whose files are all there."""
        with self._lock:
            pupil.hand_ins.append(hand_in)

    def _keep(self, pupil: Pupil) -> None:
        about = {"format": 1, "id": pupil.id, "name": pupil.name, "key": pupil.key}
        write_json(pupil.folder / _PUPIL, about)
        old = self._known.get(pupil.id)
        if old is not None:
            self._by_key.pop(old.key, None)
        self._known[pupil.id] = self._by_key[pupil.key] = pupil


def _read(file: Path) -> Pupil | None:
    """Return the pupil of a folder; None of one that cannot be read."""
    about = read_json(file)
    identifier, name, key = (about.get(word) for word in ("id", "name", "key"))
    if not (isinstance(identifier, str) and isinstance(name, str) and isinstance(key, str)):
        return None
    found = [_read_hand_in(one) for one in sorted(file.parent.glob(f"*/{_HAND_IN}"))]
    return Pupil(
        identifier, name, file.parent, key, 0.0, sorted((one for one in found if one), key=lambda one: one.when)
    )


def _read_hand_in(file: Path) -> HandIn | None:
    about = read_json(file)
    if not (file.parent / MODEL).is_file() and not (file.parent / RESULT).is_file():
        return None  # it was never whole
    classes = about.get("classes")
    return HandIn(
        file.parent.name,
        file.parent,
        when if isinstance(when := about.get("when"), float) else 0.0,
        pictures if isinstance(pictures := about.get("pictures"), int) else 0,
        [str(name) for name in classes] if isinstance(classes, list) else [],
        str(about.get("language") or "zh"),
        str(about.get("name") or ""),
        read_json(file.parent / RESULT) or None,
    )


def _hash(key: str) -> str:
    return hmac.new(b"mmedu class", key.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _taken(name: str, other: str) -> PathExists:
    return PathExists(
        say(f"Somebody here is called {name} already.", f"这里已经有人叫“{name}”了。"),
        hint=say(
            f"Call yourself {other}. Is it you, on another device? Then ask your teacher to let you in again.",
            f"可以改叫“{other}”。如果是你换了设备，请让老师点“重新放行”。",
        ),
    )
