"""``ModelInfo``: what an exported model says of itself in its metadata, and how that is written into a file.

Export writes it, the runtime reads it. Nothing here opens a model, or knows how a kind of output is read: that is
``XEdu.outputs``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from BaseDT import legacy, plain_json
from BaseDT.arguments import is_number
from BaseDT.errors import CheckpointInvalid, ModelUnsupported, ParameterInvalid, ParameterUnknown
from BaseDT.language import english, say
from BaseDT.preprocess import Preprocess

KEY = "mmedu"
"""Our own key: everything, as JSON."""
DOCUMENTED_KEY = "MODEL_INFO"
"""The key that the other tools of this family read: ``codebase``, ``modelname``, ``classes``."""

_FORMAT = 1
# Files that were written before kinds of output had names say by "decode" how their outputs are read.
_KIND_OF_DECODE = {"probabilities": "classification", "boxes": "detection", "raw_boxes": "detection"}
_OPTIONS_BEFORE_KINDS: dict[str, Any] = {"decode": "boxes", "nms_iou": 0.45, "max_detections": 100}
_CODEBASES = {"classification": "MMCls", "detection": "MMDet"}
"""The only two tasks that the original clients know."""


@dataclass(frozen=True)
class Head:
    """Where in an ONNX file a classifier's last layer is, so that it can be replaced without training tools.

    Attributes:
        features: Name of the output with what the layer sees, (N, D).
        weight: Name of the tensor of its weights, (classes, D) float32.
        bias: Name of the tensor of its bias, (classes,) float32.
    """

    features: str
    weight: str
    bias: str

    @classmethod
    def from_dict(cls, values: Any) -> Head:
        """Build it from plain JSON data.

        Raises:
            TypeError: These are not three names.
        """
        if not isinstance(values, dict) or not all(isinstance(value, str) and value for value in values.values()):
            raise TypeError("a head is three names")
        return cls(**values)


@dataclass(frozen=True)
class ModelInfo:
    """What an exported model says of itself.

    Attributes:
        task: What it was trained for: ``"classification"``, ``"detection"`` …
        backbone: The registered name of the architecture; may be empty in a foreign file.
        classes: Names by label; empty where the kind of output has no classes.
        preprocess: How pixels become the input; None in a foreign file until its input's size is known.
        kind: Name of the kind of output, which says how the raw outputs are read: a file in ``XEdu.outputs``.
        options: That kind's own, plain JSON; the kind checks them.
        precision: ``"float32"`` or ``"int8"``.
        tool: What wrote it.
        head: The layer that ``XEdu.teach`` replaces; None in a file without features.
        threshold: What the validation suggests: the score below which a classifier's answer is better none of its
            classes, or a detector's box better not shown; None where nobody knows.
    """

    task: str
    backbone: str
    classes: tuple[str, ...]
    preprocess: Preprocess | None
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    precision: str = "float32"
    tool: str = ""
    head: Head | None = None
    threshold: float | None = None

    @property
    def older_clients(self) -> bool:
        """Whether the original clients would feed it the right pixels."""
        return self.preprocess is not None and legacy.modelname_for(self.backbone, self.preprocess) is not None

    @property
    def older_task(self) -> bool:
        """Whether the original clients know its task at all."""
        return self.task in _CODEBASES

    @property
    def older_crop(self) -> Preprocess | None:
        """How the original clients bring a picture into shape, where they do so otherwise; None where they do not."""
        return None if self.preprocess is None else legacy.differing_crop(self.backbone, self.preprocess)

    def for_input(self, size: tuple[int, int] | None, channels: int) -> ModelInfo:
        """Fill in a foreign file's preprocessing from its name and its input's size."""
        if self.preprocess is not None:
            return self
        return replace(self, preprocess=legacy.preprocess_of(self.backbone, size, channels))

    def to_metadata(self) -> dict[str, str]:
        """Return the properties to write into a file: pure ASCII, as the original clients decode them."""
        name = legacy.modelname_for(self.backbone, self.preprocess) if self.preprocess is not None else None
        documented = {"codebase": _CODEBASES.get(self.task, ""), "modelname": name or "", "classes": list(self.classes)}
        return {DOCUMENTED_KEY: json.dumps(documented), **self.to_own_metadata()}

    def to_own_metadata(self) -> dict[str, str]:
        """Return our own key alone, for a file that the original clients run by other keys than the documented one."""
        return {KEY: json.dumps(self.to_dict())}

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data that ``from_dict`` turns back into an equal object."""
        return {
            "format": _FORMAT,
            "task": self.task,
            "backbone": self.backbone,
            "classes": list(self.classes),
            "preprocess": None if self.preprocess is None else self.preprocess.to_dict(),
            "kind": self.kind,
            "options": dict(self.options),
            "precision": self.precision,
            "tool": self.tool,
            # Older versions of ours pass over a key that they do not know: they see a classifier like any other.
            **({} if self.head is None else {"head": asdict(self.head)}),
            **({} if self.threshold is None else {"threshold": self.threshold}),
            **_keys_before_kinds(self.kind, self.options),
        }

    @classmethod
    def from_dict(cls, values: Any) -> ModelInfo | None:
        """Build it from what ``to_dict`` returned, also after a trip through JSON; None if it is something else."""
        try:
            texts = {name: values[name] for name in ("task", "backbone", "precision", "tool")}
            kind, options = _kind_and_options(values)
            if not all(isinstance(value, str) for value in (*texts.values(), kind)):
                return None
            preprocess = values["preprocess"]
            return cls(
                **texts,
                kind=kind,
                options=options,
                classes=_names(values["classes"]),
                preprocess=None if preprocess is None else Preprocess.from_dict(preprocess),
                head=Head.from_dict(values["head"]) if "head" in values else None,
                threshold=_share(values["threshold"]) if "threshold" in values else None,
            )
        except (KeyError, TypeError, OverflowError, ParameterInvalid, ParameterUnknown):
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
            return _from_our_key(_json(metadata[KEY]), file)
        return _from_documented_key(_json(metadata.get(DOCUMENTED_KEY)))


def newer(file: str, what: str) -> ModelUnsupported:
    """Make the error of a file that a newer version wrote (-206); ``what`` is unknown here."""
    return ModelUnsupported(
        say(
            f"{english(file)} was written by a newer mmedu: {english(what)}.",
            f"{file} 由更新版本的 mmedu 写成：{what}。",
        ),
        hint=say(
            "Update: pip install -U mmedu; or convert the model again with this version.",
            "请更新：pip install -U mmedu；或用本版本重新转换模型。",
        ),
    )


def damaged(file: str) -> CheckpointInvalid:
    """Make the error of a file whose own metadata contradict themselves or lack something (-202)."""
    return CheckpointInvalid(
        say(
            f"{english(file)} is damaged: its own metadata ('{KEY}') do not say what they must.",
            f"{file} 已损坏：它自带的元数据（'{KEY}'）缺少必要的内容。",
        ),
        hint=say(
            "Copy it again, or convert the checkpoint again with MMEdu.", "请重新复制该文件，或用 MMEdu 重新转换模型。"
        ),
    )


def _keys_before_kinds(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys by which versions of ours that know no kinds still read a classifier's or a detector's file."""
    if kind == "classification":
        return {"decode": "probabilities"}
    if kind != "detection":
        return {}
    return {name: options.get(name, default) for name, default in _OPTIONS_BEFORE_KINDS.items()}


def _kind_and_options(values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the kind of output and its options, also of a file that was written before kinds had names."""
    if "kind" in values:
        if not isinstance(values["options"], dict):
            raise TypeError("options are a mapping")
        return values["kind"], values["options"]
    kind = _KIND_OF_DECODE[values["decode"]]
    if kind == "classification":
        return kind, {}
    return kind, {name: values.get(name, default) for name, default in _OPTIONS_BEFORE_KINDS.items()}


def _from_our_key(values: Any, file: str) -> ModelInfo:
    written = values.get("format") if isinstance(values, dict) else None
    if isinstance(written, int) and written > _FORMAT:
        raise newer(
            file,
            say(
                f"its metadata have format {written}, known here is {_FORMAT}",
                f"它的元数据格式为 {written}，这里支持的格式为 {_FORMAT}",
            ),
        )
    if written != _FORMAT:
        raise damaged(file)
    if "kind" not in values:
        _check_before_kinds(values, file)
    info = ModelInfo.from_dict(values)
    if info is None:
        raise damaged(file)
    return info


def _check_before_kinds(values: Mapping[str, Any], file: str) -> None:
    """Make sure that a file without a kind says what such files always said.

    Raises:
        ModelUnsupported: It names a task, or a way to read its outputs, that this version does not know (-206).
        CheckpointInvalid: It says too little, or contradicts itself (-202).
    """
    task, decode = values.get("task"), values.get("decode")
    if isinstance(task, str) and task not in _CODEBASES:
        raise newer(file, say(f"its task {task!r} is not known here", f"这里没有任务 {task!r}"))
    if isinstance(decode, str) and decode not in _KIND_OF_DECODE:
        raise newer(
            file, say(f"its outputs are {decode!r}, which is not known here", f"它的输出类型是 {decode!r}，这里不支持")
        )
    if not isinstance(decode, str) or _KIND_OF_DECODE[decode] != task:
        raise damaged(file)
    if not values.get("classes") or values.get("preprocess") is None:
        raise damaged(file)


def _from_documented_key(values: Any) -> ModelInfo | None:
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
    # The original tools' files hold what ours do, so both tasks' outputs are of the kind of the same name.
    return ModelInfo(task, name if isinstance(name, str) else "", classes, None, task)


def _json(text: str | None) -> Any:
    try:
        return plain_json.loads(text or "")
    except ValueError:
        return None


def _share(value: Any) -> float:
    if not is_number(value) or not 0 <= value <= 1:
        raise TypeError("a score is a number from 0 to 1")
    return float(value)


def _names(values: Any) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)) or not all(isinstance(name, str) for name in values):
        raise TypeError("classes are a list of names")
    return tuple(values)
