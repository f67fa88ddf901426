"""ncnn models (``x.ncnn.param``, ``x.ncnn.bin``) through the ``ncnn`` package, an extra of this distribution."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from BaseDT.errors import CheckpointInvalid, ModelUnsupported, ParameterInvalid
from BaseDT.language import say
from XEdu.runtime import refusals, sidecar, weights_hash
from XEdu.runtime.backend import Array, TensorSpec
from XEdu.runtime.input_check import InputCheck

INSTALL = 'pip install "mmedu[ncnn]"'
_MAGIC = "7767517"
_SPINS = "GOMP_SPINCOUNT"
_HALF_PRECISION = ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage", "use_bf16_packed")


class NCNN:
    """A model of ncnn: one picture at a time.

    Args:
        file: The ``.param`` file; the ``.bin`` file of the same name lies beside it.
        threads: Of one layer.
        half: Compute with 16 bits where the processor is faster so: the scores then differ in the third digit.

    Raises:
        DependencyMissing: The package is not installed (-502).
        CheckpointInvalid: A file of the pair is missing or damaged (-202).
        ModelUnsupported: A layer is unknown to this ncnn (-206).
    """

    name = "ncnn"

    def __init__(self, file: Path, *, threads: int, half: bool = False) -> None:
        weights = _checked_pair(file)
        self._ncnn = _package()
        self._net = self._ncnn.Net()
        self._net.opt.num_threads = threads
        for name in _HALF_PRECISION:
            if hasattr(self._net.opt, name):
                setattr(self._net.opt, name, half)
        self.metadata = sidecar.read(file)
        weights_hash.check(self.metadata, sidecar.path_of(file), file, weights)
        self._weights = self._load(file, weights)
        self.inputs = sidecar.specs(self.metadata, "inputs") or _undescribed(self._net.input_names())
        self.outputs = sidecar.specs(self.metadata, "outputs") or _undescribed(self._net.output_names())
        self._check = InputCheck(self.inputs)

    def _load(self, file: Path, weights: Path) -> bytes:
        """Load both files; returns what must stay in memory as long as the network."""
        if self._net.load_param_mem(file.read_text(encoding="utf-8")):
            raise _unknown_layer(file, self._ncnn.__version__)
        data = b""
        if sys.platform == "win32" and not str(weights).isascii():
            data = weights.read_bytes()  # ncnn opens files by the system's code page, which lacks most characters
            failed = self._net.load_model_mem(data)
        else:
            failed = self._net.load_model(str(weights))
        if failed:
            raise refusals.broken(
                weights,
                say(
                    "its weights are cut off, or belong to another .param file", "权重不完整，或属于另一个 .param 文件"
                ),
            )
        return data

    def run(self, feeds: Mapping[str, Array]) -> list[Array]:
        """Run the model on one picture; see ``Backend.run``. Inputs and outputs have a first axis of 1.

        Raises:
            ParameterInvalid: A tensor does not fit (-305).
            ModelUnsupported: ncnn cannot compute an output (-206).
            MemoryExhausted: There is no room for an output (-804).
        """
        self._check(feeds)
        extractor = self._net.create_extractor()
        # ncnn does not copy the input: it must live until the outputs are there.
        pictures = {name: _only_one(name, tensor) for name, tensor in feeds.items()}
        for name, picture in pictures.items():
            if extractor.input(name, self._ncnn.Mat(picture)):
                raise _failed(name)
        return [self._output(extractor, spec.name) for spec in self.outputs]

    def _output(self, extractor: Any, name: str) -> Array:
        failed, mat = extractor.extract(name)
        if failed:
            raise _failed(name)
        try:
            return np.array(mat)[None]
        except MemoryError as error:
            raise refusals.no_memory() from error


def _package() -> Any:
    try:
        with _threads_sleep_soon():
            import ncnn
    except ImportError as error:
        raise refusals.not_installed("ncnn", INSTALL) from error
    return ncnn


@contextmanager
def _threads_sleep_soon() -> Iterator[None]:
    """Let the threads of a library that is loaded here (GNU OpenMP, on Linux) sleep soon when they wait for each other.

    By default they spin for milliseconds. Beside two busy programs MobileNet took 327 ms on two threads, and 25 ms on
    one; with this the two take no longer than the one, and an idle machine is as fast within noise. The variable is
    read when the library is loaded; ``openmp_blocktime`` speaks to other OpenMPs, and a loaded network keeps its number
    of threads. A value that the user has set stays.
    """
    if _SPINS in os.environ:
        yield
        return
    os.environ[_SPINS] = "100"
    try:
        yield
    finally:
        del os.environ[_SPINS]


def _checked_pair(file: Path) -> Path:
    """Look into the text before ncnn does, which tells the terminal what it dislikes."""
    weights = file.with_suffix(".bin")
    if not weights.is_file():
        raise CheckpointInvalid(
            say(
                f"{file.name} is one half of a model: {weights.name} does not lie beside it.",
                f"{file.name} 只是模型的一半：旁边没有 {weights.name}。",
            ),
            hint=say("Copy both files of the model into one folder.", "请把模型的两个文件放在同一文件夹中。"),
        )
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise refusals.broken(file) from error
    if lines[0].strip() != _MAGIC:
        raise refusals.broken(
            file, refusals.what_is(file) or say("it does not begin as ncnn's files do", "文件开头不是 ncnn 的格式")
        )
    layers = sum(1 for line in lines[2:] if line.strip())
    if len(lines) < 3 or lines[1].split()[:1] != [str(layers)] or lines[-1].strip():
        raise refusals.broken(file, say("its end is missing", "文件不完整，缺少结尾"))
    return weights


def _only_one(name: str, tensor: Array) -> Array:
    """Return the one picture of a batch."""
    if tensor.ndim < 2 or len(tensor) != 1:
        shape = " × ".join(map(str, tensor.shape))
        hint = say(
            "ncnn takes one picture at a time: 1 × channels × height × width.",
            "ncnn 一次只处理一张图片：1 × 通道 × 高 × 宽。",
        )
        raise ParameterInvalid(
            say(
                f"The input '{name}' has the shape {shape}, and must begin with 1.",
                f"输入 '{name}' 的形状是 {shape}，第一维应为 1。",
            ),
            hint=hint,
        )
    return np.ascontiguousarray(tensor[0])


def _undescribed(names: Sequence[str]) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name, (), np.dtype(np.float32)) for name in names)


def _unknown_layer(file: Path, version: str) -> ModelUnsupported:
    return refusals.unsupported(
        say(
            f"{file.name} holds a layer that ncnn {version} does not have.",
            f"{file.name} 含有 ncnn {version} 没有的层。",
        ),
        f"Install a newer ncnn: {INSTALL} -U; or use the .onnx file.",
        f"请安装更新的 ncnn：{INSTALL} -U；或改用 .onnx 文件。",
    )


def _failed(name: str) -> ModelUnsupported:
    return refusals.unsupported(
        say(f"ncnn cannot compute '{name}' of this model.", f"ncnn 无法计算该模型的 '{name}'。"),
        "There may be too little memory; otherwise convert the model again.",
        "可能内存不足；否则请重新转换模型。",
    )
