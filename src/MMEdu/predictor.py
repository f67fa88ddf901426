"""A trained network, loaded from a checkpoint with all that belongs to it. What it says is up to its task."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import (
    CheckpointInvalid,
    ClassCountMismatch,
    DatasetNotFound,
    ParameterInvalid,
    ParameterUnknown,
    TaskMismatch,
)
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine import checkpoint, device
from MMEdu.models.registry import ModelEntry

_CLASS_OF = {"classification": "MMClassification", "detection": "MMDetection"}


@dataclass(frozen=True)
class Predictor:
    """A network with all that belongs to it.

    Attributes:
        model: In evaluation mode, fused where it can be.
        preprocess: The one it was trained with.
        classes: Names by label.
        device: Where it computes.
        entry: The registry's entry.
    """

    model: nn.Module
    preprocess: Preprocess
    classes: tuple[str, ...]
    device: torch.device
    entry: ModelEntry

    def images(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """Make the network's input (N, C, H, W) of (N, H, W, C) uint8."""
        images = torch.from_numpy(self.preprocess.normalize(pixels)).to(self.device)
        return images.contiguous(memory_format=torch.channels_last)


def load(entry: ModelEntry, path: str | os.PathLike[str], device_name: str, *, fuse: bool = True) -> Predictor:
    """Load a checkpoint for prediction.

    Args:
        entry: The model that the user chose; the checkpoint must be of it.
        path: A ``.pth`` file.
        device_name: As ``device.resolve`` takes it.
        fuse: Whether branches that can be one convolution become one.

    Raises:
        XEduError: The device or the file cannot be used; see ``device.resolve`` and ``checkpoint.read``.
    """
    where = device.resolve(device_name)
    content = checkpoint.read(path)
    meta = checked_meta(content["meta"], entry, Path(path))
    preprocess = _preprocess(meta, Path(path))
    model = entry.build(len(meta["CLASSES"]))
    missing, unknown = checkpoint.load_weights(model, content["state_dict"])
    if missing or unknown:
        raise _does_not_fit(Path(path), entry, missing, unknown)
    model.eval()
    if fuse and callable(fuse_branches := getattr(model, "fuse", None)):
        fuse_branches()
    model = model.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Predictor(model, preprocess, tuple(meta["CLASSES"]), where, entry)


def identity(path: str | os.PathLike[str], device_name: str) -> tuple[object, ...]:
    """Tell loaded checkpoints apart: by file, time of writing and device. A path that cannot be is left to ``load``."""
    try:
        file = Path(path).resolve()
        return file, file.stat().st_mtime_ns, device_name
    except (OSError, ValueError, TypeError):
        return ()


def checked_meta(meta: dict[str, Any], entry: ModelEntry, path: Path) -> dict[str, Any]:
    """Make sure that a checkpoint belongs to the chosen model.

    Raises:
        TaskMismatch: It was made for another task (-311).
        CheckpointInvalid: It is of another backbone, or its description is not whole (-202).
    """
    lacking = [name for name in ("CLASSES", "backbone", "task", "preprocess") if not meta.get(name)]
    classes = meta.get("CLASSES")
    if not lacking and not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
        lacking = ["CLASSES"]
    if lacking:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(f"{path} says nothing useful of its {', '.join(lacking)}.", hint=hint)
    if meta["task"] != entry.task:
        hint = say("Choose the module that it was trained with.", "请使用训练它时所用的模块。")
        raise TaskMismatch(f"{path} was trained for {meta['task']}, not for {entry.task}.", hint=hint)
    if meta["backbone"] != entry.name:
        right = f"{_CLASS_OF[entry.task]}({meta['backbone']!r})"
        hint = say(f"Write {right}.", f"请写 {right}。")
        raise CheckpointInvalid(f"{path} holds a {meta['backbone']}, but the model is a {entry.name}.", hint=hint)
    return meta


def _preprocess(meta: dict[str, Any], path: Path) -> Preprocess:
    try:
        return Preprocess.from_dict(meta["preprocess"])
    except (ParameterInvalid, ParameterUnknown) as error:
        text = f"{path} describes a preprocessing that this version does not know: {error.message}"
        raise CheckpointInvalid(text, hint=error.hint) from error


def _does_not_fit(path: Path, entry: ModelEntry, missing: list[str], unknown: list[str]) -> CheckpointInvalid:
    first = (missing or unknown)[0]
    hint = say("Train it again with this version.", "请用当前版本重新训练。")
    text = (
        f"{path} does not fit {entry.name}: {len(missing)} weights are missing, {len(unknown)} unknown ({first}, ...)."
    )
    return CheckpointInvalid(text, hint=hint)


def start_from(model: nn.Module, entry: ModelEntry, path: str | os.PathLike[str]) -> list[str]:
    """Put a checkpoint's weights into a network that will be trained; returns lines for the user.

    A head for another number of classes stays at its initialisation, and a line says so.

    Raises:
        CheckpointInvalid: It is of another backbone (-202).
    """
    content = checkpoint.read(path)
    meta = checked_meta(content["meta"], entry, Path(path))
    missing, unknown = checkpoint.load_weights(model, content["state_dict"])
    lines = [say(f"Starting from the weights of {path}.", f"从 {path} 的权重开始训练。")]
    if missing or unknown:
        count = len(meta["CLASSES"])
        lines.append(
            say(
                f"It was made for {count} classes: {len(missing)} weights stay fresh ({', '.join(missing[:4])}).",
                f"它有 {count} 个类别：{len(missing)} 个权重保持初始值（{'、'.join(missing[:4])}）。",
            )
        )
    return lines


def renamed(predictor: Predictor, classes: Sequence[str]) -> Predictor:
    """The same predictor with other names for its classes (``class_path`` of the older pages).

    Raises:
        ClassCountMismatch: Not as many names as classes (-306).
    """
    if len(classes) != len(predictor.classes):
        hint = say("Give the classes of the set it was trained with.", "请给出训练该模型所用数据集的类别。")
        text = f"class_path names {len(classes)} classes, the checkpoint has {len(predictor.classes)}."
        raise ClassCountMismatch(text, hint=hint)
    return replace(predictor, classes=tuple(classes))


def class_names(place: Path) -> tuple[str, ...]:
    """Read class names from a ``classes.txt``, a dataset, or the folders of a training set.

    Raises:
        DatasetNotFound: No such file or folder (-101).
    """
    if not place.exists():
        hint = say("Give a classes.txt, or the folder of a training set.", "请给出 classes.txt 或训练集文件夹。")
        raise DatasetNotFound(f"No such file or folder of classes: {place}", hint=hint)
    if place.is_file():
        return tuple(line.strip() for line in read_lines(place) if line.strip())
    for part in ("classes.txt", "training_set", "trainning_set"):
        if (place / part).exists():
            return class_names(place / part)
    return tuple(folders_in(place))
