"""``Model``: an exported model with what it knows of itself. Pictures in, results out, on whichever runtime.

The hub, BaseDeploy and the command line call it; files are opened by ``XEdu.runtime.open``.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from BaseDT import legacy
from BaseDT.errors import CheckpointInvalid
from BaseDT.geometry.boxes import with_area
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.legacy import PerPicture
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from BaseDT.results import ClassificationResult, DetectionResult
from XEdu import runtime
from XEdu.runtime import decode
from XEdu.runtime.backend import Backend, Tensor, TensorSpec

Placement = Callable[[npt.ArrayLike], npt.NDArray[np.float64]]
"""Maps boxes (N, 4) in pixels of a model's input onto its picture."""
_CHUNK = 16
"""Pictures that go through a model of any batch at once: more cost memory and gain nothing on a CPU."""


@dataclass(frozen=True)
class Model:
    """An opened model.

    Attributes:
        path: Its file.
        backend: What runs it.
        info: What it knows of itself; None in a file without metadata, which only ``run`` can use.
        per_picture: What makes the tensors of a foreign file whose input's size follows from each picture.
    """

    path: Path
    backend: Backend
    info: ModelInfo | None
    per_picture: PerPicture | None = None

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, threads: int | None = None, providers: Sequence[str] | None = None
    ) -> Model:
        """Open a model and read what it knows of itself.

        Args:
            path: As for ``XEdu.runtime.open``.
            threads: Of the computation; None takes all cores of this process.
            providers: Of onnxruntime; None is the CPU.

        Raises:
            ModelUnsupported: A newer version of MMEdu wrote it (-206).
            CheckpointInvalid: What it says of itself is damaged, or contradicts its input (-202).
            XEduError: As ``XEdu.runtime.open``.
        """
        backend = runtime.open(path, threads=threads, providers=providers)
        file = Path(os.fspath(path))
        info = ModelInfo.from_metadata(backend.metadata, file.name)
        size, channels = picture_size(backend.inputs[0])
        if info is not None and info.preprocess is None:
            info = info.for_input(size, channels)
            if info.preprocess is not None and backend.inputs[0].shape[2:] == (None, None):
                return cls(file, backend, info, legacy.per_picture(info.backbone))
        elif info is not None and info.preprocess is not None and size is not None:
            _check_input(file.name, info.preprocess, size, channels)
        return cls(file, backend, info)

    @property
    def knows_itself(self) -> bool:
        """Whether ``predict`` can be called: the file tells of its classes and of its input."""
        return self.info is not None and self.info.preprocess is not None

    @property
    def reads_gray(self) -> bool:
        """Whether it needs no colours of a picture."""
        return self.info is not None and self.info.preprocess is not None and self.info.preprocess.color == "gray"

    def tensor(self, picture: Pixels) -> npt.NDArray[np.float32]:
        """Return the input that a picture (H×W×3 BGR or H×W gray) becomes: 1×C×H×W float32.

        Raises:
            CheckpointInvalid: The file does not tell which input it expects (-202).
        """
        return self._preprocess()(picture) if self.per_picture is None else self.per_picture(picture)

    def run(self, tensor: Tensor) -> list[Tensor]:
        """Run the model on a finished input; returns its raw outputs.

        Raises:
            ParameterInvalid: The tensor does not fit the model, or it has several inputs (-305).
        """
        return self.backend.run({self.backend.inputs[0].name: tensor})

    def scores(self, pictures: Sequence[Pixels]) -> npt.NDArray[np.floating[Any]]:
        """Return the probabilities of a classifier for pictures (H×W×3 BGR or H×W gray): shape (N, C).

        Raises:
            CheckpointInvalid: It is no classifier that tells of itself (-202).
        """
        count = len(self._known().classes)
        parts = [decode.scores(outputs, kept, count) for outputs, kept in self._outputs(pictures)]
        return np.concatenate(parts) if parts else np.empty((0, count), np.float32)

    def predict(
        self, pictures: Sequence[Pixels], *, threshold: float = 0.3, names: Sequence[str | None] = ()
    ) -> list[ClassificationResult] | list[list[DetectionResult]]:
        """Say what is on pictures.

        Args:
            pictures: H×W×3 BGR or H×W gray.
            threshold: Lowest score of a box; a class is always reported.
            names: File names of the pictures, for the results of a classifier.

        Returns:
            A class for each picture, or, of a detector, a list of boxes for each.

        Raises:
            CheckpointInvalid: The file does not tell enough of itself, or tells wrong things (-202).
        """
        info = self._known()
        if info.task == "detection":
            return [self._boxes(picture, info, threshold) for picture in pictures]
        files = names or [None] * len(pictures)
        rows = self.scores(pictures)
        return [
            ClassificationResult.from_scores(row, info.classes, file) for row, file in zip(rows, files, strict=True)
        ]

    def placement(self, shape: tuple[int, ...]) -> Placement:
        """Return what maps boxes (N, 4) in pixels of the input onto a picture.

        Args:
            shape: Height and width of the picture, whatever comes behind them.
        """
        height, width = shape[0], shape[1]
        each = self.per_picture
        preprocess = self._preprocess() if each is None else each.preprocess_for(height, width)
        return functools.partial(preprocess.to_original, picture=(height, width))

    def results_of(
        self, outputs: Sequence[Tensor], placement: Placement, threshold: float = 0.3
    ) -> ClassificationResult | list[DetectionResult]:
        """Read the raw outputs for one picture.

        Args:
            outputs: What ``run`` returned.
            placement: Maps boxes onto the picture.
            threshold: Lowest score of a box.
        """
        info = self._known()
        if info.task == "detection":
            return self._detections(outputs, placement, info, threshold)
        return ClassificationResult.from_scores(decode.scores(outputs, 1, len(info.classes))[0], info.classes)

    def _boxes(self, picture: Pixels, info: ModelInfo, threshold: float) -> list[DetectionResult]:
        return self._detections(self.run(self.tensor(picture)), self.placement(picture.shape), info, threshold)

    def _detections(
        self, outputs: Sequence[Tensor], placement: Placement, info: ModelInfo, threshold: float
    ) -> list[DetectionResult]:
        names = [spec.name for spec in self.backend.outputs]
        if info.decode == "raw_boxes":
            found, labels = decode.raw_boxes(outputs, threshold, info.nms_iou, info.max_detections)
        else:
            found, labels = decode.boxes(outputs, names)
            decode.check_scores(found[labels >= 0, 4])
        masks = decode.masks(outputs, names, len(found))
        # Some exporters fill up to a fixed number with the label -1.
        kept = (found[:, 4] >= threshold) & (labels >= 0)
        found, labels = found[kept], labels[kept]
        decode.check_corners(found)
        if len(labels) and int(labels.max()) >= len(info.classes):
            raise _says_wrong(f"label {int(labels.max())} of {len(info.classes)} classes")
        places = placement(found[:, :4])
        own = [None] * len(found) if masks is None else list(masks[kept])
        there = with_area(places).tolist()
        return [
            DetectionResult(label, min(float(row[4]), 1.0), (x1, y1, x2, y2), info.classes[label], mask)
            for row, label, (x1, y1, x2, y2), mask, some in zip(
                found, labels.tolist(), places.tolist(), own, there, strict=True
            )
            if some
        ]

    def _outputs(self, pictures: Sequence[Pixels]) -> Iterator[tuple[list[Tensor], int]]:
        """Run pictures in batches; yields raw outputs and how many of their rows count."""
        preprocess = self._preprocess()
        if self.per_picture is not None:
            for picture in pictures:
                yield self.run(self.per_picture(picture)), 1
            return
        if len(pictures) == 1 and self._batch() in (None, 1):
            yield self.run(preprocess(pictures[0])), 1
            return
        size = self._batch() or _CHUNK
        for start in range(0, len(pictures), size):
            pixels = [preprocess.pixels(picture) for picture in pictures[start : start + size]]
            kept = len(pixels)
            if self._batch() is not None:
                pixels += [pixels[-1]] * (size - kept)  # a fixed batch is filled up
            outputs = self.run(preprocess.normalize(np.stack(pixels)))
            yield [output[:kept] if size > 1 else output for output in outputs], kept

    def _batch(self) -> int | None:
        """The fixed size of the batch; None where any goes."""
        shape = self.backend.inputs[0].shape
        return shape[0] if shape else 1

    def _known(self) -> ModelInfo:
        if self.info is not None:
            return self.info
        raise CheckpointInvalid(
            f"{self.path.name} tells nothing of itself: no classes, no preprocessing.",
            hint=say(
                "Use Workflow(task='custom') with your own preprocess and postprocess, or convert it with MMEdu.",
                "请使用 Workflow(task='custom') 并自己写前后处理函数，或用 MMEdu 转换模型。",
            ),
        )

    def _preprocess(self) -> Preprocess:
        preprocess = self._known().preprocess
        if preprocess is not None:
            return preprocess
        raise CheckpointInvalid(
            f"{self.path.name} does not tell which size its input has.",
            hint=say(
                "Use Workflow(task='custom') with your own preprocess, or convert it with a fixed size.",
                "请使用 Workflow(task='custom') 并自己写预处理函数，或以固定输入大小重新转换。",
            ),
        )


def picture_size(spec: TensorSpec) -> tuple[tuple[int, int] | None, int]:
    """Return the height and width that an input (N, C, H, W) is fixed to, if it is, and its channels."""
    if len(spec.shape) != 4:
        return None, 3
    _, channels, height, width = spec.shape
    size = (height, width) if height is not None and width is not None else None
    return size, 1 if channels == 1 else 3


def _check_input(name: str, preprocess: Preprocess, size: tuple[int, int], channels: int) -> None:
    """Refuse a file whose preprocessing makes another input than its network takes (-202)."""
    if preprocess.size == size and preprocess.channels == channels:
        return
    made, taken = (f"{n} × {h} × {w}" for n, (h, w) in ((preprocess.channels, preprocess.size), (channels, size)))
    raise CheckpointInvalid(
        f"{name} contradicts itself: its preprocessing makes {made} (channels, height, width), and it takes {taken}.",
        hint=say("Convert it again with MMEdu.", "请用 MMEdu 重新转换模型。"),
    )


def _says_wrong(found: str) -> CheckpointInvalid:
    hint = say("Its names of classes belong to another model: convert it again.", "类别名称与模型不符：请重新转换。")
    return CheckpointInvalid(f"The model's metadata do not fit its outputs: {found}.", hint=hint)
