"""What a lesson asks of a project; ``studio.projects`` fulfils it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from BaseDT.files import Stamp
from MMEdu.studio.live import Channel


class TaughtPicture(Protocol):
    """A picture file; see ``projects.picture.Picture``."""

    @property
    def id(self) -> str: ...
    @property
    def class_id(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def order(self) -> int: ...
    @property
    def stamp(self) -> Stamp: ...


class TaughtClass(Protocol):
    """A class; see ``projects.picture.PictureClass``."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class TaughtSet(Protocol):
    """A project as a data set; see ``projects.project.TrainingSet``."""

    @property
    def path(self) -> Path: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def class_ids(self) -> Sequence[str]: ...


class TaughtProject(Protocol):
    """A project that is open."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def listeners(self) -> list[Callable[[Any], None]]: ...
    @property
    def classes(self) -> Sequence[TaughtClass]: ...
    def pictures(self) -> Sequence[TaughtPicture]:
        """All pictures, in the order in which they came."""

    def training_set(self) -> TaughtSet:
        """The pictures as a data set on disk."""


@dataclass(frozen=True)
class Look:
    """A project as it was at one moment.

    Attributes:
        classes: Names of the classes by their ids, in the user's order.
        pictures: By their ids, in the order in which they came.
    """

    classes: dict[str, str]
    pictures: dict[str, TaughtPicture]

    @property
    def counts(self) -> dict[str, int]:
        """Pictures of each class."""
        counts = dict.fromkeys(self.classes, 0)
        for picture in self.pictures.values():
            counts[picture.class_id] = counts.get(picture.class_id, 0) + 1
        return counts


def look_at(project: TaughtProject) -> Look:
    """Look at a project."""
    classes = {one.id: one.name for one in project.classes}
    pictures = sorted(project.pictures(), key=lambda picture: picture.order)
    return Look(classes, {picture.id: picture for picture in pictures if picture.class_id in classes})
