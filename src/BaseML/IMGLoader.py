"""``ImageLoader``: class folders of pictures as rows of numbers (HOG, LBP, pixels) for classic algorithms."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import terminal
from BaseDT.arguments import check_choice, check_integer, checked_path, documented, invalid, is_integer
from BaseDT.dataset.scan import scan
from BaseDT.errors import DatasetInvalid, DatasetNotFound
from BaseDT.files import what_is_at
from BaseDT.image import ImageSource, Pixels, read
from BaseDT.language import english, in_this_context, say
from BaseDT.listing import shortened
from BaseDT.missing_names import Named
from BaseML.data import picture_features

Path = str | os.PathLike[str]
_METHODS: Mapping[str, Callable[[Pixels], npt.NDArray[Any]]] = {
    "hog": picture_features.hog,
    "lbp": picture_features.lbp,
    "flatten": picture_features.flatten,
}
_THREADS = 4


class ImageLoader(Named):
    """Pictures of two folders as rows of numbers with labels (图像特征提取).

    Each folder holds a folder for each class. Attributes:
        X_train: (N, F) after ``get_data``; likewise ``X_test``.
        y_train: (N,) int64; likewise ``y_test``.
    """

    @documented
    def __init__(
        self,
        training_set_path: Path,
        testing_set_path: Path,
        label2id: Mapping[str, int] | None = None,
        size: int = 128,
    ) -> None:
        """Name the folders; nothing is read yet.

        Args:
            training_set_path: Folder of class folders to train with.
            testing_set_path: Likewise to test with.
            label2id: The number of each class; by default their names in order, from 0.
            size: Side that pictures are brought to, pixels; HOG always looks at 128.

        Raises:
            ParameterInvalid, ParameterUnknown: -305, -501.
        """
        self.training_set_path = checked_path("training_set_path", training_set_path)
        self.testing_set_path = checked_path("testing_set_path", testing_set_path)
        self.label2id = _checked_labels(label2id)
        self.size = check_integer("size", size, least=8, most=4096)
        self.X_train, self.y_train = np.empty((0, 0)), np.empty(0, np.int64)
        self.X_test, self.y_test = np.empty((0, 0)), np.empty(0, np.int64)

    @documented
    def get_data(
        self, method: str = "hog"
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64], npt.NDArray[Any], npt.NDArray[np.int64]]:
        """Read all pictures (提取全部图片的特征).

        Args:
            method: ``hog`` (441 numbers: edges), ``lbp`` (256: texture), ``flatten`` (the pixels).

        Returns:
            X_train, y_train, X_test, y_test: (N, F) and (N,).

        Raises:
            DatasetNotFound: There is no such folder (-101).
            DatasetInvalid: There are no pictures in class folders, or in one of a class that is unknown (-201).
            ImageDamaged, ImageUnsupported: A picture cannot be read (-205, -203).
        """
        feature = _METHODS[check_choice("method", method, tuple(_METHODS))]
        self.X_train, self.y_train = self._read(self.training_set_path, feature)
        self.X_test, self.y_test = self._read(self.testing_set_path, feature)
        return self.X_train, self.y_train, self.X_test, self.y_test

    @documented
    def get_feature(self, img: Pixels, method: str = "hog") -> npt.NDArray[Any]:
        """Return the numbers of a picture as ``pre_process`` returns it, (1, F) (提取一张图片的特征)."""
        return _METHODS[check_choice("method", method, tuple(_METHODS))](read(img, gray=True))[None]

    @documented
    def pre_process(self, img_path: ImageSource) -> Pixels:
        """Return a picture in gray, (size, size) uint8 (读取并缩放图片)."""
        return picture_features.resized(read(img_path, gray=True), self.size)

    def get_label2id(self) -> dict[str, int]:
        """Return the number of each class (返回类别编号).

        Raises:
            DatasetNotFound, DatasetInvalid: -101, -201.
        """
        if not self.label2id:
            self.label2id = {name: label for label, name in enumerate(_pictures(self.training_set_path))}
        return self.label2id

    @documented
    def get_label_by_id(self, value: int) -> list[str]:
        """Return the names of the classes of a number: one, or none where there is no such class (由编号查类别名)."""
        if not is_integer(value):
            raise invalid("value", value, "the number of a class, e.g. 0", "类别编号，例如 0")
        return [name for name, label in self.get_label2id().items() if label == value]

    def _read(
        self, folder: FilePath, feature: Callable[[Pixels], npt.NDArray[Any]]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
        """Return the numbers of all pictures of a folder, (N, F), and their labels, (N,)."""
        known, classes = self.get_label2id(), _pictures(folder)
        if unknown := [name for name in classes if name not in known]:
            raise _unknown_class(folder, unknown[0], known)
        files = [file for name in classes for file in classes[name]]
        labels = np.repeat([known[name] for name in classes], [len(classes[name]) for name in classes])

        def numbers(file: FilePath) -> npt.NDArray[Any]:
            return feature(self.pre_process(file))

        with ThreadPoolExecutor(_THREADS) as pool:
            rows = list(pool.map(in_this_context(numbers), files))
        return np.stack(rows), labels.astype(np.int64)


def _pictures(folder: FilePath) -> dict[str, list[FilePath]]:
    """Return the pictures of each class of a folder, in order of names."""
    if what_is_at(folder) != "folder":
        raise DatasetNotFound(
            say(f"No such folder: {folder}", f"找不到文件夹：{folder}"),
            hint=say("It holds a folder of pictures for each class.", "其中每个类别应有一个图片文件夹。"),
        )
    split = scan(folder, folder.name)
    if not split.classes:
        raise DatasetInvalid(
            say(f"{folder} has no class folders with pictures.", f"{folder} 中没有包含图片的类别文件夹。"),
            hint=say(
                "Put the pictures of each class into a folder of its own.", "请把每个类别的图片放入各自的文件夹。"
            ),
        )
    for name in split.empty:
        terminal.note(say(f"{folder.name}/{name} has no pictures.", f"{folder.name}/{name} 中没有图片。"))
    return {name: [folder / file for file in files] for name, files in split.classes.items()}


def _checked_labels(value: object) -> dict[str, int]:
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(name, str) and is_integer(value[name]) for name in value):
        return {name: int(label) for name, label in value.items()}
    raise invalid(
        "label2id",
        value,
        "a number for each class, e.g. {'cat': 0, 'dog': 1}",
        "每个类别的编号，例如 {'cat': 0, 'dog': 1}",
    )


def _unknown_class(folder: FilePath, name: str, known: Mapping[str, int]) -> DatasetInvalid:
    names = shortened(known, 20)
    return DatasetInvalid(
        say(f"{folder} has the class {name}, which is not known.", f"{folder} 中有未知的类别 {name}。"),
        hint=say(
            f"Known: {english(names)}. Classes are those of the training folder.",
            f"已知：{names}（由训练文件夹决定）。",
        ),
    )
