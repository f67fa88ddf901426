"""Pictures with keypoints in a folder: a data set as it is trained on, or one annotation file for a test.

Nothing is written into the folder. A set with test pictures is judged on these, else on those for validation.
"""

from __future__ import annotations

import os
from pathlib import Path

from BaseDT.dataset import keypoint_files, keypoints
from BaseDT.dataset.dividing import SPLITS, TRAIN
from BaseDT.dataset.keypoint_samples import KeypointsDataset, PosedObject
from BaseDT.dataset.layout import folder_at
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from XEdu.evaluation.kind import LabelledSet, Part
from XEdu.evaluation.reading import folders_found
from XEdu.outputs.keypoints import grouped

_PARTS: dict[str, Part] = {"train": "train", "val": "val", "test": "test"}


def read(path: str | os.PathLike[str]) -> LabelledSet:
    """Find the pictures of a folder, and who is in them.

    Args:
        path: A set with COCO's keypoints, YOLO's or LabelMe's points, as ``BaseDT.dataset.keypoints.load`` reads it.

    Raises:
        DatasetNotFound: There is no such folder (-101).
        DatasetInvalid: It has no keypoints in a form that is known, or cannot be read (-201).
        AnnotationMissing: An annotation file, or what one of its annotations belongs to, is missing (-701).
    """
    root = folder_at(path)
    if not keypoints.looks_like_keypoints(root):
        raise _without_points(root)
    dataset = keypoints.load(root)
    people, part = _wanted(root, dataset)
    pictures = grouped(people, whole=dataset.whole_pictures)
    notes = dataset.notes
    return LabelledSet(root, part, pictures, dataset.names, notes, dataset, dataset.fingerprints, keeps=dataset.keeps)


def _wanted(root: Path, dataset: KeypointsDataset) -> tuple[tuple[PosedObject, ...], Part]:
    files = keypoint_files.annotation_files(root)
    named = [file.split for file in files]
    if len(files) == 1 and named[0] not in (None, TRAIN):
        # A set for tests alone: the reader of trainings would keep a part of it for validation.
        return (*dataset.train, *dataset.val, *dataset.test), _PARTS[SPLITS[named[0]]]
    if dataset.test:
        return dataset.test, "test"
    if dataset.val:
        return dataset.val, "held_out" if dataset.holds_out else "val"
    return dataset.train, "all"


def _without_points(root: Path) -> DatasetInvalid:
    found = folders_found(root)
    return DatasetInvalid(
        say(
            f"There are no keypoints in {root} in a form that is known{found}: nothing says where the points are.",
            f"{root} 中没有可识别的关键点标注{found}，无法知道关键点的位置。",
        ),
        hint=say(
            "Expected: annotations/ with COCO's keypoints and images/, YOLO's labels for poses, or LabelMe's points "
            "beside the pictures.",
            "应为：annotations/（COCO 关键点格式）与 images/，YOLO 的姿态标注，或图片旁的 LabelMe 关键点文件。",
        ),
    )
