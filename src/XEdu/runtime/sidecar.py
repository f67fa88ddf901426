"""The JSON file beside a model of a format that has no place for metadata (ncnn, TensorRT).

Export writes it, the runtime reads it: the properties of ``ModelInfo.to_metadata``, and the tensors of the model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from BaseDT import plain_json
from BaseDT.errors import CheckpointInvalid
from BaseDT.language import say
from XEdu.runtime.backend import TensorSpec


def path_of(model: Path) -> Path:
    """Return where the JSON file of a model lies: ``x.ncnn.json``, ``x.engine.json``."""
    if model.suffix.lower() in (".param", ".bin"):
        return model.with_suffix(".json")
    return model.with_name(f"{model.name}.json")


def to_bytes(
    metadata: Mapping[str, str], inputs: Sequence[TensorSpec] = (), outputs: Sequence[TensorSpec] = ()
) -> bytes:
    """Return the content of the JSON file."""
    tensors = {"inputs": inputs, "outputs": outputs}
    described = {name: json.dumps([_to_dict(spec) for spec in specs]) for name, specs in tensors.items() if specs}
    return json.dumps({**metadata, **described}, indent=1).encode("ascii")


def read(model: Path) -> dict[str, str]:
    """Return the properties beside a model, in the form that ``ModelInfo.from_metadata`` takes; none without a file.

    Raises:
        CheckpointInvalid: The file is there, but damaged (-202).
    """
    file = path_of(model)
    if not file.is_file():
        return {}
    try:
        return plain_json.properties(file.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(file) from error


def specs(metadata: Mapping[str, str], which: str) -> tuple[TensorSpec, ...]:
    """Return the tensors that a sidecar tells of.

    Args:
        metadata: What ``read`` gave.
        which: ``"inputs"`` or ``"outputs"``.
    """
    try:
        return tuple(_spec(values) for values in plain_json.loads(metadata.get(which, "[]")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()


def _to_dict(spec: TensorSpec) -> dict[str, object]:
    return {"name": spec.name, "shape": list(spec.shape), "dtype": str(spec.dtype)}


def _spec(values: Mapping[str, object]) -> TensorSpec:
    shape = values["shape"]
    if not isinstance(shape, list):
        raise TypeError("a shape is a list")
    sizes = tuple(size if isinstance(size, int) and size >= 0 else None for size in shape)
    return TensorSpec(str(values["name"]), sizes, np.dtype(str(values.get("dtype", "float32"))))


def _damaged(file: Path) -> CheckpointInvalid:
    hint = say("Copy it again, or convert the model anew.", "请重新复制该文件，或重新转换模型。")
    return CheckpointInvalid(
        say(f"{file.name} beside the model is no whole JSON file.", f"模型旁边的 {file.name} 不是完整的 JSON 文件。"),
        hint=hint,
    )
