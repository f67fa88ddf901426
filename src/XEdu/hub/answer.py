"""What a workflow found: results with their pictures, for ``format_output``, ``show`` and ``save``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from BaseDT import image
from BaseDT.image import NamedImage, Pixels
from XEdu.hub import pictures, wording


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

    def drawn(self) -> list[Pixels]:
        """Return the pictures with their results on them.

        Raises:
            XEduError: A picture cannot be read (any more).
        """
        read = self.read or [image.read(item.source) for item in self.images]
        return [pictures.drawn(picture, result) for picture, result in zip(read, self.results, strict=True)]
