"""INT8 files are made here, of one float file and calibration pictures: static, QDQ, per channel.

``quantize`` conducts: which ways are tried, and which result is good enough. Works without torch.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, version_converter

from BaseDT.errors import CheckpointInvalid, ExportFailed
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, long_work
from XEdu.runtime import no_telemetry
from XEdu.runtime.model import Model

OPSET, IR = 13, 7
"""What per-channel scales need: the axis of QuantizeLinear came with opset 13."""
Method = Literal["minmax", "average", "percentile"]
METHODS: dict[Method, tuple[str, dict[str, Any]]] = {
    "minmax": ("MinMax", {}),
    "average": ("MinMax", {"CalibMovingAverage": True}),
    "percentile": ("Percentile", {"CalibPercentile": 99.99}),
}
"""How the range of an activation is found, with what onnxruntime calls it: the extremes of all pictures, the mean of
each picture's extremes, all but one value of ten thousand. Outliers widen the later ones less."""
_TYPES = ("Conv", "Gemm", "MatMul", "ConvTranspose")
"""Layers: what has weights. Everything around them follows; what decides never does."""
_DECIDE = frozenset({"Softmax", "LogSoftmax", "NonMaxSuppression", "TopK", "RoiAlign", "ArgMax", "Exp"})
_RANKED_WITH = 16
_WARNING, _FATAL = 2, 4
"""Severities of onnxruntime's log. It does not tell which one is set; a warning is what it starts with."""
_BOXES = 100


@dataclass(frozen=True)
class Trial:
    """One way to make an INT8 file.

    Attributes:
        method: How the ranges of activations are found.
        in_float: Layers that stay in float.
    """

    method: Method
    in_float: tuple[str, ...] = ()


def checked_info(opened: Model, file: Path) -> tuple[ModelInfo, Preprocess]:
    """Return what a model knows of itself.

    Raises:
        CheckpointInvalid: It knows nothing of its pixels, or is no float model (-202).
    """
    info = opened.info
    if info is None or info.preprocess is None:
        hint = say("Use a file that convert() wrote.", "请使用 convert() 生成的文件。")
        raise CheckpointInvalid(f"{file} says nothing of its classes and pixels.", hint=hint)
    if info.precision != "float32":
        hint = say("Give the float file that it was made of.", "请使用量化之前的 FP32 文件。")
        raise CheckpointInvalid(f"{file} is {info.precision} already.", hint=hint)
    return info, info.preprocess


class Workshop:
    """A model on its way to INT8: the float file at the right opset, and quantised ones made of it."""

    def __init__(
        self, folder: Path, model_file: Path, calibration: Sequence[Pixels], *, reduce_range: bool = True
    ) -> None:
        opened = Model.load(model_file)
        self._folder, self._reduce_range = folder, reduce_range
        self._input = opened.backend.inputs[0].name
        self.info, preprocess = checked_info(opened, model_file)
        self._tensors = [preprocess.normalize(pixels[None]) for pixels in calibration]
        self._model = _prepared(onnx.load(model_file), self.info)
        self.float_file = folder / "float.onnx"
        onnx.save(self._model, self.float_file)
        self._never = deciding(self._model.graph)
        self.layers = [node.name for node in self._model.graph.node if node.op_type in _TYPES]
        self._ranking: list[tuple[str, float]] | None = None
        if not self.layers:
            hint = say("Give a model with convolutions.", "请给出包含卷积层的模型。")
            raise CheckpointInvalid(f"{model_file} has no layer that could be quantised.", hint=hint)

    def quantized(self, trial: Trial, only: Sequence[str] = (), images: int | None = None) -> Path:
        """Make an INT8 file; ``only`` quantises nothing but these layers, with so many ``images``."""
        target = self._folder / "int8.onnx"
        _quantize_static(
            self.float_file,
            target,
            _Reader(self._input, self._tensors[:images]),
            trial.method,
            reduce_range=self._reduce_range,
            exclude=[*self._never, *trial.in_float],
            only=only,
        )
        model = onnx.load(target)
        model.ir_version = IR
        helper.set_model_props(model, replace(self.info, precision="int8").to_metadata())
        onnx.save(model, target)
        return target

    def ranking(self, method: Method, emit: Listener) -> list[tuple[str, float]]:
        """Quantise each layer alone: how far do the answers move? Worst first; the mean change of a score."""
        if self._ranking is None:
            wanted = self._answers(self.float_file)
            moved = []
            with long_work(emit, say("Looking for the sensitive layers", "查找敏感层")) as told:
                for done, name in enumerate(self.layers, 1):
                    answers = self._answers(self.quantized(Trial(method), only=[name], images=_RANKED_WITH))
                    moved.append((name, float(abs(answers - wanted).sum(1).mean())))
                    told(done, len(self.layers))
            self._ranking = sorted(moved, key=lambda item: -item[1])
        return self._ranking

    def _answers(self, file: Path) -> npt.NDArray[Any]:
        model = Model.load(file)
        answers = [model.run(tensor)[0] for tensor in self._tensors[:_RANKED_WITH]]
        if self.info.options.get("decode") == "boxes":  # as many as there are: their scores, the best first
            answers = [-np.sort(-np.pad(boxes.reshape(-1, 5)[:, 4], (0, _BOXES)))[:_BOXES] for boxes in answers]
        return np.concatenate([answer.reshape(1, -1) for answer in answers])


class _Reader:
    """Hands calibration tensors to onnxruntime, again from the start when asked."""

    def __init__(self, name: str, tensors: Sequence[Any]) -> None:
        self._feeds = iter([{name: tensor} for tensor in tensors])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._feeds, None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._feeds

    def __next__(self) -> dict[str, Any]:
        return next(self._feeds)


def deciding(graph: onnx.GraphProto) -> list[str]:
    """Name what is never quantised: all between the layers and an output or a decision (softmax, boxes, NMS).

    Boxes of 320 pixels in steps of a 256th are wrong by a pixel, and 1000 probabilities all become 0.
    """
    maker = {output: node for node in graph.node for output in node.output}
    waiting = [maker[item.name] for item in graph.output if item.name in maker]
    waiting += [node for node in graph.node if node.op_type in _DECIDE]
    found: dict[str, None] = {}
    while waiting:
        node = waiting.pop()
        if node.op_type in _TYPES or node.name in found:
            continue
        found[node.name] = None
        waiting += [maker[name] for name in node.input if name in maker]
    return list(found)


def _prepared(model: onnx.ModelProto, info: ModelInfo) -> onnx.ModelProto:
    """Bring a file to the opset that per-channel scales need, with a name for every node."""
    del model.graph.value_info[:]  # where boxes are found, older files of ours say how many there were in one picture
    if next((entry.version for entry in model.opset_import if entry.domain == ""), 0) < OPSET:
        try:
            model = version_converter.convert_version(model, OPSET)
        except (RuntimeError, ValueError) as error:
            hint = say(f"Convert it with opset_version={OPSET}.", f"请用 opset_version={OPSET} 重新转换。")
            raise ExportFailed(f"The file cannot be brought to opset {OPSET}: {error}", hint=hint) from error
    model.ir_version = max(IR, model.ir_version)
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{number}"
    helper.set_model_props(model, info.to_metadata())
    return model


def _quantize_static(
    source: Path,
    target: Path,
    reader: _Reader,
    method: Method,
    *,
    reduce_range: bool,
    exclude: Sequence[str],
    only: Sequence[str],
) -> None:
    no_telemetry.forbid()
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    called, options = METHODS[method]
    with _silence():
        try:
            quantize_static(
                str(source),
                str(target),
                reader,
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=reduce_range,
                # Unsigned activations and signed weights: the pair that x86 is fast with.
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=getattr(CalibrationMethod, called),
                nodes_to_exclude=list(exclude),
                nodes_to_quantize=list(only),
                extra_options=options,
            )
        except OSError:
            raise  # nothing is wrong with the model
        except Exception as error:
            hint = say("Try another calibration.", "请尝试其他 calibration。")
            raise ExportFailed(f"onnxruntime cannot quantise the model: {error}", hint=hint) from error


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep onnxruntime's remarks, logged at the root, printed, or written by its C++, from the user's screen."""
    no_telemetry.forbid()
    import onnxruntime

    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    onnxruntime.set_default_logger_severity(_FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        onnxruntime.set_default_logger_severity(_WARNING)
        logging.disable(previous)
