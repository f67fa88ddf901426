"""Which runtime a file belongs to, by its suffix; what to say about a path that is no model. Behind ``runtime.open``.

Each runtime is imported when a file asks for it, and only then.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, ParameterInvalid, did_you_mean
from BaseDT.escaping import quoted
from BaseDT.files import what_is_at
from BaseDT.language import say
from BaseDT.pasted import as_meant
from XEdu.runtime import threads as cores

if TYPE_CHECKING:
    from XEdu.runtime.backend import Backend

SUFFIXES = (".onnx", ".param", ".bin", ".xml", ".engine", ".trt")
_CHECKPOINTS = (".pth", ".pt", ".ckpt", ".safetensors")


def open_model(path: str | os.PathLike[str], threads: int | None, providers: Sequence[str] | None) -> Backend:
    """Open a model; documented at ``XEdu.runtime.open``."""
    file = _model_file(path)
    count = cores.checked(threads)
    suffix = file.suffix.lower()
    if suffix == ".onnx":
        from XEdu.runtime import onnxruntime

        return onnxruntime.OnnxRuntime(file, threads=count, providers=providers)
    if providers is not None:
        hint = say("Leave providers out.", "请不要传入 providers。")
        raise ParameterInvalid(
            say(
                f"providers belong to .onnx files, and this is {file.name}.",
                f"providers 只用于 .onnx 文件，而这是 {file.name}。",
            ),
            hint=hint,
        )
    if suffix == ".xml":
        from XEdu.runtime import openvino

        return openvino.OpenVINO(file, threads=count)
    if suffix == ".param":
        from XEdu.runtime import ncnn

        return ncnn.NCNN(file, threads=count)
    from XEdu.runtime import tensorrt

    return tensorrt.TensorRT(file)


def _model_file(path: object) -> Path:
    """Return the file to open: of a pair the one that describes the network."""
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path) or "\0" in str(path):
        hint = say("Expected the path of a model, e.g. 'model.onnx'.", "应为模型文件的路径，例如 'model.onnx'。")
        raise ParameterInvalid(say(f"The model's path is {quoted(path)}.", f"模型的路径是 {quoted(path)}。"), hint=hint)
    file = as_meant(path)
    kind = what_is_at(file)
    if kind == "folder":
        raise CheckpointInvalid(
            say(f"{file} is a folder, not a model.", f"{file} 是一个文件夹，不是模型。"), hint=_models_in(file)
        )
    if file.suffix.lower() not in SUFFIXES:
        raise _foreign(file) if kind == "file" else _missing(file)
    if file.suffix.lower() == ".bin":
        file = _described_by(file)
    if not file.is_file():
        refuse_pipe(file)
        raise _missing(file)
    return file


def refuse_pipe(file: Path) -> None:
    """Refuse what is there, but can be no model: it would be waited for.

    Raises:
        CheckpointInvalid: It is a pipe or a device (-202).
    """
    if what_is_at(file) == "file" and not file.is_file():
        raise CheckpointInvalid(
            say(f"{file} is a pipe or a device, not a model.", f"{file} 是管道或设备，不是模型文件。"),
            hint=say("Give the path of a model, e.g. 'model.onnx'.", "请给出模型文件的路径，例如 'model.onnx'。"),
        )


def _described_by(weights: Path) -> Path:
    """Return the other half of a ``.bin``: ``.param`` (ncnn) or ``.xml`` (OpenVINO)."""
    for suffix in (".param", ".xml"):
        if (other := weights.with_suffix(suffix)).is_file():
            return other
    if not weights.exists():
        return weights
    raise CheckpointInvalid(
        say(
            f"{weights.name} holds weights only: neither {weights.stem}.param nor {weights.stem}.xml lies beside it.",
            f"{weights.name} 只有权重：旁边没有 {weights.stem}.param，也没有 {weights.stem}.xml。",
        ),
        hint=say("Copy both files of the model into one folder.", "请把模型的两个文件放在同一文件夹中。"),
    )


def _missing(file: Path) -> CheckpointNotFound:
    try:
        near = did_you_mean(file.name, [item.name for item in file.parent.iterdir() if _is_model(item)])
    except (OSError, ValueError):
        near = say(f"There is no folder {file.parent}.", f"没有文件夹 {file.parent}。")
    folder = Path.cwd() if not file.is_absolute() else file.parent
    hint = say(f"Looked from {folder}.", f"查找位置：{folder}。")
    return CheckpointNotFound(say(f"No such model file: {file}.", f"找不到模型文件：{file}。"), hint=near or hint)


def _foreign(file: Path) -> CheckpointInvalid:
    suffixes = " ".join(SUFFIXES)
    if file.suffix.lower() in _CHECKPOINTS:
        return CheckpointInvalid(
            say(
                f"{file.name} is a training checkpoint, not an exported model.",
                f"{file.name} 是训练得到的权重文件，不是转换后的模型。",
            ),
            hint=say(
                "Convert it first: model.convert(checkpoint='…', out_file='model.onnx').",
                "请先转换：model.convert(checkpoint='…', out_file='model.onnx')。",
            ),
        )
    return CheckpointInvalid(
        say(
            f"{file.name} is no model: unknown suffix '{file.suffix}'.",
            f"{file.name} 不是模型文件：不支持后缀 '{file.suffix}'。",
        ),
        hint=say(f"Known suffixes: {suffixes}.", f"支持的后缀：{suffixes}。"),
    )


def _is_model(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES


def _models_in(folder: Path) -> str:
    names = sorted(item.name for item in folder.iterdir() if _is_model(item))[:5]
    if not names:
        return say("Give the path of a model, e.g. 'model.onnx'.", "请给出模型文件的路径，例如 'model.onnx'。")
    listed = ", ".join(names)
    return say(f"Models in it: {listed}.", f"其中的模型文件：{listed}。")
