"""TensorRT: an ONNX file becomes an engine for the GPU of this very machine. Built only where there is one."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from BaseDT.errors import DependencyMissing, DeviceUnavailable, ExportFailed
from BaseDT.language import english, say

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
        raise DependencyMissing(
            say("This Python does not have TensorRT.", "当前 Python 没有安装 TensorRT。"), hint=hint
        )
    import tensorrt as trt

    logger = trt.Logger(trt.Logger.ERROR)
    builder: Any = trt.Builder(logger)
    if builder is None:
        hint = say("Run this on the machine with the GPU.", "请在有 GPU 的机器上运行。")
        raise DeviceUnavailable(
            say("TensorRT finds no NVIDIA GPU on this machine.", "TensorRT 在这台机器上找不到 NVIDIA 显卡。"), hint=hint
        )
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(onnx_file):
        raise _refused(str(parser.get_error(0).desc()) if parser.num_errors else say("no reason given", "没有说明原因"))
    engine = builder.build_serialized_network(network, builder.create_builder_config())
    if engine is None:
        raise _refused(say("the engine could not be built", "无法构建 engine"))
    return bytes(engine)


def _refused(reason: str) -> ExportFailed:
    hint = say("Convert it to ONNX instead.", "请改用 ONNX 格式。")
    return ExportFailed(
        say(f"TensorRT refuses the model: {english(reason)}", f"TensorRT 不接受该模型：{reason}"), hint=hint
    )
