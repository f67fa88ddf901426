"""Arguments in the place of another: ``inference('cat.jpg')``, where the first one is the device.

``arguments.documented`` asks here. Told by the value alone: its suffix, its type, whether it is a folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from BaseDT.errors import ParameterInvalid
from BaseDT.escaping import quoted
from BaseDT.language import say

_SUFFIXES = {
    "picture": "jpg jpeg jfif png bmp webp tif tiff gif heic heif avif",
    "checkpoint": "pth pt ckpt safetensors",
    "model": "onnx param xml engine trt",
}
_KIND_OF_SUFFIX = {f".{suffix}": kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_DEVICE = re.compile(r"cpu|mps|auto|cuda(:\d+)?", re.IGNORECASE)
_BACKENDS = frozenset({"onnx", "ncnn", "openvino", "tensorrt"})
_KINDS = {
    "picture": ("a picture", "图片"),
    "checkpoint": ("a checkpoint", "权重文件"),
    "model": ("an exported model", "转换后的模型"),
    "folder": ("a folder", "文件夹"),
    "device": ("a device", "计算设备"),
    "backend": ("a format", "模型格式"),
}
_FILES = frozenset({"picture", "checkpoint", "model", "folder"})
_WRONG: Mapping[str, frozenset[str]] = {
    "device": _FILES | {"backend"},
    "backend": _FILES,
    "random_seed": _FILES | {"device"},
    "task": _FILES - {"folder"},
    "backbone": _FILES - {"folder"},
    "checkpoint": frozenset({"picture", "device", "backend"}),
    "out_file": frozenset({"picture", "checkpoint"}),
    "load_dataset.path": frozenset({"checkpoint", "model"}),
    **dict.fromkeys(("image", "data", "input_data"), frozenset({"checkpoint", "model"})),
}
"""What a parameter, or one of a function alone, cannot mean."""
_MEANT: Mapping[str, tuple[str, ...]] = {
    "picture": ("image", "data", "input_data"),
    "checkpoint": ("checkpoint",),
    "model": ("checkpoint", "out_file"),
    "folder": ("dataset_path", "path", "image", "data", "input_data"),
    "device": ("device",),
    "backend": ("backend",),
}
"""The parameters that a value is meant for, the likeliest first."""


def refuse_misplaced(called: str, given: Mapping[str, object], names: Iterable[str]) -> None:
    """Raise where an argument that was given without its name is clearly meant for another parameter (-305).

    Args:
        called: The function.
        given: The values of positional arguments, by the parameter that they landed on.
        names: All parameters of the function.
    """
    for place, (name, value) in enumerate(given.items(), 1):
        if (wrong := _WRONG.get(name, _WRONG.get(f"{called}.{name}"))) is None or (kind := _kind(value)) not in wrong:
            # The first parameter of convert is what is converted, not the file to write.
            is_output = (called, name) == ("convert", "checkpoint") and kind_of_missing(value) == "model"
            if not is_output:
                continue
            kind, others = "model", ["out_file"]
        else:
            others = [other for other in _MEANT[kind] if other in set(names) and other != name]
        raise _misplaced(called, place, name, value, kind, others)


def not_callable(called: str, call: str) -> ParameterInvalid:
    """Make the error of an object that is called like a function (-305).

    Args:
        called: What it is.
        call: What was meant, as code.
    """
    message = say(f"A {called} is not called itself.", f"{called} 对象不能直接调用。")
    return ParameterInvalid(message, hint=say(f"Write model.{call}.", f"请写 model.{call}。"))


def kind_of_missing(value: object) -> str:
    """Return the kind of a file that is named but not there; empty for all else."""
    return _kind(value) if isinstance(value, (str, os.PathLike)) and not _exists(value) else ""


def _kind(value: object) -> str:
    """Return what a value looks like; empty where it may be anything."""
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    if not isinstance(value, (str, os.PathLike)):
        # Neither numpy nor Pillow is imported for this.
        is_array = hasattr(value, "ndim") and getattr(value, "ndim", 0) >= 2
        return "picture" if is_array or type(value).__module__.startswith("PIL.") else ""
    text = os.fspath(value)
    if not isinstance(text, str):
        return ""
    if _DEVICE.fullmatch(text):
        return "device"
    if text.lower() in _BACKENDS:
        return "backend"
    suffix = Path(text.rstrip("\"' ")).suffix.lower()
    return _KIND_OF_SUFFIX.get(suffix) or ("folder" if _is_folder(text) else "")


def _is_folder(text: str) -> bool:
    try:
        return bool(text) and Path(text).is_dir()
    except (OSError, ValueError):
        return False


def _exists(value: str | os.PathLike[str]) -> bool:
    try:
        return Path(value).exists()
    except (OSError, ValueError):
        return False


def _misplaced(called: str, place: int, name: str, value: object, kind: str, others: list[str]) -> ParameterInvalid:
    shown = quoted(os.fspath(value)) if isinstance(value, (str, os.PathLike)) else "…"
    english, chinese = _KINDS[kind]
    before = "…, " if place > 1 else ""
    return ParameterInvalid(
        say(
            f"{called}({before}{shown}): argument {place} is {name}, and this is {english}.",
            f"{called}({before}{shown})：第 {place} 个参数是 {name}，而这是{chinese}。",
        ),
        hint=_way_out(called, name, kind, shown, others),
    )


def _way_out(called: str, name: str, kind: str, shown: str, others: list[str]) -> str:
    if others:
        return say(f"Name it: {called}({others[0]}={shown}).", f"请写出参数名：{called}({others[0]}={shown})。")
    if kind == "folder":
        return say(f"Load it first: load_dataset(path={shown}).", f"请先加载：load_dataset(path={shown})。")
    if name == "backbone":
        return say(
            f"Begin with a model's name, and name the file later: model = {called}('LeNet'), then "
            "model.inference(checkpoint=…, image=…).",
            f"请先写模型名称，之后再指定文件：model = {called}('LeNet')，然后 model.inference(checkpoint=…, image=…)。",
        )
    return say(f"{called}() does not take it.", f"{called}() 不接受这样的参数。")
