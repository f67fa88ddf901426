"""TensorRT engines (``x.engine``) through the ``tensorrt`` and ``cuda-python`` packages, on NVIDIA's GPUs.

An engine runs only with the TensorRT version and on the kind of GPU that it was built for.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.errors import DeviceUnavailable, MemoryExhausted, ModelUnsupported
from BaseDT.language import english, say
from XEdu.runtime import refusals, sidecar
from XEdu.runtime.backend import Array, TensorSpec
from XEdu.runtime.input_check import InputCheck

INSTALL = "pip install tensorrt cuda-python"


@dataclass
class _Buffer:
    """Memory on the GPU that grows with what it must hold."""

    address: int = 0
    size: int = 0


class TensorRT:
    """An engine of TensorRT.

    Args:
        file: The ``.engine`` file; its metadata lie beside it in ``x.engine.json``.

    Raises:
        DependencyMissing: The packages are not installed (-502).
        DeviceUnavailable: There is no GPU that CUDA can use (-301).
        ModelUnsupported: The engine was built for another TensorRT or another GPU (-206).
    """

    name = "tensorrt"

    def __init__(self, file: Path) -> None:
        self._trt, self._cuda = _packages()
        _check_gpu(self._cuda)
        self._runtime = self._trt.Runtime(self._trt.Logger(self._trt.Logger.ERROR))
        self._engine = self._runtime.deserialize_cuda_engine(file.read_bytes())
        if self._engine is None:
            raise _foreign(file, self._trt.__version__)
        self._context = self._engine.create_execution_context()
        if self._context is None:
            raise _no_memory()
        inputs, outputs = self._specs()
        self.inputs, self.outputs = inputs, outputs
        self.metadata = sidecar.read(file)
        self._check = InputCheck(inputs)
        self._one_at_a_time = threading.Lock()  # the buffers on the GPU are one pair for all
        self._stream = self._call("cudaStreamCreate")
        self._buffers = {spec.name: _Buffer() for spec in (*inputs, *outputs)}

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        """Run the engine once; see ``Backend.run``.

        Raises:
            ParameterInvalid: A tensor does not fit (-305).
            ModelUnsupported: The engine fails, e.g. on a batch outside its profile (-206).
        """
        self._check(feeds)
        with self._one_at_a_time:
            return self._run(feeds)

    def _run(self, feeds: Mapping[str, Array]) -> list[Array]:
        kind = self._cuda.cudaMemcpyKind
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in feeds.items()}
        for name, tensor in contiguous.items():
            if not self._context.set_input_shape(name, tensor.shape):
                raise _failed(
                    say(
                        f"its input '{name}' cannot have the shape {tensor.shape}",
                        f"它的输入 '{name}' 不能是 {tensor.shape} 的形状",
                    )
                )
            address = self._allocated(name, tensor.nbytes)
            copy = (address, tensor.ctypes.data, tensor.nbytes, kind.cudaMemcpyHostToDevice, self._stream)
            self._call("cudaMemcpyAsync", *copy)
        results = [self._result(spec) for spec in self.outputs]
        if not self._context.execute_async_v3(int(self._stream)):
            raise _failed(say("it stopped while running", "它在运行中停止了"))
        for spec, result in zip(self.outputs, results, strict=True):
            address = self._buffers[spec.name].address
            copy = (result.ctypes.data, address, result.nbytes, kind.cudaMemcpyDeviceToHost, self._stream)
            self._call("cudaMemcpyAsync", *copy)
        self._call("cudaStreamSynchronize", self._stream)
        return results

    def close(self) -> None:
        """Give the GPU's memory back."""
        for buffer in self._buffers.values():
            if buffer.address:
                self._call("cudaFree", buffer.address)
            buffer.address = buffer.size = 0

    def _result(self, spec: TensorSpec) -> Array:
        shape = tuple(self._context.get_tensor_shape(spec.name))
        if any(size < 0 for size in shape):
            raise _failed(
                say(
                    f"the size of its output '{spec.name}' depends on the picture",
                    f"它的输出 '{spec.name}' 的大小取决于图片",
                )
            )
        result = np.empty(shape, spec.dtype)
        self._allocated(spec.name, result.nbytes)
        return result

    def _allocated(self, name: str, size: int) -> int:
        """Return the address of memory of at least this size, and tell the engine of it."""
        buffer = self._buffers[name]
        if buffer.size < size:
            if buffer.address:
                self._call("cudaFree", buffer.address)
            buffer.address, buffer.size = int(self._call("cudaMalloc", size)), size
        self._context.set_tensor_address(name, buffer.address)
        return buffer.address

    def _specs(self) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
        inputs: list[TensorSpec] = []
        outputs: list[TensorSpec] = []
        for number in range(self._engine.num_io_tensors):
            name = self._engine.get_tensor_name(number)
            shape = tuple(None if size < 0 else int(size) for size in self._engine.get_tensor_shape(name))
            spec = TensorSpec(name, shape, np.dtype(self._trt.nptype(self._engine.get_tensor_dtype(name))))
            goes_in = self._engine.get_tensor_mode(name) == self._trt.TensorIOMode.INPUT
            (inputs if goes_in else outputs).append(spec)
        return tuple(inputs), tuple(outputs)

    def _call(self, function: str, *arguments: Any) -> Any:
        """Call CUDA, which returns the error first and then the values."""
        error, *values = getattr(self._cuda, function)(*arguments)
        if int(error) == int(self._cuda.cudaError_t.cudaErrorMemoryAllocation):
            raise _no_memory()
        if int(error):
            raise _failed(say(f"{function} returned {error}", f"{function} 返回 {error}"))
        return values[0] if values else None


def _packages() -> tuple[Any, Any]:
    try:
        trt = importlib.import_module("tensorrt")
        try:
            return trt, importlib.import_module("cuda.bindings.runtime")
        except ImportError:
            return trt, importlib.import_module("cuda.cudart")  # cuda-python before 12.6
    except ImportError as error:
        raise refusals.not_installed("TensorRT (tensorrt and cuda-python)", INSTALL) from error


def _check_gpu(cuda: Any) -> None:
    error, *counts = cuda.cudaGetDeviceCount()
    if int(error) or not counts or counts[0] == 0:
        raise DeviceUnavailable(
            say(
                f"A TensorRT engine needs NVIDIA's GPU, and CUDA finds none ({error}).",
                f"TensorRT 的 engine 需要 NVIDIA 显卡，而 CUDA 没有找到（{error}）。",
            ),
            hint=say("Use the .onnx file on this machine.", "请在这台机器上改用 .onnx 文件。"),
        )


def _foreign(file: Path, version: str) -> ModelUnsupported:
    return refusals.unsupported(
        say(
            f"TensorRT {version} of this machine cannot open {file.name}.",
            f"这台机器上的 TensorRT {version} 无法打开 {file.name}。",
        ),
        "An engine runs only with the TensorRT version and on the kind of GPU that it was built for: build it here, "
        "from the .onnx file.",
        "engine 文件只能在构建它的 TensorRT 版本和同型号 GPU 上运行：请在本机用 .onnx 文件重新构建。",
    )


def _no_memory() -> MemoryExhausted:
    hint = say(
        "Close other programs that use it, or run fewer pictures at once.",
        "请关闭占用显存的程序，或减少一次处理的图片数。",
    )
    return MemoryExhausted(say("Not enough memory on the GPU.", "显存不足。"), hint=hint)


def _failed(reason: str) -> ModelUnsupported:
    return refusals.unsupported(
        say(f"TensorRT cannot run this model: {english(reason)}.", f"TensorRT 无法运行该模型：{reason}。"),
        "Build the engine anew on this machine, or use the .onnx file.",
        "请在本机重新构建 engine，或改用 .onnx 文件。",
    )
