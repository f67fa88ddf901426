"""The module is called like a function, and stays a real module."""

from __future__ import annotations

import importlib
import types
from pathlib import Path

import pytest

import BaseDeploy as bd
import models_on_disk as models
from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    DependencyMissing,
    ParameterInvalid,
    ParameterUnknown,
    TaskMismatch,
)


@pytest.fixture
def model(folder: Path) -> Path:
    return models.classifier(folder / "颜 色.onnx")


def test_calling_it_opens_a_model(model: Path) -> None:
    deployed = bd(str(model))  # type: ignore[operator]
    assert (deployed.backend, deployed.classes) == ("onnxruntime", list(models.CLASSES))
    assert deployed.print_result(deployed.inference(models.picture("blue")))["预测结果"] == "蓝色"


def test_it_can_be_reloaded_imported_from_and_documented(model: Path) -> None:
    again = importlib.reload(bd)
    assert isinstance(again, types.ModuleType)
    assert again is bd
    from BaseDeploy import load
    from BaseDeploy.serving import Serving

    assert isinstance(load(model), Serving)
    assert "import BaseDeploy as bd" in (bd.__doc__ or "")


def test_a_model_of_another_codebase_is_not_run(folder: Path, refused) -> None:
    with refused(TaskMismatch, "姿 态.onnx", "MMPose", "custom"):
        bd.load(models.classifier(folder / "姿 态.onnx", known=models.foreign(codebase="MMPose")))


def test_load_is_the_same(model: Path) -> None:
    assert repr(bd.load(model)) == repr(bd(model))  # type: ignore[operator]


@pytest.mark.parametrize("backend", ["ort", "ORT", "onnxruntime"])
def test_a_backend_that_fits_is_taken(model: Path, backend: str) -> None:
    assert bd.load(model, backend=backend).backend == "onnxruntime"


def test_ort_lets_the_suffix_decide(model: Path, folder: Path) -> None:
    assert bd.load(models.openvino_of(model, folder / "x.xml")).backend == "openvino"
    assert bd.load(models.openvino_of(model, folder / "x.xml"), "openvino").backend == "openvino"


@pytest.mark.parametrize("backend", ["openvin", "", None, 3])
def test_an_unknown_backend_lists_those_that_are_there(model: Path, backend: object, refused) -> None:
    with refused(ParameterInvalid, "backend", "'openvino', 'tensorrt'"):
        bd.load(model, backend)  # type: ignore[arg-type]


def test_a_backend_of_another_format_is_refused(model: Path, refused) -> None:
    with refused(ParameterInvalid, "onnxruntime", "ncnn"):
        bd.load(model, "ncnn")


def test_a_missing_or_broken_model_is_named(folder: Path, refused) -> None:
    with refused(CheckpointNotFound, "没有.onnx"):
        bd.load("没有.onnx")
    (folder / "x.onnx").write_bytes(b"<html>")
    with refused(CheckpointInvalid, "web page"):
        bd.load("x.onnx")


@pytest.mark.parametrize("name", ["run_siot", "stop_siot"])
def test_what_speaks_mqtt_says_what_to_use_instead(model: Path, name: str, refused) -> None:
    with refused(DependencyMissing, name, "run_fastapi"):
        getattr(bd.load(model), name)()


def test_a_misspelt_parameter_is_named(model: Path, refused) -> None:
    with refused(ParameterUnknown, "'backend'"):
        bd(model, backed="ort")  # type: ignore[operator]
