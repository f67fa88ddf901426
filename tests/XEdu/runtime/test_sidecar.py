"""The JSON file beside a model of ncnn or TensorRT."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import models_on_disk as models
from BaseDT.errors import CheckpointInvalid, ParameterInvalid
from BaseDT.model_info import ModelInfo
from XEdu import runtime
from XEdu.runtime import sidecar
from XEdu.runtime.backend import TensorSpec

INPUT = TensorSpec("in0", (1, 3, 16, 16), np.dtype(np.float32))
OUTPUT = TensorSpec("out0", (1, 3), np.dtype(np.float32))


@pytest.mark.parametrize(
    ("model", "beside"),
    [("x.ncnn.param", "x.ncnn.json"), ("x.ncnn.bin", "x.ncnn.json"), ("x.engine", "x.engine.json")],
)
def test_its_name_follows_the_models(model: str, beside: str) -> None:
    assert sidecar.path_of(Path(model)).name == beside


def test_what_was_written_is_read(folder: Path) -> None:
    model, known = models.ncnn_classifier(folder / "颜 色.ncnn.param"), models.info()
    sidecar.path_of(model).write_bytes(sidecar.to_bytes(known.to_metadata(), [INPUT], [OUTPUT]))
    backend = runtime.open(model)
    assert ModelInfo.from_metadata(backend.metadata) == known
    assert (list(backend.inputs), list(backend.outputs)) == ([INPUT], [OUTPUT])


def test_the_plain_metadata_are_enough(folder: Path) -> None:
    model, known = models.ncnn_classifier(folder / "x.ncnn.param"), models.info()
    sidecar.path_of(model).write_text(json.dumps(known.to_metadata()), "utf-8")
    backend = runtime.open(model)
    assert ModelInfo.from_metadata(backend.metadata) == known
    assert [spec.name for spec in backend.inputs] == ["in0"]


def test_our_own_key_as_plain_json_is_not_passed_over_for_the_documented_one(folder: Path) -> None:
    model, known = models.ncnn_classifier(folder / "x.ncnn.param"), models.info()
    written = {**known.to_metadata(), "mmedu": known.to_dict(), "inputs": [{"name": "in0", "shape": [1, 3, 16, 16]}]}
    sidecar.path_of(model).write_text(json.dumps(written), "utf-8")
    backend = runtime.open(model)
    assert ModelInfo.from_metadata(backend.metadata) == known
    assert backend.inputs[0].shape == (1, 3, 16, 16)


def test_with_it_the_shape_is_checked(folder: Path, refused) -> None:
    model = models.ncnn_classifier(folder / "x.ncnn.param")
    sidecar.path_of(model).write_bytes(sidecar.to_bytes({}, [INPUT]))
    with refused(ParameterInvalid, "8 × 8"):
        runtime.open(model).run({"in0": np.zeros((1, 3, 8, 8), np.float32)})


def test_without_it_nothing_is_known(folder: Path) -> None:
    assert runtime.open(models.ncnn_classifier(folder / "x.ncnn.param")).metadata == {}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe\x00"])
def test_a_damaged_one_is_named(folder: Path, content: bytes, refused) -> None:
    model = models.ncnn_classifier(folder / "x.ncnn.param")
    sidecar.path_of(model).write_bytes(content)
    with refused(CheckpointInvalid, "x.ncnn.json"):
        runtime.open(model)


@pytest.mark.parametrize("described", ["{", "3", '[{"name": "a"}]', '[{"name": "a", "shape": 3}]', "[7]"])
def test_tensors_that_make_no_sense_are_as_if_not_there(folder: Path, described: str) -> None:
    model = models.ncnn_classifier(folder / "x.ncnn.param")
    sidecar.path_of(model).write_text(json.dumps({"inputs": described}), "utf-8")
    assert [spec.name for spec in runtime.open(model).inputs] == ["in0"]


def test_openvino_keeps_the_metadata_inside(folder: Path) -> None:
    known = models.info()
    model = models.openvino_of(models.classifier(folder / "x.onnx"), folder / "颜 色.xml", known)
    assert ModelInfo.from_metadata(runtime.open(model).metadata) == known
