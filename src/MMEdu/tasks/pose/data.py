"""The data of a model of keypoints in memory: persons, their pictures and caches. Torch-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from BaseDT.arguments import PathLike
from BaseDT.dataset import keypoints
from BaseDT.dataset.keypoints import KeypointsDataset, PosedObject
from MMEdu.models.pose.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.picture_data import PictureData
from MMEdu.tasks.pose.augmented_samples import VariedPeople
from MMEdu.tasks.pose.samples import PosedPeople


def load(entry: ModelEntry, path: PathLike, **paths: PathLike | None) -> PoseData:
    """Read a folder of keypoints for a model; see ``tasks.spec.LoadData``.

    Args:
        entry: The model.
        path: The folder.
        **paths: ``train_json``, ``train_images``, ``val_json``, ``val_images`` of folders of another shape.

    Raises:
        DatasetNotFound, DatasetInvalid, AnnotationMissing: It cannot be read (-101, -201, -701).
        DependencyMissing: Training is not installed (-502).
    """
    dataset = read(path, **paths)
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    return PoseData.loaded(dataset, entry)


def read(path: PathLike, **paths: PathLike | None) -> KeypointsDataset:
    """Read a folder of keypoints; groups that COCO calls crowds are nobody to learn from."""
    dataset = keypoints.load(path, **paths)
    return replace(dataset, train=_alone(dataset.train), val=_alone(dataset.val), test=_alone(dataset.test))


def _alone(people: Sequence[PosedObject]) -> tuple[PosedObject, ...]:
    return tuple(person for person in people if not person.crowd)


@dataclass(frozen=True)
class PoseData(PictureData[KeypointsDataset, Augment, PosedPeople]):
    """Everything that was loaded for a model of keypoints."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the points: what the network's outputs count through."""
        return self.dataset.names

    def _fingerprint(self) -> str:
        return self.dataset.fingerprint()

    def _val_pictures(self) -> PosedPeople:
        return PosedPeople(self.dataset.val, self.preprocess, whole=self.dataset.whole_pictures)

    def _train_pictures(self) -> PosedPeople:
        dataset, whole = self.dataset, self.dataset.whole_pictures
        if not self.augment.changes_pixels:
            return PosedPeople(dataset.train, self.preprocess, whole=whole)
        # Where nobody knows what is left and what is right, a mirrored picture would teach what is wrong.
        augment = self.augment if dataset.mirrors else replace(self.augment, flip=0.0)
        return VariedPeople(dataset.train, self.preprocess, augment, dataset.flip_pairs, whole=whole)
