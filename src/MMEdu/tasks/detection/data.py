"""A detector's data in memory: the dataset, its pictures and their caches. Torch-free.

``load_dataset`` makes it and the check fills it; training takes its feeds from it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from BaseDT.dataset.check import Damaged
from BaseDT.dataset.coco import CocoDataset, CocoImage
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine.cached_samples import PictureSet, checked
from MMEdu.engine.events import Listener
from MMEdu.engine.store import Budget, PixelStore
from MMEdu.models.detection.augment import Augment
from MMEdu.tasks.detection.augmented_samples import VariedBoxedPictures
from MMEdu.tasks.detection.samples import BoxedPictures


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
        val = BoxedPictures(self.dataset.val, self.preprocess, masks=self.masks)
        train = self._train_pictures()
        # The validation set first: it is read anew every epoch and one array serves it fastest.
        val_store = PixelStore(len(val.paths), self.budget, val.shape)
        object.__setattr__(self, "val", PictureSet(val, val_store))
        object.__setattr__(self, "train", PictureSet(train, PixelStore(len(train.paths), self.budget, train.shape)))

    fingerprint: str = field(init=False)
    train: PictureSet[BoxedPictures] = field(init=False)
    val: PictureSet[BoxedPictures] = field(init=False)

    def _train_pictures(self) -> BoxedPictures:
        if not self.augment.changes_pixels:
            return BoxedPictures(self.dataset.train, self.preprocess, masks=self.masks)
        return VariedBoxedPictures(self.dataset.train, self.preprocess, self.augment, masks=self.masks)

    def prepared_for(self, preprocess: Preprocess, augment: Augment) -> DetectionData:
        """The same data for another input; itself, with all that is cached, where nothing differs."""
        if (preprocess, augment) == (self.preprocess, self.augment):
            return self
        self.budget.close()
        return replace(self, preprocess=preprocess, augment=augment, budget=Budget.of_this_machine())

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
        """Decode every picture once, strictly, keep what training will need, and name the damaged ones."""
        dataset = self.dataset
        return checked([(dataset.train, self.train), (dataset.val, self.val), (dataset.test, None)], emit)


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
