"""What every algorithm keeps: it trains, answers alike twice, scores, takes parameters, and refuses what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

from BaseDT.errors import (
    DatasetInvalid,
    DatasetNotFound,
    DatasetNotLoaded,
    ExportFailed,
    InputMismatch,
    MethodUnsupported,
    NothingLoaded,
    ParameterInvalid,
    ParameterUnknown,
    XEduError,
)
from BaseML import Classification, Cluster, DimentionReduction, Regression
from BaseML.algorithms.kind import AlgorithmKind
from BaseML.algorithms.registry import algorithms, find, kind_of
from XEdu.hub import Workflow

CLASSES = {
    "classification": Classification, "regression": Regression, "cluster": Cluster, "reduction": DimentionReduction,
}  # fmt: skip
KINDS = [kind for family in CLASSES for kind in algorithms(family).values()]


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind.family} {kind.name}")
def kind(request: pytest.FixtureRequest) -> AlgorithmKind:
    return request.param


@cache
def data_for(family: str) -> tuple[np.ndarray, np.ndarray]:
    if family == "regression":
        x, y = load_diabetes(return_X_y=True)
        return x[:80], y[:80]
    x, y = load_iris(return_X_y=True)
    return x[::2], y[::2]


def new(kind: AlgorithmKind, **options: Any) -> Any:
    usual = {"cluster": {"N_CLUSTERS": 3}, "reduction": {}}.get(kind.family, {"n_estimators": 10})
    return CLASSES[kind.family](kind.name, **{**usual, **options})


def trained(kind: AlgorithmKind, **options: Any) -> Any:
    model = new(kind)
    x, y = data_for(kind.family)
    model.load_dataset(x, y, **options)
    model.train()
    return model


@cache
def once(name: str, family: Any) -> Any:
    """A trained model that is only asked."""
    return trained(find(family, name))


def test_there_are_the_23_of_the_documents() -> None:
    assert [len(algorithms(family)) for family in CLASSES] == [7, 9, 4, 3]


def test_an_algorithm_is_found_whatever_the_case_and_by_its_estimator(kind) -> None:
    assert new(kind).algorithm == kind.name
    assert find(kind.family, kind.name.upper()) is kind
    assert kind_of(new(kind).model) is kind
    assert all(find(kind.family, alias) is kind for alias in kind.aliases)
    assert all(kind.shows)


def test_it_answers_for_known_rows_and_for_new_ones(kind) -> None:
    model = once(kind.name, kind.family)
    answers = model.inference()
    assert np.isfinite(answers).all()
    assert len(answers) == len(model.x_test if kind.family in ("classification", "regression") else model.x_train)
    if kind.family == "reduction":
        assert answers.shape[1] == 2
    else:
        assert answers.dtype == (np.float64 if kind.family == "regression" else np.int64)
    row = data_for(kind.family)[0][0]
    if kind.predicts_new:
        assert len(model.inference(row)) == len(model.inference([row.tolist()])) == 1
    else:
        with pytest.raises(MethodUnsupported, match=kind.name):
            model.inference([row])


def test_two_trainings_and_two_models_answer_alike_and_do_not_touch_each_other(kind) -> None:
    first, second = trained(kind), trained(kind)
    before = first.inference()
    assert np.array_equal(before, second.inference())
    x, y = data_for(kind.family)
    second.load_dataset(x[:40] * 2 + 1, y[:40] if kind.family == "regression" else np.arange(40) % 3)
    second.train()
    assert np.array_equal(before, first.inference())
    kept = second.model
    second.load_dataset(x, y)
    second.train()
    assert second.model is not kept
    assert np.allclose(before, second.inference())


def test_scaling_happens_inside_and_the_data_stay_as_they_are(kind) -> None:
    x, _ = data_for(kind.family)
    model = trained(kind, scale=True)
    assert model.scaler is not None
    assert float(model.x_train.max()) == pytest.approx(float(x.max()), rel=0.2)
    assert np.allclose(model.reverse_scale(model.scaler.apply(x)), x)
    assert model.reverse_scale(model.x_train) is not None
    if kind.predicts_new:
        stretched = new(kind)
        factor = 2.0 ** np.arange(x.shape[1])
        stretched.load_dataset(x * factor, data_for(kind.family)[1], scale=True)
        stretched.train()
        assert np.allclose(stretched.inference(x * factor), model.inference(x), atol=1e-6)


def test_inference_before_training_and_training_before_data_are_named(kind) -> None:
    with pytest.raises(NothingLoaded, match=kind.name):
        new(kind).inference([[1.0]])
    with pytest.raises(DatasetNotLoaded):
        new(kind).train()
    for call in ("save", "convert", "plot", "metricplot", "valid"):
        with pytest.raises(NothingLoaded):
            getattr(new(kind), call)()


def test_rows_that_do_not_fit_are_refused_with_one_that_does(kind) -> None:
    model = once(kind.name, kind.family)
    for data in ([[1.0]], np.ones((2, 99)), [[1, 2], [3]], "abc", [["a"] * 10], [[np.nan] * 10], [], 5, {}):
        with pytest.raises(InputMismatch) as caught:
            model.inference(data)
        assert "[[" in caught.value.hint


def test_para_sets_one_parameter_too_and_is_read_back(kind) -> None:
    name = "n_components" if kind.family == "reduction" else sorted(new(kind).para)[0]
    value = new(kind).para[name]
    model = new(kind, para={name: value})
    assert model.para[name] == value
    model.para = {name: value}
    model.set_para(**{name: value})
    with pytest.raises(ParameterUnknown, match="no_such"):
        model.set_para(no_such=1)
    with pytest.raises(ParameterUnknown):
        new(kind, para={"no_such": 1})
    with pytest.raises(ParameterInvalid):
        new(kind, para=[1])


def test_a_value_that_cannot_be_leaves_the_model_as_it_was(kind) -> None:
    model = new(kind)
    before = repr(model.model)
    name = {"KNN": "n_neighbors", "SVM": "C", "NaiveBayes": "var_smoothing", "Polynomial": "degree",
            "LinearRegression": "tol", "LDA": "tol", "Lasso": "alpha", "Ridge": "alpha", "CART": "min_samples_split",
            "AdaBoost": "n_estimators", "RandomForest": "n_estimators", "MLP": "max_iter"}.get(
                kind.name, "n_clusters" if kind.family == "cluster" else "n_components")  # fmt: skip
    with pytest.raises(ParameterInvalid, match=name):
        model.set_para(**{name: -3})
    assert repr(model.model) == before


def test_data_that_are_none_are_refused(kind) -> None:
    for x in ([[1, 2], [3]], [["a", "b"]], [[np.nan, 1]], [[np.inf, 1]], [], 5, "no.csv"):
        with pytest.raises((DatasetInvalid, DatasetNotFound)) as caught:
            new(kind).load_dataset(x, [0] if kind.family != "cluster" else ())
        assert caught.value.hint


def error_of(call: Callable[[], object]) -> XEduError | None:
    """The error of ours that a call ends with; any other is not caught."""
    try:
        call()
    except XEduError as error:
        return error
    return None


@pytest.mark.parametrize(
    "x", [[[1.0, 2.0]], np.arange(30.0)[:, None], np.ones((30, 3))], ids=["one row", "one column", "equal columns"]
)
def test_odd_data_end_with_an_answer_or_an_error_of_ours(kind, x) -> None:
    def call() -> None:
        model = new(kind)
        model.load_dataset(x, np.arange(len(x)) % 2, scale=True)
        model.train()
        model.inference()

    error = error_of(call)
    assert error is None or error.hint


def test_saved_and_converted_it_answers_the_same(kind, tmp_path) -> None:
    x, y = data_for(kind.family)
    model = new(kind)
    model.load_dataset(x, np.array(["山", "变色", "弗吉尼亚"])[y] if kind.family == "classification" else y, scale=True)
    model.train()
    rows = model.x_train[:20]
    model.save(file := tmp_path / "数据 集" / "模 型.pkl")
    again = new(kind)
    again.load(file)
    asked = (rows,) if kind.predicts_new else ()
    assert np.array_equal(again.inference(*asked), model.inference(*asked))
    out = tmp_path / "数据 集" / "模 型.onnx"
    if not kind.exports:
        with pytest.raises(ExportFailed, match=kind.name):
            model.convert(out_file=out)
        return
    model.convert(out_file=out)
    values = Workflow(task="baseml", checkpoint=str(out)).inference(data=rows.tolist())
    expected = model.inference(rows)
    if kind.family in ("classification", "cluster"):
        assert np.asarray(values).tolist() == expected.tolist()
    else:
        assert np.allclose(np.asarray(values, float).reshape(expected.shape), expected, atol=1e-4, rtol=1e-5)
