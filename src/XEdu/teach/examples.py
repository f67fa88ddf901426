"""What a learner was shown: the features of each picture with its class, as they arrived. No pictures are kept."""

from __future__ import annotations

from collections import Counter

import numpy as np

from XEdu.teach.softmax_regression import Floats, Labels


class Examples:
    """Features with the names of their classes. The room doubles when it is full.

    Args:
        width: Features of a picture.
    """

    def __init__(self, width: int) -> None:
        self._rows: Floats = np.empty((0, width), np.float32)
        self._names: list[str] = []

    def __len__(self) -> int:
        return len(self._names)

    @property
    def features(self) -> Floats:
        """(N, D), in the order of arrival; a view, true until something is added or forgotten."""
        return self._rows[: len(self)]

    @property
    def counts(self) -> dict[str, int]:
        """Pictures of each class; the classes in the order in which they came."""
        return dict(Counter(self._names))

    @property
    def labels(self) -> Labels:
        """(N,): the place of each picture's class in ``counts``."""
        places = {name: place for place, name in enumerate(self.counts)}
        return np.array([places[name] for name in self._names], np.intp)

    def add(self, name: str, features: Floats) -> None:
        """Add pictures of a class, (N, D)."""
        needed = len(self) + len(features)
        if needed > len(self._rows):
            rows = np.empty((max(needed, 2 * len(self._rows)), self._rows.shape[1]), np.float32)
            rows[: len(self)] = self.features
            self._rows = rows
        self._rows[len(self) : needed] = features
        self._names += [name] * len(features)

    def forget(self, name: str | None, last: int | None) -> int:
        """Remove pictures; a class without any is gone.

        Args:
            name: Only those of this class; None: of all.
            last: Only so many of those, the latest; None: all of them.

        Returns:
            How many.
        """
        places = [place for place, other in enumerate(self._names) if name in (None, other)]
        gone = set(places if last is None else places[-last:])
        kept = [place for place in range(len(self)) if place not in gone]
        self._rows = self._rows[kept]
        self._names = [self._names[place] for place in kept]
        return len(gone)
