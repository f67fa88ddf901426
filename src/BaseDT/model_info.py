"""``ModelInfo``: what an exported model knows of itself, and how it is written into a file.

Export writes it, the runtime reads it. Nothing here opens a model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from BaseDT import legacy
from BaseDT.errors import CheckpointInvalid, ModelUnsupported, ParameterInvalid, ParameterUnknown
from BaseDT.language import say
from BaseDT.preprocess import Preprocess

KEY = "mmedu"
"""Our own key: everything, as JSON."""
DOCUMENTED_KEY = "MODEL_INFO"
"""The key that the other tools of this family read: ``codebase``, ``modelname``, ``classes``."""

Decode = Literal["probabilities", "boxes", "raw_boxes"]
_FORMAT = 1
_CODEBASES = {"classification": "MMCls", "detection": "MMDet"}
_DECODES: dict[str, Decode] = {"classification": "probabilities", "detection": "boxes"}


@dataclass(frozen=True)
class ModelInfo:
    """What an exported model knows of itself.

    Attributes:
        task: ``"classification"`` or ``"detection"``.
        backbone: The registered name of the architecture; may be empty in a foreign file.
        classes: Names by label.
        preprocess: How pixels become the input; None in a foreign file until its input's size is known.
        decode: How the outputs are read: ``"probabilities"`` is (N, C) after softmax; ``"boxes"`` is (1, N, 5) with
            x1, y1, x2, y2, score in pixels of the input, and (1, N) labels; ``"raw_boxes"`` is (1, A, 4) boxes and
            (1, A, C) scores of all anchors.
        precision: ``"float32"`` or ``"int8"``.
        tool: What wrote it.
        nms_iou: Of raw boxes, those of one class that overlap more are one object's.
        max_detections: Of raw boxes, so many are results at most.
    """

    task: str
    backbone: str
    classes: tuple[str, ...]
    preprocess: Preprocess | None
    decode: Decode
    precision: str = "float32"
    tool: str = ""
    nms_iou: float = 0.45
    max_detections: int = 100

    @property
    def older_clients(self) -> bool:
        """Whether the original clients would feed it the right pixels."""
        return self.preprocess is not None and legacy.modelname_for(self.backbone, self.preprocess) is not None

    def for_input(self, size: tuple[int, int] | None, channels: int) -> ModelInfo:
        """Fill in a foreign file's preprocessing from its name and its input's size."""
        if self.preprocess is not None:
            return self
        return replace(self, preprocess=legacy.preprocess_of(self.backbone, size, channels))

    def to_metadata(self) -> dict[str, str]:
        """Return the properties to write into a file: pure ASCII, as the original clients decode them."""
        name = legacy.modelname_for(self.backbone, self.preprocess) if self.preprocess is not None else None
        shown = {"codebase": _CODEBASES.get(self.task, ""), "modelname": name or "", "classes": list(self.classes)}
        return {DOCUMENTED_KEY: json.dumps(shown), KEY: json.dumps(self.to_dict())}

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data that ``from_dict`` turns back into an equal object."""
        return {
            "format": _FORMAT,
            "task": self.task,
            "backbone": self.backbone,
            "classes": list(self.classes),
            "preprocess": None if self.preprocess is None else self.preprocess.to_dict(),
            "decode": self.decode,
            "precision": self.precision,
            "tool": self.tool,
            "nms_iou": self.nms_iou,
            "max_detections": self.max_detections,
        }

    @classmethod
    def from_dict(cls, values: Any) -> ModelInfo | None:
        """Build it from what ``to_dict`` returned, also after a trip through JSON; None if it is something else."""
        try:
            fields = {name: values[name] for name in ("task", "backbone", "precision", "tool")}
            preprocess, decode = values["preprocess"], values["decode"]
            if not all(isinstance(value, str) for value in fields.values()) or decode not in get_args(Decode):
                return None
            return cls(
                **fields,
                decode=decode,
                nms_iou=_share(values.get("nms_iou", 0.45)),
                max_detections=_count(values.get("max_detections", 100)),
                classes=_names(values["classes"]),
                preprocess=None if preprocess is None else Preprocess.from_dict(preprocess),
            )
        except (KeyError, TypeError, ParameterInvalid, ParameterUnknown):
            return None

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], file: str = "The model") -> ModelInfo | None:
        """Read a file's properties: our own key, or where it is absent the documented one; None where that is no help.

        A file of ours whose own key cannot be read never gets the documented one's preprocessing: other pixels give
        other answers, and nothing would show it.

        Args:
            metadata: The properties.
            file: What messages call the file.

        Raises:
            ModelUnsupported: A newer version wrote our own key (-206).
            CheckpointInvalid: Our own key is damaged (-202).
        """
        if KEY in metadata:
            return _own(_json(metadata[KEY]), file)
        return _documented(_json(metadata.get(DOCUMENTED_KEY)))


def _own(values: Any, file: str) -> ModelInfo:
    written = values.get("format") if isinstance(values, dict) else None
    if isinstance(written, int) and written > _FORMAT:
        raise ModelUnsupported(
            f"{file} was written by a newer mmedu: its metadata have format {written}, known here is {_FORMAT}.",
            hint=say(
                "Update: pip install -U mmedu; or convert the model again with this version.",
                "请更新：pip install -U mmedu；或用本版本重新转换模型。",
            ),
        )
    info = ModelInfo.from_dict(values) if written == _FORMAT else None
    if info is not None and info.classes and info.preprocess is not None and _fits(info):
        return info
    raise CheckpointInvalid(
        f"{file} is damaged: its own metadata ('{KEY}') do not say what they must.",
        hint=say(
            "Copy it again, or convert the checkpoint again with MMEdu.", "请重新复制该文件，或用 MMEdu 重新转换模型。"
        ),
    )


def _fits(info: ModelInfo) -> bool:
    """Whether the outputs of this task can be read so."""
    return info.task in _CODEBASES and (info.task == "classification") == (info.decode == "probabilities")


def _documented(values: Any) -> ModelInfo | None:
    if not isinstance(values, dict):
        return None
    tasks = {codebase.lower(): task for task, codebase in _CODEBASES.items()}
    task = tasks.get(str(values.get("codebase", "")).lower())
    try:
        classes = _names(values.get("classes"))
    except TypeError:
        return None
    if task is None or not classes:
        return None
    name = values.get("modelname")
    return ModelInfo(task, name if isinstance(name, str) else "", classes, None, _DECODES[task])


def _json(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return None


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise TypeError("an overlap is a share")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TypeError("a number of boxes is a whole number")
    return value


def _names(values: Any) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)) or not all(isinstance(name, str) for name in values):
        raise TypeError("classes are a list of names")
    return tuple(values)
