"""The state dict of a file: dense real tensors by name, without the prefixes of wrappers. For any project's files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from BaseDT.errors import CheckpointInvalid
from BaseDT.language import english, say

# DataParallel, torch.compile, and attributes that training code commonly keeps its network in.
_WRAPPER_PREFIXES = ("module.", "_orig_mod.", "model.", "network.", "net.")


def checked_state(content: Mapping[Any, Any], file: Path) -> dict[str, Tensor]:
    """Return the tensors of a mapping by name; what is no tensor is left out, as are the prefixes of wrappers.

    Raises:
        CheckpointInvalid: There is no tensor, one has no name, or one is of a kind that no network here takes (-202).
    """
    state = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    if not state:
        raise no_weights(file)
    if any(not isinstance(name, str) for name in state):
        raise no_weights(file, say("its weights have no names", "其中的权重没有名称"))
    unusable = next(
        (
            say(f"{name} is {english(kind)}", f"{name} {kind}")
            for name, value in state.items()
            if (kind := _unusable_kind(value))
        ),
        None,
    )
    if unusable is not None:
        raise no_weights(file, unusable)
    prefix = wrapper_prefix(state)
    return {name.removeprefix(prefix): value for name, value in state.items()} if prefix else state


def wrapper_prefix(names: Collection[str]) -> str:
    """Return what wrappers put before every name, e.g. ``"module."``; mostly nothing."""
    prefix = ""
    while True:  # wrappers wrap each other: "_orig_mod.module."
        inner = next((p for p in _WRAPPER_PREFIXES if names and all(n.startswith(prefix + p) for n in names)), "")
        if not inner:
            return prefix
        prefix += inner


def _unusable_kind(value: Tensor) -> str:
    """Say what a tensor is that no network here takes; empty for usual ones: dense, of real numbers, with elements."""
    kinds = {
        say("quantized", "是量化的"): value.is_quantized,
        say("of complex numbers", "是复数"): value.is_complex(),
        say("sparse", "是稀疏的"): value.layout is not torch.strided,
        say("nested", "是嵌套的"): value.is_nested,
        say("without elements", "没有数据"): value.is_meta,
    }
    return next((kind for kind, applies in kinds.items() if applies), "")


def no_weights(file: Path, reason: str = "") -> CheckpointInvalid:
    """Make the error of a file without a state dict."""
    reason = reason or say("no names with tensors", "没有带名称的张量")
    hint = say(
        "Use a .pth file that MMEdu wrote, or one with a model's state_dict.",
        "请使用由 MMEdu 训练得到的 .pth 文件，或包含模型 state_dict 的文件。",
    )
    return CheckpointInvalid(
        say(f"{file} holds no weights of a model ({english(reason)}).", f"{file} 中没有模型的权重（{reason}）。"),
        hint=hint,
    )
