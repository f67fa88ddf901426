"""A trained network, loaded from a checkpoint with all that belongs to it. What it predicts is up to its task."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from BaseDT.errors import CheckpointInvalid, ClassCountMismatch
from BaseDT.escaping import one_line
from BaseDT.language import english, say
from BaseDT.pasted import as_meant
from BaseDT.preprocess import Preprocess
from MMEdu.engine import device
from MMEdu.models.heads import divide_logits
from MMEdu.models.registry import ModelEntry
from MMEdu.weights import loading
from MMEdu.weights.opened import OpenedWeights
from MMEdu.weights.opening import open_weights

_OF_SIZES = ("input size per channel", "Output size is too small", "shapes cannot be multiplied")


@dataclass(frozen=True)
class LoadedModel:
    """A network with all that belongs to it.

    Attributes:
        model: In evaluation mode, fused where it can be.
        preprocess: The one it was trained with.
        classes: Names by label.
        device: Where it computes.
        entry: The registry's entry.
        named: Whether the file itself names its classes.
        threshold: What the validation suggests: the score below which a classifier's answer is better none of its
            classes, or a detector's box better not shown; None where nobody knows.
        trained_on: What names the data set that it was trained on; empty where nobody knows.
        kind: Name of the kind of output where it is not its task's usual one; empty: it is.
        options: What is known of its answers, as options of that kind; they go into exported files.
        meta: All that its checkpoint says of itself; its task reads and checks its own part.
    """

    model: nn.Module
    preprocess: Preprocess
    classes: tuple[str, ...]
    device: torch.device
    entry: ModelEntry
    named: bool = True
    threshold: float | None = None
    trained_on: str = ""
    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    def images(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """Make the network's input (N, C, H, W) of (N, H, W, C) uint8."""
        images = torch.from_numpy(self.preprocess.normalize(pixels)).to(self.device)
        return images.contiguous(memory_format=torch.channels_last)


@contextmanager
def sizes_refused(model: LoadedModel) -> Iterator[None]:
    """Name what torch raises where the network cannot compute with the input that its file describes.

    Raises:
        CheckpointInvalid: In place of it (-202).
    """
    try:
        yield
    except RuntimeError as error:
        if not any(words in str(error) for words in _OF_SIZES):
            raise
        height, width = model.preprocess.size
        raise CheckpointInvalid(
            say(
                f"The network cannot compute with pictures of {width}×{height}, the size in its file.",
                f"该网络无法处理文件中所写尺寸 {width}×{height} 的图片。",
            ),
            hint=say(
                "The file was edited or damaged: take another one, or train anew.",
                "文件被修改过或已损坏：请换一个文件，或重新训练。",
            ),
        ) from error


def load_model(
    entry: ModelEntry,
    path: str | os.PathLike[str],
    device_name: str,
    *,
    fuse: bool = True,
    names: Sequence[str] | None = None,
    otherwise: Sequence[str] | None = None,
) -> LoadedModel:
    """Load a file of weights for prediction: ours, or another project's that holds the whole network.

    Args:
        entry: The model that the user chose; the file must be of it, or of another form of it.
        path: A ``.pth`` or ``.safetensors`` file.
        device_name: As ``device.resolve`` takes it.
        fuse: Whether branches that can be one convolution become one.
        names: Other names for its classes; a file that names none needs them.
        otherwise: What ``placeholder_names`` makes names of where there are none; None refuses such a file.

    Raises:
        XEduError: The device or the file cannot be used; see ``device.resolve`` and ``open_weights``.
    """
    target = device.resolve(device_name)
    weights = open_weights(path, entry, other_forms=True)
    entry = weights.entry
    classes = _classes(weights, names, otherwise)
    model = loading.build_undrawn(entry, len(classes))
    loading.load_whole(model, weights, entry, as_meant(path))
    if weights.temperature != 1:
        divide_logits(model, weights.temperature)
    model.eval()
    if fuse and callable(fuse_branches := getattr(model, "fuse", None)):
        fuse_branches()
    model = model.to(target, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return LoadedModel(
        model,
        weights.preprocess,
        classes,
        target,
        entry,
        named=weights.classes is not None,
        threshold=weights.threshold,
        trained_on=weights.trained_on,
        kind=weights.kind,
        options=weights.options,
        meta=weights.meta,
    )


def placeholder_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Name classes that nothing names: as the loaded data set does where the count fits, by their numbers else."""
    return tuple(names) if len(names) == count else tuple(map(str, range(count)))


def placeholder_names_text(path: str | os.PathLike[str], classes: Sequence[str]) -> str:
    """Say how classes are called that nothing names."""
    listed = ", ".join(map(one_line, classes[:2])) + (", …" if len(classes) > 2 else "")
    return say(
        f"{path} does not name its {len(classes)} classes; here they are {listed}. class_path= (--classes of a command)"
        " names them.",
        f"{path} 没有给出 {len(classes)} 个类别的名称，这里称为 {listed}。可用 class_path=（命令行 --classes）指定。",
    )


def _classes(weights: OpenedWeights, names: Sequence[str] | None, otherwise: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the classes: those that the user chose, or the file's own."""
    count, path = weights.num_classes, weights.path
    if not weights.whole or count is None:
        hint = say("Start a training from it with checkpoint=.", "请用 checkpoint= 从它开始训练。")
        raise CheckpointInvalid(
            say(
                f"{path} holds a {weights.origin} without a head for this model.",
                f"{path} 是 {weights.origin}，没有适用于该模型的输出层。",
            ),
            hint=hint,
        )
    if names is not None:
        if len(names) != count:
            raise _other_count(len(names), count)
        return tuple(names)
    if weights.classes is not None:
        return weights.classes
    if otherwise is not None:
        return placeholder_names(otherwise, count)
    hint = say(
        "Name them, one name a line: class_path='classes.txt', or --classes classes.txt of a command.",
        "请给出类别名称，每行一个：class_path='classes.txt'，命令行用 --classes classes.txt。",
    )
    text = (
        say(
            f"names {weights.num_names} classes, but its head has {count}",
            f"给出了 {weights.num_names} 个类别名称，而输出层有 {count} 类",
        )
        if weights.num_names
        else say(f"does not name its {count} classes", f"没有给出 {count} 个类别的名称")
    )
    raise CheckpointInvalid(say(f"{path} {english(text)}.", f"{path} {text}。"), hint=hint)


def identity(path: str | os.PathLike[str], device_name: str) -> tuple[object, ...]:
    """Tell loaded checkpoints apart: by file, time of writing and device. A bad path is left to ``load_model``."""
    if not isinstance(device_name, str):
        return ()
    try:
        file = as_meant(path).resolve()
        return file, file.stat().st_mtime_ns, device_name
    except (OSError, ValueError, TypeError, RuntimeError):  # RuntimeError: links that lead to themselves
        return ()


def _other_count(count: int, expected: int) -> ClassCountMismatch:
    hint = say("Give the classes of the set it was trained with.", "请给出训练该模型所用数据集的类别。")
    return ClassCountMismatch(
        say(
            f"class_path names {count} classes, the checkpoint has {expected}.",
            f"class_path 给出了 {count} 个类别，而权重文件有 {expected} 个。",
        ),
        hint=hint,
    )
