"""Exported models: they answer as the trained ones, say what they are, and are old enough for boards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

import classic_models as models
from BaseDT.classic_model_info import ClassicModelInfo
from BaseDT.errors import DependencyMissing, ExportDiffers, ExportFailed, ParameterInvalid, PathNotWritable
from BaseML.algorithms.kind import AlgorithmKind
from BaseML.export import numeric, parity
from BaseML.export import onnx as export
from BaseML.export.graph import Graph
from BaseML.trained import TrainedModel

EXPORTED = [kind for kind in models.KINDS if kind.exports]


@pytest.fixture(params=EXPORTED, ids=lambda kind: f"{kind.family} {kind.name}")
def kind(request: pytest.FixtureRequest) -> AlgorithmKind:
    return request.param


def run(path: Path, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What a runtime without any library of ours gets."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"input": rows.astype(np.float32)}), strict=True))


def compare(model: TrainedModel, path: Path, rows: np.ndarray) -> None:
    """Labels are the same, numbers as near as 32 bits are; of equally far neighbours any may vote."""
    rows = rows[~parity.equally_far(model, rows)]
    outputs, expected = run(path, rows), models.said(model, rows)
    if "label" in outputs:
        assert outputs["label"].tolist() == expected.tolist()
        assert outputs["label"].dtype == np.int64
    if model.kind.family in ("regression", "reduction"):
        found = outputs["output"].reshape(expected.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    elif model.kind.name == "Kmeans":
        np.testing.assert_allclose(-outputs["output"], model.estimator.transform(model.scaled(rows)), atol=1e-4)
    elif hasattr(model.estimator, "predict_proba"):
        np.testing.assert_allclose(outputs["output"], model.estimator.predict_proba(model.scaled(rows)), atol=1e-5)


@pytest.mark.parametrize("scaled", [False, True], ids=["as it is", "scaled"])
def test_an_exported_model_answers_as_the_trained_one(kind, scaled, folder: Path) -> None:
    model = models.trained(kind.name, kind.family, scaled=scaled)
    path = export.convert(model, folder / "数据 集" / "模 型.onnx")
    compare(model, path, models.rows_for(kind))


def test_the_file_says_what_it_is(kind, folder: Path) -> None:
    model = models.trained(kind.name, kind.family)
    written = onnx.load(export.convert(model, folder / "x.onnx"))
    onnx.checker.check_model(written, full_check=True)
    assert written.ir_version == 6
    assert {entry.domain: entry.version for entry in written.opset_import}[""] == 10
    properties = {entry.key: entry.value for entry in written.metadata_props}
    assert (properties["dataset_type"], json.loads(properties["input_size"])) == ("tab", [1, model.width])
    assert all(value.isascii() for value in properties.values())
    info = ClassicModelInfo.from_metadata(properties, "x.onnx")
    assert info is not None
    assert (info.family, info.algorithm, info.width) == (kind.family, kind.name, model.width)
    assert (info.classes, info.features) == (model.classes, model.features)
    assert info.example == pytest.approx(model.demo_input[0])


@pytest.mark.parametrize("opset", [10, 11, 12, 13, 17, 18, 20])
@pytest.mark.parametrize("name", ["KNN", "RandomForest", "NaiveBayes", "SVM"])
def test_the_same_graph_is_right_for_every_opset(name, opset, folder: Path) -> None:
    model = models.trained(name, "classification")
    ir = 6 if opset < 12 else 10
    path = export.convert(model, folder / "x.onnx", opset=opset, ir=ir)
    compare(model, path, models.rows_for(model.kind))
    assert onnx.load(path).ir_version == ir


@pytest.mark.parametrize(
    ("name", "family", "parameters"),
    [
        ("KNN", "classification", {"weights": "distance"}),
        ("KNN", "classification", {"p": 1, "n_neighbors": 1}),
        ("SVM", "classification", {"kernel": "linear"}),
        ("SVM", "classification", {"kernel": "poly", "degree": 2, "coef0": 1.0}),
        ("SVM", "classification", {"kernel": "sigmoid"}),
        ("SVM", "regression", {"kernel": "linear"}),
        ("CART", "classification", {"max_depth": 1}),
        ("CART", "regression", {"max_leaf_nodes": 2}),
        ("MLP", "classification", {"activation": "tanh", "hidden_layer_sizes": (5, 4)}),
        ("MLP", "classification", {"activation": "logistic"}),
        ("MLP", "regression", {"activation": "identity"}),
        ("AdaBoost", "classification", {"n_estimators": 1}),
        ("AdaBoost", "regression", {"n_estimators": 50}),
        ("Polynomial", "regression", {"degree": 1}),
        ("Polynomial", "regression", {"degree": 3, "interaction_only": True}),
        ("LinearRegression", "regression", {"fit_intercept": False}),
        ("Birch", "cluster", {"threshold": 0.05}),
        ("Kmeans", "cluster", {"n_clusters": 40}),
        ("PCA", "reduction", {"whiten": True, "n_components": 3}),
        ("LDA", "reduction", {"solver": "eigen", "n_components": 1}),
    ],
)
def test_parameters_change_the_file_as_they_change_the_model(name, family, parameters, folder: Path) -> None:
    model = models.trained(name, family, **parameters)
    compare(model, export.convert(model, folder / "x.onnx"), models.rows_for(model.kind))


@pytest.mark.parametrize("name", ["KNN", "SVM", "NaiveBayes", "CART", "AdaBoost", "MLP", "RandomForest"])
def test_two_classes_that_are_no_first_numbers(name, folder: Path) -> None:
    kind = models.find("classification", name)
    estimator = kind.make().fit(models.IRIS[50:], np.array([0, 7, 9])[models.LABELS[50:]])
    model = TrainedModel(kind, estimator, (), (), (100, 4), models.IRIS[:1])
    path = export.convert(model, folder / "x.onnx")
    compare(model, path, models.rows_for(kind))
    assert set(run(path, models.IRIS)["label"].tolist()) == {7, 9}


def test_a_tree_that_asks_nothing(folder: Path) -> None:
    kind = models.find("regression", "CART")
    estimator = kind.make().fit(np.zeros((3, 2)), [5.5, 5.5, 5.5])
    path = export.convert(TrainedModel(kind, estimator, (), (), (3, 2), np.zeros((1, 2))), folder / "x.onnx")
    assert run(path, np.array([[-1, 3], [9, 9]]))["output"].tolist() == [[5.5], [5.5]]


def test_several_numbers_are_estimated_at_once(folder: Path) -> None:
    for name in ("LinearRegression", "CART", "RandomForest", "MLP"):
        kind = models.find("regression", name)
        estimator = kind.make().fit(models.IRIS[:, :2], models.IRIS[:, 2:])
        model = TrainedModel(kind, estimator, (), (), (150, 2), models.IRIS[:1, :2])
        path = export.convert(model, folder / "x.onnx")
        np.testing.assert_allclose(
            run(path, models.IRIS[:9, :2])["output"], estimator.predict(models.IRIS[:9, :2]), rtol=1e-5, atol=1e-5
        )


def test_numbers_with_few_digits_are_taken_as_they_were_typed(folder: Path) -> None:
    """0.1 + 0.2 in 32 bits lies on another side of a border than in 64: the nearest neighbours of iris often tie."""
    kind = models.find("classification", "KNN")
    points = np.round(np.random.default_rng(0).uniform(0, 3, (300, 2)), 1)
    labels = (np.arange(300) % 3).astype(np.int64)
    points, first = np.unique(points, axis=0, return_index=True)
    estimator = kind.make().set_params(algorithm="brute", n_neighbors=1).fit(points, labels[first])
    model = TrainedModel(kind, estimator, (), (), points.shape, points[:1])
    path = export.convert(model, folder / "x.onnx")
    assert run(path, points)["label"].tolist() == labels[first].tolist()
    border = models.find("classification", "CART").make().fit([[0.1], [0.3]], [0, 1])  # asks for 0.2
    scaled = models.Scaling(np.array([-0.7]), np.array([0.9]))
    tree = TrainedModel(models.find("classification", "CART"), border, (), (), (2, 1), np.array([[-0.54]]), scaled)
    edges = np.array([[-0.38], [-0.37], [-0.39]])
    assert run(export.convert(tree, folder / "y.onnx"), edges)["label"].tolist() == models.said(tree, edges).tolist()


def test_numbers_with_more_digits_than_32_bits_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind, seconds = models.find("regression", "LinearRegression"), 1.7e9 + 50.0 * np.arange(60)[:, None]
    model = TrainedModel(kind, kind.make().fit(seconds, np.arange(60.0)), (), (), (60, 1), seconds[:1])
    path = export.convert(model, folder / "x.onnx", rows=seconds)
    assert "more digits" in capsys.readouterr().err
    near = seconds.astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(run(path, seconds)["output"][:, 0], model.estimator.predict(near), atol=1e-3)
    export.convert(models.trained("Ridge", "regression"), folder / "y.onnx")
    assert capsys.readouterr().err == ""


def test_rows_of_many_columns_and_many_known_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, rng = models.find("classification", "KNN"), np.random.default_rng(0)
    x = rng.normal(size=(90, 80))
    model = TrainedModel(kind, kind.make().fit(x, np.arange(90) % 3), (), (), x.shape, x[:1])
    compare(model, export.convert(model, folder / "x.onnx"), rng.normal(size=(50, 80)))
    monkeypatch.setattr(numeric, "_MANY", 100)
    model = models.trained("KNN", "classification", n_neighbors=1)
    compare(model, export.convert(model, folder / "y.onnx"), models.rows_for(kind))


def test_how_many_rows_run_at_a_time_follows_from_what_each_needs(folder: Path) -> None:
    kind = models.find("classification", "KNN")
    x = np.random.default_rng(0).normal(size=(5000, 2))
    model = TrainedModel(kind, kind.make().fit(x, np.arange(5000) % 2), (), (), x.shape, x[:1])
    properties = onnx.load(export.convert(model, folder / "x.onnx")).metadata_props
    info = ClassicModelInfo.from_metadata({entry.key: entry.value for entry in properties}, "x")
    assert info is not None
    assert info.batch == 2**20 // 5000


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "family", "words"),
    [
        ("Spectral clustering", "cluster", ("Kmeans and Birch",)),
        ("Agglomerative clustering", "cluster", ("Kmeans and Birch",)),
        ("LLE", "reduction", ("PCA and LDA",)),
    ],
)
def test_algorithms_without_a_form_in_onnx_are_named(name, family, words, folder: Path, refused) -> None:
    with refused(ExportFailed, name, *words):
        export.convert(models.trained(name, family), folder / "x.onnx")
    assert not any(folder.iterdir())


@pytest.mark.parametrize(
    ("name", "parameters", "word"),
    [
        ("KNN", {"metric": "chebyshev"}, "metric"),
        ("KNN", {"weights": np.sqrt}, "weights"),
        ("SVM", {"kernel": lambda a, b: a @ b.T}, "kernel"),
        ("SVM", {"break_ties": True}, "break_ties"),
    ],
)
def test_parameters_without_a_form_in_onnx_are_named(name, parameters, word, folder: Path, refused) -> None:
    kind = models.find("classification", name)
    estimator = kind.make().set_params(**parameters).fit(models.IRIS, models.LABELS)
    with refused(ExportFailed, name, word, ".pkl"):
        export.convert(TrainedModel(kind, estimator, (), (), (150, 4), models.IRIS[:1]), folder / "x.onnx")


@pytest.mark.parametrize(
    ("opset", "ir", "words"),
    [
        (9, 6, ("opset_version=9", "10 to 20")),
        (21, 10, ("opset_version=21",)),
        ("11", 6, ("opset_version='11'",)),
        (True, 6, ("opset_version",)),
        (15, 6, ("needs ir_version 8",)),
        (12, 6, ("needs ir_version 7",)),
        (10, 99, ("ir_version=99",)),
    ],
)
def test_versions_that_cannot_be(opset: Any, ir: Any, words, folder: Path, refused) -> None:
    with refused(ParameterInvalid, *words):
        export.convert(models.trained("KNN", "classification"), folder / "x.onnx", opset=opset, ir=ir)


@pytest.mark.parametrize(
    ("name", "family"),
    [("KNN", "classification"), ("Ridge", "regression"), ("Kmeans", "cluster"), ("PCA", "reduction")],
)
def test_a_file_that_answers_otherwise_is_not_written(name, family, folder: Path, monkeypatch, refused) -> None:
    model = models.trained(name, family)
    right = Graph.subtract
    monkeypatch.setattr(Graph, "subtract", lambda graph, a, b: right(graph, graph.add(a, graph.constant(0.3)), b))
    if name == "Ridge":
        monkeypatch.setattr(Graph, "add", right)
    with refused(ExportDiffers, "Nothing was written"):
        export.convert(model, folder / "x.onnx")
    assert not any(folder.iterdir())


def test_a_few_wrong_rows_are_found_among_the_users_own(monkeypatch) -> None:
    model = models.trained("CART", "classification")
    monkeypatch.setattr(parity, "_run", lambda *_: {"label": np.r_[models.LABELS[::3][:49], 1], "output": np.zeros(0)})
    with pytest.raises(ExportDiffers, match="1 of 50 rows"):
        parity.check(model, b"", models.IRIS[::3])


def test_without_onnx_the_command_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    monkeypatch.setattr(export, "find_spec", lambda _: None)
    with refused(DependencyMissing, "onnx", "ml-export"):
        export.convert(models.trained("KNN", "classification"), folder / "x.onnx")


def test_a_folder_that_cannot_be(folder: Path, refused) -> None:
    (folder / "file").write_bytes(b"")
    with refused(PathNotWritable, "not a folder"):
        export.convert(models.trained("KNN", "classification"), folder / "file" / "x.onnx")


# --- the sample script ------------------------------------------------------------------------------------------------


def test_the_sample_script_runs_and_an_edited_one_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = models.trained("CART", "classification")
    path = export.convert(model, folder / "我的 树")
    assert path == folder / "我的 树.onnx"
    script = path.with_suffix(".py")
    done = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "山鸢尾" in done.stdout
    export.convert(models.trained("KNN", "classification", n_neighbors=1), path)
    assert "萼片长" in script.read_text(encoding="utf-8")
    script.write_text(script.read_text(encoding="utf-8").replace("Predict", "Ask"), encoding="utf-8")
    export.convert(model, path)
    assert "# Ask" in script.read_text(encoding="utf-8")
    script.write_text("print('my own')\n", encoding="utf-8")
    export.convert(model, path)
    assert script.read_text(encoding="utf-8") == "print('my own')\n"
    assert "no sample script was written" in capsys.readouterr().err


def test_a_model_called_as_a_package_does_not_hide_it(folder: Path) -> None:
    export.convert(models.trained("CART", "classification"), folder / "numpy.onnx")
    assert sorted(file.name for file in folder.iterdir()) == ["numpy.onnx", "numpy_run.py"]


def test_why_there_is_no_form_is_said_in_chinese_with_chinese_marks(folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    model = models.trained("Agglomerative clustering", "cluster")
    with pytest.raises(ExportFailed) as caught:
        export.convert(model, folder / "x.onnx")
    assert caught.value.hint == "Agglomerative clustering 只能对已有的数据分组。Kmeans 和 Birch 可以预测新的数据。"
