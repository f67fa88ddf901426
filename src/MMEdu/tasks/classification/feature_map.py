"""The map of a data set: its pictures as a classifier sees them, on a plane. Behind ``feature_map``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import display, image
from BaseDT.arguments import check_integer, checked_name, checked_path
from BaseDT.dataset.dividing import spread
from BaseDT.dataset.labelled import load
from BaseDT.dataset.layout import TRAINING
from BaseDT.dataset.samples import HasLabels, ImageNetDataset, MultiLabelDataset
from BaseDT.dataset.scan import folders_in
from BaseDT.errors import DatasetInvalid, DatasetNotLoaded
from BaseDT.image import ImageSource, Pixels
from BaseDT.language import say
from MMEdu.engine.events import Listener, Notice
from MMEdu.tasks.classification import feature_map_picture as feature_map
from MMEdu.tasks.classification import projection
from MMEdu.tasks.classification.embedding import embed
from MMEdu.weights.loaded_model import LoadedModel

_SPLITS = {name: name for name in ("train", "val", "test", "all")}


@dataclass(frozen=True, eq=False, repr=False)
class FeatureMap:
    """Pictures as a model sees them, on a plane.

    Attributes:
        points: Where they lie, (N, 2) float32.
        features: What the model's head sees of them, (N, D) float32.
        labels: Their class numbers, (N,): those of the data set, or the model's answers where there are none.
        classes: Names by number.
        files: The names of the pictures.
        strangers: Places of those most of whose neighbours are of another class, the most lost first.
        at_home: The share of the pictures that lie mostly among their own class, from 0 to 1; NaN where no class has
            two pictures.
        method: ``"PCA"`` or ``"t-SNE"``.
        picture: The drawn map, (H, W, 3) BGR.
        file: Where it was written, None if it was not.
    """

    points: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    files: tuple[str, ...]
    strangers: tuple[int, ...]
    at_home: float
    method: str
    picture: Pixels
    file: Path | None

    def __repr__(self) -> str:
        """One line: as the last one of a notebook's cell it stands below the map."""
        place = "" if self.file is None else f", file={str(self.file)!r}"
        return (
            f"FeatureMap({self.method}, {len(self.points)} pictures, {len(self.classes)} classes, "
            f"at_home={self.at_home:.2f}{place})"
        )


@dataclass(frozen=True)
class Options:
    """How a map is made.

    Attributes:
        method: ``"PCA"`` or ``"t-SNE"``.
        split: ``train``, ``val``, ``test`` or ``all`` of a data set; None is ``val``, or ``train`` where there is none.
        images: How many pictures at most, chosen evenly of all classes.
        folder: Where to write it; None writes and shows nothing.
    """

    method: str
    split: str | None
    images: int
    folder: Path | None

    @classmethod
    def of(cls, method: Any, split: Any, images: Any, folder: Path | None) -> Options:
        """Check what the user gave.

        Raises:
            ParameterInvalid: A value cannot be used (-305).
        """
        part = None if split is None else checked_name("split", split, _SPLITS)
        return cls(checked_name("method", method, projection.METHODS), part, check_integer("images", images), folder)


@dataclass(frozen=True)
class _Pictures:
    """Pictures to map; without labels where the model's answers must do."""

    sources: list[ImageSource]
    labels: npt.NDArray[np.int64] | None
    classes: tuple[str, ...]


def make(
    loaded: LoadedModel,
    source: Any,
    dataset: ImageNetDataset | MultiLabelDataset | None,
    options: Options,
    emit: Listener,
) -> FeatureMap:
    """Make the map of a data set, a folder or a list of pictures.

    Args:
        loaded: The model.
        source: Path of a data set or of a folder of pictures, a picture, or a list; None is the loaded data set.
        dataset: The loaded data set, if there is one.
        options: How.
        emit: Told of progress, of pictures that cannot be read, and of what else the user should know.

    Raises:
        DatasetNotLoaded: There is nothing to map (-603).
        DatasetInvalid: None of the pictures can be read (-201).
    """
    check_source(source, dataset)
    pictures = _pictures(loaded, source, dataset, options, emit)
    items, _ = image.expand(pictures.sources)
    features, predictions = embed(loaded, pictures.sources, emit)
    index_of = {item.name: index for index, item in enumerate(items)}
    readable = [index_of[name] for name in predictions.files]
    if not readable:
        hint = say("Give whole pictures.", "请给出完好的图片。")
        raise DatasetInvalid(say("None of the pictures can be read.", "没有一张图片可以读取。"), hint=hint)
    predicted = np.array([embedding.result.label for embedding in predictions.results], dtype=np.int64)
    labels = predicted if pictures.labels is None else pictures.labels[readable]
    unit = projection.directions(features)
    mapped = _mapped(unit, labels, pictures, [items[index].source for index in readable], options, emit)
    return _drawn_map(mapped, features, tuple(predictions.files), options)


def _mapped(
    unit: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    pictures: _Pictures,
    sources: list[ImageSource],
    options: Options,
    emit: Listener,
) -> feature_map.MappedPictures:
    method = options.method
    for line in _remarks(labels, method):
        emit(Notice(line))
    if len(labels) < projection.SMALLEST_TSNE:
        method = "PCA"
    points, share = projection.project(unit, method)
    near, typical = projection.neighbours(unit, labels), projection.typical(unit, labels)
    predicted = pictures.labels is None
    return feature_map.MappedPictures(
        points, labels, pictures.classes, sources, near, typical, method, share, predicted
    )


def _drawn_map(
    mapped: feature_map.MappedPictures, features: npt.NDArray[np.float32], files: tuple[str, ...], options: Options
) -> FeatureMap:
    picture = feature_map.draw(mapped)
    file = None
    if options.folder is not None:
        file = image.write(options.folder / "feature_map.png", picture)
        display.show(picture)
    near = mapped.neighbours
    strangers, at_home = near.strangers, near.at_home
    labels, classes = mapped.labels, mapped.classes
    return FeatureMap(mapped.points, features, labels, classes, files, strangers, at_home, mapped.method, picture, file)


def _remarks(labels: npt.NDArray[np.int64], method: str) -> Iterable[str]:
    """Say what a small or plain set cannot show."""
    count = len(labels)
    if count < projection.SMALLEST_TSNE and method == "t-SNE":
        yield say(
            f"t-SNE needs {projection.SMALLEST_TSNE} pictures; with {count} the map is PCA's.",
            f"t-SNE 至少需要 {projection.SMALLEST_TSNE} 张图片；只有 {count} 张，改用 PCA。",
        )
    if count < 3:
        yield say(
            f"A map of {count} pictures says little: give some of each class.",
            f"只有 {count} 张图片的图说明不了什么：请给出每个类别的若干张图片。",
        )
    elif len(np.unique(labels)) == 1:
        yield say(
            "All pictures are of one class: the map shows how they differ, not how classes part.",
            "所有图片属于同一类别：图中只能看出图片之间的差别，看不出类别之间的差别。",
        )


def check_source(source: Any, loaded: object | None) -> None:
    """Raise where there is nothing to map: nothing given, and nothing loaded (-603)."""
    if source is None and loaded is None:
        hint = say("Call load_dataset() first, or give a folder.", "请先调用 load_dataset()，或给出一个文件夹。")
        raise DatasetNotLoaded(say("There are no pictures to map.", "没有可以绘制的图片。"), hint=hint)


def _pictures(
    loaded: LoadedModel,
    source: Any,
    dataset: ImageNetDataset | MultiLabelDataset | None,
    options: Options,
    emit: Listener,
) -> _Pictures:
    if not is_dataset(source):
        items, _ = image.expand(source)
        chosen_items = spread(items, options.images)
        _tell_sample(len(items), len(chosen_items), emit)
        return _Pictures([item.source for item in chosen_items], None, loaded.classes)
    if dataset is None or not (source is None or dataset.root == Path(os.path.abspath(source))):  # noqa: PTH100
        dataset = load(checked_path("path", source))
    samples = _samples(dataset, options.split)
    few = _of_every_class(samples, options.images)
    _tell_sample(len(samples), len(few), emit)
    if isinstance(dataset, MultiLabelDataset):  # a point has one colour: that of the surest label
        return _Pictures([sample.path for sample in few], None, loaded.classes)
    labels = np.array([sample.labels[0] for sample in few], dtype=np.int64)
    return _Pictures([sample.path for sample in few], labels, dataset.classes)


def is_dataset(source: Any) -> bool:
    """Tell a data set from pictures: a folder with a training set, or with class folders and no picture beside them."""
    if source is None:
        return True
    if not isinstance(source, (str, os.PathLike)) or not os.path.isdir(source):  # noqa: PTH112 (never raises)
        return False
    folders = folders_in(folder := Path(source))
    if any(name.lower() in TRAINING for name in folders):
        return True
    return bool(folders) and not any(image.is_image_file(path) for path in folder.iterdir())


def _samples(dataset: ImageNetDataset | MultiLabelDataset, split: str | None) -> Sequence[HasLabels]:
    """Choose a part of the data set.

    Raises:
        DatasetInvalid: It has no such pictures (-201).
    """
    parts: dict[str, Sequence[HasLabels]] = {"train": dataset.train, "val": dataset.val, "test": dataset.test}
    parts["all"] = (*dataset.train, *dataset.val, *dataset.test)
    samples = parts[split] if split is not None else dataset.val or dataset.train
    if samples:
        return samples
    available = ", ".join(name for name, part in parts.items() if part)
    hint = say(f"There is: {available}.", f"可选：{available}。")
    raise DatasetInvalid(
        say(f"The data set has no pictures for split={split!r}.", f"数据集中没有 split={split!r} 的图片。"), hint=hint
    )


def _of_every_class(samples: Sequence[HasLabels], count: int) -> list[HasLabels]:
    """Choose pictures of every class, in proportion, at least one of each."""
    if len(samples) <= count:
        return list(samples)
    classes: dict[tuple[int, ...], list[HasLabels]] = {}
    for sample in samples:
        classes.setdefault(sample.labels, []).append(sample)
    if len(classes) > count and any(len(labels) != 1 for labels in classes):  # there are many combinations
        return spread(samples, count)
    quota = {label: max(1, len(members) * count // len(samples)) for label, members in classes.items()}
    return [sample for label in sorted(classes) for sample in spread(classes[label], quota[label])]


def _tell_sample(total: int, taken: int, emit: Listener) -> None:
    if taken < total:
        text = f"{taken} of {total} pictures are mapped, evenly of all classes; images= takes more."
        emit(Notice(say(text, f"从 {total} 张图片中按类别均匀取了 {taken} 张；用 images= 可以增加。")))
