"""What the files of a model show while no runtime has opened them: their size, and whether they are INT8."""

from __future__ import annotations

from pathlib import Path

from BaseDT.errors import CheckpointNotFound, did_you_mean
from BaseDT.files import what_is_at
from BaseDT.language import say
from BaseDT.pasted import as_meant
from XEdu.runtime.opening import refuse_pipe

_PAIRS = {".xml": ".bin", ".bin": ".xml", ".param": ".bin"}
# Operators that only a quantised file holds; the names stand in it as plain text.
_INT8_MARKS = (b"DequantizeLinear", b"QLinearConv", b"ConvInteger", b"MatMulInteger", b'"FakeQuantize"')


def existing(path: Path) -> Path:
    """Return the whole path of a model's file.

    Raises:
        CheckpointNotFound: There is none (-102).
        CheckpointInvalid: It is a pipe or a device (-202).
    """
    path = as_meant(path)
    if what_is_at(path) == "file":
        refuse_pipe(path)
        return path.absolute()
    neighbours = [file.name for file in path.parent.iterdir()] if what_is_at(path.parent) == "folder" else []
    hint = did_you_mean(path.name, neighbours) or say("Give the file of an exported model.", "请给出导出的模型文件。")
    raise CheckpointNotFound(say(f"No such model file: {path}.", f"找不到模型文件：{path}。"), hint=hint)


def files_of(model: Path) -> list[Path]:
    """The files that the weights and the graph lie in."""
    partner = _PAIRS.get(model.suffix.lower())
    if partner is None:
        outside = model.with_name(f"{model.name}.data")  # weights of ONNX files beyond 2 GB
        return [model, outside] if outside.is_file() else [model]
    twins = [model.with_suffix(suffix) for suffix in (partner, ".param") if suffix != model.suffix.lower()]
    return [model, *(twin for twin in twins if twin.is_file())]


def size_mb(model: Path) -> float:
    """The size of all of them, in MB (10⁶ bytes)."""
    return sum(file.stat().st_size for file in files_of(model)) / 1e6


def looks_int8(model: Path) -> bool:
    """Whether a file that does not say its precision holds operators of eight bits."""
    if model.suffix.lower() not in (".onnx", ".xml"):
        return False
    data = model.read_bytes()
    return any(mark in data for mark in _INT8_MARKS)
