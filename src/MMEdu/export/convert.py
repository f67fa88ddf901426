"""``convert``: a trained network becomes the files of a format, checked before they are written, with a sample script.

What each format needs lives in its own file, what a task's network gives in its ``NetworkSignature``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from BaseDT.errors import ParameterInvalid
from BaseDT.files import check_writable, sweep_beside, write_together
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from MMEdu.engine.events import Listener, Notice
from MMEdu.export import ncnn, older_clients, openvino, parity, sample, tensorrt
from MMEdu.export import onnx as onnx_format
from MMEdu.export.signature import NetworkSignature
from MMEdu.export.target import Format, Target
from MMEdu.export.temporary_folder import TemporaryFolder
from MMEdu.models.registry import ModelEntry
from MMEdu.weights.loaded_model import LoadedModel
from XEdu import runtime
from XEdu.runtime import sidecar, weights_hash
from XEdu.runtime.backend import Array, TensorSpec

# Formats that compute otherwise may differ by more than a task's own signature allows.
_TOLERANCE: dict[Format, float] = {"OpenVINO": 1e-3, "NCNN": 1e-3, "TensorRT": 1e-2}
_DYNAMIC: tuple[Format, ...] = ("ONNX", "OpenVINO")


@dataclass(frozen=True)
class Options:
    """How a model is converted.

    Attributes:
        version: Opset and IR of the ONNX file.
        dynamic: Whether the first axis may be any number of pictures; one otherwise.
        standalone: The task's script that needs no library of ours, to be written with a ``BaseData.py``; empty where
            the task has none, None where none is asked for.
    """

    version: onnx_format.Version
    dynamic: bool = False
    standalone: str | None = None


@dataclass(frozen=True)
class Exported:
    """What an export left.

    Attributes:
        files: The model; the first is the one to open.
        scripts: What became of the sample scripts.
        size: Of the model's files, in bytes.
        agreement: Between the exported and the trained model, on the pictures it was checked with.
        info: The model's metadata.
    """

    files: tuple[Path, ...]
    scripts: sample.Scripts
    size: int
    agreement: parity.Agreement
    info: ModelInfo


def convert(
    loaded: LoadedModel,
    target: Target,
    options: Options,
    signature: NetworkSignature,
    pictures: Sequence[Pixels],
    emit: Listener,
) -> Exported:
    """Write a loaded model in a format.

    Args:
        loaded: The model, on the CPU, its branches fused.
        target: Where.
        options: How.
        signature: What its task gives in this format.
        pictures: To check it with; made up where there are none.
        emit: Called with what was written.

    Raises:
        XEduError: It cannot be written, or gives something else than the trained model; then nothing is written.
    """
    signature = signature.of(loaded.kind)
    check(loaded.entry, target, options, signature)
    network = signature.wrap(loaded.model).eval()
    info = describe(loaded, signature)
    tensors = parity.tensors_of(pictures or parity.generated_pictures(), loaded.preprocess)
    contents = _contents(target, network, torch.from_numpy(tensors[0]), signature, info, options)
    files = {target.beside(suffix): data for suffix, data in contents.items()}
    tolerance = max(signature.tolerance, _TOLERANCE.get(target.format, 0.0))
    agreement = _checked(files, network, signature, tensors, tolerance)
    write_together(files)
    sweep_beside(files)
    scripts = sample.write(target, info, standalone=options.standalone)
    exported = Exported(target.files, scripts, sum(map(len, contents.values())), agreement, info)
    _report(exported, target, options, emit)
    if signature.remark is not None:
        emit(Notice(signature.remark()))
    return exported


def describe(loaded: LoadedModel, signature: NetworkSignature) -> ModelInfo:
    """Return the metadata of a model."""
    info = ModelInfo(
        task=loaded.entry.task,
        backbone=loaded.entry.name,
        classes=loaded.classes,
        preprocess=loaded.preprocess,
        kind=signature.kind,
        options={**signature.options(loaded.model), **loaded.options},
        tool=f"mmedu {version('mmedu')}",
        head=signature.head(loaded.model),
        threshold=loaded.threshold,
    )
    return signature.finished(info, loaded)


def check(entry: ModelEntry, target: Target, options: Options, signature: NetworkSignature) -> None:
    """Make sure, before weights are loaded, that a format can hold the model like this, and the disk its files.

    Raises:
        ParameterInvalid: The format cannot (-305).
        PathNotWritable, DiskFull: The files cannot be written (-104, -803).
    """
    if options.dynamic and target.format not in _DYNAMIC:
        choices = " or ".join(f"'{name}'" for name in _DYNAMIC)
        hint = say(
            f"Leave out dynamic=True, or choose backend={choices}.", f"请去掉 dynamic=True，或选择 backend={choices}。"
        )
        raise ParameterInvalid(
            say(f"{target.format} files take one picture at a time.", f"{target.format} 文件一次只处理一张图片。"),
            hint=hint,
        )
    if options.dynamic and not signature.batches:
        hint = say("Leave out dynamic=True.", "请去掉 dynamic=True。")
        raise ParameterInvalid(
            say(
                f"Files of this task ({entry.task}) take one picture at a time.",
                f"此任务（{entry.task}）的文件一次只处理一张图片。",
            ),
            hint=hint,
        )
    if options.standalone is not None:
        sample.check_standalone(options.standalone, target.format)
    check_writable(target.files)


def _contents(
    target: Target,
    network: nn.Module,
    example: Tensor,
    signature: NetworkSignature,
    info: ModelInfo,
    options: Options,
) -> dict[str, bytes]:
    """Make the files of a format, by suffix."""
    metadata = info.to_metadata()
    if target.format == "NCNN":
        param, weights = ncnn.to_files(network, example)
        named = {**metadata, weights_hash.KEY: weights_hash.of(param, weights)}
        beside = sidecar.to_bytes(named, *_blobs(network, example))
        return {".ncnn.param": param, ".ncnn.bin": weights, ".ncnn.json": beside}
    dynamic = options.dynamic and signature.batches
    data = onnx_format.to_bytes(network, example, signature.outputs, options.version, metadata, dynamic=dynamic)
    if info.head is not None:
        onnx_format.check_head(data, info.head)
    if target.format == "OpenVINO":
        xml, weights = openvino.to_files(data, metadata)
        return {".xml": xml, ".bin": weights}
    if target.format == "TensorRT":
        return {".engine": tensorrt.to_file(data), ".engine.json": sidecar.to_bytes(metadata)}
    return {".onnx": data}


def _blobs(network: nn.Module, example: Tensor) -> tuple[list[TensorSpec], list[TensorSpec]]:
    """Describe what an NCNN file does not tell: the shapes of its blobs, called as pnnx calls them."""
    with torch.inference_mode():
        result = network(example)
    tensors = result if isinstance(result, (tuple, list)) else (result,)
    outputs = [TensorSpec(f"out{i}", tuple(tensor.shape), tensor.numpy().dtype) for i, tensor in enumerate(tensors)]
    return [TensorSpec("in0", tuple(example.shape), np.dtype(np.float32))], outputs


def _checked(
    contents: Mapping[Path, bytes],
    network: nn.Module,
    signature: NetworkSignature,
    tensors: Sequence[Array],
    tolerance: float,
) -> parity.Agreement:
    """Compare the files with the network, in a temporary folder: a wrong file never reaches the target."""
    with TemporaryFolder() as folder:
        files = [folder / file.name for file in contents]  # what refuses one calls it by its name
        for file, data in zip(files, contents.values(), strict=True):
            file.write_bytes(data)
        return parity.check(network, signature, runtime.open(files[0]), tensors, tolerance)


def _report(exported: Exported, target: Target, options: Options, emit: Listener) -> None:
    file = exported.files[0]
    size = f"{exported.size / 1e6:.1f} MB"
    if target.format in ("ONNX", "OpenVINO"):
        size += f", opset {options.version.opset}"
    if target.format == "ONNX":
        size += f", IR {options.version.ir}"
    emit(Notice(say(f"Converted: {file} ({size}).", f"转换完成：{file}（{size}）。")))
    emit(Notice(_agreement_text(exported.agreement)))
    sample.report(exported.scripts, emit)
    for text in older_clients.remarks(exported.info):
        emit(Notice(text))


def _agreement_text(agreement: parity.Agreement) -> str:
    count = agreement.pictures
    if count == 0:
        return say(
            "It finds nothing on the pictures to check it with, and neither does the trained model: nothing could be "
            "compared.",
            "转换后的模型与训练得到的模型在用于核对的图片上都没有检测到目标，因此无法比较两者。",
        )
    if agreement.difference == 0:
        return say(
            f"On {count} pictures it says exactly what the trained model says.",
            f"已用 {count} 张图片核对，与训练得到的模型完全一致。",
        )
    return say(
        f"On {count} pictures it agrees with the trained model within {agreement.difference:.0e}.",
        f"已用 {count} 张图片核对，与训练得到的模型相差不超过 {agreement.difference:.0e}。",
    )
