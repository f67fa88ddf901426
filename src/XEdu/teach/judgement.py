"""What held-out answers say of a collection: how many are right, which class is taken for which, the worst mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from XEdu.teach import held_out
from XEdu.teach.collection import Table
from XEdu.teach.softmax_regression import Floats


@dataclass(frozen=True)
class Mistake:
    """A picture that was taken for another class.

    Attributes:
        picture: Its name.
        true: The class that it is in.
        said: The class that it was taken for.
        score: Of that, 0 to 1.
    """

    picture: str
    true: str
    said: str
    score: float


@dataclass(frozen=True)
class Judgement:
    """Answers for pictures that were left out of the training, each once.

    Attributes:
        classes: Names, in the order of rows and columns.
        cells: Names of the pictures by the class that they are in and the class that they were taken for.
        mistakes: The surest first.
        unjudged: Names of pictures that are the only one of their class.
        steps: See ``held_out.steps``.
    """

    classes: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], ...], ...]
    mistakes: tuple[Mistake, ...]
    unjudged: tuple[str, ...]
    steps: float

    @property
    def matrix(self) -> list[list[int]]:
        """How many pictures of each class (row) were taken for each (column)."""
        return [[len(cell) for cell in row] for row in self.cells]

    @property
    def judged(self) -> int:
        """How many pictures were judged."""
        return sum(map(sum, self.matrix))

    @property
    def right(self) -> int:
        """How many of them were named rightly."""
        return sum(row[place] for place, row in enumerate(self.matrix))

    @property
    def accuracy(self) -> float | None:
        """The share of them, 0 to 1; None where nothing was judged."""
        return self.right / self.judged if self.judged else None


def judgement(table: Table, said: Floats) -> Judgement:
    """Order held-out answers, (N, classes); a row of NaN is of a picture that was not judged."""
    count = len(table.classes)
    cells: list[list[list[str]]] = [[[] for _ in range(count)] for _ in range(count)]
    mistakes: list[Mistake] = []
    unjudged: list[str] = []
    for picture, label, scores in zip(table.pictures, table.labels, said, strict=True):
        if np.isnan(scores[0]):
            unjudged.append(picture)
            continue
        best = int(scores.argmax())
        cells[label][best].append(picture)
        if best != label:
            mistakes.append(Mistake(picture, table.classes[label], table.classes[best], float(scores[best])))
    mistakes.sort(key=lambda mistake: -mistake.score)
    ordered = tuple(tuple(map(tuple, row)) for row in cells)
    return Judgement(
        table.classes, ordered, tuple(mistakes), tuple(unjudged), held_out.steps(table.features, table.labels)
    )
