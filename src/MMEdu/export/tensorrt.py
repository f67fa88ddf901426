"""TensorRT: an ONNX file becomes an engine for the GPU of this very machine. Built only where there is one."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from BaseDT.errors import DependencyMissing, DeviceUnavailable, ExportFailed
from BaseDT.language import say

INSTALL = "pip install tensorrt"
_THROUGH_ONNX = "XEdu.runtime.open('model.onnx', providers=['TensorrtExecutionProvider'])"


def to_file(onnx_file: bytes) -> bytes:
    """Return the content of an ``.engine`` file.

    Raises:
        DependencyMissing: TensorRT is not installed (-502).
        DeviceUnavailable: There is no GPU (-301).
        ExportFailed: TensorRT refuses the model (-806).
    """
    if find_spec("tensorrt") is None:
        hint = say(
            f"On a machine with an NVIDIA GPU: {INSTALL}. Elsewhere convert with backend='ONNX': where TensorRT "
            f"is, {_THROUGH_ONNX} runs that file through it.",
            f"请在有 NVIDIA GPU 的机器上执行：{INSTALL}。其他机器请用 backend='ONNX'：在有 TensorRT 的机器上，"
            f"可用 {_THROUGH_ONNX} 运行该文件。",
        )
        raise DependencyMissing("This Python does not have TensorRT.", hint=hint)
    import tensorrt as trt

    logger = trt.Logger(trt.Logger.ERROR)
    builder: Any = trt.Builder(logger)
    if builder is None:
        hint = say("Run this on the machine with the GPU.", "请在有 GPU 的机器上运行。")
        raise DeviceUnavailable("TensorRT finds no NVIDIA GPU on this machine.", hint=hint)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(onnx_file):
        raise _refused(str(parser.get_error(0).desc()) if parser.num_errors else "no reason given")
    engine = builder.build_serialized_network(network, builder.create_builder_config())
    if engine is None:
        raise _refused("the engine could not be built")
    return bytes(engine)


def _refused(reason: str) -> ExportFailed:
    hint = say("Convert it to ONNX instead.", "请改用 ONNX 格式。")
    return ExportFailed(f"TensorRT refuses the model: {reason}", hint=hint)
