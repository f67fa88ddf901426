"""Pictures by name, each with its class and what the backbone sees of it, in the order of arrival.

``Examples`` is the same without names, for who adds and forgets only; here pictures also move between classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from XEdu.teach.softmax_regression import Floats, Labels


@dataclass(frozen=True)
class Table:
    """What there is to learn from, as it was at one moment.

    Attributes:
        pictures: Their names, N, in the order of arrival.
        classes: Names of the classes that have pictures.
        features: (N, D).
        labels: (N,): the place of each picture's class in ``classes``.
    """

    pictures: tuple[str, ...]
    classes: tuple[str, ...]
    features: Floats
    labels: Labels

    @property
    def counts(self) -> list[int]:
        """Pictures of each class."""
        return [int(count) for count in np.bincount(self.labels, minlength=len(self.classes))]


class Collection:
    """Features by the names of pictures. One thread at a time may call it.

    Args:
        width: Features of a picture.
    """

    def __init__(self, width: int) -> None:
        self._rows: Floats = np.empty((0, width), np.float32)
        self._place: dict[str, int] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, picture: object) -> bool:
        return picture in self._place

    @property
    def pictures(self) -> list[str]:
        """The names of all pictures whose features are known."""
        return list(self._place)

    def put(self, pictures: Sequence[str], features: Floats) -> None:
        """Keep the features of pictures, (N, D); those of a picture that is known are replaced."""
        fresh = [picture for picture in dict.fromkeys(pictures) if picture not in self._place]
        self._make_room(len(fresh))
        for picture in fresh:
            self._place[picture] = self._free.pop()
        self._rows[[self._place[picture] for picture in pictures]] = features

    def forget(self, pictures: Iterable[str]) -> None:
        """Forget pictures; one that is unknown is none."""
        for picture in pictures:
            if (place := self._place.pop(picture, None)) is not None:
                self._free.append(place)

    def features(self, pictures: Sequence[str]) -> Floats:
        """Return the features of known pictures, (N, D), as a copy."""
        return self._rows[[self._place[picture] for picture in pictures]]

    def table(self, classes: Mapping[str, str], order: Iterable[str]) -> Table:
        """Return what there is to learn from.

        Args:
            classes: The class of each picture.
            order: Names of the classes, in their order; those without a picture fall out.
        """
        known = [picture for picture in classes if picture in self._place]
        used = {classes[picture] for picture in known}
        names = tuple(name for name in order if name in used)
        labels = {name: label for label, name in enumerate(names)}
        known = [picture for picture in known if classes[picture] in labels]
        return Table(
            tuple(known),
            names,
            self.features(known),
            np.array([labels[classes[picture]] for picture in known], np.intp),
        )

    def _make_room(self, count: int) -> None:
        if count <= len(self._free):
            return
        old = len(self._rows)
        size = max(old + count, old + old // 2)
        rows = np.empty((size, self._rows.shape[1]), np.float32)
        rows[:old] = self._rows
        self._rows = rows
        self._free += range(size - 1, old - 1, -1)
