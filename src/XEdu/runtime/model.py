"""``Model``: an exported model with its metadata. Pictures in, results out, on whichever runtime; it knows no task.

The hub, BaseDeploy and the command line call it; files are opened by ``XEdu.runtime.open``, outputs are read by the
model's kind of output (``XEdu.outputs``).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from BaseDT import legacy
from BaseDT.arguments import checked_threshold
from BaseDT.errors import CheckpointInvalid
from BaseDT.image import Pixels
from BaseDT.image.reading import Reading
from BaseDT.language import say
from BaseDT.legacy import PerPicture
from BaseDT.model_info import KEY, ModelInfo
from BaseDT.pasted import as_meant
from BaseDT.preprocess import Preprocess
from XEdu import runtime
from XEdu.outputs import kind as kinds
from XEdu.outputs import metadata
from XEdu.outputs.kind import OutputBatch, OutputKind, Placement, Result
from XEdu.runtime import refusals
from XEdu.runtime.backend import Array, Backend, TensorSpec

_LEAST_SCORE = 0.3
_CHUNK = 16
"""Batch size of a model that takes any: more costs memory and gains nothing on a CPU."""


@dataclass(frozen=True)
class Model:
    """An opened model.

    Attributes:
        path: Its file.
        backend: What runs it.
        info: Its metadata; None in a file without any, which only ``run`` can use.
        per_picture: Preprocessing of a foreign file whose input's size follows from each picture.
    """

    path: Path
    backend: Backend
    info: ModelInfo | None
    per_picture: PerPicture | None = None

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, threads: int | None = None, providers: Sequence[str] | None = None
    ) -> Model:
        """Open a model and read its metadata.

        Args:
            path: As for ``XEdu.runtime.open``.
            threads: Of the computation; None takes all cores of this process.
            providers: Of onnxruntime; None is the CPU.

        Raises:
            ModelUnsupported: A newer version of MMEdu wrote it, or its kind of output is unknown here (-206).
            CheckpointInvalid: Its metadata are damaged, or contradict its input (-202).
            XEduError: As ``XEdu.runtime.open``.
        """
        backend = runtime.open(path, threads=threads, providers=providers)
        file = as_meant(path)
        if not backend.inputs or not backend.outputs:
            raise _without_tensors(file)
        info = ModelInfo.from_metadata(backend.metadata, file.name)
        if info is None:
            return cls(file, backend, None)
        # Of a foreign file the preprocessing is guessed from its name and input; of ours nothing ever is.
        is_ours = KEY in backend.metadata
        metadata.check(info, file.name, is_ours=is_ours)
        size, channels = picture_size(backend.inputs[0])
        if info.preprocess is None and not is_ours:
            info = info.for_input(size, channels)
            if info.preprocess is not None and backend.inputs[0].shape[2:] == (None, None):
                return cls(file, backend, info, legacy.per_picture(info.backbone))
        elif info.preprocess is not None and size is not None:
            _check_input(file.name, info.preprocess, size, channels)
        return cls(file, backend, info)

    @property
    def kind(self) -> OutputKind | None:
        """How its outputs are read; None where the file does not say."""
        return None if self.info is None else kinds.find(self.info.kind)

    @property
    def knows_itself(self) -> bool:
        """Whether ``predict`` can be called: the metadata have the kind of output and the preprocessing."""
        return self.info is not None and self.info.preprocess is not None

    @property
    def reading(self) -> Reading:
        """How its pictures are read."""
        return Reading() if self.info is None or self.info.preprocess is None else self.info.preprocess.reading

    def tensor(self, picture: Pixels) -> npt.NDArray[np.float32]:
        """Return the input tensor of a picture (H×W×3 BGR or H×W gray): 1×C×H×W float32.

        Raises:
            CheckpointInvalid: The file does not say which input it expects (-202).
        """
        return self._preprocess()(picture) if self.per_picture is None else self.per_picture(picture)

    def run(self, tensor: Array) -> list[Array]:
        """Run the model on an input tensor; returns its raw outputs.

        Raises:
            ParameterInvalid: The tensor does not fit the model, or it has several inputs (-305).
        """
        return self.backend.run({self.backend.inputs[0].name: tensor})

    def predict(
        self, pictures: Sequence[Pixels], *, threshold: float | None = None, names: Sequence[str | None] = ()
    ) -> list[Result]:
        """Return the results of pictures.

        Args:
            pictures: H×W×3 BGR or H×W gray.
            threshold: Lowest score of a result: of a box, or of a class, below which it is none of them; None is the
                kind's own.
            names: File names of the pictures, for results that name them.

        Returns:
            For each picture what its kind of output gives: a class, a list of boxes …

        Raises:
            CheckpointInvalid: The metadata lack something, or do not fit the outputs (-202).
        """
        info, kind = self._info(), self._kind()
        lowest = kind.threshold if threshold is None else threshold
        results = [result for batch in self.output_batches(pictures) for result in kind.decode(batch, info, lowest)]
        files = names or [None] * len(results)
        return [
            result if file is None else kind.with_file(result, file)
            for result, file in zip(results, files, strict=True)
        ]

    def checked_threshold(self, name: str, value: object) -> float:
        """Return the lowest score of a result that a caller gave; None is that of the kind of output.

        Args:
            name: The parameter, for messages.
            value: A number from 0 to 1; of a classifier ``"auto"`` is what its file suggests.

        Raises:
            ParameterInvalid: It cannot be used (-305).
        """
        if self.kind is None:  # raw outputs have no scores
            return _LEAST_SCORE if value is None else float(checked_threshold(name, value))
        return self.kind.threshold if value is None else self.kind.checked_threshold(name, value, self.info)

    def output_batches(self, pictures: Sequence[Pixels]) -> Iterator[OutputBatch]:
        """Run pictures, in batches where the kind of output and the file allow them; yields the raw outputs."""
        preprocess, fixed = self._preprocess(), self._fixed_batch()
        alone = self.per_picture is not None or not self._kind().batched
        # One picture by itself needs no stacking: most calls on a board are such.
        if alone or (len(pictures) == 1 and fixed in (None, 1)):
            for picture in pictures:
                yield self._batch(self.run(self.tensor(picture)), [picture])
            return
        size = fixed or _CHUNK
        for start in range(0, len(pictures), size):
            part = pictures[start : start + size]
            pixels = [preprocess.pixels(picture) for picture in part]
            if fixed is not None:
                pixels += [pixels[-1]] * (size - len(part))  # a fixed batch is filled up
            try:
                tensor = preprocess.normalize(np.stack(pixels))
            except MemoryError as error:
                raise refusals.no_memory() from error
            outputs = self.run(tensor)
            yield self._batch([output[: len(part)] if size > 1 else output for output in outputs], part)

    def placement(self, shape: tuple[int, ...]) -> Placement:
        """Return how the input lies on a picture.

        Args:
            shape: Height and width of the picture, whatever comes behind them.
        """
        height, width = shape[0], shape[1]
        resizing = self.per_picture
        preprocess = self._preprocess() if resizing is None else resizing.preprocess_for(height, width)
        size = (height, width)
        return Placement(functools.partial(preprocess.to_original, picture=size), size, preprocess.placement(size))

    def result_of(self, outputs: Sequence[Array], placement: Placement, threshold: float) -> Result:
        """Read the raw outputs of one picture.

        Args:
            outputs: What ``run`` returned.
            placement: How the input lies on the picture.
            threshold: As for ``predict``.
        """
        batch = OutputBatch(outputs, self._output_names(), [placement])
        return self._kind().decode(batch, self._info(), threshold)[0]

    def _batch(self, outputs: Sequence[Array], pictures: Sequence[Pixels]) -> OutputBatch:
        return OutputBatch(outputs, self._output_names(), [self.placement(picture.shape) for picture in pictures])

    def _output_names(self) -> list[str]:
        return [spec.name for spec in self.backend.outputs]

    def _fixed_batch(self) -> int | None:
        """The fixed size of the batch; None where any goes."""
        shape = self.backend.inputs[0].shape
        return shape[0] if shape else 1

    def _kind(self) -> OutputKind:
        return kinds.find(self._info().kind)

    def _info(self) -> ModelInfo:
        if self.info is not None:
            return self.info
        raise CheckpointInvalid(
            say(
                f"{self.path.name} tells nothing of itself: no classes, no preprocessing.",
                f"{self.path.name} 没有任何自我说明：没有类别，也没有预处理方式。",
            ),
            hint=say(
                "Use Workflow(task='custom') with your own preprocess and postprocess, or convert it with MMEdu.",
                "请使用 Workflow(task='custom') 并自己写前后处理函数，或用 MMEdu 转换模型。",
            ),
        )

    def _preprocess(self) -> Preprocess:
        preprocess = self._info().preprocess
        if preprocess is not None:
            return preprocess
        raise CheckpointInvalid(
            say(f"{self.path.name} does not tell which size its input has.", f"{self.path.name} 没有说明输入的大小。"),
            hint=say(
                "Use Workflow(task='custom') with your own preprocess, or convert it with a fixed size.",
                "请使用 Workflow(task='custom') 并自己写预处理函数，或以固定输入大小重新转换。",
            ),
        )


def _without_tensors(file: Path) -> CheckpointInvalid:
    return CheckpointInvalid(
        say(
            f"{file.name} has no input, or no output: it predicts nothing.",
            f"{file.name} 没有输入或没有输出，无法推理。",
        ),
        hint=say("Convert the checkpoint again with MMEdu.", "请用 MMEdu 重新转换模型。"),
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
    output, expected = (f"{n} × {h} × {w}" for n, (h, w) in ((preprocess.channels, preprocess.size), (channels, size)))
    raise CheckpointInvalid(
        say(
            f"{name} contradicts itself: its preprocessing makes {output} (channels, height, width), and it takes "
            f"{expected}.",
            f"{name} 自相矛盾：它的预处理得到 {output}（通道、高、宽），而网络需要 {expected}。",
        ),
        hint=say("Convert it again with MMEdu.", "请用 MMEdu 重新转换模型。"),
    )
