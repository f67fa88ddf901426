"""Pictures with masks in a folder, in whichever form ``BaseDT.dataset.segmentation`` reads.

Nothing is written into the folder. A set with test pictures is judged on these, else on those for validation.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

from BaseDT.dataset import segmentation
from BaseDT.dataset.segmentation import SegmentationDataset
from BaseDT.errors import XEduError
from XEdu.evaluation.kind import LabelledSet, Part
from XEdu.outputs.segmentation import named_by


def read(path: str | os.PathLike[str]) -> LabelledSet:
    """Find the pictures of a folder, and their masks.

    Args:
        path: A set with masks, or one of COCO, YOLO or LabelMe whose objects have outlines.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It has no masks, or cannot be read (-201).
        AnnotationMissing: No mask belongs to a picture (-701).
    """
    return _of(segmentation.load(path, complete=False))


def with_names_of(labelled: LabelledSet, classes: Sequence[str]) -> LabelledSet:
    """Return a set whose folder does not name its classes with the names of a model; any other as it is."""
    named = named_by(labelled.root, classes)
    return labelled if named is None else _of(named)


def _of(data: SegmentationDataset) -> LabelledSet:
    parts: dict[Part, Sequence[object]] = {"test": data.test, "val": data.val, "all": data.train}
    part = next(name for name, pictures in parts.items() if pictures)
    fingerprints = functools.partial(_fingerprints, data)
    return LabelledSet(data.root, part, tuple(parts[part]), data.classes, data.notes, data, fingerprints, data.keeps)


def _fingerprints(data: SegmentationDataset) -> tuple[str, ...]:
    """Return those of trainings on the set, with and without pictures that are held out."""
    whole = data.fingerprint()
    try:
        divided = segmentation.load(data.root).fingerprint()
    except XEduError:  # it cannot be trained on
        return ()
    return (divided,) if divided == whole else (divided, whole)
