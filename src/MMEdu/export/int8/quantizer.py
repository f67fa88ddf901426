"""The quantiser: INT8 files of one float ONNX file and calibration pictures; static, QDQ, per channel. Without torch.

Which schemes are tried, and which result is good enough, is ``search``'s.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, version_converter

from BaseDT import own_network_info
from BaseDT.errors import CheckpointInvalid, ExportFailed
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import Head, ModelInfo
from BaseDT.preprocess import Preprocess
from MMEdu.engine.events import Listener, long_work
from MMEdu.export.int8.options import Method
from XEdu.runtime import no_telemetry
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model

OPSET, IR = 13, 7
"""What per-channel scales need: the axis of QuantizeLinear came with opset 13."""
_CALIBRATIONS: dict[Method, tuple[str, dict[str, Any]]] = {
    "minmax": ("MinMax", {}),
    "average": ("MinMax", {"CalibMovingAverage": True}),
    "percentile": ("Percentile", {"CalibPercentile": 99.99}),
}
"""What onnxruntime calls each method, and its options."""
_LAYER_TYPES = ("Conv", "Gemm", "MatMul", "ConvTranspose")
"""Layers: what has weights. Everything around them follows; what decides never does."""
_DECISION_TYPES = frozenset({"Softmax", "LogSoftmax", "NonMaxSuppression", "TopK", "RoiAlign", "ArgMax", "Exp"})
_RANKED_WITH = 16
_WARNING, _FATAL = 2, 4
"""Severities of onnxruntime's log. It does not tell which one is set; a warning is what it starts with."""


@dataclass(frozen=True)
class Scheme:
    """One way to quantise a model.

    Attributes:
        method: How the ranges of activations are found.
        float_layers: Layers that stay in float.
    """

    method: Method
    float_layers: tuple[str, ...] = ()


def checked_info(opened: Model, file: Path) -> tuple[ModelInfo, Preprocess]:
    """Return a float model's metadata and its preprocessing.

    Raises:
        CheckpointInvalid: It has no metadata, or is no float model (-202).
    """
    info = opened.info
    if info is None or info.preprocess is None:
        hint = say("Use a file that convert() wrote.", "请使用 convert() 生成的文件。")
        raise CheckpointInvalid(
            say(f"{file} says nothing of its classes and pixels.", f"{file} 没有说明它的类别和像素处理方式。"),
            hint=hint,
        )
    if info.precision != "float32":
        hint = say("Give the float file that it was made of.", "请使用量化之前的 FP32 文件。")
        raise CheckpointInvalid(
            say(f"{file} is {info.precision} already.", f"{file} 已经是 {info.precision}。"), hint=hint
        )
    return info, info.preprocess


class Quantizer:
    """Makes INT8 files of a float file that was brought to the right opset.

    Args:
        folder: Temporary: all files are written there.
        model_file: The float model, with its metadata.
        calibration: What ``Preprocess.pixels`` made of training pictures, (H, W, C) uint8 each.
        comparable: Turns the raw outputs for a picture into a vector that always has the same length.
        reduce_range: Whether weights have 7 bits.

    Raises:
        CheckpointInvalid: The file has no metadata, is no float model, or has no layers (-202).
        ExportFailed: It cannot be brought to the opset (-806).
    """

    def __init__(
        self,
        folder: Path,
        model_file: Path,
        calibration: Sequence[Pixels],
        comparable: Callable[[Sequence[Array]], npt.NDArray[Any]],
        *,
        reduce_range: bool = True,
    ) -> None:
        opened = Model.load(model_file)
        self._folder, self._reduce_range, self._comparable = folder, reduce_range, comparable
        self._input = opened.backend.inputs[0].name
        self.info, preprocess = checked_info(opened, model_file)
        self._beside = own_network_info.documented(opened.backend.metadata)
        self._tensors = [preprocess.normalize(pixels[None]) for pixels in calibration]
        self._model = _prepared(onnx.load(model_file), self._properties(self.info))
        self.float_file = folder / "float.onnx"
        onnx.save(self._model, self.float_file)
        self._never_quantized = [*decision_nodes(self._model.graph), *_replaceable(self._model.graph, self.info.head)]
        layers = (node.name for node in self._model.graph.node if node.op_type in _LAYER_TYPES)
        self.layers = [name for name in layers if name not in self._never_quantized]
        self._ranking: list[tuple[str, float]] | None = None
        if not self.layers:
            hint = say("Give a model with convolutions.", "请给出包含卷积层的模型。")
            raise CheckpointInvalid(
                say(f"{model_file} has no layer that could be quantised.", f"{model_file} 没有可以量化的层。"),
                hint=hint,
            )

    def quantized(self, scheme: Scheme, only: Sequence[str] = (), images: int | None = None) -> Path:
        """Write an INT8 file, over the one before.

        Args:
            scheme: How.
            only: Quantise nothing but these layers.
            images: Calibrate with so many pictures; None takes all.
        """
        target = self._folder / "int8.onnx"
        _quantize_static(
            self.float_file,
            target,
            _CalibrationReader(self._input, self._tensors[:images]),
            scheme.method,
            reduce_range=self._reduce_range,
            exclude=[*self._never_quantized, *scheme.float_layers],
            only=only,
        )
        model = onnx.load(target)
        # onnxruntime writes its own newest format and drops the metadata.
        model.ir_version = IR
        helper.set_model_props(model, self._properties(replace(self.info, precision="int8")))
        onnx.save(model, target)
        return target

    def _properties(self, info: ModelInfo) -> dict[str, str]:
        """Return what a file says of itself; one of BaseNN stays one."""
        return {**self._beside, **info.to_own_metadata()} if self._beside else info.to_metadata()

    def sensitivity(self, method: Method, emit: Listener) -> list[tuple[str, float]]:
        """Rank the layers by how far the outputs move when one alone is quantised.

        Returns:
            Name and the mean change of the outputs' sum over some pictures, the worst first. Ranked once: whichever
            method comes first, the order of the layers is about the same.
        """
        if self._ranking is None:
            reference = self._outputs(self.float_file)
            changes = []
            with long_work(emit, say("Looking for the sensitive layers", "查找敏感层")) as progress:
                for done, name in enumerate(self.layers, 1):
                    outputs = self._outputs(self.quantized(Scheme(method), only=[name], images=_RANKED_WITH))
                    changes.append((name, float(abs(outputs - reference).sum(1).mean())))
                    progress(done, len(self.layers))
            self._ranking = sorted(changes, key=lambda change: -change[1])
        return self._ranking

    def _outputs(self, file: Path) -> npt.NDArray[Any]:
        """Return the outputs for the first calibration pictures, a row each."""
        model = Model.load(file)
        return np.stack([self._comparable(model.run(tensor)) for tensor in self._tensors[:_RANKED_WITH]])


class _CalibrationReader:
    """The calibration tensors as onnxruntime reads them, by the name of the input."""

    def __init__(self, name: str, tensors: Sequence[Any]) -> None:
        self._batches = iter([{name: tensor} for tensor in tensors])

    def get_next(self) -> dict[str, Any] | None:
        return next(self._batches, None)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._batches

    def __next__(self) -> dict[str, Any]:
        return next(self._batches)


def decision_nodes(graph: onnx.GraphProto) -> list[str]:
    """Name what is never quantised: all between the layers and an output or a decision (softmax, boxes, NMS).

    Boxes of 320 pixels in steps of a 256th are wrong by a pixel, and 1000 probabilities all become 0.
    """
    producer = {output: node for node in graph.node for output in node.output}
    queue = [producer[item.name] for item in graph.output if item.name in producer]
    queue += [node for node in graph.node if node.op_type in _DECISION_TYPES]
    decisions: dict[str, None] = {}  # a set that keeps its order
    while queue:
        node = queue.pop()
        # The walk against the arrows ends at a layer: what lies before it may be quantised.
        if node.op_type in _LAYER_TYPES or node.name in decisions:
            continue
        decisions[node.name] = None
        queue += [producer[name] for name in node.input if name in producer]
    return list(decisions)


def _replaceable(graph: onnx.GraphProto, head: Head | None) -> list[str]:
    """Name the layer that ``XEdu.teach`` replaces, by tensors in float."""
    return [] if head is None else [node.name for node in graph.node if head.weight in node.input]


def _prepared(model: onnx.ModelProto, properties: Mapping[str, str]) -> onnx.ModelProto:
    """Bring a file to the opset that per-channel scales need, with a name for every node."""
    del model.graph.value_info[:]  # where boxes are found, older files of ours say how many there were in one picture
    if next((entry.version for entry in model.opset_import if entry.domain == ""), 0) < OPSET:
        try:
            model = version_converter.convert_version(model, OPSET)
        except (RuntimeError, ValueError) as error:
            hint = say(f"Convert it with opset_version={OPSET}.", f"请用 opset_version={OPSET} 重新转换。")
            raise ExportFailed(
                say(
                    f"The file cannot be brought to opset {OPSET}: {error}",
                    f"无法将该文件转换到 opset {OPSET}：{error}",
                ),
                hint=hint,
            ) from error
    model.ir_version = max(IR, model.ir_version)
    for number, node in enumerate(model.graph.node):
        # Layers are left in float by their names.
        node.name = node.name or f"{node.op_type}_{number}"
    helper.set_model_props(model, dict(properties))
    return model


def _quantize_static(
    source: Path,
    target: Path,
    reader: _CalibrationReader,
    method: Method,
    *,
    reduce_range: bool,
    exclude: Sequence[str],
    only: Sequence[str],
) -> None:
    no_telemetry.forbid()
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    calibration, options = _CALIBRATIONS[method]
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
                calibrate_method=getattr(CalibrationMethod, calibration),
                nodes_to_exclude=list(exclude),
                nodes_to_quantize=list(only),
                extra_options=options,
            )
        except OSError:
            raise  # nothing is wrong with the model
        except Exception as error:
            hint = say("Try another calibration.", "请尝试其他 calibration。")
            raise ExportFailed(
                say(f"onnxruntime cannot quantise the model: {error}", f"onnxruntime 无法量化该模型：{error}"),
                hint=hint,
            ) from error


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
