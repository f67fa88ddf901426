"""What a data set of keypoints is, once read: persons (or hands, animals, things) with named points.

``keypoints`` makes it. Plain data and questions about it; nothing here knows how folders or annotation files are laid
out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT.dataset.samples import Listed, SplitName
from BaseDT.errors import AnnotationMissing
from BaseDT.escaping import one_line
from BaseDT.language import say

Corners = tuple[float, float, float, float]
Points = npt.NDArray[np.float64]

UNLABELLED, HIDDEN, VISIBLE = range(3)
"""What the third number of a point says, as COCO counts: nobody marked it, one knows where it is, one sees it."""
_NAMES_SHOWN = 5


@dataclass(frozen=True, eq=False)
class PosedObject:
    """One person in a picture; several of one picture share its file.

    Attributes:
        path: Of the picture, absolute.
        height: Of the upright picture, in pixels.
        width: Likewise.
        box: x1, y1, x2, y2: edges in pixels of the upright picture, within it.
        points: (K, 3) of x, y and 0 (not labelled), 1 (hidden) or 2 (visible), in pixels of the upright picture; whole
            numbers are edges, so that the middle of the first pixel is (0.5, 0.5). Of what is not labelled all are 0.
        area: In square pixels, where the annotation tells; what OKS measures distances by.
        label: Its class, from 0.
        crowd: COCO's ``iscrowd``: a group, which training and metrics leave out.
        id: Its number in the annotation file.
        number: Which one of its picture it is, from 0; with ``path`` it names a sample.
    """

    path: Path
    height: int
    width: int
    box: Corners
    points: Points
    area: float | None = None
    label: int = 0
    crowd: bool = False
    id: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        self.points.setflags(write=False)

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """Which points are labelled, (K,)."""
        return np.asarray(self.points[:, 2] > UNLABELLED)

    @property
    def counted_area(self) -> float:
        """The area of the annotation, else that of the box; in square pixels."""
        x1, y1, x2, y2 = self.box
        return (x2 - x1) * (y2 - y1) if self.area is None else self.area


@dataclass(frozen=True)
class KeypointsDataset:
    """A data set of keypoints; its samples are persons.

    Attributes:
        root: Its folder, absolute.
        classes: Kinds of objects, all with the same points; often only 'person'.
        names: Of the K points.
        skeleton: Pairs of points between which lines are drawn, from 0; may be empty.
        flip_pairs: Pairs of points that change places in a mirrored picture, from 0.
        mirrors: Whether mirrored pictures may be learned: the names say what is left and what is right, of every point.
        train: The training persons, in the order of the annotation file.
        val: For validation, likewise.
        test: For the test, likewise; often none.
        notes: Lines for the user, in the user's language.
        whole_pictures: The set has no boxes: each picture shows one person, and all of it is the person's box.
        holds_out: Whether the validation pictures are a part of the training pictures that was kept for it.
        empty: How many pictures show no person, by split.
        keeps: What must stay as long as the pictures are needed: a temporary folder with some of them.
    """

    root: Path
    classes: tuple[str, ...]
    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]
    flip_pairs: tuple[tuple[int, int], ...]
    mirrors: bool
    train: tuple[PosedObject, ...]
    val: tuple[PosedObject, ...]
    test: tuple[PosedObject, ...]
    notes: tuple[str, ...] = ()
    whole_pictures: bool = False
    holds_out: bool = False
    empty: dict[SplitName, int] = field(default_factory=dict)
    keeps: object = field(default=None, repr=False, compare=False)

    def split(self, name: SplitName) -> tuple[PosedObject, ...]:
        """Return the persons of ``'train'``, ``'val'`` or ``'test'``."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def pictures(self, name: SplitName) -> tuple[Path, ...]:
        """Return the pictures of a split that show a person, each once."""
        return tuple(dict.fromkeys(person.path for person in self.split(name)))

    def counts(self, name: SplitName) -> tuple[int, ...]:
        """Return the number of persons of each class in a split."""
        numbers = [0] * len(self.classes)
        for person in self.split(name):
            numbers[person.label] += 1
        return tuple(numbers)

    def labelled(self, name: SplitName) -> tuple[int, ...]:
        """Return of each point, in how many persons of a split it is labelled."""
        return of_each_point(self.split(name), len(self.names))

    def listed(self) -> list[Listed]:
        """Return the pictures of all samples, for whoever looks for copies; that of several persons several times."""
        parts: dict[SplitName, tuple[PosedObject, ...]] = {"train": self.train, "val": self.val, "test": self.test}
        return [Listed(person.path, split) for split, part in parts.items() for person in part]

    def fingerprint(self) -> str:
        """Return a hash of names, sizes, boxes and points of training and validation; the place does not count."""
        digest = hashlib.sha256("\0".join((*self.classes, "", *self.names)).encode("utf-8", "surrogatepass"))
        digest.update(f"{self.flip_pairs}".encode())
        for part in (self.train, self.val):
            digest.update(b"\n\n")
            for person in part:
                relative = _relative(person.path, self.root)
                line = f"{relative}\0{person.width}\0{person.height}\0{person.label}\0{person.crowd}\0{person.box}\n"
                # A name that is no text in the file system's encoding holds surrogates.
                digest.update(line.encode("utf-8", "surrogatepass"))
                digest.update(person.points.astype("<f8").tobytes())
        return digest.hexdigest()

    def fingerprints(self) -> tuple[str, ...]:
        """Return the fingerprints that a training on this set may have: divided, and where nobody validated."""
        whole = self.without_validation()
        return (self.fingerprint(),) if whole is self else (self.fingerprint(), whole.fingerprint())

    def without_validation(self) -> KeypointsDataset:
        """Return the same data set where nobody validates: pictures that were kept for it are trained on, too."""
        if not self.holds_out:
            return self
        together = sorted((*self.train, *self.val), key=lambda person: (person.path.as_posix(), person.number))
        return replace(self, train=tuple(together), val=(), holds_out=False)

    def without(self, paths: Collection[Path]) -> KeypointsDataset:
        """Return the same data set without some pictures.

        Raises:
            AnnotationMissing: No person to train with would be left (-701).
        """
        unwanted = frozenset(paths)

        def rest(part: tuple[PosedObject, ...]) -> tuple[PosedObject, ...]:
            return tuple(person for person in part if person.path not in unwanted)

        less = replace(self, train=rest(self.train), val=rest(self.val), test=rest(self.test))
        if not less.train:
            raise AnnotationMissing(
                say("No usable training picture is left.", "没有剩下可用的训练图片。"),
                hint=say("Add whole pictures.", "请补充完好的图片。"),
            )
        return less


def of_each_point(people: Sequence[PosedObject], points: int) -> tuple[int, ...]:
    """Return of each of so many points, in how many persons it is labelled."""
    if not people:
        return (0,) * points
    return tuple(int(number) for number in np.sum([person.labelled for person in people], axis=0))


def content_notes(data: KeypointsDataset) -> Iterator[str]:
    """Say what cannot be learned and what will not be drawn."""
    unseen = [name for name, number in zip(data.names, data.labelled("train"), strict=True) if not number]
    if unseen:
        yield say(f"No training points of: {_few(unseen)}.", f"训练图片中没有标注以下关键点：{_few(unseen)}。")
    if not data.skeleton:
        yield say(
            "The set tells no skeleton: points are drawn without lines.",
            "数据集没有给出骨架（skeleton）：只画关键点，不画连线。",
        )
    if not data.mirrors:
        yield say(
            "The points' names do not tell what is left and what is right: pictures are not mirrored in training. "
            "Names such as left_eye, right_eye would allow it.",
            "从关键点名称看不出左右：训练时不会翻转图片。若使用 left_eye、right_eye 这样的名称即可翻转。",
        )


def _few(names: Iterable[str]) -> str:
    listed = [one_line(name) for name in names]
    return ", ".join(listed[:_NAMES_SHOWN]) + (", ..." if len(listed) > _NAMES_SHOWN else "")


def _relative(path: Path, root: Path) -> str:
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:  # on another drive (Windows)
        return path.as_posix()
