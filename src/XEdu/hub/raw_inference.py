"""Models whose metadata lack something: what can be fed to them all the same, and what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from BaseDT import legacy, own_network_info, plain_json
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, TaskMismatch
from BaseDT.image import Pixels
from BaseDT.language import say
from BaseDT.model_info import DOCUMENTED_KEY
from BaseDT.preprocess import Preprocess
from XEdu.runtime.backend import Array
from XEdu.runtime.model import Model, picture_size


def missing_metadata(model: Model) -> str:
    """Say in one line what a file lacks, and how its pictures and outputs are treated then."""
    name, (size, channels) = model.path.name, picture_size(model.backend.inputs[0])
    preprocess = legacy.preprocess_of("", size, channels)
    if preprocess is None:
        return say(
            f"{name} tells neither its classes nor its input's size: give it finished tensors; raw outputs come back.",
            f"{name} 中没有类别名称和输入大小：请传入处理好的张量，将返回原始输出。",
        )
    height, width = preprocess.size
    return say(
        f"{name} tells neither its classes nor its preprocessing: pictures are stretched to {width}×{height} and "
        "normalised as usual, and raw outputs come back. For a result, convert it with MMEdu or use task='custom'.",
        f"{name} 中没有类别名称和预处理方式：图片按常用方式缩放到 {width}×{height} 并归一化，返回原始输出。"
        "如需结果，请用 MMEdu 转换模型，或使用 task='custom'。",
    )


def refuse_other_codebase(model: Model, runner: str) -> None:
    """Refuse a file that says that it was made for another task.

    Args:
        model: Of which no more is known.
        runner: What was to run it.

    Raises:
        TaskMismatch: It names a codebase that is neither MMCls nor MMDet, or is a network of BaseNN (-311).
    """
    if model.info is not None:
        return
    if own_network_info.is_own_network(model.backend.metadata):
        raise TaskMismatch(
            say(f"{model.path.name} is a network of BaseNN.", f"{model.path.name} 是 BaseNN 网络。"),
            hint=say("Use Workflow(task='basenn', checkpoint=…).", "请使用 Workflow(task='basenn', checkpoint=…)。"),
        )
    if not (codebase := _other_codebase(model)):
        return
    hint = say(
        f"{runner} runs classifiers (MMCls) and detectors (MMDet); for others: "
        "Workflow(task='custom') with your own functions.",
        f"{runner} 支持分类（MMCls）和检测（MMDet）模型；其他模型请用 Workflow(task='custom') 并自己写前后处理函数。",
    )
    raise TaskMismatch(
        say(
            f"{model.path.name} was made by {codebase}, which {runner} does not run.",
            f"{model.path.name} 由 {codebase} 生成，{runner} 不能运行它。",
        ),
        hint=hint,
    )


def _other_codebase(model: Model) -> str:
    try:
        values = plain_json.loads(model.backend.metadata.get(DOCUMENTED_KEY, ""))
    except ValueError:
        return ""
    codebase = values.get("codebase") if isinstance(values, dict) else ""
    return codebase if isinstance(codebase, str) and codebase.lower() not in ("mmcls", "mmdet") else ""


def run(model: Model, data: Any) -> list[Array]:
    """Run a model on a finished tensor, a dictionary of tensors by input, or one picture; returns its raw outputs.

    Raises:
        CheckpointInvalid: A picture is given, and the file does not tell which size its input has (-202).
        XEduError: The picture or the tensor cannot be used.
    """
    if isinstance(data, Mapping):
        return model.backend.run(data)
    if is_tensor(model, data):
        return model.run(data)
    return model.run(tensor(model, model.reading.of(data)))


def is_tensor(model: Model, data: object) -> bool:
    """Whether an argument is meant as the finished input: an array with its axes, of floats or of its own type."""
    if not isinstance(data, np.ndarray):
        return False
    spec = model.backend.inputs[0]
    axes = len(spec.shape) or 4
    return data.ndim == axes and (data.dtype == spec.dtype or np.issubdtype(data.dtype, np.floating))


def tensor(model: Model, picture: Pixels) -> Array:
    """Return the input that a picture becomes, by the file's own preprocessing or the usual one of its size."""
    return model.tensor(picture) if model.knows_itself else preprocess_of(model)(picture)


def preprocess_of(model: Model) -> Preprocess:
    """Return the file's own preprocessing, or the usual one of its input's size.

    Raises:
        CheckpointInvalid: The file does not tell which size its input has (-202).
    """
    if model.info is not None and model.info.preprocess is not None:
        return model.info.preprocess
    preprocess = legacy.preprocess_of("", *picture_size(model.backend.inputs[0]))
    if preprocess is not None:
        return preprocess
    raise CheckpointInvalid(
        say(f"{model.path.name} does not tell which size its input has.", f"{model.path.name} 没有说明输入的大小。"),
        hint=say(
            "Use task='custom' with preprocess=…, give a finished tensor, or convert it with MMEdu.",
            "请使用 task='custom' 并传入 preprocess=…，或传入处理好的张量，或用 MMEdu 转换模型。",
        ),
    )


def open_model(checkpoint: str | os.PathLike[str] | None, providers: Sequence[str] | None = None) -> Model:
    """Open a model.

    Args:
        checkpoint: Its file.
        providers: Of onnxruntime, the best one first; None is the CPU.

    Raises:
        CheckpointNotFound: None was given, or there is no such file (-102).
        XEduError: It cannot be opened.
    """
    if checkpoint is None:
        hint = say("Pass checkpoint='model.onnx'.", "请传入 checkpoint='model.onnx'。")
        raise CheckpointNotFound(say("No model was given.", "没有给出模型。"), hint=hint)
    return Model.load(checkpoint, providers=providers)
