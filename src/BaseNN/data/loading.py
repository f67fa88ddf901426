"""What ``load_…`` reads, as ``TrainingData``: pictures, tables, ``.npz`` files, arrays. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from BaseDT.arguments import check_choice, check_integer, checked_flag, checked_path, invalid
from BaseDT.errors import DatasetInvalid
from BaseDT.language import say
from BaseDT.tabular.arrays import as_array, as_rows
from BaseNN.data import npz_files, pictures, tables, transforms, vocabularies
from BaseNN.data.class_names import checked_classes
from BaseNN.data.dividing import checked_ratio, hold_out
from BaseNN.data.targets import as_targets
from BaseNN.data.training_data import TrainingData


@dataclass(frozen=True)
class Wishes:
    """What every ``load_…`` is told, checked.

    Attributes:
        task: ``cls``, ``reg`` or ``gen``.
        batch_size: Samples of a batch.
        ratio: The share to train with.
        shuffle: Whether each epoch has an order of its own.
        seed: Of the division; None always the same.
    """

    task: str
    batch_size: int
    ratio: float
    shuffle: bool
    seed: int | None

    @classmethod
    def of(cls, task: str, batch_size: object, ratio: object, shuffle: object, seed: int | None) -> Wishes:
        """Check them.

        Raises:
            ParameterInvalid: One has a value that cannot work (-305).
        """
        size = check_integer("batch_size", batch_size)
        return cls(task, size, checked_ratio(ratio), checked_flag("shuffle", shuffle), seed)

    def applied(self, data: TrainingData) -> TrainingData:
        """Divide data, and say how batches are made of them."""
        data = hold_out(data, self.ratio, self.seed)
        return replace(data, batch_size=self.batch_size, shuffle=self.shuffle)


def of_pictures(path: object, classes: object, transform: object, color: object, wishes: Wishes) -> TrainingData:
    """Read pictures from class folders; see ``pictures.read_folders``."""
    names = checked_classes(classes)
    checked = transforms.checked_transform(transform)
    data = pictures.read_folders(path, names, checked, pictures.checked_color(color))
    data = wishes.applied(data)
    return replace(data, targets=None, val_targets=None, labels=data.targets) if wishes.task == "gen" else data


def of_table(path: object, y_type: object, wishes: Wishes) -> TrainingData:
    """Read a table; see ``tables.read_file``. ``y_type`` follows from the task; only whether it is one is checked."""
    check_choice("y_type", y_type, ("long", "float", "float32", "int", "int64"))
    return wishes.applied(tables.read_file(checked_path("data_path", path), wishes.task))


def of_npz(path: object, classes: object, wishes: Wishes) -> TrainingData:
    """Read an ``.npz`` file; see ``npz_files.read_npz``."""
    file = checked_path("data_path", path)
    found = npz_files.read_npz(file)
    words = found.get("word2idx") or {}
    data = _of_arrays("npz", found["data"], found.get("label"), checked_classes(classes), words, wishes.task)
    return wishes.applied(replace(data, source=str(file)))


def of_arrays(x: object, y: object, word2idx: object, classes: object, task: str) -> TrainingData:
    """Take arrays, lists or frames; all at once is a batch."""
    words = {} if word2idx is None else vocabularies.checked(word2idx)
    return _of_arrays("other", x, y, checked_classes(classes), words, task)


def _of_arrays(
    kind: Literal["npz", "other"],
    x: object,
    y: object,
    classes: tuple[str, ...],
    words: Mapping[str, int],
    task: str,
) -> TrainingData:
    names = ("data", "label") if kind == "npz" else ("x", "y")
    if words:
        arrays = _texts(names, x, y, len(words))
        return TrainingData(kind, *arrays, classes=classes, word2idx=dict(words))
    inputs = as_inputs(names[0], x)
    if y is None:
        if task != "gen":
            raise _no_targets(names[1])
        return TrainingData(kind, inputs, None, classes=classes)
    found = as_targets(names[1], y, task, classes)
    _check_lengths(names, inputs, found.values)
    return TrainingData(kind, inputs, found.values, classes=found.classes, notes=found.notes)


def as_inputs(parameter: str, values: object) -> npt.NDArray[np.float32]:
    """Return samples (N, …) as float32; what has one axis is one number for each.

    Raises:
        DatasetInvalid: They hold anything but finite numbers, or nothing (-201).
    """
    array = as_array(parameter, values)
    if array.dtype.kind not in "biuf" or not array.size or not bool(np.isfinite(array).all()):
        array = as_rows(parameter, array).values.reshape(array.shape)
    array = array.reshape(-1, 1) if array.ndim == 1 else array
    return np.ascontiguousarray(array, dtype=np.float32)


def _texts(
    names: tuple[str, str], x: object, y: object, words: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return texts as numbers of their words, and what follows each word; where that is not given, the next one."""
    inputs = _numbered(names[0], x, words)
    if y is None:
        return np.ascontiguousarray(inputs[:, :-1]), np.ascontiguousarray(inputs[:, 1:])
    targets = _numbered(names[1], y, words)
    _check_lengths(names, inputs, targets)
    return inputs, targets


def _numbered(parameter: str, values: object, words: int) -> npt.NDArray[np.int64]:
    """Return numbers of words, (N, T)."""
    array = as_array(parameter, values)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    whole = array.dtype.kind in "iuf" and array.ndim == 2 and bool((array == np.floor(array)).all())
    if not whole or not array.size or not 0 <= float(array.min()) <= float(array.max()) < words:
        raise DatasetInvalid(
            say(
                f"{parameter} holds anything but numbers of the {words} words in rows.",
                f"{parameter} 应当是 {words} 个词的编号，每行一个序列。",
            ),
            hint=say("Each row is a text: the number of each word.", "每一行是一段文字：每个词的编号。"),
        )
    return array.astype(np.int64)


def _check_lengths(names: tuple[str, str], inputs: npt.NDArray[Any], targets: npt.NDArray[Any]) -> None:
    if len(inputs) == len(targets):
        return
    raise DatasetInvalid(
        say(
            f"{names[0]} has {len(inputs)} samples, {names[1]} {len(targets)}.",
            f"{names[0]} 有 {len(inputs)} 个样本，{names[1]} 有 {len(targets)} 个。",
        ),
        hint=say("Each sample needs what is to be said of it.", "每个样本都需要一个对应的标签。"),
    )


def _no_targets(name: str) -> Exception:
    error = invalid(name, None, "what is to be said of each sample", "每个样本对应的标签")
    error.hint = say("Only nn('gen') learns without labels.", "只有 nn('gen') 可以不需要标签。")
    return error
