"""What lies in a file of another project: its tensors by its own names, and what it says of itself.

Plain state dicts, OpenMMLab's checkpoints, safetensors. Which network it is, ``recognise`` tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from BaseDT import plain_json
from BaseDT.errors import DependencyMissing
from BaseDT.language import say
from MMEdu.engine import checkpoint
from MMEdu.requirements import INSTALL_TRAIN
from MMEdu.weights.state_dict import checked_state, no_weights

_STATE_KEYS = ("state_dict", "model_state_dict", "model_state", "model", "net", "network")
"""Where files keep their weights, the likeliest first."""
_CLASSES_KEYS = ("CLASSES", "classes", "class_names", "categories")


@dataclass(frozen=True)
class ForeignFile:
    """A file of weights that MMEdu did not write.

    Attributes:
        path: The file.
        state: Its state dict, by the names it gives its weights.
        meta: What it says of itself: numbers, texts, lists and dictionaries.
    """

    path: Path
    state: dict[str, Tensor]
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names of the classes by label, where the file knows them."""
        dataset_meta = self.meta.get("dataset_meta")  # of mmengine; before, the names stood in meta itself
        for table in (self.meta, dataset_meta if isinstance(dataset_meta, Mapping) else {}):
            for key in _CLASSES_KEYS:
                if (names := _class_names(table.get(key))) is not None:
                    return names
        return None

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each weight."""
        return {name: tuple(value.shape) for name, value in self.state.items()}


def from_content(content: object, path: Path) -> ForeignFile:
    """Find weights and description in what ``torch.load`` gave.

    Raises:
        CheckpointInvalid: It holds no weights (-202).
    """
    if not isinstance(content, Mapping):
        raise no_weights(path)
    key = next((key for key in _STATE_KEYS if isinstance(content.get(key), Mapping)), None)
    if key is None and "meta" in content:  # a checkpoint whose weights are gone, not a bare state dict
        raise no_weights(path)
    state = checked_state(content if key is None else content[key], path)
    meta = content.get("meta", {name: content[name] for name in _CLASSES_KEYS if name in content})
    if not isinstance(meta, Mapping):
        raise no_weights(path, say("its description is none", "文件的说明部分无法使用"))
    return ForeignFile(path, state, dict(meta))


def from_safetensors(path: Path) -> ForeignFile:
    """Read a ``.safetensors`` file; its header may hold the names of the classes as JSON.

    Raises:
        CheckpointInvalid: It is no such file, not a whole one, or holds no weights (-202).
        DependencyMissing: The package that reads it is not installed (-502).
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        hint = say(f"Install it: {INSTALL_TRAIN}", f"请安装：{INSTALL_TRAIN}")
        raise DependencyMissing(
            say(f"safetensors is needed to read {path}.", f"读取 {path} 需要 safetensors。"), hint=hint
        ) from error
    try:
        with safe_open(path, framework="pt", device="cpu") as opened:
            state = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 — it is no dictionary
            header: Mapping[str, str] = opened.metadata() or {}
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        raise checkpoint.broken(path) from error
    return ForeignFile(path, checked_state(state, path), {name: _header_value(text) for name, text in header.items()})


def _header_value(text: str) -> Any:
    """Read a value of a header where it is JSON; a text else."""
    try:
        return plain_json.loads(text)
    except ValueError:
        return text


def _class_names(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str) and value:  # OpenMMLab's way to write a single class
        return (value,)
    if not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) for name in value):
        return None
    return tuple(value)
