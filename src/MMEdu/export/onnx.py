"""ONNX: networks become bytes of a file, with opset and IR as asked for. Names, folders and other formats stay out.

``_traced`` is the only place that knows the exporter.
"""

from __future__ import annotations

import contextlib
import io
import logging
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import onnx
import onnxslim
import torch
from onnx import helper
from torch import Tensor, nn

from BaseDT.errors import ExportFailed, ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say
from BaseDT.model_info import Head
from MMEdu.export.pooling import exportable
from XEdu.runtime import no_telemetry

INPUT = "input"
Axes: TypeAlias = Mapping[str, Mapping[int, str]]
"""Names of the axes that may be any number, by tensor and axis."""
OPSETS = range(9, 21)
"""What the exporter writes; constants are folded from 9 on."""
_REASON = 300
"""Characters of the exporter's reason that are told."""


@dataclass(frozen=True)
class Version:
    """Which runtimes can read a file.

    Attributes:
        opset: Version of the set of operators.
        ir: Version of the file's format.

    Raises:
        ParameterInvalid: One of them cannot be written, or the two do not go together.
    """

    opset: int
    ir: int

    def __post_init__(self) -> None:
        _check_version("opset_version", self.opset, OPSETS[0], OPSETS[-1])
        _check_version("ir_version", self.ir, 3, int(onnx.IR_VERSION))
        least = least_ir(self.opset)
        if self.ir < least:
            hint = say(f"Write ir_version={least}, or a lower opset.", f"请写 ir_version={least}，或使用更低的 opset。")
            raise ParameterInvalid(
                say(
                    f"opset_version={self.opset} needs ir_version {least}, not {self.ir}.",
                    f"opset_version={self.opset} 需要 ir_version {least}，而不是 {self.ir}。",
                ),
                hint=hint,
            )


def least_ir(opset: int) -> int:
    """Return the least version of the file's format that a set of operators goes with."""
    return int(helper.find_min_ir_version_for([helper.make_opsetid("", opset)]))


def _check_version(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return
    hint = say(f"Choose a whole number from {least} to {most}.", f"请选择 {least} 到 {most} 之间的整数。")
    raise ParameterInvalid(
        say(f"{name}={quoted(value)} cannot be written.", f"无法写成 {name}={quoted(value)}。"), hint=hint
    )


def to_bytes(
    network: nn.Module,
    example: Tensor,
    outputs: Sequence[str],
    version: Version,
    metadata: Mapping[str, str],
    *,
    dynamic: bool,
    free: Axes | None = None,
) -> bytes:
    """Write a network in evaluation mode as an ONNX file.

    Args:
        network: Maps a tensor to as many tensors as there are names in ``outputs``.
        example: (1, C, H, W), or whatever the network takes; the file's input has its shape.
        outputs: Names of the outputs.
        version: Of operators and format.
        metadata: Properties to write into it.
        dynamic: Whether the first axis may be any number.
        free: Which axes of which tensor may be any number, where it is not just the first.

    Raises:
        ExportFailed: The network uses something that this opset cannot say (-806).
    """
    if free is None:
        free = {name: {0: "batch"} for name in (INPUT, *outputs)} if dynamic else {}
    model = onnx.load_from_string(_traced(network, example, outputs, version.opset, free))
    model = _slimmed(model)
    _forget_shapes(model)
    model.ir_version = version.ir
    helper.set_model_props(model, dict(metadata))
    _check(model, version)
    data: bytes = model.SerializeToString()
    return data


def check_head(data: bytes, head: Head) -> None:
    """Make sure that a file's last layer can be replaced: its two tensors and its input are where its metadata say.

    Raises:
        ExportFailed: They are not (-806).
    """
    graph = onnx.load_from_string(data).graph
    layers = [node for node in graph.node if {head.weight, head.bias} & set(node.input)]
    tensors = {tensor.name for tensor in graph.initializer if tensor.data_type == onnx.TensorProto.FLOAT}
    found = [(node.op_type, list(node.input), _attributes(node)) for node in layers]
    expected = [("Gemm", [head.features, head.weight, head.bias], {"alpha": 1.0, "beta": 1.0, "transB": 1})]
    if found == expected and {head.weight, head.bias} <= tensors:
        return
    hint = say("Convert it without features=True.", "请去掉 features=True 再转换。")
    raise ExportFailed(
        say(
            "The exporter did not leave the last layer as one that can be replaced.",
            "导出后的最后一层不再是可以替换的一层。",
        ),
        hint=hint,
    )


def _attributes(node: onnx.NodeProto) -> dict[str, object]:
    """Return the attributes of a Gemm; what is not written has its default."""
    return {"alpha": 1.0, "beta": 1.0} | {item.name: helper.get_attribute_value(item) for item in node.attribute}


def _traced(network: nn.Module, example: Tensor, outputs: Sequence[str], opset: int, free: Axes) -> bytes:
    """Record what the network does, with the exporter that still writes opset 11 (deprecated upstream)."""
    buffer = io.BytesIO()
    try:
        with _quiet(), torch.inference_mode():
            torch.onnx.export(
                exportable(network),
                (example,),
                buffer,  # type: ignore[arg-type]
                input_names=[INPUT],
                output_names=list(outputs),
                opset_version=opset,
                dynamic_axes=free or None,
                dynamo=False,
            )
    except Exception as error:
        raise _export_failed(opset, error) from error
    return buffer.getvalue()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's remarks from the screen; where it fails, its C++ prints the whole graph.

    It turns its log on whatever the log's own switch says, so that the log itself is put aside.
    """
    log = torch._C._jit_onnx_log
    torch._C._jit_onnx_log = lambda *_: None
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch._C._jit_onnx_log = log


def _export_failed(opset: int, error: Exception) -> ExportFailed:
    hint = say("Try a higher opset_version.", "请尝试更高的 opset_version。")
    return ExportFailed(
        say(
            f"The model cannot be written with opset {opset}: {_reason(error)}.",
            f"无法以 opset {opset} 写出该模型：{_reason(error)}。",
        ),
        hint=hint,
    )


def _reason(error: Exception) -> str:
    """Return what the exporter says, without the graph that it appends in brackets and below."""
    text = str(error).partition("[Caused by")[0].strip()
    first = (text.splitlines() or [type(error).__name__])[0]
    return textwrap.shorten(first, _REASON, placeholder=" …").rstrip(".")


def _slimmed(model: onnx.ModelProto) -> onnx.ModelProto:
    """Fold what is constant and remove what does nothing; batch normalisation goes into its convolution."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # it reports to the root logger
    try:
        no_telemetry.forbid()  # it runs parts of the model with onnxruntime
        slim: onnx.ModelProto = onnxslim.slim(model)
    finally:
        logging.disable(previous)
    return slim


def _forget_shapes(model: onnx.ModelProto) -> None:
    """Leave the shapes between the layers to whoever runs the model.

    The tracer writes down what it saw: as many boxes as there were in the example. onnxruntime believes it,
    and warns at every picture that has another number.
    """
    del model.graph.value_info[:]


def _check(model: onnx.ModelProto, version: Version) -> None:
    """Make sure that what was asked for is what was written."""
    written = {entry.domain: entry.version for entry in model.opset_import}
    if written != {"": version.opset} or model.ir_version != version.ir:
        raise ExportFailed(
            say(
                f"Opset {version.opset} was asked for, the exporter wrote {written}.",
                f"要求的是 opset {version.opset}，导出器写成了 {written}。",
            ),
            hint=say("Try a higher opset_version.", "请尝试更高的 opset_version。"),
        )
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise _export_failed(version.opset, error) from error
