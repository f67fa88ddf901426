"""Photographs that pupils' phones send into classes, until the teacher takes them over as a set."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from BaseDT import image
from BaseDT.errors import DatasetNotFound, ParameterInvalid
from BaseDT.files import discard, write_whole
from BaseDT.language import say
from MMEdu.studio.classroom import names
from MMEdu.studio.classroom.files import read_json, throw_away, write_json
from MMEdu.studio.projects.names import folder_name

_LARGEST = 1280
_MOST, _MOST_CLASSES = 5000, 20
_ABOUT = "photos.json"


@dataclass(frozen=True)
class Photo:
    """A photograph: its name says who sent it and when."""

    id: str
    path: Path
    sender: str

    def told(self) -> dict[str, str]:
        """Return what the teacher's page shows; ``sender`` is a pupil's identifier."""
        return {"id": self.id, "sender": self.sender}


class Photos:
    """One collection at a time: a name, classes, photographs.

    Args:
        folder: Where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        about = read_json(folder / _ABOUT)
        self.name = str(about.get("name") or "")
        given = about.get("classes")
        self.classes = {str(key): str(name) for key, name in given.items()} if isinstance(given, dict) else {}

    def begin(self, name: str, classes: Iterable[str]) -> None:
        """Ask for photographs of some classes; what was collected before must have been taken over.

        Raises:
            ParameterInvalid: A name is none, two are the same, or photographs lie there (-305).
        """
        name = names.cleaned(name)
        asked = [names.cleaned(one) for one in classes]
        if not 1 <= len(asked) <= _MOST_CLASSES or len(set(map(str.casefold, asked))) < len(asked):
            raise ParameterInvalid(
                say(f"That takes 1 to {_MOST_CLASSES} different classes.", f"需要 1 到 {_MOST_CLASSES} 个不同的类别。"),
                hint=say("Write a class on each line.", "请每行写一个类别。"),
            )
        with self._lock:
            if any(self.of(identifier) for identifier in self.classes):
                raise ParameterInvalid(
                    say("Photographs lie there still.", "还有照片没有处理。"),
                    hint=say("Take them over, or throw them away, first.", "请先接收或丢弃它们。"),
                )
            self.name, self.classes = name, {names.new_id(): one for one in asked}
            write_json(self._folder / _ABOUT, {"format": 1, "name": self.name, "classes": self.classes})

    def end(self) -> None:
        """Throw the collection away."""
        with self._lock:
            self.name, self.classes = "", {}
            throw_away(self._folder)

    def taken(self) -> Path:
        """Return the folder of the collection for whoever moves it away, a folder a class; it begins anew then.

        Raises:
            ParameterInvalid: There is no photograph (-305).
        """
        with self._lock:
            if not any(self.of(identifier) for identifier in self.classes):
                raise ParameterInvalid(
                    say("There are no photographs yet.", "还没有照片。"), hint=say("Wait for some.", "请等待照片。")
                )
            folder = self._folder.with_name(f".{names.new_id()}.photos")
            discard(self._folder / _ABOUT)
            self._folder.rename(folder)
            self.name, self.classes = "", {}
            return folder

    def add(self, identifier: str, sender: str, data: bytes) -> Photo:
        """Keep a photograph, upright, no larger than 1280, without what the phone wrote into it (place, time).

        Raises:
            DatasetNotFound: The class is not asked for any more (-101).
            ImageUnsupported, ImageDamaged: It is no picture (-203, -205).
            ParameterInvalid: There are too many (-305).
            DiskFull: There is no room (-803).
        """
        self._named(identifier)
        pixels = image.decode(data, name=say("This photograph", "这张照片"))
        scale = _LARGEST / max(pixels.shape[:2])
        if scale < 1:
            height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
            pixels = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        encoded = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, 90))[1].tobytes()
        with self._lock:
            folder = self._folder_of(identifier)
            if sum(len(self.of(one)) for one in self.classes) >= _MOST:
                raise ParameterInvalid(
                    say(f"{_MOST} photographs are there.", f"已经有 {_MOST} 张照片。"),
                    hint=say("Ask your teacher to take them over.", "请让老师先接收照片。"),
                )
            photo = f"{time.strftime('%H%M%S')}-{sender}-{names.new_id()}"
            path = write_whole(folder / f"{photo}.jpg", encoded, durable=False)
        return Photo(photo, path, sender)

    def of(self, identifier: str) -> list[Photo]:
        """Return the photographs of a class, the latest first."""
        found = sorted(self._folder_of(identifier).glob("*-*-*.jpg"), reverse=True)
        return [Photo(path.stem, path, path.stem.split("-")[1]) for path in found]

    def find(self, photo: str) -> Photo:
        """Return a photograph.

        Raises:
            DatasetNotFound: It is gone (-101).
        """
        for identifier in self.classes:
            for one in self.of(identifier):
                if one.id == photo:
                    return one
        raise DatasetNotFound(
            say("This photograph is gone.", "这张照片已经不在了。"), hint=say("Reload the page.", "请刷新页面。")
        )

    def remove(self, photo: str) -> None:
        """Throw a photograph away."""
        discard(self.find(photo).path)

    def told(self, with_photos: bool = False) -> dict[str, Any] | None:
        """Return what a page shows; None where nothing is asked for."""
        if not self.classes:
            return None
        rows = []
        for identifier, name in self.classes.items():
            photos = self.of(identifier)
            row: dict[str, Any] = {"id": identifier, "name": name, "count": len(photos)}
            rows.append(row | ({"photos": [photo.told() for photo in photos[:200]]} if with_photos else {}))
        return {"name": self.name, "classes": rows}

    def _folder_of(self, identifier: str) -> Path:
        """Return the folder of a class: its name, with a number where two make the same."""
        wanted = self._named(identifier)
        plain = folder_name(wanted)
        same = [one for one, name in self.classes.items() if names.same(folder_name(name), plain)]
        place = same.index(identifier)
        return self._folder / (plain if place == 0 else f"{plain} {place + 1}")

    def _named(self, identifier: str) -> str:
        if identifier in self.classes:
            return self.classes[identifier]
        raise DatasetNotFound(
            say("This class is not asked for any more.", "这个类别已经不再收集。"),
            hint=say("Reload the page.", "请刷新页面。"),
        )
