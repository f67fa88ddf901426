"""Values that Python itself stumbles over: every documented door names them, whatever the parameter.

An array as a flag, a whole number beyond any float, half a character, a path that is too long or leads to itself, a
list that is nested too deeply, a number with more digits than Python writes.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import BaseDeploy
from BaseDT import plot
from BaseDT.data import ImageData, ModelData, TextData
from BaseDT.dataset import DataSet, split_tab_dataset
from BaseDT.errors import ParameterInvalid, XEduError
from MMEdu import MMClassification, MMDetection, pth_info
from XEdu.hub import Workflow


def _deep() -> list[Any]:
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    return nested


Doors = dict[str, tuple[Callable[..., Any], dict[str, Any]]]
BAD: dict[str, Any] = {
    "array": np.array([1, 2]),
    "empty array": np.zeros(0),
    "beyond any float": 10**400,
    "beyond any text": -(10**5000),
    "half a character": "\ud800",
    "long name": "x" * 300,
    "long path": "/".join(["y" * 200] * 30),
    "path to itself": "loop",
    "path through it": Path("loop/a.onnx"),
    "nested": _deep(),
    "bytes": b"a",
}
# What is not judged by its value: results of a call, or whatever a user's function takes.
NOT_CHECKED = {"self", "res", "result", "preprocess", "postprocess", "config", "args", "kwargs", "options"}


@functools.wraps(DataSet.make_dataset)
def _make_dataset(**values: object) -> object:
    return DataSet("new").make_dataset(**values)  # in the working folder of now


@pytest.fixture(scope="module")
def doors(
    tmp_path_factory: pytest.TempPathFactory, trained: Any
) -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """The documented functions, each with arguments that would do."""
    model_file = tmp_path_factory.mktemp("模 型") / "猫.onnx"
    model = MMClassification("LeNet")
    model.load_dataset(trained.dataset)
    model.convert(checkpoint=trained.checkpoint, out_file=model_file)
    model.load_checkpoint(trained.checkpoint)
    workflow, deployed = Workflow(task="mmedu", checkpoint=str(model_file)), BaseDeploy(str(model_file))
    workflow.inference(data=str(trained.cat))
    detector = MMDetection("SSD_Lite")
    files = {"image": trained.cat, "checkpoint": trained.checkpoint}
    return {
        "MMClassification": (MMClassification, {}),
        "load_dataset": (model.load_dataset, {"path": trained.dataset}),
        "train": (model.train, {"epochs": 1, "save_fold": "run"}),
        "load_checkpoint": (model.load_checkpoint, {"checkpoint": trained.checkpoint}),
        "fast_inference": (model.fast_inference, {"image": trained.cat, "show": False}),
        "inference": (model.inference, {**files, "show": False}),
        "explain": (model.explain, files),
        "embed": (model.embed, files),
        "convert": (model.convert, {"checkpoint": trained.checkpoint, "out_file": "a.onnx"}),
        "quantize": (model.quantize, {"checkpoint": trained.checkpoint, "out_file": "q.onnx"}),
        "MMDetection": (MMDetection, {}),
        "MMDetection.load_dataset": (detector.load_dataset, {"path": trained.dataset}),
        "MMDetection.load_checkpoint": (detector.load_checkpoint, {"checkpoint": trained.checkpoint}),
        "MMDetection.inference": (detector.inference, files),
        "pth_info": (pth_info, {"checkpoint": trained.checkpoint}),
        "Workflow": (Workflow, {"task": "mmedu", "checkpoint": str(model_file)}),
        "Workflow.inference": (workflow.inference, {"data": trained.cat}),
        "Workflow.format_output": (workflow.format_output, {}),
        "Workflow.save": (workflow.save, {"img": np.zeros((4, 4, 3), np.uint8), "path": "o.png"}),
        "BaseDeploy": (BaseDeploy, {"path": str(model_file)}),
        "BaseDeploy.inference": (deployed.inference, {"input_data": trained.cat}),
        "ImageData": (ImageData, {"source": trained.cat}),
        "TextData": (TextData, {"texts": "a b"}),
        "ModelData": (ModelData, {"path": str(model_file)}),
        "DataSet": (DataSet, {"path": trained.dataset}),
        "make_dataset": (_make_dataset, {"src": trained.dataset}),
        "split_tab_dataset": (split_tab_dataset, {"path": "none.csv"}),
        "imshow_det_bboxes": (
            plot.imshow_det_bboxes,
            {"img": trained.cat, "bboxes": [[0, 0, 5, 5]], "labels": [0], "class_names": ["a"], "score_thr": 0.3},
        ),
        "plot_log": (plot.plot_log, {"log": trained.folder}),
    }


@pytest.mark.parametrize("bad", BAD)
def test_a_value_that_python_stumbles_over_is_named(doors: Doors, workplace: Path, bad: str) -> None:
    if "itself" in bad or "through" in bad:
        if sys.platform == "win32":
            pytest.skip("links need a privilege")
        Path("loop").symlink_to("loop")
    unnamed = []
    for door, (function, working) in doors.items():
        for name in inspect.signature(function).parameters.keys() - NOT_CHECKED:
            try:
                with suppress(XEduError):
                    function(**{**working, name: BAD[bad]})
            except Exception as error:  # noqa: BLE001 — whatever it is, it has no name
                unnamed.append(f"{door}({name}=…): {type(error).__name__}")
    assert unnamed == []


@pytest.mark.parametrize("setting", ["abc", "-1", "nan", "inf", "1e400", "1,5"])
def test_a_cache_of_no_size_is_named(monkeypatch: pytest.MonkeyPatch, refused: Any, setting: str) -> None:
    from MMEdu.engine.store import Budget

    monkeypatch.setenv("MMEDU_CACHE", setting)
    with refused(ParameterInvalid, "MMEDU_CACHE"):
        Budget.of_this_machine()


@pytest.mark.parametrize(("setting", "size"), [("0", 0), ("0.0", 0), (" 5 ", 5 << 20), ("1.5", 3 << 19)])
def test_a_cache_of_some_size_has_it(monkeypatch: pytest.MonkeyPatch, setting: str, size: int) -> None:
    from MMEdu.engine.memory import MB
    from MMEdu.engine.store import Budget

    monkeypatch.setenv("MMEDU_CACHE", setting)
    assert Budget.of_this_machine().memory == size * MB // (1 << 20)
