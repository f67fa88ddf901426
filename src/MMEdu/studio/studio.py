"""``Studio``: what the routes share. Its rooms (projects, jobs, lessons) are made when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from XEdu.serve.door import Door

T = TypeVar("T")


class Studio:
    """One work folder with its rooms.

    Args:
        folder: The work folder: projects, models and data sets of the user lie in it.
        door: Who may come in.
        address: Where the page is, e.g. ``http://127.0.0.1:8765``.
        shared: Whether other computers may ask. A door that takes a PIN is for others in any case.
    """

    def __init__(self, folder: Path, door: Door, address: str = "", *, shared: bool = False) -> None:
        self.folder, self.door, self.address = folder.resolve(), door, address
        self.shared = shared or door.takes_pin
        self._rooms: dict[object, Any] = {}
        self._lock = threading.RLock()

    def room(self, make: Callable[[Studio], T]) -> T:
        """Return the only object that a class or function of a studio makes for this one."""
        with self._lock:
            if make not in self._rooms:
                self._rooms[make] = make(self)
            return cast(T, self._rooms[make])

    def close(self) -> None:
        """End what the rooms run; each that has a ``close`` is called once."""
        with self._lock:
            rooms, self._rooms = list(self._rooms.values()), {}
        for room in rooms:
            if hasattr(room, "close"):
                room.close()
