"""A detector's data in memory: the dataset, its pictures and their caches. Torch-free.

``load`` makes it and the check fills it; training takes its batches from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from BaseDT.arguments import PathLike
from BaseDT.dataset import coco
from BaseDT.dataset.coco import CocoDataset
from BaseDT.dataset.upright import upright
from MMEdu.models.detection.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.detection.augmented_samples import VariedBoxedPictures
from MMEdu.tasks.detection.samples import BoxedPictures
from MMEdu.tasks.picture_data import PictureData


def load(entry: ModelEntry, path: PathLike, **paths: PathLike | None) -> DetectionData:
    """Read a folder in COCO's layout for a model; see ``tasks.spec.LoadData``.

    Args:
        entry: The model; it says whether masks are needed.
        path: The folder.
        **paths: ``train_json``, ``train_images``, ``val_json``, ``val_images`` of folders of another shape.

    Raises:
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
        DependencyMissing: Training is not installed (-502).
    """
    dataset = upright(coco.load(path, **paths, with_masks=entry.options.masks))
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    return DetectionData.loaded(dataset, entry)


@dataclass(frozen=True)
class DetectionData(PictureData[CocoDataset, Augment, BoxedPictures]):
    """Everything that was loaded for a detector.

    Attributes:
        masks: Whether the objects' masks are needed, too.
    """

    masks: bool = False

    @staticmethod
    def of_entry(entry: ModelEntry) -> dict[str, Any]:
        """Return the fields that a model decides."""
        return {**PictureData.of_entry(entry), "masks": entry.options.masks}

    def _fingerprint(self) -> str:
        return self.dataset.fingerprint(with_masks=self.masks)

    def _val_pictures(self) -> BoxedPictures:
        return BoxedPictures(self.dataset.val, self.preprocess, masks=self.masks)

    def _train_pictures(self) -> BoxedPictures:
        if not self.augment.changes_pixels:
            return BoxedPictures(self.dataset.train, self.preprocess, masks=self.masks)
        return VariedBoxedPictures(self.dataset.train, self.preprocess, self.augment, masks=self.masks)
