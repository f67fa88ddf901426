"""Reading a file of weights, ours or another project's: what is in it, without ever running code."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from BaseDT.errors import CheckpointInvalid, DependencyMissing
from BaseDT.language import say
from MMEdu.engine import checkpoint
from MMEdu.requirements import INSTALL_TRAIN
from MMEdu.weights.inert import STAND_INS
from MMEdu.weights.recognise import prefix_of

SUFFIXES = (".pth", ".pt", ".safetensors")
_PLACES = ("state_dict", "model_state_dict", "model_state", "model", "net", "network")
"""Where files keep their weights, the likeliest first."""
_NAMES = ("CLASSES", "classes", "class_names", "categories")


@dataclass(frozen=True)
class Source:
    """What a file of weights holds.

    Attributes:
        path: The file.
        state: Its weights, by the names it gives them.
        meta: What it says of itself: numbers, texts, lists and dictionaries.
        kind: ``"mmedu"`` for our own, ``"openmmlab"`` for files with a description like theirs, else ``"plain"``.
    """

    path: Path
    state: dict[str, Tensor]
    meta: dict[str, Any] = field(default_factory=dict)
    kind: Literal["mmedu", "openmmlab", "plain"] = "plain"

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names of the classes by label, where the file knows them."""
        described = self.meta.get("dataset_meta")
        for place in (self.meta, described if isinstance(described, Mapping) else {}):
            for name in _NAMES:
                if (found := _names(place.get(name))) is not None:
                    return found
        return None


def read(path: str | os.PathLike[str]) -> Source:
    """Read a file of weights: ``.pth`` or ``.pt`` of torch, or ``.safetensors``.

    Raises:
        CheckpointNotFound: No such file (-102).
        CheckpointInvalid: It is no such file, not a whole one, holds no weights, or wants to run code (-202).
        DependencyMissing: A ``.safetensors`` file, and the package that reads it is not installed (-502).
    """
    file = checkpoint.existing(path, SUFFIXES)
    if file.suffix.lower() == ".safetensors":
        return _safetensors(file)
    content = checkpoint.load(file, STAND_INS)
    if not isinstance(content, Mapping):
        raise _no_weights(file)
    state = _weights(content, file)
    meta = content.get("meta", {name: content[name] for name in _NAMES if name in content})
    if not isinstance(meta, Mapping):
        raise _no_weights(file, "its description is none")
    return Source(file, state, dict(meta), _kind(content))


def _kind(content: Mapping[str, Any]) -> Literal["mmedu", "openmmlab", "plain"]:
    if "meta" not in content:
        return "plain"
    # The original's files have a tool and a backbone, too, but no description of the input.
    return "mmedu" if content["meta"].keys() & {"preprocess", "task"} else "openmmlab"


def _weights(content: Mapping[str, Any], file: Path) -> dict[str, Tensor]:
    """Find the weights, and take away what wrappers put before every name."""
    place = next((name for name in _PLACES if isinstance(content.get(name), Mapping)), None)
    found = content if place is None else content[place]
    if "meta" in content and place is None:
        raise _no_weights(file)
    state = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    if not state:
        raise _no_weights(file)
    if any(not isinstance(name, str) for name in state):
        raise _no_weights(file, "its weights have no names")
    odd = next((f"{name} is {kind}" for name, value in state.items() if (kind := _odd(value))), None)
    if odd is not None:
        raise _no_weights(file, odd)
    prefix = prefix_of(state)
    return {name.removeprefix(prefix): value for name, value in state.items()} if prefix else state


def _odd(value: Tensor) -> str:
    """Say what a tensor is that no network here takes; empty for usual ones: dense, of real numbers, with elements."""
    kinds = {
        "quantized": value.is_quantized,
        "of complex numbers": value.is_complex(),
        "sparse": value.layout is not torch.strided,
        "nested": value.is_nested,
        "without elements": value.is_meta,
    }
    return next((kind for kind, is_so in kinds.items() if is_so), "")


def _safetensors(file: Path) -> Source:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        hint = say(f"Install it: {INSTALL_TRAIN}", f"请安装：{INSTALL_TRAIN}")
        raise DependencyMissing(f"safetensors is needed to read {file}.", hint=hint) from error
    try:
        with safe_open(file, framework="pt", device="cpu") as opened:
            state = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 — it is no dictionary
            header: Mapping[str, str] = opened.metadata() or {}
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:
        raise checkpoint.broken(file) from error
    return Source(file, _weights(state, file), {name: _plain(text) for name, text in header.items()})


def _plain(text: str) -> Any:
    """Read what a header says where it is JSON; a text else."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _names(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str) and value:  # OpenMMLab's way to write a single class
        return (value,)
    if not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) for name in value):
        return None
    return tuple(value)


def _no_weights(file: Path, why: str = "no names with tensors") -> CheckpointInvalid:
    hint = say(
        "Use a .pth file that MMEdu wrote, or one with a model's state_dict.",
        "请使用由 MMEdu 训练得到的 .pth 文件，或包含模型 state_dict 的文件。",
    )
    return CheckpointInvalid(f"{file} holds no weights of a model ({why}).", hint=hint)
