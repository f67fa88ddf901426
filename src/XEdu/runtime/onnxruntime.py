"""ONNX files through onnxruntime, which is part of the light install and is imported when a file is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT import onnx_file
from BaseDT.errors import DeviceUnavailable, ModelUnsupported, ParameterInvalid, XEduError
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from XEdu.runtime import no_telemetry, refusals
from XEdu.runtime.backend import Array, TensorSpec
from XEdu.runtime.input_check import InputCheck

_CPU = "CPUExecutionProvider"
_DTYPES = {"float": "float32", "double": "float64", "string": "object"}
# What onnxruntime raises, by name: the list grew with its versions.
_ERRORS = (
    "EPFail",
    "EngineError",
    "Fail",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "ModelRequiresCompilation",
    "NoSuchFile",
    "NotImplemented",
    "RuntimeException",
)


class OnnxRuntime:
    """A model of onnxruntime: one session, made once.

    Args:
        file: The ``.onnx`` file.
        threads: Of one operator.
        providers: The best one first; None is the CPU. The CPU always stands behind the others.

    Raises:
        CheckpointInvalid: It is no whole ONNX file (-202).
        ModelUnsupported: Its opset, its format or an operator is unknown to this onnxruntime (-206).
        DeviceUnavailable: A provider is not on this machine (-301).
    """

    name = "onnxruntime"

    def __init__(self, file: Path, *, threads: int, providers: Sequence[str] | None = None) -> None:
        ort = _package()
        chosen = _checked_providers(ort, providers)
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 4  # fatal only: errors are raised, and named by us
        self._failures = _failures(ort)
        try:
            self._session = ort.InferenceSession(str(file), sess_options=options, providers=chosen)
        except self._failures as error:
            raise _refused(file, error, ort.__version__) from error
        # onnxruntime falls back to the CPU without an error where a provider cannot start.
        if (active := self._session.get_providers())[0] != chosen[0]:
            raise _unusable(chosen[0], active)
        self._run = self._session.run
        try:
            self.inputs = tuple(_spec(item) for item in self._session.get_inputs())
            self.outputs = tuple(_spec(item) for item in self._session.get_outputs())
            self.metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        except UnicodeDecodeError as error:
            raise refusals.broken(
                file, say("its names or properties are not UTF-8", "其中的名称或属性不是 UTF-8 编码")
            ) from error
        self._check = InputCheck(self.inputs)

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        """Run the model once; see ``Backend.run``.

        Raises:
            ParameterInvalid: A tensor does not fit (-305).
            ModelUnsupported: An operator of the model fails on this input (-206).
            MemoryExhausted: There is no room for its outputs (-804).
        """
        self._check(feeds)
        try:
            outputs: list[Array] = self._run(None, feeds)
        except MemoryError as error:
            raise refusals.no_memory() from error
        except self._failures as error:
            raise _failed(error) from error
        return outputs


def _package() -> Any:
    no_telemetry.forbid()
    try:
        import onnxruntime
    except ImportError as error:
        raise refusals.not_installed("onnxruntime", "pip install mmedu") from error
    return onnxruntime


def _failures(ort: Any) -> tuple[type[Exception], ...]:
    state = ort.capi.onnxruntime_pybind11_state
    named = [getattr(state, name) for name in _ERRORS if hasattr(state, name)]
    return (*named, RuntimeError, ValueError)


def _checked_providers(ort: Any, providers: Sequence[str] | None) -> list[str]:
    if providers is None:
        return [_CPU]
    if (
        not isinstance(providers, (list, tuple))
        or not providers
        or not all(isinstance(name, str) for name in providers)
    ):
        hint = say(
            "Expected a list of names, e.g. ['CUDAExecutionProvider'].",
            "应为名称列表，例如 ['CUDAExecutionProvider']。",
        )
        raise ParameterInvalid(
            say(f"providers={quoted(providers)} cannot be used.", f"无法使用 providers={quoted(providers)}。"),
            hint=hint,
        )
    available = ort.get_available_providers()
    for name in providers:
        if name not in available:
            raise _unusable(name, available)
    return [*providers, *([] if _CPU in providers else [_CPU])]


def _unusable(provider: str, available: Sequence[str]) -> DeviceUnavailable:
    listed = ", ".join(available)
    return DeviceUnavailable(
        say(f"onnxruntime cannot use {provider} on this machine.", f"onnxruntime 在这台机器上无法使用 {provider}。"),
        hint=say(
            f"There are: {listed}. For an NVIDIA GPU: pip install onnxruntime-gpu, and a driver.",
            f"可用的有：{listed}。使用 NVIDIA 显卡需要 pip install onnxruntime-gpu 和显卡驱动。",
        ),
    )


def _spec(item: Any) -> TensorSpec:
    match = re.fullmatch(r"tensor\((\w+)\)", item.type)
    name = _DTYPES.get(match[1], match[1]) if match else "object"
    try:
        dtype = np.dtype(name)
    except TypeError:  # bfloat16, float8 and the like are unknown to numpy
        dtype = np.dtype(object)
    shape = tuple(size if isinstance(size, int) and size >= 0 else None for size in item.shape)
    return TensorSpec(item.name, shape, dtype)


def _refused(file: Path, error: Exception, version: str) -> XEduError:
    """Say why a file does not open: too new, an operator that is missing, or damaged."""
    try:
        header = onnx_file.read(file)
    except OSError:
        header = None
    if header is None:
        return refusals.broken(file)
    words = str(error)
    if limit := re.search(r"max supported IR version: (\d+)", words):
        return _too_new(
            file,
            say(f"IR version {header.ir_version}", f"IR 版本 {header.ir_version}"),
            say(f"up to {limit[1]}", f"最高到 {limit[1]}"),
            version,
        )
    if "Opset" in words or "opset" in words:
        opset = header.opsets.get("ai.onnx", 0)
        limit = re.search(r"till opset (\d+)", words)
        return _too_new(
            file,
            f"opset {opset}",
            say(f"up to {limit[1]}", f"最高到 {limit[1]}") if limit else say("a lower one", "更低的版本"),
            version,
        )
    if operator := re.search(r"No Op registered for (\w+)|implementation for (\w+)\(|: ?([\w.]+:\w+)\(-1\)", words):
        return _lacks(file, next(filter(None, operator.groups())), header, version)
    return refusals.broken(
        file,
        say(f"onnxruntime says: {refusals.first_line(error)}", f"onnxruntime 的报告：{refusals.first_line(error)}"),
    )


def _too_new(file: Path, written: str, supported: str, version: str) -> ModelUnsupported:
    return refusals.unsupported(
        say(
            f"{file.name} has {english(written)}, and onnxruntime {version} of this machine "
            f"knows {english(supported)}.",
            f"{file.name} 的版本是 {written}，而这台机器上的 onnxruntime {version} 支持{supported}。",
        ),
        "Convert it again with a lower opset_version=… (and ir_version=…), or install a newer onnxruntime: "
        "pip install -U onnxruntime.",
        "请用更低的 opset_version=…（和 ir_version=…）重新转换，或安装更新的 onnxruntime：pip install -U onnxruntime。",
    )


def _lacks(file: Path, operator: str, header: onnx_file.Header, version: str) -> ModelUnsupported:
    opset = ", ".join(f"{domain} {number}" for domain, number in header.opsets.items())
    return refusals.unsupported(
        say(
            f"{file.name} uses the operator {operator} (opset {opset}), which onnxruntime {version} does not have.",
            f"{file.name} 使用了算子 {operator}（opset {opset}），而 onnxruntime {version} 没有它。",
        ),
        "Convert it again with another opset_version=…, or without INT8, or install a newer onnxruntime.",
        "请换一个 opset_version=… 或不用 INT8 重新转换，或安装更新的 onnxruntime。",
    )


def _failed(error: Exception) -> ModelUnsupported:
    return refusals.unsupported(
        say(
            f"onnxruntime cannot run this model on this input: {refusals.first_line(error)}.",
            f"onnxruntime 无法用此输入运行该模型：{refusals.first_line(error)}。",
        ),
        "Check the model's input, or convert it again.",
        "请检查模型的输入，或重新转换模型。",
    )
