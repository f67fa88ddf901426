"""A runtime that is not installed answers with the line that installs it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

import models_on_disk as models
from BaseDT.errors import DependencyMissing, DeviceUnavailable, ModelUnsupported
from XEdu import runtime


@pytest.mark.parametrize(
    ("package", "file", "command"),
    [
        ("ncnn", "x.ncnn.param", 'pip install "mmedu[ncnn]"'),
        ("openvino", "x.xml", 'pip install "mmedu[openvino]"'),
        ("onnxruntime", "x.onnx", "pip install mmedu"),
        ("tensorrt", "x.engine", "pip install tensorrt"),
    ],
)
def test_the_hint_holds_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, package: str, file: str, command: str, refused
) -> None:
    onnx_file = models.classifier(folder / "x.onnx")
    models.openvino_of(onnx_file, folder / "x.xml")
    models.ncnn_classifier(folder / "x.ncnn.param")
    (folder / "x.engine").write_bytes(b"engine")
    monkeypatch.setitem(sys.modules, package, None)
    with refused(DependencyMissing, command):
        runtime.open(file)


def fake_cuda(devices: int) -> types.ModuleType:
    cuda = types.ModuleType("cuda.bindings.runtime")
    cuda.cudaGetDeviceCount = lambda: (0, devices)  # type: ignore[attr-defined]
    return cuda


def fake_tensorrt() -> types.ModuleType:
    """As much of TensorRT as an engine of another version gets to see."""

    class Logger:
        ERROR = 1

        def __init__(self, level: int) -> None: ...

    trt = types.ModuleType("tensorrt")
    trt.Logger = Logger  # type: ignore[attr-defined]
    trt.Runtime = lambda logger: types.SimpleNamespace(deserialize_cuda_engine=lambda data: None)  # type: ignore[attr-defined]
    trt.__version__ = "10.0"  # type: ignore[attr-defined]
    return trt


@pytest.mark.parametrize(("devices", "kind"), [(0, DeviceUnavailable), (1, ModelUnsupported)])
def test_an_engine_needs_a_gpu_and_its_own_tensorrt(
    folder: Path, monkeypatch: pytest.MonkeyPatch, devices: int, kind: type, refused
) -> None:
    for name in ("cuda", "cuda.bindings"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "cuda.bindings.runtime", fake_cuda(devices))
    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt())
    (folder / "x.engine").write_bytes(b"of another machine")
    with refused(kind, ".onnx"):
        runtime.open("x.engine")
