"""A classifier's data in memory: the dataset, its pictures and their caches. Torch-free.

``load`` makes it and the check fills it; training takes its batches from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from BaseDT.arguments import PathLike
from BaseDT.dataset import labelled
from BaseDT.dataset.samples import HasLabels, ImageNetDataset, MultiLabelDataset
from MMEdu.models.classification.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.classification.answers import Answers, Targets
from MMEdu.tasks.classification.framing import cut_text, sizes_of
from MMEdu.tasks.classification.one_class import OneClass
from MMEdu.tasks.classification.samples import LabelledPictures, VariedPictures
from MMEdu.tasks.classification.several_labels import SeveralLabels
from MMEdu.tasks.picture_data import PictureData


def load(entry: ModelEntry, path: PathLike) -> ClassificationData:
    """Read a set of classes, or of several labels a picture, for a model; see ``tasks.spec.LoadData``.

    Raises:
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
        DependencyMissing: Training is not installed (-502).
    """
    dataset = labelled.load(path, write=True)
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    preprocess = entry.preprocess
    sizes = sizes_of([sample.path for sample in dataset.train]) if preprocess.fit == "crop" else []
    if text := cut_text(entry.name, preprocess, sizes):
        dataset = replace(dataset, notes=(*dataset.notes, text))
    return ClassificationData.loaded(dataset, entry)


@dataclass(frozen=True)
class ClassificationData(PictureData[ImageNetDataset | MultiLabelDataset, Augment, LabelledPictures]):
    """Everything that was loaded for a classifier."""

    @property
    def answers(self) -> Answers:
        """What its pictures are answered with."""
        return SeveralLabels() if isinstance(self.dataset, MultiLabelDataset) else OneClass()

    def _fingerprint(self) -> str:
        return self.dataset.fingerprint()

    def _val_pictures(self) -> LabelledPictures:
        return LabelledPictures(self.dataset.val, self.preprocess, self._targets(self.dataset.val))

    def plain_train_pictures(self) -> LabelledPictures:
        """The training pictures as validation would see them."""
        return LabelledPictures(self.dataset.train, self.preprocess, self._targets(self.dataset.train))

    def _train_pictures(self) -> LabelledPictures:
        train, targets = self.dataset.train, self._targets(self.dataset.train)
        if not self.augment.changes_pixels:
            return self.plain_train_pictures()
        return VariedPictures(train, self.preprocess, self.augment, targets, reduce=not self.budget.is_empty)

    def _targets(self, samples: Sequence[HasLabels]) -> Targets:
        return self.answers.targets(samples, len(self.dataset.classes))
