"""A detector's data in memory: the dataset, its pictures and their caches. Torch-free.

``load`` makes it and the check fills it; training takes its batches from it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from BaseDT.arguments import PathLike
from BaseDT.dataset import coco
from BaseDT.dataset.check import Damaged
from BaseDT.dataset.coco import CocoDataset, CocoImage
from BaseDT.dataset.upright import upright
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine.cached_samples import CachedSamples, check_parts
from MMEdu.engine.events import Listener
from MMEdu.engine.store import Budget
from MMEdu.models.detection.augment import Augment
from MMEdu.models.registry import ModelEntry
from MMEdu.requirements import require_train
from MMEdu.tasks.detection.augmented_samples import VariedBoxedPictures
from MMEdu.tasks.detection.samples import BoxedPictures


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
    masks = entry.options.masks
    dataset = upright(coco.load(path, **paths, with_masks=masks))
    require_train()  # the cache needs a part of it; a folder that cannot be read is named first
    budget = Budget.of_this_machine()
    return DetectionData(dataset, entry.preprocess, entry.recipe.augment, budget, masks=masks)


@dataclass(frozen=True)
class DetectionData:
    """Everything that was loaded for a detector.

    Attributes:
        dataset: Files, boxes and classes.
        preprocess: How pixels become the network's input.
        augment: What varies in training.
        budget: What the caches may take.
        masks: Whether the objects' masks are needed, too.
        left_out: Files that were left out because they are damaged.
        fingerprint: Tells whether it is the same data, as it was when it was loaded.
        train: The training pictures.
        val: The validation pictures, as prediction sees them.
    """

    dataset: CocoDataset
    preprocess: Preprocess
    augment: Augment
    budget: Budget = field(repr=False)
    masks: bool = False
    left_out: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", _fingerprint(self.dataset, with_masks=self.masks))
        # The validation set first: it is read anew every epoch and one array serves it fastest.
        val, train = BoxedPictures(self.dataset.val, self.preprocess, masks=self.masks), self._train_pictures()
        object.__setattr__(self, "val", CachedSamples.of(val, self.budget))
        object.__setattr__(self, "train", CachedSamples.of(train, self.budget))

    fingerprint: str = field(init=False)
    train: CachedSamples[BoxedPictures] = field(init=False)
    val: CachedSamples[BoxedPictures] = field(init=False)

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

    def _train_pictures(self) -> BoxedPictures:
        if not self.augment.changes_pixels:
            return BoxedPictures(self.dataset.train, self.preprocess, masks=self.masks)
        return VariedBoxedPictures(self.dataset.train, self.preprocess, self.augment, masks=self.masks)

    def prepared_for(self, entry: ModelEntry) -> DetectionData:
        """The same data for another input; itself, with all that is cached, where nothing differs."""
        preprocess, augment, masks = entry.preprocess, entry.recipe.augment, entry.options.masks
        if (preprocess, augment, masks) == (self.preprocess, self.augment, self.masks):
            return self
        self.budget.close()
        budget = Budget.of_this_machine()
        return replace(self, preprocess=preprocess, augment=augment, masks=masks, budget=budget)

    def without(self, paths: Collection[Path]) -> DetectionData:
        """The same data less some files; what is cached stays."""
        unwanted = frozenset(paths)

        def rest(part: tuple[CocoImage, ...]) -> tuple[CocoImage, ...]:
            return tuple(picture for picture in part if picture.path not in unwanted)

        whole = self.dataset
        dataset = replace(whole, train=rest(whole.train), val=rest(whole.val), test=rest(whole.test))
        if not dataset.train:
            hint = say("Add whole pictures.", "请补充完好的图片。")
            raise DatasetInvalid("No usable training picture is left.", hint=hint)
        budget = Budget.of_this_machine()
        data = replace(self, dataset=dataset, budget=budget, left_out=(*self.left_out, *paths))
        for old, new in ((self.train, data.train), (self.val, data.val)):
            old.hand_over(new)
        self.budget.close()
        return data

    def check(self, emit: Listener) -> tuple[Damaged, ...]:
        """Decode every picture once, strictly, cache what training will need, and name the damaged ones."""
        dataset = self.dataset
        return check_parts([(dataset.train, self.train), (dataset.val, self.val), (dataset.test, None)], emit)


def _fingerprint(dataset: CocoDataset, *, with_masks: bool) -> str:
    """Return a hash of classes, names, sizes and boxes of training and validation; the place does not count.

    Masks count where they are learned.
    """
    digest = hashlib.sha256("\0".join(dataset.classes).encode())
    for part in (dataset.train, dataset.val):
        digest.update(b"\n\n")
        for picture in part:
            relative = os.path.relpath(picture.path, dataset.root).replace(os.sep, "/")
            line = f"{relative}\0{picture.width}\0{picture.height}\0{_numbers(picture)}\n"
            if with_masks:
                line += f"{[box.segmentation for box in picture.boxes]}\n"
            # A name that is no text in the file system's encoding holds surrogates.
            digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _numbers(picture: CocoImage) -> Sequence[object]:
    return [(box.label, box.corners, box.crowd) for box in picture.boxes]
