"""Our own checkpoints: what the file says of itself is checked against the model, its names are the network's own.

Nothing for other projects' files comes in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from torch import Tensor

from BaseDT.arguments import is_number
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, ParameterUnknown, TaskMismatch
from BaseDT.escaping import quoted
from BaseDT.language import english, say
from BaseDT.model_info import newer
from BaseDT.preprocess import Preprocess
from MMEdu.models import registry
from MMEdu.models.registry import ModelEntry
from MMEdu.weights.opened import OpenedWeights
from MMEdu.weights.state_dict import checked_state
from XEdu.outputs import kind as kinds

_NEEDED_META = ("backbone", "task", "preprocess")


@dataclass(frozen=True)
class NativeFile:
    """One of our checkpoints as it lies on the disk.

    Attributes:
        path: The file.
        state: The state dict.
        meta: What it says of itself; plain data.
    """

    path: Path
    state: dict[str, Tensor]
    meta: dict[str, Any]


def is_native(content: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether the content of a ``.pth`` file is a checkpoint of ours.

    The original MMEdu wrote ``tool`` and ``backbone`` too, but never the input or the task: one of these marks ours,
    so that a checkpoint whose description is damaged is still known, and its fault named.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("state_dict"), Mapping):
        return False
    meta = content.get("meta")
    return isinstance(meta, Mapping) and bool(meta.keys() & {"preprocess", "task"})


def read(content: Mapping[str, Any], path: Path) -> NativeFile:
    """Take the state dict and the description from a checkpoint's content.

    Raises:
        CheckpointInvalid: Its state dict holds no usable tensors (-202).
    """
    return NativeFile(path, checked_state(content["state_dict"], path), dict(content["meta"]))


def open_native(file: NativeFile, entry: ModelEntry) -> OpenedWeights:
    """Check that a checkpoint belongs to the chosen model, and return its weights.

    Raises:
        TaskMismatch: It was made for another task (-311).
        CheckpointInvalid: It is of another backbone, or its description is not whole (-202).
    """
    check_meta(file.meta, entry, file.path)
    classes = tuple(file.meta["CLASSES"]) if entry.has_classes else ()
    temperature, threshold = _calibration(file)
    kind, options = _kind(file, len(classes))
    return OpenedWeights(
        file.path,
        entry,
        file.state,
        classes,
        len(classes),
        _preprocess(file),
        temperature=temperature,
        threshold=threshold,
        trained_on=str(file.meta.get("dataset_as_loaded", file.meta.get("dataset", ""))),
        kind=kind,
        options=options,
        meta=file.meta,
    )


def check_meta(meta: Mapping[str, Any], entry: ModelEntry, path: Path) -> None:
    """Make sure that one of our checkpoints belongs to the chosen model.

    Raises:
        TaskMismatch: It was made for another task (-311).
        CheckpointInvalid: It is of another backbone, or its description is not whole (-202).
    """
    needed = ("CLASSES", *_NEEDED_META) if entry.has_classes else _NEEDED_META
    lacking = [name for name in needed if not meta.get(name)]
    classes = meta.get("CLASSES", [])
    if not lacking and not (isinstance(classes, list) and all(isinstance(name, str) for name in classes)):
        lacking = ["CLASSES"]
    if lacking:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(
            say(
                f"{path} says nothing useful of its {', '.join(lacking)}.",
                f"{path} 没有给出可用的 {'、'.join(lacking)}。",
            ),
            hint=hint,
        )
    if meta["task"] != entry.task:
        hint = say("Choose the module that it was trained with.", "请使用训练它时所用的模块。")
        raise TaskMismatch(
            say(
                f"{path} was trained for {meta['task']}, not for {entry.task}.",
                f"{path} 是为 {meta['task']} 训练的，不适用于 {entry.task}。",
            ),
            hint=hint,
        )
    if meta["backbone"] != entry.name:
        call = registry.constructor_call(meta["backbone"], entry.task)
        hint = say(f"Write {call}.", f"请写 {call}。")
        raise CheckpointInvalid(
            say(
                f"{path} holds a {meta['backbone']}, but the model is a {entry.name}.",
                f"{path} 是 {meta['backbone']} 的权重文件，而当前模型是 {entry.name}。",
            ),
            hint=hint,
        )


def _calibration(file: NativeFile) -> tuple[float, float | None]:
    """Return a classifier's temperature and its suggested threshold; older files have neither.

    Raises:
        CheckpointInvalid: They are no such numbers (-202).
    """
    values = file.meta.get("calibration", {})
    if isinstance(values, Mapping):
        temperature, threshold = values.get("temperature", 1.0), values.get("threshold")
        if is_number(temperature) and temperature > 0 and (threshold is None or _is_share(threshold)):
            return float(temperature), threshold
    hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
    raise CheckpointInvalid(
        say(
            f"{file.path} says nothing useful of its calibration: {values!r:.80}.",
            f"{file.path} 没有给出可用的校准信息：{values!r:.80}。",
        ),
        hint=hint,
    )


def _kind(file: NativeFile, classes: int) -> tuple[str, dict[str, Any]]:
    """Return the kind of output of a checkpoint whose answers are not its task's usual ones, and its options.

    Raises:
        ModelUnsupported: This version does not know it (-206).
        CheckpointInvalid: Its options are none (-202).
    """
    kind = file.meta.get("kind", "")
    if not kind:
        return "", {}
    if kind not in kinds.names():
        raise newer(str(file.path), say(f"its kind of output {kind!r} is not known here", f"未知的输出类型 {kind!r}"))
    # Temperature and threshold are those of any kind; what else validation found is this kind's own.
    options = {n: v for n, v in file.meta.get("calibration", {}).items() if n not in ("temperature", "threshold")}
    try:
        kinds.find(kind).check_options(options)
        if any(isinstance(value, list) and len(value) != classes for value in options.values()):
            raise TypeError("one value for each class")
    except (TypeError, ValueError) as error:
        hint = say("Use a .pth file that MMEdu wrote.", "请使用由 MMEdu 训练得到的 .pth 文件。")
        raise CheckpointInvalid(
            say(
                f"{file.path} says nothing useful of its calibration: {quoted(options)}.",
                f"{file.path} 中的校准信息无法使用：{quoted(options)}。",
            ),
            hint=hint,
        ) from error
    return kind, options


def _is_share(value: object) -> bool:
    return is_number(value) and 0 <= value <= 1


def _preprocess(file: NativeFile) -> Preprocess:
    try:
        return Preprocess.from_dict(file.meta["preprocess"])
    except (ParameterInvalid, ParameterUnknown) as error:
        text = say(
            f"{file.path} describes a preprocessing that this version does not know: {english(error.message)}",
            f"{file.path} 描述的预处理方式是当前版本不认识的：{error.message}",
        )
        raise CheckpointInvalid(text, hint=error.hint) from error
