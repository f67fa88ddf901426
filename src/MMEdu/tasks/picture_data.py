"""What the data of several tasks share: a data set of pictures in memory, with the caches of its parts. Torch-free.

A task's own class says what its samples are; see ``tasks.spec.TaskData``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from BaseDT.dataset import copies
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.mixing import would_mix
from BaseDT.dataset.samples import Listed
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine.cached_samples import CachedSamples, check_parts
from MMEdu.engine.events import Listener, Notice
from MMEdu.engine.protocol import Samples
from MMEdu.engine.store import Budget
from MMEdu.models.registry import ModelEntry
from XEdu.evaluation.kind import LabelledSet, Part


class PictureDataset(Protocol):
    """A data set that was read: ``BaseDT.dataset.samples``, ``BaseDT.dataset.coco_samples``."""

    @property
    def root(self) -> Path: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def train(self) -> Sequence[Any]: ...
    @property
    def val(self) -> Sequence[Any]: ...
    @property
    def test(self) -> Sequence[Any]: ...
    @property
    def notes(self) -> Sequence[str]: ...
    def listed(self) -> list[Listed]: ...
    def without(self, paths: Collection[Path]) -> Any: ...
    def without_validation(self) -> Any: ...


class PictureFiles(Samples, Protocol):
    """Samples that are picture files: ``tasks.picture_samples``."""

    marks: list[copies.Mark | None]


D = TypeVar("D", bound=PictureDataset)
A = TypeVar("A")
S = TypeVar("S", bound=PictureFiles)
Data = TypeVar("Data", bound="PictureData[Any, Any, Any]")


@dataclass(frozen=True)
class PictureData(Generic[D, A, S]):
    """Everything that was loaded for a model of pictures.

    Attributes:
        dataset: Files, what is known of each, and classes.
        preprocess: How pixels become the network's input.
        augment: What varies in training.
        budget: What the caches may take.
        left_out: Files that were left out because they are damaged.
        bits: Of the pictures of 16 bits; see ``BaseDT.dataset.depth``.
        as_loaded: The fingerprint before damaged files were left out.
        fingerprint: Tells whether it is the same data, as it was when it was loaded.
        train: The training pictures.
        val: The validation pictures, as prediction sees them.
    """

    dataset: D
    preprocess: Preprocess
    augment: A
    budget: Budget = field(repr=False)
    left_out: tuple[Path, ...] = ()
    bits: int | None = None
    as_loaded: str = ""
    fingerprint: str = field(init=False)
    train: CachedSamples[S] = field(init=False)
    val: CachedSamples[S] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", self._fingerprint())
        object.__setattr__(self, "as_loaded", self.as_loaded or self.fingerprint)
        # The validation set first: it is read anew every epoch and one array serves it fastest.
        object.__setattr__(self, "val", CachedSamples.of(self._val_pictures(), self.budget))
        object.__setattr__(self, "train", CachedSamples.of(self._train_pictures(), self.budget))

    def _fingerprint(self) -> str:
        raise NotImplementedError

    def _val_pictures(self) -> S:
        raise NotImplementedError

    def _train_pictures(self) -> S:
        raise NotImplementedError

    @classmethod
    def loaded(cls: type[Data], dataset: Any, entry: ModelEntry) -> Data:
        """Return a data set that was read, for a model."""
        paths = [picture.path for part in (dataset.train, dataset.val, dataset.test) for picture in part]
        bits = stored_bits(paths)
        fields = cls.of_entry(entry.with_bits(bits))
        return cls(dataset=dataset, budget=Budget.of_this_machine(), bits=bits, **fields)

    @staticmethod
    def of_entry(entry: ModelEntry) -> dict[str, Any]:
        """Return the fields that a model decides."""
        return {"preprocess": entry.preprocess, "augment": entry.recipe.augment}

    @property
    def root(self) -> Path:
        """The data set's folder."""
        return self.dataset.root

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know of how the folder was read."""
        return self.dataset.notes

    @property
    def unchecked_notes(self) -> Sequence[str]:
        """What the user should know where nobody checks the pictures."""
        return getattr(self.dataset, "unchecked_notes", ())  # sets of boxes have none

    @property
    def classes(self) -> tuple[str, ...]:
        """Names by label."""
        return self.dataset.classes

    @property
    def size(self) -> int:
        """Number of training pictures."""
        return len(self.dataset.train)

    def suited(self, entry: ModelEntry) -> ModelEntry:
        """The model as these pictures need it: they say how many of their bits hold values."""
        return entry.with_bits(self.bits)

    def prepared_for(self: Data, entry: ModelEntry) -> Data:
        """The same data for another input; itself, with all that is cached, where nothing differs."""
        fields = self.of_entry(entry)
        if all(getattr(self, name) == value for name, value in fields.items()):
            return self
        self.budget.close()
        return replace(self, **fields, budget=Budget.of_this_machine())

    def without(self: Data, paths: Collection[Path]) -> Data:
        """The same data less some files; what is cached stays."""
        left_out = (*self.left_out, *paths)
        data = replace(self, dataset=self.dataset.without(paths), budget=Budget.of_this_machine(), left_out=left_out)
        for old, new in ((self.train, data.train), (self.val, data.val)):
            old.hand_over(new)
        self.budget.close()
        return data

    def would_mix(self, folder: Path) -> bool:
        """Whether pictures that are written into a folder would be read as part of the data set next time."""
        dataset = self.dataset
        pictures = (picture.path for part in (dataset.train, dataset.val, dataset.test) for picture in part)
        return would_mix(folder, dataset.root, pictures)

    def without_validation(self: Data) -> Data:
        """The same data where nobody validates; itself where nothing was kept for it, else one with the same caches."""
        dataset = self.dataset.without_validation()
        if dataset is self.dataset:
            return self
        data = replace(self, dataset=dataset, as_loaded="")
        self.train.share(data.train)
        return data

    def check(self, emit: Listener) -> tuple[Damaged, ...]:
        """Decode every picture once, strictly, cache what training will need, and name the damaged ones.

        The same file in training and validation, or in two classes, is told.
        """
        dataset = self.dataset
        for text in depth_notes(self.bits):
            emit(Notice(text))
        damaged = check_parts([(dataset.train, self.train), (dataset.val, self.val), (dataset.test, None)], emit)
        # The test set's files are listed last: a training does not use them.
        same = copies.find(dataset.listed(), [*self.train.samples.marks, *self.val.samples.marks])
        for text in same.notes(self.root):
            emit(Notice(text))
        return damaged


def labelled(data: PictureData[Any, Any, Any]) -> LabelledSet:
    """Return the test pictures of a data set, or those for validation where it has none; see ``tasks.spec.TaskSpec``.

    Raises:
        DatasetInvalid: It has neither (-201).
    """
    dataset = data.dataset
    if not (dataset.test or dataset.val):
        raise DatasetInvalid(
            say("The data set has no pictures for a test or for validation.", "数据集中没有测试图片或验证图片。"),
            hint=say("Give a folder of labelled pictures.", "请给出已标注的图片文件夹。"),
        )
    holds_out = getattr(dataset, "holds_out", False)  # sets of boxes never do
    part: Part = "test" if dataset.test else "held_out" if holds_out else "val"
    pictures = dataset.test or dataset.val
    return LabelledSet(
        dataset.root, part, pictures, dataset.classes, dataset=dataset, fingerprints=lambda: _fingerprints(data)
    )


def _fingerprints(data: PictureData[Any, Any, Any]) -> tuple[str, ...]:
    whole = data.dataset.without_validation()
    return (data.fingerprint,) if whole is data.dataset else (data.fingerprint, whole.fingerprint())
