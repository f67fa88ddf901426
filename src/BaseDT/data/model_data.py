"""``ModelData``: what an exported model knows of itself, without running it. No runtime is imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from BaseDT import legacy, onnx_file, plain_json
from BaseDT.arguments import PathLike, checked_path, documented
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, did_you_mean
from BaseDT.image.sources import what_is_at
from BaseDT.language import english, say, system_reason
from BaseDT.model_info import DOCUMENTED_KEY, ModelInfo
from BaseDT.preprocess import Preprocess

_SUFFIXES = (".onnx", ".param", ".bin", ".xml", ".engine", ".trt")


class ModelData:
    """What an exported model knows of itself: classes, name, task. 模型文件自带的信息：类别、名称、任务。

    Attributes:
        path: The file.
        metadata: Its properties, as they are written.
        info: What they say; None where they say too little.
    """

    @documented
    def __init__(self, path: PathLike) -> None:
        """Read the properties of a model.

        Args:
            path: ``.onnx``, ``.ncnn.param``, ``.xml`` (OpenVINO) or ``.engine`` (TensorRT).

        Raises:
            CheckpointNotFound: There is no such file (-102).
            CheckpointInvalid: It is no model, or damaged (-202).
            ModelUnsupported: A newer version of MMEdu wrote it (-206).
        """
        self.path = checked_path("path", path)
        self._input: onnx_file.Shape = ()
        self.metadata = self._read()
        info = ModelInfo.from_metadata(self.metadata, self.path.name)
        size, channels = _size_of(self._input)
        self.info = None if info is None else info.for_input(size, channels)

    def get_labels(self) -> list[str]:
        """Return the names of the classes (类别名称), in the order of their labels.

        Raises:
            CheckpointInvalid: The file does not say (-202).
        """
        if self.info is not None:
            return list(self.info.classes)
        classes = self._documented("classes", list, "class names", "类别名称")
        return [str(name) for name in classes]

    def get_modelname(self) -> str:
        """Return the name of the architecture (模型名称), such as ``MobileNet``.

        Raises:
            CheckpointInvalid: The file does not say (-202).
        """
        return self.info.backbone if self.info is not None else self._documented("modelname", str, "name", "模型名称")

    def get_codebase(self) -> str:
        """Return the family of the model (代码库): ``MMCls`` or ``MMDet``.

        Raises:
            CheckpointInvalid: The file does not say (-202).
        """
        written = {} if self.info is None else json.loads(self.info.to_metadata()[DOCUMENTED_KEY])
        return str(written.get("codebase") or self._documented("codebase", str, "codebase", "代码库"))

    def get_preprocess(self) -> Preprocess:
        """Return how a picture becomes the input of this model (预处理).

        Raises:
            CheckpointInvalid: The file does not say, and neither its name nor its input's size tells (-202).
        """
        size, channels = _size_of(self._input)
        preprocess = self.info.preprocess if self.info is not None else legacy.preprocess_of("", size, channels)
        if preprocess is None:
            raise CheckpointInvalid(
                say(
                    f"{self.path.name} does not say which pixels it expects.",
                    f"{self.path.name} 没有说明它需要什么样的像素。",
                ),
                hint=say(
                    "Describe them: ImageData(picture, size=…, mean=…, std=…).",
                    "请自行指定：ImageData(图片, size=…, mean=…, std=…)。",
                ),
            )
        return preprocess

    def _documented(self, key: str, kind: type[Any], en: str, zh: str) -> Any:
        values = _json_object(self.metadata.get(DOCUMENTED_KEY, ""))
        if isinstance(values, dict) and isinstance(values.get(key), kind):
            return values[key]
        raise CheckpointInvalid(
            say(f"{self.path.name} holds no {en}.", f"{self.path.name} 中没有{zh}。"),
            hint=say(
                "Only files that were exported with MMEdu's convert() know this.",
                f"只有用 MMEdu 的 convert() 转换的模型才带有{zh}。",
            ),
        )

    def _read(self) -> dict[str, str]:
        if (kind := what_is_at(self.path)) != "file":
            raise (
                _invalid(say(f"{self.path} is a folder, not a model.", f"{self.path} 是一个文件夹，不是模型。"))
                if kind == "folder"
                else _missing(self.path)
            )
        suffix = self.path.suffix.lower()
        if suffix not in _SUFFIXES:
            raise _invalid(
                say(
                    f"{self.path.name} is no exported model: unknown suffix '{self.path.suffix}'.",
                    f"{self.path.name} 不是转换后的模型：不支持后缀 '{self.path.suffix}'。",
                )
            )
        try:
            if suffix == ".onnx":
                return self._read_onnx()
            return _read_openvino(self.path) if suffix == ".xml" else _read_sidecar(self.path)
        except OSError as error:
            raise _invalid(
                say(
                    f"{self.path} cannot be read: {english(system_reason(error))}.",
                    f"无法读取 {self.path}：{system_reason(error)}。",
                )
            ) from error

    def _read_onnx(self) -> dict[str, str]:
        header = onnx_file.read(self.path)
        if header is None:
            raise _invalid(say(f"{self.path.name} is no whole ONNX file.", f"{self.path.name} 不是完整的 ONNX 文件。"))
        self._input = next((shape for shape in header.inputs.values() if len(shape) == 4), ())
        return header.metadata


def _size_of(shape: onnx_file.Shape) -> tuple[tuple[int, int] | None, int]:
    """Return height and width, where they are fixed, and channels of an input N×C×H×W."""
    _, channels, height, width = shape if len(shape) == 4 else (None, None, None, None)
    return (height, width) if height and width else None, channels or 3


def _read_openvino(path: Path) -> dict[str, str]:
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise _invalid(
            say(f"{path.name} is no whole OpenVINO file.", f"{path.name} 不是完整的 OpenVINO 文件。")
        ) from error
    metadata = root.find("./rt_info/mmedu_metadata")
    return {item.tag: item.get("value", "") for item in (() if metadata is None else metadata)}


def _read_sidecar(path: Path) -> dict[str, str]:
    """Read the JSON file beside a model: ``x.ncnn.json`` of ``x.ncnn.param``, ``x.engine.json`` of ``x.engine``."""
    pair = path.suffix.lower() in (".param", ".bin")
    beside = path.with_suffix(".json") if pair else path.with_name(f"{path.name}.json")
    if not beside.is_file():
        return {}
    try:
        return plain_json.properties(beside.read_bytes())
    except ValueError as error:
        raise _invalid(
            say(
                f"{beside.name} beside the model is no whole JSON file.",
                f"模型旁边的 {beside.name} 不是完整的 JSON 文件。",
            )
        ) from error


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        values = plain_json.loads(text)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def _missing(path: Path) -> CheckpointNotFound:
    try:
        near = did_you_mean(path.name, [item.name for item in path.parent.iterdir()])
    except (OSError, ValueError):
        near = ""
    return CheckpointNotFound(
        say(f"No such model file: {path}.", f"找不到模型文件：{path}。"),
        hint=near or say(f"Looked from {Path.cwd()}.", f"查找位置：{Path.cwd()}。"),
    )


def _invalid(message: str) -> CheckpointInvalid:
    suffixes = " ".join(_SUFFIXES)
    return CheckpointInvalid(
        message,
        hint=say(
            f"Give a model that convert() wrote ({suffixes}); if it was copied, copy it again.",
            f"请给出 convert() 转换得到的模型文件（{suffixes}）；如果是复制来的，请重新复制。",
        ),
    )
