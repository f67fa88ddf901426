"""What a workflow found: results with their pictures, for ``format_output``, ``show`` and ``save``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from BaseDT.image import Pixels
from XEdu.hub import pictures, wording
from XEdu.hub.kept import Kept

_LARGE = 224  # such pictures are never drawn larger


@dataclass(frozen=True)
class Answer:
    """The results of one call.

    Attributes:
        results: One for each picture: a class, a list of boxes, or what a function of the user's returned.
        images: The pictures.
        many: Whether the user gave many pictures, be it only one.
        tiles: The drawn pictures of many as ``pictures.collect`` keeps them, where they were to be shown.
    """

    results: list[Any]
    images: list[Kept]
    many: bool
    tiles: list[Pixels] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """File names of the pictures."""
        return [kept.name for kept in self.images]

    def value(self, lang: str = "zh") -> Any:
        """Return the results as plain data: of one picture the result itself, of many a list."""
        shown = [wording.shown(result, lang) for result in self.results]
        return shown if self.many else shown[0]

    def drawn(self, *, enlarge: bool = True) -> Iterator[Pixels]:
        """Give the pictures with their results on them, one at a time: all of a folder might not fit into memory.

        Args:
            enlarge: Whether small ones become larger, to be looked at; otherwise all keep their sizes.

        Raises:
            XEduError: A picture has changed, or cannot be read any more.
        """
        for kept, result in zip(self.images, self.results, strict=True):
            yield pictures.drawn(kept.read(), result, enlarge=enlarge)

    def to_show(self) -> list[Pixels]:
        """Return the drawn pictures as ``pictures.collect`` keeps them.

        Raises:
            XEduError: A picture has changed, or cannot be read any more.
        """
        if self.tiles:
            return self.tiles
        shown: list[Pixels] = []
        for picture in self.drawn():
            pictures.collect(shown, picture)
        return shown

    def to_look_at(self, given: Sequence[Pixels]) -> Sequence[Pixels]:
        """Return the user's pictures as they are shown and saved.

        Args:
            given: What was handed out small and not changed is drawn larger.
        """
        in_memory = all(kept.in_memory for kept in self.images)
        if len(given) != len(self.images) or not in_memory or all(min(one.shape[:2]) >= _LARGE for one in given):
            return given
        own = zip(given, self.drawn(enlarge=False), self.drawn(), strict=True)
        return [larger if np.array_equal(picture, ours) else picture for picture, ours, larger in own]
