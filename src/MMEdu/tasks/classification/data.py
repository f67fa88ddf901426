"""A classifier's data in memory: the dataset, its pictures and their caches. Torch-free.

``load`` makes it and the check fills it; training takes its batches from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from BaseDT.arguments import PathLike
from BaseDT.dataset import imagenet
from BaseDT.dataset.imagenet import ImageNetDataset
from MMEdu.engine.store import Budget
from MMEdu.models.classification.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.classification.framing import cut_text, sizes_of
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures
from MMEdu.tasks.picture_data import PictureData


def load(entry: ModelEntry, path: PathLike) -> ClassificationData:
    """Read an ImageNet-style folder for a model; see ``tasks.spec.LoadData``.

    Raises:
        DatasetNotFound, DatasetInvalid: It cannot be read (-101, -201).
        DependencyMissing: Training is not installed (-502).
    """
    dataset = imagenet.load(path, write=True)
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    preprocess = entry.preprocess
    sizes = sizes_of([sample.path for sample in dataset.train]) if preprocess.fit == "crop" else []
    if text := cut_text(entry.name, preprocess, sizes):
        dataset = replace(dataset, notes=(*dataset.notes, text))
    return ClassificationData(dataset=dataset, budget=Budget.of_this_machine(), **ClassificationData.of_entry(entry))


@dataclass(frozen=True)
class ClassificationData(PictureData[ImageNetDataset, Augment, LabelledPictures]):
    """Everything that was loaded for a classifier."""

    def _fingerprint(self) -> str:
        return self.dataset.fingerprint()

    def _val_pictures(self) -> LabelledPictures:
        return LabelledPictures(self.dataset.val, self.preprocess)

    def _train_pictures(self) -> LabelledPictures:
        if not self.augment.changes_pixels:
            return LabelledPictures(self.dataset.train, self.preprocess)
        return VariedPictures(self.dataset.train, self.preprocess, self.augment, reduce=not self.budget.is_empty)
