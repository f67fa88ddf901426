"""A classifier's data in memory: the dataset, its pictures and their caches. Torch-free.

``load_dataset`` makes it and the check fills it; training takes its feeds from it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from BaseDT.dataset.check import Damaged
from BaseDT.dataset.imagenet import ImageNetDataset
from BaseDT.preprocess import Preprocess
from MMEdu.engine.cached_samples import PictureSet, checked
from MMEdu.engine.events import Listener
from MMEdu.engine.store import Budget, PixelStore
from MMEdu.models.classification.augment import Augment
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures


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
        train = self._train_pictures()
        val = LabelledPictures(self.dataset.val, self.preprocess)
        # The validation set first: it is read anew every epoch and one array serves it fastest.
        val_store = PixelStore(len(val.paths), self.budget, val.shape)
        object.__setattr__(self, "val", PictureSet(val, val_store))
        object.__setattr__(self, "train", PictureSet(train, PixelStore(len(train.paths), self.budget, train.shape)))

    fingerprint: str = field(init=False)
    train: PictureSet[LabelledPictures] = field(init=False)
    val: PictureSet[LabelledPictures] = field(init=False)

    def _train_pictures(self) -> LabelledPictures:
        if not self.augment.changes_pixels:
            return LabelledPictures(self.dataset.train, self.preprocess)
        return VariedPictures(self.dataset.train, self.preprocess, self.augment, reduce=not self.budget.is_empty)

    def prepared_for(self, preprocess: Preprocess, augment: Augment) -> ClassificationData:
        """The same data for another input; itself, with all that is cached, where nothing differs."""
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
        """Decode every picture once, strictly, keep what training will need, and name the damaged ones."""
        dataset = self.dataset
        return checked([(dataset.train, self.train), (dataset.val, self.val), (dataset.test, None)], emit)
