"""``Described``: what a file says of one estimator, asked attribute by attribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseML.files import plain
from BaseML.files.nodes import Damaged


@dataclass(frozen=True)
class Described:
    """What a file says of one estimator.

    Attributes:
        name: Of its class.
        said: Its attributes, as they stand in the file.
        part: Makes another estimator that is a part of it.
    """

    name: str
    said: Mapping[str, Any]
    part: Callable[[Any], Any]

    def has(self, name: str) -> bool:
        """Whether it has an attribute."""
        return self.said.get(name) is not None

    def raw(self, *names: str) -> Any:
        """Return the first of these attributes that there is, as it stands in the file.

        Raises:
            Damaged: There is none.
        """
        for name in names:
            if self.has(name):
                return self.said[name]
        raise Damaged(f"{self.name} has no {names[0]}")

    def numbers(self, names: str, *shape: int | None, whole: bool = False) -> npt.NDArray[Any]:
        """Return finite numbers of a shape; ``names`` may be several with spaces: versions call them otherwise.

        Raises:
            Damaged: There are none such.
        """
        return plain.numbers(self.raw(*names.split()), *shape, whole=whole)

    def count(self, names: str, least: int = 1, most: int = 2**31 - 1) -> int:
        """Return a whole number within bounds; ``names`` as for ``numbers``.

        Raises:
            Damaged: There is none such.
        """
        return plain.count(self.raw(*names.split()), least, most)

    def classes(self) -> npt.NDArray[Any]:
        """Return the labels that the estimator answers with: numbers or texts.

        Raises:
            Damaged: They are none.
        """
        labels = np.asarray(plain.value(self.raw("classes_")))
        if labels.ndim != 1 or not len(labels) or labels.dtype.kind not in "biufU":
            raise Damaged("labels of another form")
        if labels.dtype.kind == "f" and not np.isfinite(labels).all():
            raise Damaged("labels that are no numbers")
        return labels

    def list(self, name: str) -> list[Any]:
        """Return a list with something in it, as it stands in the file.

        Raises:
            Damaged: There is none.
        """
        items = self.raw(name)
        if not isinstance(items, list | tuple) or not items:
            raise Damaged(f"{self.name} has no {name}")
        return [*items]

    def carry(self, made: Any, *names: str) -> None:
        """Take over attributes that are only told, where they are plain."""
        for name in names:
            if name in self.said and plain.is_plain(self.said[name]):
                setattr(made, name, plain.value(self.said[name]))
