"""A segmenter's data in memory: the dataset, its pictures and masks, and their caches. Torch-free.

``load`` makes it and the check fills it; training takes its batches from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from BaseDT.arguments import PathLike
from BaseDT.dataset import segmentation
from BaseDT.dataset.masked import MaskFile, SegmentationDataset
from BaseDT.dataset.mixing import would_mix
from MMEdu.models.registry import ModelEntry
from MMEdu.models.segmentation.augment import Augment
from MMEdu.requirements import require_train
from MMEdu.tasks.picture_data import PictureData
from MMEdu.tasks.segmentation.augmented_samples import VariedMaskedPictures
from MMEdu.tasks.segmentation.samples import MaskedPictures


def load(entry: ModelEntry, path: PathLike, **paths: PathLike | None) -> SegmentationData:
    """Read a folder of pictures with masks for a model; see ``tasks.spec.LoadData``.

    Args:
        entry: The model.
        path: The folder.
        **paths: ``train_json``, ``train_images``, ``val_json``, ``val_images`` of COCO's folders of another shape.

    Raises:
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
        DependencyMissing: Training is not installed (-502).
    """
    places: dict[str, Any] = paths
    dataset = segmentation.load(path, **places)
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    return SegmentationData.loaded(dataset, entry)


@dataclass(frozen=True)
class SegmentationData(PictureData[SegmentationDataset, Augment, MaskedPictures]):
    """Everything that was loaded for a segmenter."""

    def would_mix(self, folder: Path) -> bool:
        """Whether pictures that are written into a folder would be read as pictures or masks next time."""
        parts = (self.dataset.train, self.dataset.val, self.dataset.test)
        masks = (picture.mask for part in parts for picture in part)
        files = (mask.path for mask in masks if isinstance(mask, MaskFile))
        return super().would_mix(folder) or would_mix(folder, self.root, files)

    def _fingerprint(self) -> str:
        return self.dataset.fingerprint()

    def _val_pictures(self) -> MaskedPictures:
        return MaskedPictures(self.dataset.val, self.preprocess)

    def _train_pictures(self) -> MaskedPictures:
        if not self.augment.changes_pixels:
            return MaskedPictures(self.dataset.train, self.preprocess)
        return VariedMaskedPictures(self.dataset.train, self.preprocess, self.augment)
