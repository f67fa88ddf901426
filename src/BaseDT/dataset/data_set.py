"""``DataSet``: the documented way to check a data set and to make one from another format. 检查、制作数据集。

Here arguments are checked and the work is handed on; each format has its own file in ``formats``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from BaseDT import contents, image
from BaseDT.arguments import checked_name, checked_path, checked_seed, documented
from BaseDT.dataset import coco, copies, keypoints, labelled, segmentation
from BaseDT.dataset.check import check_images, damaged_error
from BaseDT.dataset.depth import depth_notes, stored_bits
from BaseDT.dataset.directions import Head
from BaseDT.dataset.dividing import UsualRatio, ratios
from BaseDT.dataset.formats import coco as from_coco
from BaseDT.dataset.formats import guess, innolab, labelme, voc, yolo
from BaseDT.dataset.formats import imagenet as from_imagenet
from BaseDT.dataset.formats.source import Source
from BaseDT.dataset.layout import folder_at
from BaseDT.dataset.making import make_coco, make_imagenet, refuse_existing, refuse_inside
from BaseDT.dataset.report import Report
from BaseDT.dataset.samples import ImageNetDataset, MultiLabelDataset, Sample
from BaseDT.dataset.upright import head_of_decoded, upright
from BaseDT.errors import ParameterInvalid
from BaseDT.language import say

_TYPES = {
    **{"imagenet": "IMAGENET", "coco": "COCO", "cls": "IMAGENET", "det": "COCO"},
    **{"segmentation": "SEGMENTATION", "seg": "SEGMENTATION", "keypoints": "KEYPOINTS", "pose": "KEYPOINTS"},
}
_READERS: dict[str, Callable[..., Source]] = {
    "IMAGENET": from_imagenet.read,
    "VOC": voc.read,
    "COCO": from_coco.read,
    "YOLO": yolo.read,
    "INNOLAB": innolab.read,
    "LABELME": labelme.read,
}
# Those whose objects may have outlines, of which masks can be drawn.
_WITH_OUTLINES = {name: _READERS[name] for name in ("COCO", "YOLO", "LABELME", "INNOLAB")}
_WITH_POINTS = ("COCO", "YOLO", "LABELME")
_FORMATS = {name.lower(): name for name in (*_READERS, "MASKS")}


class DataSet:
    """A data set for classification (ImageNet-style folders), detection (COCO), segmentation (masks) or poses (points).

    一个数据集：图像分类（ImageNet 格式）、目标检测（COCO 格式）、图像分割（掩码）或姿态（COCO 关键点）。

        ds = DataSet("my_dataset")
        ds.make_dataset("fruit_voc", src_format="VOC", train_ratio=0.8, test_ratio=0.1, val_ratio=0.1)
        print(ds.check())
    """

    @documented
    def __init__(self, path: str | os.PathLike[str], type: str | None = None) -> None:
        """Note where the data set is, or shall be. Nothing is read yet.

        Args:
            path: Its folder.
            type: ``'IMAGENET'``, ``'COCO'``, ``'SEGMENTATION'`` or ``'KEYPOINTS'``, in any letter case; by default
                recognised by what is there.

        Raises:
            ParameterInvalid: It is no path, or no such type (-305).
            ParameterUnknown: A keyword is no parameter (-501).
        """
        self.path = checked_path("path", path).absolute()
        self.type = None if type is None else checked_name("type", type, _TYPES)

    def check(self) -> Report:
        """Look through the data set and open every picture. 检查数据集，并打开每张图片。

        Nothing is written into it; a training makes the text files that are missing.

        Returns:
            Its numbers and what is worth knowing about it; ``print`` shows them.

        Raises:
            DatasetNotFound: There is no such folder (-101).
            DatasetInvalid: The layout or a file is wrong, a named picture is not there, pictures are damaged (-201).
            AnnotationMissing: An annotation file is missing, or what an annotation belongs to (-701).
        """
        root = folder_at(self.path)
        kind = self.type or _kind(root)
        if kind == "KEYPOINTS":
            from BaseDT.dataset.making_keypoints import report as of_keypoints  # as below

            return of_keypoints(keypoints.load(root))
        if kind == "SEGMENTATION":
            from BaseDT.dataset.making_masks import report  # it draws: most never need it

            return report(segmentation.load(root, refuse=False))
        return _checked_coco(coco.load(root)) if kind == "COCO" else _checked_labelled(labelled.load(root))

    @documented
    def make_dataset(
        self,
        src: str | os.PathLike[str],
        src_format: str = "IMAGENET",
        train_ratio: float = UsualRatio(0.7),
        test_ratio: float = UsualRatio(0.1),
        val_ratio: float = UsualRatio(0.2),
        seed: int = 0,
    ) -> Report:
        """Make this data set from another one, which stays as it is. 由其他格式的数据集制作本数据集。

        Classification: ``<class>/…`` or ``images/<class>/…``. Detection: ``images/``, ``annotations/``, ``classes.txt``
        (needed for YOLO only); INNOLAB: the folder of a data set labelled on OpenInnoLab; LABELME: also pictures and
        JSON files in one folder. Segmentation (``type='SEGMENTATION'``): outlines of COCO, YOLO and LABELME become
        masks; MASKS or VOC: a folder that has masks already; by default whichever of these it is. Poses: COCO with
        keypoints, YOLO with ``kpt_shape`` and LABELME with points become COCO's keypoint format, ``images/``,
        ``train.json``, ``val.json``; with ``type='COCO'`` their boxes alone are taken. Pictures are copied byte for
        byte and divided by class; the same names and the same ``seed`` give the same division on every
        machine, and every class has at least one training picture. A set that is divided already (``train.json``,
        ``valid.json``; folders ``train``, ``valid``; lists) stays so unless ratios are given.

        Args:
            src: The folder of the other data set.
            src_format: ``'IMAGENET'``, ``'VOC'``, ``'COCO'``, ``'YOLO'``, ``'INNOLAB'``, ``'LABELME'`` or ``'MASKS'``,
                in any letter case.
            train_ratio: The share of the training pictures. The three shares together are 1.
            test_ratio: The share of the test pictures; 0 for none.
            val_ratio: The share of the validation pictures; 0 for none.
            seed: Another number gives another division.

        Returns:
            The numbers of the new data set, with notes on what was left out.

        Raises:
            ParameterInvalid: A format, ratio or seed cannot be used, or the target lies inside ``src`` (-305).
            ParameterUnknown: A keyword is no parameter (-501).
            PathExists: The target is there and not empty (-105).
            DatasetNotFound: There is no folder ``src`` (-101).
            DatasetInvalid: Its layout or a file is wrong, or pictures are damaged: all are named (-201).
            AnnotationMissing: There are no annotations, or one belongs to nothing (-701).
            PathNotWritable: The target cannot be written (-104).
            DiskFull: There is no room (-803); nothing half-made stays.
        """
        name = checked_name("src_format", src_format, _FORMATS)
        shares = ratios(train_ratio, test_ratio, val_ratio)
        number = checked_seed("seed", seed)
        self._refuse_other_type(name)
        refuse_existing(self.path)
        root = folder_at(src)
        refuse_inside(self.path, root)
        if self.type == "SEGMENTATION" or name == "MASKS":
            from BaseDT.dataset.making_masks import make_segmentation, read  # as in ``check``

            return make_segmentation(read(root, name, _WITH_OUTLINES), self.path, shares, number)
        if self.type in (None, "KEYPOINTS"):
            from BaseDT.dataset.making_keypoints import make_keypoints, reader  # as in ``check``

            if (read_points := reader(root, name, asked=self.type is not None)) is not None:
                return make_keypoints(read_points(root), self.path, shares, number)
        if name == "IMAGENET":
            guess.refuse_detection(root)
        source = _READERS[name](root)
        return (make_imagenet if name == "IMAGENET" else make_coco)(source, self.path, shares, number)

    def _refuse_other_type(self, src_format: str) -> None:
        makes = {"IMAGENET": "IMAGENET", "MASKS": "SEGMENTATION"}.get(src_format, "COCO")
        if self.type == "KEYPOINTS" and src_format in _WITH_POINTS:
            return
        if self.type not in (None, makes, "SEGMENTATION"):
            raise ParameterInvalid(
                say(
                    f"A data set of the type {self.type} cannot be made from {src_format}.",
                    f"类型为 {self.type} 的数据集不能由 {src_format} 制作。",
                ),
                hint=say(f"{src_format} gives {makes}.", f"{src_format} 会得到 {makes} 格式。"),
            )


def _kind(root: Path) -> str:
    if keypoints.looks_like_keypoints(root):
        return "KEYPOINTS"
    if coco.looks_like_coco(root):
        return "COCO"
    return "SEGMENTATION" if segmentation.looks_like_segmentation(root) else "IMAGENET"


def _checked_labelled(data: ImageNetDataset | MultiLabelDataset) -> Report:
    parts = {"train": data.train, "val": data.val, "test": data.test}
    listed = data.listed()
    marks: list[copies.Mark | None] = [None] * len(listed)
    bits = stored_bits([sample.path for part in parts.values() for sample in part])

    def visit(index: int, sample: Sample) -> None:
        content = contents.read_bytes(sample.path)
        marks[index] = copies.mark(content, image.decode(content, name=sample.path.name, strict=True, bits=bits or 16))

    if damaged := check_images([*data.train, *data.val, *data.test], visit):
        raise damaged_error(damaged)
    same = copies.find(listed, marks, bits)
    pictures = {name: len(part) for name, part in parts.items()}
    counts = {"train": data.counts("train"), "val": data.counts("val"), "test": data.counts("test")}
    kind = "MULTI_LABEL" if isinstance(data, MultiLabelDataset) else "IMAGENET"
    return Report(
        data.root, kind, data.classes, pictures, counts, (*data.notes, *depth_notes(bits), *same.notes(data.root))
    )


def _checked_coco(data: coco.CocoDataset) -> Report:
    images = [*data.train, *data.val, *data.test]
    heads: list[Head | None] = [None] * len(images)
    marks: list[copies.Mark | None] = [None] * len(images)
    bits = stored_bits([picture.path for picture in images])

    def visit(index: int, sample: Sample) -> None:
        content = contents.read_bytes(sample.path)
        pixels = image.decode(content, name=sample.path.name, strict=True, bits=bits or 16)
        marks[index] = copies.mark(content, pixels)
        heads[index] = head_of_decoded(sample.path, content, (pixels.shape[0], pixels.shape[1]))

    if damaged := check_images([Sample(picture.path, 0) for picture in images], visit):
        raise damaged_error(damaged)
    data = upright(data, heads)
    pictures = {"train": len(data.train), "val": len(data.val), "test": len(data.test)}
    counts = {"train": data.counts("train"), "val": data.counts("val"), "test": data.counts("test")}
    same = copies.find(data.listed(), marks, bits)
    notes = (*data.notes, *depth_notes(bits), *same.notes(data.root))
    return Report(data.root, "COCO", data.classes, pictures, counts, notes)
