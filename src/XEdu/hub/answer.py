"""What a workflow found: results with their pictures, for ``format_output``, ``show`` and ``save``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from BaseDT import image
from BaseDT.image import NamedImage, Pixels
from XEdu.hub import pictures, wording

_LARGE = 224  # such pictures are never drawn larger


@dataclass(frozen=True)
class Answer:
    """The results of one call.

    Attributes:
        results: One for each picture: a class, a list of boxes, or what a function of the user's returned.
        images: Where the pictures come from.
        many: Whether the user gave many pictures, be it only one.
        read: The pictures themselves, where they were kept to be drawn on.
    """

    results: list[Any]
    images: list[NamedImage]
    many: bool
    read: list[Pixels]

    def value(self, lang: str = "zh") -> Any:
        """Return the results as plain data: of one picture the result itself, of many a list."""
        shown = [wording.shown(result, lang) for result in self.results]
        return shown if self.many else shown[0]

    def drawn(self, *, enlarge: bool = True) -> list[Pixels]:
        """Return the pictures with their results on them.

        Args:
            enlarge: Whether small ones become larger, to be looked at; otherwise all keep their sizes.

        Raises:
            XEduError: A picture cannot be read (any more).
        """
        read = self.read or [image.read(item.source) for item in self.images]
        pairs = zip(read, self.results, strict=True)
        return [pictures.drawn(picture, result, enlarge=enlarge) for picture, result in pairs]

    def to_look_at(self, given: list[Pixels] | None) -> list[Pixels]:
        """Return pictures as they are shown and saved.

        Args:
            given: By the user; None is the last result. What was handed out small and not changed is drawn larger.

        Raises:
            XEduError: A picture cannot be read (any more).
        """
        if given is None:
            return self.drawn()
        if len(given) != len(self.read) or all(min(picture.shape[:2]) >= _LARGE for picture in given):
            return given
        own = zip(given, self.drawn(enlarge=False), self.drawn(), strict=True)
        return [larger if np.array_equal(picture, ours) else picture for picture, ours, larger in own]
