"""``pth_info``: what a checkpoint, or an exported model, says of itself (查看权重文件信息).

Of an exported model the file alone is read: neither torch nor its runtime is needed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from BaseDT import onnx_file
from BaseDT.arguments import documented
from BaseDT.classic_model_info import ClassicModelInfo
from BaseDT.errors import CheckpointInvalid
from BaseDT.escaping import one_line
from BaseDT.language import say
from BaseDT.model_info import ModelInfo
from BaseDT.own_network_info import OwnNetworkInfo
from BaseDT.pasted import as_meant
from BaseDT.terminal import write_line
from MMEdu.requirements import require_for_checkpoint
from XEdu.benchmark import files
from XEdu.outputs import kind as kinds
from XEdu.runtime import openvino, sidecar
from XEdu.runtime.opening import SUFFIXES
from XEdu.weights.published import ORIGIN

_FIRST = ("tool", "backbone", "device")
_INSIDE = ("run", "settings", "dataset", "dataset_as_loaded")  # what resume needs; of no use to a reader
_FORMATS = {".onnx": "ONNX", ".param": "NCNN", ".xml": "OpenVINO", ".engine": "TensorRT", ".trt": "TensorRT"}
_NEEDED = ("task", "backbone", "CLASSES", "preprocess")


def is_exported(path: str | os.PathLike[str]) -> bool:
    """Tell by its name whether a file is an exported model, which runs without torch."""
    return as_meant(path).suffix.lower() in SUFFIXES


def read_meta(checkpoint: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint's description, tool, backbone and device first.

    A file of another project, which mostly says little of itself, is told by its weights.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It holds no weights, is not whole, or wants to run code (-202).
    """
    require_for_checkpoint()
    from MMEdu.weights.opening import description_of

    meta = description_of(checkpoint)
    return {name: meta[name] for name in (*_FIRST, *(n for n in meta if n not in _FIRST + _INSIDE)) if name in meta}


def read_exported(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what an exported model says of itself; what it does not say is named under ``missing``.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It is no whole model, or its own description is damaged (-202).
        ModelUnsupported: A newer version wrote it (-206).
    """
    file = _network_of(files.existing(as_meant(path)))
    metadata, facts, shape = _contents(file)
    info = ModelInfo.from_metadata(metadata, file.name)
    content = _of_a_sister(metadata, file) if info is None else _description(_for_input(info, shape))
    if "precision" not in content:
        facts |= {"precision": "int8"} if files.looks_int8(file) else {}
    origin = {name: metadata[name] for name in ORIGIN if metadata.get(name)}
    # A network of a ready-made task is run by that task, which knows it; one of BaseNN or BaseML by theirs.
    known_elsewhere = info is None and (origin or content)
    missing = [] if known_elsewhere else [name for name in _needed(info) if not content.get(name)]
    description = {
        **content,
        **origin,
        "format": _FORMATS[file.suffix.lower()],
        **facts,
        "size": round(files.size_mb(file) * 1e6),
    }
    return {**description, "missing": missing} if missing else description


def _of_a_sister(metadata: Mapping[str, str], file: Path) -> dict[str, Any]:
    """Return what an exported file of BaseML or BaseNN says of itself; empty where it is none."""
    classic = ClassicModelInfo.from_metadata(metadata, file.name)
    if classic is not None:
        return _of_classic(classic)
    own = OwnNetworkInfo.from_metadata(metadata, file.name)
    return {} if own is None else _of_own_network(own)


def _of_classic(own: ClassicModelInfo) -> dict[str, Any]:
    said = {
        "tool": own.tool or "BaseML",
        "backbone": own.algorithm,
        "task": own.family,
        "columns": list(own.features),
        "CLASSES": list(own.classes),
    }
    return {name: value for name, value in said.items() if value}


def _of_own_network(own: OwnNetworkInfo) -> dict[str, Any]:
    said = {
        "tool": own.tool or "BaseNN",
        "backbone": "BaseNN",
        "task": own.task,
        "dataset_type": own.dataset_type,
        "input_size": list(own.input_size),
        "CLASSES": list(own.classes),
        "words": len(own.word2idx),
    }
    return {name: value for name, value in said.items() if value}


def _needed(info: ModelInfo | None) -> tuple[str, ...]:
    """Return what a model must say of itself to be run without functions of the user's."""
    if info is None or (info.kind in kinds.names() and kinds.find(info.kind).needs_classes):
        return _NEEDED
    return tuple(name for name in _NEEDED if name != "CLASSES")


def _network_of(file: Path) -> Path:
    """Return of a pair the file that describes the network."""
    if file.suffix.lower() != ".bin":
        return file
    for suffix in (".param", ".xml"):
        if (other := file.with_suffix(suffix)).is_file():
            return other
    raise CheckpointInvalid(
        say(
            f"{file.name} holds weights only: neither {file.stem}.param nor {file.stem}.xml lies beside it.",
            f"{file.name} 只有权重：旁边没有 {file.stem}.param，也没有 {file.stem}.xml。",
        ),
        hint=say("Copy both files of the model into one folder.", "请把模型的两个文件放在同一文件夹中。"),
    )


def _contents(file: Path) -> tuple[Mapping[str, str], dict[str, Any], onnx_file.Shape | None]:
    """Return a file's properties, what its format tells besides, and the shape of its first input."""
    if file.suffix.lower() == ".xml":
        return _rt_info(file), {}, None
    if file.suffix.lower() != ".onnx":
        metadata = sidecar.read(file)
        return _with_input(metadata, {}, next((spec.shape for spec in sidecar.specs(metadata, "inputs")), None))
    header = onnx_file.read(file)
    if header is None:
        raise _broken(file)
    versions = {"opset": header.opsets.get("ai.onnx"), "ir_version": header.ir_version}
    return _with_input(header.metadata, versions, next(iter(header.inputs.values()), None))


def _with_input(
    metadata: Mapping[str, str], facts: dict[str, Any], shape: onnx_file.Shape | None
) -> tuple[Mapping[str, str], dict[str, Any], onnx_file.Shape | None]:
    return metadata, facts if shape is None else {**facts, "input": list(shape)}, shape


def _rt_info(file: Path) -> dict[str, str]:
    """Read the properties that stand in the file of OpenVINO."""
    try:
        element = ElementTree.fromstring(file.read_bytes()).find(f"rt_info/{openvino.METADATA}")
    except ElementTree.ParseError as error:
        raise _broken(file) from error
    return {} if element is None else {item.tag: item.get("value", "") for item in element}


def _for_input(info: ModelInfo, shape: onnx_file.Shape | None) -> ModelInfo:
    """Fill in the preprocessing of a file of the original tools."""
    if shape is None or len(shape) != 4:
        return info
    _, channels, height, width = shape
    size = (height, width) if height is not None and width is not None else None
    return info.for_input(size, 1 if channels == 1 else 3)


def _description(info: ModelInfo) -> dict[str, Any]:
    preprocess = None if info.preprocess is None else info.preprocess.to_dict()
    description = {
        "tool": info.tool,
        "backbone": info.backbone,
        "task": info.task,
        "CLASSES": list(info.classes),
        "precision": info.precision,
        "preprocess": preprocess,
        "features": info.head is not None,
        "threshold": info.threshold,
        # Of a usual output the task tells the kind.
        **({} if info.kind == info.task else {"kind": info.kind, **info.options}),
    }
    return {name: value for name, value in description.items() if value}


def _broken(file: Path) -> CheckpointInvalid:
    hint = say("Copy it again, or convert the checkpoint anew.", "请重新复制该文件，或重新转换模型。")
    return CheckpointInvalid(
        say(f"{file.name} is not a whole model file.", f"{file.name} 不是完整的模型文件。"), hint=hint
    )


@documented
def pth_info(checkpoint: str | os.PathLike[str]) -> None:
    """Print what a checkpoint says of itself: tool, backbone, device, classes, ... (打印权重文件的信息).

    Args:
        checkpoint: The path of a ``.pth`` or ``.safetensors`` file, ours or another project's, or of an exported
            model (``.onnx``, ``.ncnn.param``, ``.xml``, ``.engine``).

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It holds no weights, is not whole, or wants to run code (-202).
    """
    for name, value in read(checkpoint).items():
        write_line(_line(name, value))


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read what a checkpoint or an exported model says of itself; raises as ``read_meta`` and ``read_exported``."""
    exported = isinstance(path, (str, os.PathLike)) and is_exported(path)
    return read_exported(path) if exported else read_meta(path)


def _line(name: str, value: object) -> str:
    if name == "size" and isinstance(value, int):
        return f"size: {value / 1e6:.2f} MB"
    if name == "missing" and isinstance(value, list):
        lacks = ", ".join(value)
        return say(
            f"It does not say: {lacks}. Convert it with MMEdu, or use Workflow(task='custom').",
            f"文件中没有：{lacks}。请用 MMEdu 转换模型，或使用 Workflow(task='custom')。",
        )
    return one_line(f"{name}: {value}")
