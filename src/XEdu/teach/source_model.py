"""The model that a learner starts from: its features, and its file with another last layer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import onnx_replace
from BaseDT.errors import CheckpointInvalid
from BaseDT.files import stamp_of
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import Head, ModelInfo
from BaseDT.onnx_replace import Replacements
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model
from XEdu.teach.softmax_regression import Floats, LastLayer

_MAP = "feature_map"
"""The output, in files that have it, whose mean over the places of a picture the features are."""


@dataclass(frozen=True)
class Seen:
    """What a backbone sees of pictures.

    Attributes:
        features: (N, D), the mean of the map over its places.
        maps: (N, D, H, W); None where the file gives none.
    """

    features: Floats
    maps: Floats | None


class SourceModel:
    """An opened classifier whose file gives features. Several threads may call it.

    Args:
        path: An ONNX file of ``convert(…, features=True)``, or one that a learner wrote.
        threads: Of the computation; None takes all cores of this process.

    Attributes:
        width: Features of a picture.
        reading: How its pictures are read.

    Raises:
        CheckpointInvalid: It has no features (-202).
        XEduError: It cannot be opened; as ``XEdu.runtime.open``.
    """

    def __init__(self, path: str | os.PathLike[str], *, threads: int | None = None) -> None:
        self._model = Model.load(path, threads=threads)
        self._path = self._model.path
        self._stamp = stamp_of(self._path)
        self._info, self._head = _checked(self._model)
        outputs = [spec.name for spec in self._model.backend.outputs]
        self._probabilities, self._place = outputs[0], outputs.index(self._head.features)
        self._map = outputs.index(_MAP) if _MAP in outputs else None
        self.width = self._model.backend.outputs[self._place].shape[-1] or 0
        self.reading = self._model.reading

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def features(self, pictures: Sequence[Pixels]) -> Floats:
        """Return the features of pictures (H×W×3 BGR or H×W gray), (N, D).

        Raises:
            CheckpointInvalid: One of them is no number: the weights are damaged (-202).
        """
        rows = [batch.arrays[self._place] for batch in self._model.output_batches(pictures)]
        return self._checked(np.concatenate(rows))

    def seen(self, picture: Pixels) -> Seen:
        """Return what is seen of one picture, with the map where the file gives one.

        Raises:
            CheckpointInvalid: As ``features``.
        """
        arrays = next(iter(self._model.output_batches([picture]))).arrays
        maps = None if self._map is None else np.asarray(arrays[self._map], np.float32)
        return Seen(self._checked(arrays[self._place]), maps)

    def shown_part(self, picture: Pixels) -> npt.NDArray[np.float64]:
        """Return which part of a picture (H×W×3 or H×W) the network is shown: x1, y1, x2, y2 in its pixels."""
        assert self._info.preprocess is not None  # a file with a head is of ours, and has one
        height, width = self._info.preprocess.size
        corners = [[0.0, 0.0, width, height]]
        boxes = self._info.preprocess.to_original(corners, (picture.shape[0], picture.shape[1]))
        return np.asarray(boxes[0])

    def _checked(self, found: Array) -> Floats:
        features = found.astype(np.float32, copy=False)
        if np.isfinite(features).all():
            return features
        raise CheckpointInvalid(
            say(f"{self.name} gives features that are no numbers.", f"{self.name} 给出的特征不是数字。"),
            hint=say("Its weights are damaged: convert it again.", "模型的权重已损坏：请重新转换。"),
        )

    def with_layer(self, classes: Sequence[str], layer: LastLayer) -> bytes:
        """Return the file with another last layer; its features stay, so that it can be taught again.

        Args:
            classes: Names, in the order of the layer's.
            layer: The new one.

        Raises:
            CheckpointInvalid: The file is gone, or is not the one any more that was opened (-202).
        """
        if stamp_of(self._path) != self._stamp:
            raise _changed(self._path)
        new = Replacements(
            tensors={self._head.weight: layer.weight, self._head.bias: layer.bias},
            last_sizes={self._probabilities: len(classes)},
            # What the old classes' scores suggested says nothing of the new ones.
            metadata=replace(self._info, classes=tuple(classes), threshold=None).to_metadata(),
        )
        try:
            return onnx_replace.replaced(self._path.read_bytes(), new)
        except (OSError, ValueError) as error:
            raise _changed(self._path) from error

    def notice_written(self, path: Path) -> None:
        """Go on with the file where a learner has just written over it: the same features come out of it."""
        if path.exists() and self._path.exists() and path.samefile(self._path):
            self._stamp = stamp_of(self._path)


def _checked(model: Model) -> tuple[ModelInfo, Head]:
    """Return what a model says of itself, and where its last layer is.

    Raises:
        CheckpointInvalid: It has none that could be replaced (-202).
    """
    info = model.info
    if info is None or info.head is None or model.path.suffix.lower() != ".onnx":
        raise CheckpointInvalid(
            say(
                f"{model.path.name} gives no features that could be learnt from.",
                f"{model.path.name} 没有给出可以学习的特征。",
            ),
            hint=say(
                "Convert it with them: model.convert(…, out_file='model.onnx', features=True).",
                "请在转换时加上：model.convert(…, out_file='model.onnx', features=True)。",
            ),
        )
    specs = {spec.name: spec.shape for spec in model.backend.outputs}
    tensors = onnx_replace.float_tensors(model.path)
    shape = specs.get(info.head.features, ())
    if len(shape) != 2 or shape[1] is None or not {info.head.weight, info.head.bias} <= tensors:
        raise CheckpointInvalid(
            say(
                f"{model.path.name} is damaged: its last layer is not where its own metadata say.",
                f"{model.path.name} 已损坏：最后一层不在它的元数据所说的位置。",
            ),
            hint=say("Convert it again with features=True.", "请用 features=True 重新转换。"),
        )
    return info, info.head


def _changed(path: Path) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(f"{path} is gone, or has changed since the learner opened it.", f"{path} 在学习器打开之后被删除或修改了。"),
        hint=say(
            "Put the file back as it was, then save again: nothing that was learnt is lost.",
            "请恢复原来的文件后再保存：已学到的内容不会丢失。",
        ),
    )
