"""Files of two models, mixed by a copy or a killed program, are refused: they would answer under the wrong names."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from BaseDT.errors import CheckpointInvalid
from MMEdu import MMClassification
from XEdu import runtime

_PARTS = {"OpenVINO": (".xml", ".bin"), "NCNN": (".ncnn.param", ".ncnn.bin", ".ncnn.json")}
_PACKAGES = {"OpenVINO": ("openvino",), "NCNN": ("ncnn", "pnnx")}


@pytest.fixture(scope="module", params=_PARTS)
def files(request: pytest.FixtureRequest, trained: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A converted LeNet: the file to open, then the others."""
    if any(find_spec(package) is None for package in _PACKAGES[request.param]):
        pytest.skip(f"needs {request.param}")
    folder = tmp_path_factory.mktemp("混 合")
    model = MMClassification("LeNet")
    leftovers = [folder / f".x{_PARTS[request.param][0]}.0123abcd.{kind}" for kind in ("old", "tmp")]
    others = [folder / ".y.onnx.0123abcd.old", folder / ".x.txt"]
    for file in (*leftovers, *others):
        file.write_bytes(b"left by a program that was killed")
    model.convert(checkpoint=trained.checkpoint, backend=request.param, out_file=folder / "x")
    assert not any(file.exists() for file in leftovers)
    assert all(file.exists() for file in others)
    return [folder / f"x{suffix}" for suffix in _PARTS[request.param]]


def test_files_that_belong_together_are_opened(files: list[Path]) -> None:
    assert runtime.open(files[0]).inputs


def test_weights_of_another_model_are_refused(files: list[Path], tmp_path: Path, refused: Any) -> None:
    copies = _copied(files, tmp_path)
    weights = bytearray(copies[1].read_bytes())
    weights[-3] ^= 1  # of one number a bit: whole, and another model's
    copies[1].write_bytes(weights)
    with refused(CheckpointInvalid, copies[1].name, "another model"):
        runtime.open(copies[0])


def test_another_description_is_refused(files: list[Path], tmp_path: Path, refused: Any) -> None:
    copies = _copied(files, tmp_path)
    if copies[0].suffix == ".xml":
        return  # there it is the file that names the hash
    copies[0].write_bytes(copies[0].read_bytes().replace(b"Softmax", b"Sigmoid"))
    with refused(CheckpointInvalid, "another model"):
        runtime.open(copies[0])


def test_line_ends_are_no_difference(files: list[Path], tmp_path: Path) -> None:
    copies = _copied(files, tmp_path)
    if copies[0].suffix == ".param":
        copies[0].write_bytes(copies[0].read_bytes().replace(b"\n", b"\r\n"))
    assert runtime.open(copies[0]).inputs


def _copied(files: list[Path], folder: Path) -> list[Path]:
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return [folder / file.name for file in files]
