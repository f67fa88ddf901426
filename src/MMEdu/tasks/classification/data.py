"""A classifier's data in memory: the dataset, its pictures and their caches. Torch-free.

``load`` makes it and the check fills it; training takes its batches from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from BaseDT.arguments import PathLike
from BaseDT.dataset import imagenet
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.imagenet import ImageNetDataset
from BaseDT.preprocess import Preprocess
from MMEdu.engine.cached_samples import CachedSamples, check_parts
from MMEdu.engine.events import Listener
from MMEdu.engine.store import Budget
from MMEdu.models.classification.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures


def load(entry: ModelEntry, path: PathLike) -> ClassificationData:
    """Read an ImageNet-style folder for a model; see ``tasks.spec.LoadData``.

    Raises:
        DatasetNotFound, DatasetInvalid: It cannot be read (-101, -201).
        DependencyMissing: Training is not installed (-502).
    """
    dataset = imagenet.load(path)
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    return ClassificationData(dataset, entry.preprocess, entry.recipe.augment, Budget.of_this_machine())


@dataclass(frozen=True)
class ClassificationData:
    """Everything that was loaded for a classifier.

    Attributes:
        dataset: Files, labels and classes.
        preprocess: How pixels become the network's input.
        augment: What varies in training.
        budget: What the caches may take.
        left_out: Files that were left out because they are damaged.
        fingerprint: Tells whether it is the same data, as it was when it was loaded.
        train: The training pictures.
        val: The validation pictures, as prediction sees them.
    """

    dataset: ImageNetDataset
    preprocess: Preprocess
    augment: Augment
    budget: Budget = field(repr=False)
    left_out: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", self.dataset.fingerprint())
        # The validation set first: it is read anew every epoch and one array serves it fastest.
        val = CachedSamples.of(LabelledPictures(self.dataset.val, self.preprocess), self.budget)
        object.__setattr__(self, "val", val)
        object.__setattr__(self, "train", CachedSamples.of(self._train_pictures(), self.budget))

    fingerprint: str = field(init=False)
    train: CachedSamples[LabelledPictures] = field(init=False)
    val: CachedSamples[LabelledPictures] = field(init=False)

    @property
    def root(self) -> Path:
        """The data set's folder."""
        return self.dataset.root

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know of how the folder was read."""
        return self.dataset.notes

    @property
    def classes(self) -> tuple[str, ...]:
        """Names by label."""
        return self.dataset.classes

    @property
    def size(self) -> int:
        """Number of training pictures."""
        return len(self.dataset.train)

    def _train_pictures(self) -> LabelledPictures:
        if not self.augment.changes_pixels:
            return LabelledPictures(self.dataset.train, self.preprocess)
        return VariedPictures(self.dataset.train, self.preprocess, self.augment, reduce=not self.budget.is_empty)

    def prepared_for(self, entry: ModelEntry) -> ClassificationData:
        """The same data for another input; itself, with all that is cached, where nothing differs."""
        preprocess, augment = entry.preprocess, entry.recipe.augment
        if (preprocess, augment) == (self.preprocess, self.augment):
            return self
        self.budget.close()
        return ClassificationData(self.dataset, preprocess, augment, Budget.of_this_machine(), self.left_out)

    def without(self, paths: Collection[Path]) -> ClassificationData:
        """The same data less some files; what is cached stays."""
        smaller, left_out = self.dataset.without(paths), (*self.left_out, *paths)
        budget = Budget.of_this_machine()
        data = ClassificationData(smaller, self.preprocess, self.augment, budget, left_out)
        for old, new in ((self.train, data.train), (self.val, data.val)):
            old.hand_over(new)
        self.budget.close()
        return data

    def check(self, emit: Listener) -> tuple[Damaged, ...]:
        """Decode every picture once, strictly, cache what training will need, and name the damaged ones."""
        dataset = self.dataset
        return check_parts([(dataset.train, self.train), (dataset.val, self.val), (dataset.test, None)], emit)
