"""``task="baseml"``: models of BaseML, exported and saved, over rows of numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

import classic_models as models
import models_on_disk
import networks_on_disk
from BaseDT.errors import (
    CheckpointInvalid,
    CheckpointNotFound,
    DatasetNotFound,
    DependencyMissing,
    InputMismatch,
    MethodUnsupported,
    ModelUnsupported,
    ParameterInvalid,
    TaskMismatch,
)
from BaseML.export import onnx as export
from BaseML.files import model_file
from XEdu.hub import Workflow
from XEdu.hub.tasks import baseml

ANSWERING = [kind for kind in models.KINDS if kind.exports]
FLOWER = [5.1, 3.5, 1.4, 0.2]


def test_a_table_in_place_of_a_model_is_sent_to_inference(folder: Path) -> None:
    (folder / "zh.csv").write_text("1,2\n", encoding="utf-8")
    (folder / "zh.jpg").write_bytes(b"x")
    for name, said in (("zh.csv", "inference(data="), ("zh.jpg", ".onnx and .pkl")):
        with pytest.raises(CheckpointInvalid) as caught:
            Workflow(task="baseml", checkpoint=folder / name)
        assert said in caught.value.hint


class Frame:
    """What is known of a frame: its columns, and that it becomes an array."""

    def __init__(self, columns: list[str], rows: Any) -> None:
        self.columns, self._rows = columns, np.asarray(rows)

    def to_numpy(self) -> np.ndarray:
        return self._rows


@pytest.fixture(params=[".onnx", ".pkl"])
def tree(request: pytest.FixtureRequest, folder: Path) -> Workflow:
    """A decision tree of iris, exported or saved."""
    return opened(models.trained("CART", "classification", scaled=True, max_depth=3), folder, request.param)


def opened(model: models.TrainedModel, folder: Path, suffix: str = ".onnx") -> Workflow:
    path = folder / "模型 库" / f"鸢 尾{suffix}"
    if suffix == ".onnx":
        export.convert(model, path)
    else:
        model_file.write(model, path)
    return Workflow(task="baseml", checkpoint=path)


@pytest.mark.parametrize("suffix", [".onnx", ".pkl"])
@pytest.mark.parametrize("kind", ANSWERING, ids=lambda kind: f"{kind.family} {kind.name}")
def test_every_algorithm_answers_as_it_was_trained(kind, suffix, folder: Path) -> None:
    model, rows = models.trained(kind.name, kind.family), models.rows_for(kind, 20)
    workflow = opened(model, folder, suffix)
    found, expected = workflow.inference(rows.tolist()), models.said(model, rows)
    assert isinstance(found, np.ndarray)
    if kind.family == "classification":
        assert found.tolist() == [models.FLOWERS[label] for label in expected]
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    json.dumps(workflow.format_output(isprint=False))


def test_a_result_in_every_language(tree: Workflow, capsys: pytest.CaptureFixture[str]) -> None:
    assert tree.inference([FLOWER, [6.5, 3.0, 5.5, 2.0]]).tolist() == ["山鸢尾", "维吉尼亚鸢尾"]
    said = tree.format_output()
    assert said["预测值"] == ["山鸢尾", "维吉尼亚鸢尾"]
    assert [0.9 < score <= 1 for score in said["分数"]] == [True, True]
    assert "山鸢尾" in capsys.readouterr().out
    assert list(tree.format_output("en", isprint=False)) == ["prediction", "scores"]
    assert list(tree.format_output("de", isprint=False)) == ["Vorhersage", "Partituren"]


def test_numbers_have_the_digits_that_they_have(folder: Path) -> None:
    ridge = opened(models.trained("Ridge", "regression"), folder)
    ridge.inference(models.DIABETES[:2])
    assert all(len(str(value)) <= 10 for value in ridge.format_output(isprint=False)["预测值"])
    flat = opened(models.trained("PCA", "reduction"), folder)
    assert flat.inference([FLOWER]).shape == (1, 2)
    assert np.shape(flat.format_output(isprint=False)["预测值"]) == (1, 2)


@pytest.mark.parametrize("suffix", [".onnx", ".pkl"])
def test_a_support_vector_machine_tells_sides_not_shares(suffix, folder: Path) -> None:
    machine = opened(models.trained("SVM", "classification"), folder, suffix)
    machine.inference([FLOWER])
    assert machine.format_output(isprint=False) == {"预测值": ["山鸢尾"]}


def test_rows_of_every_form(tree: Workflow) -> None:
    rows = [FLOWER, [5.9, 3.0, 5.1, 1.8]]
    expected = tree.inference(rows).tolist()
    for data in (
        np.array(rows),
        np.array(rows, np.float32),
        tuple(map(tuple, rows)),
        [[str(n) for n in r] for r in rows],
    ):
        assert tree.inference(data).tolist() == expected
    assert tree.inference(FLOWER).tolist() == expected[:1]
    mixed = [3, 1, 0, 2]
    frame = Frame([("萼片长", "萼片宽", "花瓣长", "花瓣宽")[n] for n in mixed], np.array(rows)[:, mixed])
    assert tree.inference(frame).tolist() == expected


def test_a_table_of_rows(tree: Workflow, folder: Path, refused) -> None:
    table = folder / "数据 集" / "花.csv"
    table.parent.mkdir()
    table.write_text("编号,花瓣宽,萼片长,萼片宽,花瓣长\na,0.2,5.1,3.5,1.4\nb,1.8,5.9,3.0,5.1\n", encoding="gbk")
    assert tree.inference(str(table)).tolist() == ["山鸢尾", "维吉尼亚鸢尾"]
    table.write_text("5.1,3.5,1.4,0.2\n", encoding="utf-8")
    assert tree.inference(table).tolist() == ["山鸢尾"]
    table.write_text("5.1,3.5,1.4\n", encoding="utf-8")
    with refused(InputMismatch, "3 columns"):
        tree.inference(table)
    with refused(DatasetNotFound, "没有.csv"):
        tree.inference("没有.csv")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([[1, 2, 3]], ("have 3 columns", "trained with 4", "5.1", "萼片长")),
        ([1, 2, 3], ("1 columns",)),
        ([[*FLOWER, 1]], ("5 columns",)),
        ([[5.1, 3.5, 1.4, "大"]], ("data[0, 3]", "no number")),
        ([[5.1, 3.5, None, 1]], ("data[0, 2]", "missing")),
        ([[5.1, 3.5, float("inf"), 1]], ("data[0, 2]",)),
        ([FLOWER, [1]], ("data[1] has 1 value, and other rows have 4",)),
        ([], ("no rows of numbers",)),
        (None, ("no rows of numbers",)),
        ("x", ("no rows of numbers",)),
        ({}, ("no rows of numbers",)),
    ],
)
def test_data_that_do_not_fit(tree: Workflow, data: Any, words, refused) -> None:
    with refused(InputMismatch, *words):
        tree.inference(data)


def test_what_other_tasks_have_is_refused(tree: Workflow, refused) -> None:
    with refused(ParameterInvalid, "thr"):
        tree.inference([FLOWER], thr=0.5)
    with refused(TaskMismatch, "img_type"):
        tree.inference([FLOWER], img_type="cv2")
    with refused(TaskMismatch, "bbox"):
        tree.inference([FLOWER], bbox=[1, 2, 3, 4])
    with refused(TaskMismatch, "target_class"):
        tree.inference([FLOWER], target_class="山鸢尾")
    with refused(ParameterInvalid, "custom"):
        tree.inference([FLOWER], preprocess=len)
    with refused(ModelUnsupported, "model.valid"):
        tree.evaluate("folder")


def test_many_rows_run_in_parts(folder: Path) -> None:
    workflow = opened(models.trained("KNN", "classification"), folder)
    rows = np.resize(models.IRIS, (1500, 4))
    expected = models.said(models.trained("KNN", "classification"), rows)
    object.__setattr__(workflow._task.opened.info, "batch", 7)
    assert workflow.inference(rows).tolist() == [models.FLOWERS[label] for label in expected]


def test_an_algorithm_that_knows_only_its_own_rows(folder: Path, refused) -> None:
    workflow = opened(models.trained("Spectral clustering", "cluster"), folder, ".pkl")
    with refused(MethodUnsupported, "Kmeans and Birch"):
        workflow.inference([FLOWER])


# --- files ------------------------------------------------------------------------------------------------------------


def test_an_exported_model_needs_neither_scikit_learn_nor_torch(folder: Path) -> None:
    path = export.convert(models.trained("CART", "classification"), folder / "鸢 尾.onnx")
    code = """
import json, sys
from XEdu.hub import Workflow
said = Workflow("baseml", sys.argv[1]).inference([[5.1, 3.5, 1.4, 0.2]]).tolist()
heavy = ("sklearn", "torch", "joblib", "scipy", "onnx", "BaseML")
print(json.dumps([said, [name for name in heavy if name in sys.modules]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["山鸢尾"], []]


@pytest.mark.parametrize("runner", ["BaseML_missing.running", "classic_without_sklearn"])
def test_a_saved_model_without_scikit_learn_names_both_ways(runner, folder: Path, monkeypatch, refused) -> None:
    (folder / "classic_without_sklearn.py").write_text("import sklearn_is_missing\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(baseml, "_SKLEARN_RUNNER", runner)
    with refused(DependencyMissing, "scikit-learn", "convert("):
        Workflow("baseml", "x.pkl")
    monkeypatch.undo()
    monkeypatch.setattr("BaseML.requirements.find_spec", lambda _: None)
    model_file_path = folder / "x.pkl"
    model_file_path.write_bytes(b"x")
    with refused(DependencyMissing, "scikit-learn", "convert(", "mmedu[ml]"):
        Workflow("baseml", model_file_path)


def test_files_of_others_are_named(folder: Path, refused) -> None:
    with refused(TaskMismatch, "task='mmedu'"):
        Workflow("baseml", models_on_disk.classifier(folder / "x.onnx"))
    with refused(CheckpointInvalid, "task='basenn'"):
        Workflow("baseml", networks_on_disk.table(folder / "y.onnx"))
    with refused(CheckpointNotFound, "没有.pkl"):
        Workflow("baseml", "没有.pkl")
    with refused(CheckpointNotFound, "没有.onnx"):
        Workflow("baseml", "没有.onnx")


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 5},
        {"width": 0},
        {"width": True},
        {"shares": 1},
        {"batch": 0},
        {"batch": "7"},
        {"family": "regression"},
        {"family": "x"},
        {"classes": ["a"]},
        {"classes": "abc"},
        {"classes": [1, 2, 3]},
        {"labels": [0.5]},
        {"labels": None},
        {"example": ["a"]},
        {"format": 0},
        {"algorithm": 3},
    ],
    ids=str,
)
def test_metadata_that_cannot_be_meant(changes: dict[str, Any], folder: Path, refused) -> None:
    path = export.convert(models.trained("CART", "classification"), folder / "x.onnx")
    _rewrite(path, changes)
    with refused(CheckpointInvalid, "x.onnx", "damaged"):
        Workflow("baseml", path)


def test_metadata_of_a_newer_version(folder: Path, refused) -> None:
    path = export.convert(models.trained("CART", "classification"), folder / "x.onnx")
    _rewrite(path, {"format": 2})
    with refused(ModelUnsupported, "newer mmedu"):
        Workflow("baseml", path)


def test_the_original_client_runs_it_as_a_network_of_numbers(folder: Path) -> None:
    """It knows the documented keys, feeds ``input`` with 32 bits, and takes the largest of ``output`` for the class."""
    model = models.trained("KNN", "classification")
    network = Workflow("basenn", export.convert(model, folder / "x.onnx"))
    (output,) = network.inference(models.IRIS.tolist())
    assert output.argmax(axis=1).tolist() == models.said(model, models.IRIS).tolist()


def _rewrite(path: Path, changes: dict[str, Any]) -> None:
    model = onnx.load(path)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    properties["baseml"] = json.dumps({**json.loads(properties["baseml"]), **changes})
    helper.set_model_props(model, properties)
    onnx.save(model, path)
