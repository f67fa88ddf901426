"""A trained network, loaded from a checkpoint with all that belongs to it. What it says is up to its task."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.arguments import PathLike, checked_path
from BaseDT.dataset import coco
from BaseDT.dataset.scan import folders_in
from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import CheckpointInvalid, ClassCountMismatch, DatasetNotFound
from BaseDT.language import say
from BaseDT.preprocess import Preprocess
from MMEdu.engine import device
from MMEdu.models import registry
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import loading
from MMEdu.weights.foreign import reading as source
from MMEdu.weights.foreign.translate import Translation, translate


@dataclass(frozen=True)
class Predictor:
    """A network with all that belongs to it.

    Attributes:
        model: In evaluation mode, fused where it can be.
        preprocess: The one it was trained with.
        classes: Names by label.
        device: Where it computes.
        entry: The registry's entry.
        named: Whether the file itself names its classes.
    """

    model: nn.Module
    preprocess: Preprocess
    classes: tuple[str, ...]
    device: torch.device
    entry: ModelEntry
    named: bool = True

    def images(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """Make the network's input (N, C, H, W) of (N, H, W, C) uint8."""
        images = torch.from_numpy(self.preprocess.normalize(pixels)).to(self.device)
        return images.contiguous(memory_format=torch.channels_last)


def load(
    entry: ModelEntry,
    path: str | os.PathLike[str],
    device_name: str,
    *,
    fuse: bool = True,
    names: Sequence[str] | None = None,
    otherwise: Sequence[str] | None = None,
) -> Predictor:
    """Load a file of weights for prediction: ours, or another project's that holds the whole network.

    Args:
        entry: The model that the user chose; the file must be of it, or of another form of it.
        path: A ``.pth`` or ``.safetensors`` file.
        device_name: As ``device.resolve`` takes it.
        fuse: Whether branches that can be one convolution become one.
        names: Other names for its classes; a file that names none needs them.
        otherwise: What ``stand_ins`` makes names of where there are none; None refuses such a file.

    Raises:
        XEduError: The device or the file cannot be used; see ``device.resolve``, ``source.read`` and ``translate``.
    """
    where = device.resolve(device_name)
    found = translate(source.read(path), entry, forms=True)
    if found.table is not None and found.whole and found.table.backbone != entry.name:
        entry = registry.find(found.table.backbone, found.table.task)
    classes = _classes(found, names, otherwise, Path(path))
    model = loading.undrawn(entry, len(classes))
    loading.whole(model, found, entry, Path(path))
    model.eval()
    if fuse and callable(fuse_branches := getattr(model, "fuse", None)):
        fuse_branches()
    model = model.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Predictor(model, found.preprocess, classes, where, entry, found.classes is not None)


def stand_ins(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Name classes that nothing names: as the loaded data set does where the count fits, by their numbers else."""
    return tuple(names) if len(names) == count else tuple(map(str, range(count)))


def stand_ins_told(path: str | os.PathLike[str], classes: Sequence[str]) -> str:
    """Say how classes are called that nothing names."""
    listed = ", ".join(classes[:2]) + (", …" if len(classes) > 2 else "")
    return say(
        f"{path} does not name its {len(classes)} classes; here they are {listed}. class_path= (--classes of a command)"
        " names them.",
        f"{path} 没有给出 {len(classes)} 个类别的名称，这里称为 {listed}。可用 class_path=（命令行 --classes）指定。",
    )


def _classes(
    found: Translation, names: Sequence[str] | None, otherwise: Sequence[str] | None, path: Path
) -> tuple[str, ...]:
    """Return the names of the classes: those that were given, or the file's own."""
    count = found.num_classes
    if not found.whole or count is None:
        hint = say("Start a training from it with checkpoint=.", "请用 checkpoint= 从它开始训练。")
        raise CheckpointInvalid(f"{path} holds a {found.origin} without a head for this model.", hint=hint)
    if names is not None:
        if len(names) != count:
            raise _other_count(len(names), count)
        return tuple(names)
    if found.classes is None and otherwise is not None:
        return stand_ins(otherwise, count)
    if found.classes is None:
        hint = say(
            "Name them, one name a line: class_path='classes.txt', or --classes classes.txt of a command.",
            "请给出类别名称，每行一个：class_path='classes.txt'，命令行用 --classes classes.txt。",
        )
        text = (
            f"names {found.named} classes, but its head has {count}"
            if found.named
            else f"does not name its {count} classes"
        )
        raise CheckpointInvalid(f"{path} {text}.", hint=hint)
    return found.classes


def identity(path: str | os.PathLike[str], device_name: str) -> tuple[object, ...]:
    """Tell loaded checkpoints apart: by file, time of writing and device. A path that cannot be is left to ``load``."""
    try:
        file = Path(path).resolve()
        return file, file.stat().st_mtime_ns, device_name
    except (OSError, ValueError, TypeError):
        return ()


def _other_count(given: int, known: int) -> ClassCountMismatch:
    hint = say("Give the classes of the set it was trained with.", "请给出训练该模型所用数据集的类别。")
    return ClassCountMismatch(f"class_path names {given} classes, the checkpoint has {known}.", hint=hint)


def given_names(class_path: PathLike | None) -> tuple[str, ...] | None:
    """Read what ``class_path`` of a documented function names; raises as ``class_names``, and -305 for no path."""
    return None if class_path is None else class_names(checked_path("class_path", class_path))


def class_names(place: Path) -> tuple[str, ...]:
    """Read class names from a ``classes.txt``, a dataset, or the folders of a training set.

    Raises:
        DatasetNotFound: No such file or folder (-101).
        AnnotationMissing, DatasetInvalid: A detection set's ``annotations/train.json`` does not name them (-701, -201).
    """
    if not place.exists():
        hint = say("Give a classes.txt, or the folder of a training set.", "请给出 classes.txt 或训练集文件夹。")
        raise DatasetNotFound(f"No such file or folder of classes: {place}", hint=hint)
    if place.is_file():
        return tuple(line.strip() for line in read_lines(place) if line.strip())
    for part in ("classes.txt", "training_set", "trainning_set"):
        if (place / part).exists():
            return class_names(place / part)
    if coco.looks_like_coco(place):
        return coco.class_names(place)
    return tuple(folders_in(place))
