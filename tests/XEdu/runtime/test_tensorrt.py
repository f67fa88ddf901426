"""TensorRT's way of running an engine, played by a stand-in: memory on the "GPU" is memory of this process.

That a real engine runs is shown only where there is a GPU.
"""

from __future__ import annotations

import ctypes
import enum
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import MemoryExhausted, ModelUnsupported, ParameterInvalid
from XEdu import runtime
from XEdu.runtime import sidecar
from XEdu.runtime.model import Model


class Error(enum.IntEnum):
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2


class Cuda(types.ModuleType):
    """As much of CUDA's runtime as an engine needs."""

    cudaError_t = Error
    cudaMemcpyKind = types.SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)

    def __init__(self) -> None:
        super().__init__("cuda.bindings.runtime")
        self.memory: dict[int, ctypes.Array[ctypes.c_char]] = {}
        self.room = 10**9

    def cudaGetDeviceCount(self) -> tuple[Error, int]:
        return Error.cudaSuccess, 1

    def cudaStreamCreate(self) -> tuple[Error, int]:
        return Error.cudaSuccess, 7

    def cudaStreamSynchronize(self, stream: int) -> tuple[Error]:
        return (Error.cudaSuccess,)

    def cudaMalloc(self, size: int) -> tuple[Error, int]:
        if size > self.room:
            return Error.cudaErrorMemoryAllocation, 0
        buffer = ctypes.create_string_buffer(size)
        self.memory[ctypes.addressof(buffer)] = buffer
        return Error.cudaSuccess, ctypes.addressof(buffer)

    def cudaFree(self, address: int) -> tuple[Error]:
        del self.memory[address]
        return (Error.cudaSuccess,)

    def cudaMemcpyAsync(self, target: int, source: int, size: int, kind: int, stream: int) -> tuple[Error]:
        ctypes.memmove(target, source, size)
        return (Error.cudaSuccess,)


class Engine:
    """The classifier of ``models_on_disk`` for up to four pictures, computed by numpy."""

    num_io_tensors = 2

    def __init__(self, cuda: Cuda) -> None:
        self.cuda, self.addresses, self.shape = cuda, dict[str, int](), (0, 3, 16, 16)

    def get_tensor_name(self, number: int) -> str:
        return ("input", "probs")[number]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return (-1, 3, 16, 16) if name == "input" else (-1, 3)

    def get_tensor_dtype(self, name: str) -> type:
        return np.float32

    def get_tensor_mode(self, name: str) -> str:
        return "in" if name == "input" else "out"

    def create_execution_context(self) -> Context:
        return Context(self)


class Context:
    def __init__(self, engine: Engine) -> None:
        self.engine, self.addresses, self.shape = engine, dict[str, int](), (0, 3, 16, 16)

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.shape = shape
        return shape[0] <= 4

    def set_tensor_address(self, name: str, address: int) -> None:
        self.addresses[name] = address

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return (self.shape[0], 3)

    def execute_async_v3(self, stream: int) -> bool:
        memory = self.engine.cuda.memory
        size = int(np.prod(self.shape))
        tensor = np.frombuffer(memory[self.addresses["input"]], np.float32, size).reshape(self.shape)
        logits = tensor.mean((2, 3)) @ models.linear(3, 3)[0].T
        rows = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        ctypes.memmove(self.addresses["probs"], rows.astype(np.float32).tobytes(), rows.size * 4)
        return True


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Cuda:
    """Stand-ins for both packages."""
    cuda = Cuda()
    trt = types.ModuleType("tensorrt")
    parts = {
        "Logger": type("Logger", (), {"ERROR": 1, "__init__": lambda self, level: None}),
        "Runtime": lambda logger: types.SimpleNamespace(deserialize_cuda_engine=lambda data: Engine(cuda)),
        "TensorIOMode": types.SimpleNamespace(INPUT="in"),
        "nptype": lambda kind: kind,
        "__version__": "10.0",
    }
    for name, part in parts.items():
        setattr(trt, name, part)
    for name, module in {"tensorrt": trt, "cuda.bindings.runtime": cuda}.items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("cuda", "cuda.bindings"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    return cuda


@pytest.fixture
def engine(folder: Path, cuda: Cuda) -> Path:
    file = folder / "颜 色.engine"
    file.write_bytes(b"engine")
    sidecar.path_of(file).write_bytes(sidecar.to_bytes(models.info().to_metadata()))
    return file


def test_an_engine_says_what_the_sidecar_lets_it(engine: Path) -> None:
    model = Model.load(engine)
    assert model.backend.name == "tensorrt"
    assert model.backend.inputs[0].shape == (None, 3, 16, 16)
    (said,) = model.predict([models.picture("blue")])
    assert said.name == "蓝色"  # type: ignore[union-attr]


def test_memory_grows_and_is_given_back(engine: Path, cuda: Cuda) -> None:
    backend = runtime.open(engine)
    for count in (1, 4, 2):
        tensor = np.zeros((count, 3, 16, 16), np.float32)
        tensor[:, 1] = 1
        assert backend.run({"input": tensor})[0].argmax(1).tolist() == [1] * count
    assert len(cuda.memory) == 2
    backend.close()  # type: ignore[attr-defined]
    assert cuda.memory == {}


def test_a_batch_outside_the_profile_is_refused(engine: Path, refused) -> None:
    with refused(ModelUnsupported, "(5, 3, 16, 16)"):
        runtime.open(engine).run({"input": np.zeros((5, 3, 16, 16), np.float32)})


def test_a_tensor_that_does_not_fit_is_named(engine: Path, refused) -> None:
    with refused(ParameterInvalid, "float64"):
        runtime.open(engine).run({"input": np.zeros((1, 3, 16, 16))})


def test_too_little_memory_on_the_gpu_is_named(engine: Path, cuda: Cuda, refused) -> None:
    backend = runtime.open(engine)
    cuda.room = 100
    with refused(MemoryExhausted, "GPU"):
        backend.run({"input": np.zeros((1, 3, 16, 16), np.float32)})
