"""Persons as evaluation sees them: ``Frame`` decides, and nothing varies. Torch-free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import contents, image
from BaseDT.dataset import copies
from BaseDT.dataset.keypoints import PosedObject
from BaseDT.image import Pixels
from BaseDT.preprocess import Preprocess
from MMEdu.engine.protocol import Batch
from MMEdu.tasks.picture_samples import PictureSamples
from MMEdu.tasks.pose.framing import Frame

Targets = npt.NDArray[np.float32]
"""(K, 3) of each person: x, y as shares of the input, and 1 where the point is known, else 0."""
Sample = tuple[Pixels, Targets]


@dataclass(frozen=True, eq=False)
class _Decoded:
    """A picture; its mark (``BaseDT.dataset.copies``) where its structure was checked."""

    path: Path
    picture: Pixels
    mark: copies.Mark | None


class PosedPeople(PictureSamples):
    """Persons with their points; several may share a picture.

    Args:
        people: Whom it shows.
        preprocess: How pixels become the network's input.
        whole: Whether each picture is a person.
    """

    def __init__(self, people: Sequence[PosedObject], preprocess: Preprocess, *, whole: bool) -> None:
        super().__init__([person.path for person in people], preprocess)
        self.people = tuple(people)
        self.whole = whole
        self._shared = Counter(self.paths)
        self._last: _Decoded | None = None
        self.frames = [
            Frame.of(preprocess, (person.height, person.width), None if whole else person.box) for person in people
        ]

    def name(self, index: int) -> str:
        """The path of the picture, and which of its persons it is where that is not the first."""
        number = self.people[index].number
        return f"{self.paths[index]}" + (f" ({number + 1})" if number else "")

    def load(self, index: int, *, strict: bool) -> Pixels:
        """Read and decode a picture, and cut the person out in the form that is cached."""
        decoded = self._decoded(self.paths[index], strict=strict)
        if strict:
            self.marks[index] = decoded.mark
        return self.seen(index, decoded.picture)

    def _decoded(self, path: Path, *, strict: bool) -> _Decoded:
        """Decode a picture, once for persons that follow one another: they often share it."""
        last = self._last  # another thread may put another one there meanwhile
        if last is not None and last.path == path and (last.mark is not None or not strict):
            return last
        data = contents.read_bytes(path)
        reading = self.preprocess.reading
        picture = image.decode(data, name=str(path), gray=reading.gray, strict=strict, bits=reading.bits)
        decoded = _Decoded(path, picture, copies.mark(data) if strict else None)
        self._last = decoded if self._shared[path] > 1 else None
        return decoded

    def seen(self, index: int, picture: Pixels) -> Pixels:
        """Return what is cached of a person's picture: the network's input."""
        return self.frames[index].pixels(picture)

    def sample(self, index: int, cached: Pixels, random: np.random.Generator) -> Sample:
        """Return the person as it is."""
        del random
        return cached, self.target(index)

    def target(self, index: int) -> Targets:
        """Return where a person's points are in the evaluated input."""
        person = self.people[index]
        return targets(self.frames[index].to_input(person.points[:, :2]), person.labelled, self.preprocess.size)

    def collate(self, indices: npt.NDArray[np.int64], samples: Sequence[Sample]) -> Batch:
        """Stack pictures to (N, H, W, C), and what is to be found to (N, K, 3)."""
        height, width = self.preprocess.size
        pixels = np.empty((len(samples), height, width, self.preprocess.channels), dtype=np.uint8)
        for row, (picture, _) in zip(pixels, samples, strict=True):
            row[:] = picture
        return Batch(pixels, np.stack([target for _, target in samples]), indices)

    def gather(self, indices: npt.NDArray[np.int64], table: Pixels) -> Batch:
        """Take a batch out of the array of all persons."""
        return Batch(table[indices], np.stack([self.target(int(index)) for index in indices]), indices)


def targets(points: npt.NDArray[np.float64], known: npt.NDArray[np.bool_], size: tuple[int, int]) -> Targets:
    """Put together what a network learns of points (K, 2) in pixels of its input; those outside are not known."""
    shares = points / (size[1], size[0])
    within = ((shares >= 0) & (shares < 1)).all(axis=1) & known
    return np.where(within[:, None], np.column_stack([shares, within]), 0).astype(np.float32)
