"""Model files: ours and the original's answer as before, whoever opens them; nothing in a file is ever run."""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import lzma
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import classic_models as models
from BaseDT.errors import CheckpointInvalid, CheckpointNotFound, ModelUnsupported, PathNotWritable, XEduError
from BaseML.algorithms.kind import AlgorithmKind
from BaseML.files import compression, model_file


@pytest.fixture(params=models.KINDS, ids=lambda kind: f"{kind.family} {kind.name}")
def kind(request: pytest.FixtureRequest) -> AlgorithmKind:
    return request.param


def through_a_file(folder: Path, content: Any, compress: Any = 3) -> Any:
    """What the reader makes of what the original writes."""
    file = folder / "模 型.pkl"
    joblib.dump(content, file, compress=compress)
    return model_file.read(file)


@pytest.mark.parametrize("scaled", [False, True], ids=["as it is", "scaled"])
def test_a_model_comes_back_as_it_was(kind, scaled, folder: Path) -> None:
    model, rows = models.trained(kind.name, kind.family, scaled=scaled), models.rows_for(kind)
    model_file.write(model, folder / "数据 集" / "模 型.pkl")
    back = model_file.read(folder / "数据 集" / "模 型.pkl")
    np.testing.assert_allclose(models.said(back, rows), models.said(model, rows), rtol=1e-12, atol=1e-12)
    assert (back.kind, back.features, back.classes) == (model.kind, model.features, model.classes)
    assert back.input_shape == model.input_shape
    assert back.demo_input.tolist() == model.demo_input.tolist()
    assert (back.scaling is None) is (not scaled)


@pytest.mark.parametrize("scaled", [False, True], ids=["as it is", "scaled"])
def test_the_original_answers_the_same_with_our_file(kind, scaled, folder: Path) -> None:
    """Its client loads with joblib, and calls what is in ``model``: a list of two is a polynomial regression."""
    if not kind.predicts_new:
        pytest.skip("the original cannot ask it for new rows either")
    model, rows = models.trained(kind.name, kind.family, scaled=scaled), models.rows_for(kind)
    model_file.write(model, folder / "x.pkl")
    content = joblib.load(folder / "x.pkl")
    assert tuple(content["input_shape"]) == model.input_shape
    assert content["demo_input"].shape == (1, model.width)
    theirs = content["model"]
    if isinstance(theirs, list):
        found = theirs[1].predict(theirs[0].transform(rows))
    else:
        found = theirs.transform(rows) if kind.family == "reduction" else theirs.predict(rows)
    np.testing.assert_allclose(np.ravel(found), np.ravel(models.said(model, rows)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "protocol", "kind_of_words"),
    [
        *((name, 4, "U") for name in ("KNN", "CART", "AdaBoost", "MLP", "RandomForest", "SVM", "NaiveBayes")),
        *(("SVM", protocol, object) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
        *((name, 2, object) for name in ("KNN", "AdaBoost", "MLP", "RandomForest")),
    ],
)
def test_a_bare_estimator_with_words_for_classes(name, kind_of_words, protocol, folder: Path) -> None:
    """The original learns words as they stand in a table, which it reads as objects."""
    estimator = models.find("classification", name).make()
    if "n_estimators" in estimator.get_params():
        estimator.set_params(n_estimators=3)
    estimator.fit(models.IRIS, np.array(["b", "c", "a"], kind_of_words)[models.LABELS])
    (folder / "x.pkl").write_bytes(pickle.dumps(estimator, protocol))
    back = model_file.read(folder / "x.pkl")
    assert back.classes == ("a", "b", "c")
    assert back.named(models.said(back, models.IRIS)).tolist() == estimator.predict(models.IRIS).tolist()


@pytest.mark.parametrize("pack", [bytes, zlib.compress, gzip.compress, bz2.compress, lzma.compress])
def test_every_compression_of_joblib_but_lz4(pack: Callable[[bytes], bytes], folder: Path) -> None:
    model = models.trained("KNN", "classification")
    buffer = io.BytesIO()
    joblib.dump({"model": model.estimator}, buffer)
    (folder / "x.pkl").write_bytes(pack(buffer.getvalue()))
    assert (models.said(model_file.read(folder / "x.pkl"), models.IRIS) == models.said(model, models.IRIS)).all()


def test_a_table_of_objects_shows_a_row_of_numbers(folder: Path) -> None:
    tree = models.trained("CART", "classification").estimator
    content = {"model": tree, "input_shape": (150, 4), "demo_input": models.IRIS[:1].astype(object)}
    assert through_a_file(folder, content).demo_input.tolist() == models.IRIS[:1].tolist()


def test_a_polynomial_regression_of_the_original(folder: Path) -> None:
    powers, line = PolynomialFeatures(3), LinearRegression()
    line.fit(powers.fit_transform(models.IRIS[:, :2]), models.IRIS[:, 2])
    back = through_a_file(folder, {"model": [powers, line]})
    assert back.kind.name == "Polynomial"
    expected = line.predict(powers.transform(models.IRIS[:, :2]))
    np.testing.assert_allclose(models.said(back, models.IRIS[:, :2]), expected, atol=1e-9)


# --- files of other versions ------------------------------------------------------------------------------------------


def test_a_tree_of_scikit_learn_1_2(folder: Path) -> None:
    """Its nodes lack a field, and its leaves have numbers of samples in place of shares."""
    estimator = models.trained("CART", "classification").estimator
    state = estimator.tree_.__getstate__()
    fields = {name: kind for name, (kind, _) in state["nodes"].dtype.fields.items() if name != "missing_go_to_left"}
    nodes = np.zeros(len(state["nodes"]), list(fields.items()))
    for name in fields:
        nodes[name] = state["nodes"][name]
    counts = state["values"] * state["nodes"]["weighted_n_node_samples"][:, None, None]
    back = through_a_file(folder, with_tree(estimator, nodes=nodes, values=counts))
    assert (models.said(back, models.IRIS) == estimator.predict(models.IRIS)).all()
    assert back.estimator.predict_proba(models.IRIS).max() == 1


def test_names_that_older_versions_used(folder: Path) -> None:
    model = models.trained("NaiveBayes", "classification")
    old = changed(model.estimator, sigma_=model.estimator.var_)
    del old.var_, old.n_features_in_
    assert (models.said(through_a_file(folder, old), models.IRIS) == models.said(model, models.IRIS)).all()


def test_a_way_of_boosting_that_is_no_more_is_named(folder: Path, refused) -> None:
    old = changed(models.trained("AdaBoost", "classification").estimator, algorithm="SAMME.R")
    with refused(ModelUnsupported, "SAMME.R", "Train the model again"):
        through_a_file(folder, old)


# --- files that want something ----------------------------------------------------------------------------------------


def changed(estimator: Any, **attributes: Any) -> Any:
    """A copy of an estimator with other attributes, as somebody may write it into a file."""
    other = copy.copy(estimator)
    vars(other).update(attributes)
    return other


def with_tree(estimator: Any, **changes: Any) -> Any:
    """A copy of a decision tree whose compiled tree has another state."""
    made, arguments, state = estimator.tree_.__reduce__()
    return changed(estimator, tree_=_Reduced(made, arguments, {**state, **changes}))


class _Reduced:
    def __init__(self, *parts: Any) -> None:
        self._parts = parts

    def __reduce__(self) -> tuple[Any, ...]:
        return self._parts


class Runs:
    """What a hostile file would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("echo broken > broken.txt",)


@pytest.mark.parametrize(
    "content",
    [
        Runs(),
        {"model": Runs()},
        {"model": models.trained("KNN", "classification").estimator, "demo_input": Runs()},
        {"model": make_pipeline(StandardScaler(), DecisionTreeClassifier()).set_params(memory=Runs())},
        {"model": np.array([Runs()], object)},
    ],
    ids=["alone", "model", "beside", "inside", "array"],
)
def test_nothing_is_run(content, folder: Path, refused) -> None:
    with refused(CheckpointInvalid, "os.system" if os.name != "posix" else "posix.system", "Nothing in it was run"):
        through_a_file(folder, content)
    assert not (folder / "broken.txt").exists()


@pytest.mark.parametrize(
    "instructions",
    [
        b"\x80\x04cbuiltins\neval\n\x8c\x03a=1\x85R.",
        b"\x80\x02cos\nsystem\n.",
        b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93.",
        b"(S'x'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'x'\no.",  # OBJ
        b"\x80\x02\x82\x01.",  # EXT1
        b"Px\n.",  # PERSID
    ],
)
def test_instructions_that_ask_for_other_things_are_refused(instructions, folder: Path, refused) -> None:
    (folder / "x.pkl").write_bytes(instructions)
    with refused(CheckpointInvalid, "was not opened"):
        model_file.read(folder / "x.pkl")


@pytest.mark.parametrize(
    "damage",
    [
        {"left_child": (0, 0)},  # goes round in a circle
        {"left_child": (0, 10_000)},
        {"right_child": (0, -5)},
        {"right_child": (0, 1)},  # both ways lead to the same node
        {"feature": (0, 4)},
        {"feature": (0, -1)},
        {"threshold": (0, np.nan)},
    ],
    ids=str,
)
def test_a_walk_through_a_tree_cannot_leave_it(damage, folder: Path, refused) -> None:
    estimator = models.trained("CART", "classification").estimator
    nodes = estimator.tree_.__getstate__()["nodes"].copy()
    ((name, (place, value)),) = damage.items()
    nodes[name][place] = value
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, with_tree(estimator, nodes=nodes))


def test_leaves_have_a_share_for_each_class(folder: Path, refused) -> None:
    estimator = models.trained("CART", "classification").estimator
    values = estimator.tree_.value[:, :, :2].copy()
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, with_tree(estimator, values=values))
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, changed(estimator, classes_=np.arange(5)))


@pytest.mark.parametrize(
    ("name", "family", "attribute", "value"),
    [
        ("SVM", "classification", "_n_support", np.array([1, 2, 3], np.int32)),
        ("SVM", "classification", "_n_support", np.array([-100, 160, 0], np.int32)),
        ("SVM", "classification", "_dual_coef_", np.zeros((1, 3))),
        ("SVM", "classification", "_intercept_", np.zeros(1)),
        ("SVM", "classification", "_probA", np.zeros(7)),
        ("SVM", "classification", "kernel", "precomputed"),
        ("SVM", "regression", "_dual_coef_", np.zeros((2, 3))),
        ("KNN", "classification", "_y", np.full(150, 9)),
        ("KNN", "classification", "_fit_X", np.full((150, 4), np.nan)),
        ("KNN", "classification", "n_neighbors", -3),
        ("Kmeans", "cluster", "cluster_centers_", np.zeros(3)),
        ("Kmeans", "cluster", "labels_", np.full(150, -7)),
        ("Birch", "cluster", "subcluster_labels_", np.zeros(2, int)),
        ("MLP", "classification", "coefs_", [np.zeros((4, 6)), np.zeros((5, 3))]),
        ("MLP", "classification", "activation", "eval"),
        ("MLP", "classification", "_label_binarizer", None),
        ("NaiveBayes", "classification", "var_", np.zeros((3, 4))),
        ("PCA", "reduction", "mean_", np.zeros(5)),
        ("LDA", "reduction", "_max_components", 99),
        ("LLE", "reduction", "embedding_", np.zeros((3, 2))),
        ("Agglomerative clustering", "cluster", "children_", np.full((149, 2), 10_000)),
        ("AdaBoost", "classification", "estimator_weights_", np.zeros(8)),
        ("RandomForest", "classification", "estimators_", []),
        ("RandomForest", "classification", "classes_", np.arange(7)),
        ("Lasso", "regression", "coef_", np.array(["a"])),
        ("Agglomerative clustering", "cluster", "labels_", np.full(150, 10**9)),
        ("Spectral clustering", "cluster", "labels_", np.full(150, 10**9)),
        ("Birch", "cluster", "labels_", np.full(150, 10**9)),
        ("PCA", "reduction", "explained_variance_", np.array([1.0, -1.0])),
        ("NaiveBayes", "classification", "class_prior_", np.zeros(3)),
        ("KNN", "classification", "n_neighbors", 10**9),
    ],
)
def test_what_compiled_code_would_trust_is_looked_at(name, family, attribute, value, folder: Path, refused) -> None:
    estimator = models.trained(name, family).estimator
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, changed(estimator, **{attribute: value}))


def test_shares_of_classes_follow_from_what_there_is(folder: Path) -> None:
    """A machine that says it gives shares, and has none, would fail when it is asked for them."""
    machine = models.trained("SVM", "classification").estimator
    back = through_a_file(folder, changed(machine, probability=True))
    assert not hasattr(back.estimator, "predict_proba")
    assert through_a_file(folder, changed(machine, n_jobs=10_000, verbose=9)).estimator.verbose is False


def test_a_polynomial_of_millions_of_terms_is_refused(folder: Path, refused) -> None:
    powers = PolynomialFeatures(3).fit(np.zeros((1, 3)))
    powers.degree, powers.n_features_in_ = 40, 400
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, {"model": [powers, LinearRegression().fit(np.eye(3), np.ones(3))]})


def test_a_small_file_cannot_fill_the_memory(folder: Path, monkeypatch: pytest.MonkeyPatch, refused) -> None:
    monkeypatch.setattr(compression, "_LIMIT", 2**16)
    monkeypatch.setattr(compression.decompressed, "__defaults__", (2**16,))
    (folder / "x.pkl").write_bytes(zlib.compress(bytes(2**20)))
    with refused(CheckpointInvalid, "larger than a model should be"):
        model_file.read(folder / "x.pkl")


def test_groups_of_birch_are_no_more_than_its_small_ones(folder: Path, refused) -> None:
    birch = models.trained("Birch", "cluster").estimator
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, changed(birch, subcluster_labels_=np.full_like(birch.subcluster_labels_, 10**9)))


def test_weights_of_other_terms_than_those_of_the_degree_are_damage_and_not_another_version(
    folder: Path, refused
) -> None:
    powers, line = PolynomialFeatures(3).fit(np.zeros((1, 1))), LinearRegression().fit(np.eye(4), np.ones(4))
    powers.degree = 40
    with refused(CheckpointInvalid, "weights of 4 terms where there are 41"):
        through_a_file(folder, {"model": [powers, line]})


@pytest.mark.parametrize("pack", [zlib.compress, bz2.compress, lzma.compress])
def test_a_model_is_not_out_of_all_proportion_to_its_file(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(bytes(2**26 + 1))
    with pytest.raises(compression.TooLarge):
        compression.decompressed(packed)
    assert len(compression.decompressed(pack(bytes(2**20)))) == 2**20


def test_an_array_longer_than_its_file_takes_no_memory(folder: Path, refused) -> None:
    buffer = io.BytesIO()
    joblib.dump(np.zeros(77), buffer)
    claimed = buffer.getvalue().replace(b"K\x4d\x85", b"\x8a\x06\0\0\0\0\0\x7f\x85")  # a shape of 2⁴⁶ numbers
    assert claimed != buffer.getvalue()
    (folder / "x.pkl").write_bytes(claimed)
    with refused(CheckpointInvalid, "damaged"):
        model_file.read(folder / "x.pkl")


def test_spoiled_files_end_with_an_error_of_ours_or_with_answers(folder: Path) -> None:
    rng, file = np.random.default_rng(3), folder / "x.pkl"
    names = [
        ("RandomForest", "classification"),
        ("SVM", "classification"),
        ("KNN", "classification"),
        ("Birch", "cluster"),
    ]
    for name, family in names:
        model_file.write(models.trained(name, family), file)
        whole = zlib.decompress(file.read_bytes())
        for _ in range(15):
            spoiled = bytearray(whole)
            for _ in range(int(rng.integers(1, 5))):
                spoiled[rng.integers(len(spoiled))] = rng.integers(256)
            file.write_bytes(
                zlib.compress(bytes(spoiled[: rng.integers(len(spoiled)) if rng.integers(5) == 0 else None]))
            )
            try:
                models.said(model_file.read(file), models.IRIS[:5])
            except XEduError:
                continue


# --- files that are none ----------------------------------------------------------------------------------------------


def test_other_estimators_are_named(folder: Path, refused) -> None:
    boosted = GradientBoostingClassifier(n_estimators=1).fit(models.IRIS, models.LABELS)
    with refused(CheckpointInvalid, "GradientBoostingClassifier"):
        through_a_file(folder, boosted)
    with refused(ModelUnsupported, "MinMaxScaler"):
        scaled = models.trained("KNN", "classification", scaled=True)
        model_file.write(scaled, folder / "y.pkl")
        through_a_file(folder, joblib.load(folder / "y.pkl")["model"].steps[0][1])
    with refused(CheckpointInvalid, "StandardScaler"):
        through_a_file(
            folder, make_pipeline(StandardScaler(), DecisionTreeClassifier()).fit(models.IRIS, models.LABELS)
        )


@pytest.mark.parametrize(
    "content", [b"", b"x", b"x\x9c", b"\x80\x04N.", b"\x80\x04]\x94.", b"PK\x03\x04", b"\x1f\x8b\x08"]
)
def test_what_is_no_model_is_said(content, folder: Path, refused) -> None:
    (folder / "坏 的.pkl").write_bytes(content)
    with refused(CheckpointInvalid, "坏 的.pkl", "again"):
        model_file.read(folder / "坏 的.pkl")


def test_missing_files_and_folders(folder: Path, refused) -> None:
    with refused(CheckpointNotFound, "没有.pkl", "save("):
        model_file.read(folder / "没有.pkl")
    with refused(CheckpointInvalid, "is no file"):
        model_file.read(folder)
    (folder / "file").write_bytes(b"")
    with refused(PathNotWritable, "not a folder"):
        model_file.write(models.trained("KNN", "classification"), folder / "file" / "x.pkl")


def test_a_file_of_a_newer_version_is_named(folder: Path, refused) -> None:
    model_file.write(models.trained("KNN", "classification"), folder / "x.pkl")
    content = joblib.load(folder / "x.pkl")
    content["mmedu"]["format"] = 2
    with refused(ModelUnsupported, "newer mmedu"):
        through_a_file(folder, content)
    content["mmedu"] = "x"
    with refused(CheckpointInvalid, "damaged"):
        through_a_file(folder, content)


def test_what_only_grows_a_file_stays_out(folder: Path) -> None:
    model_file.write(models.trained("Birch", "cluster"), folder / "x.pkl")
    slim = joblib.load(folder / "x.pkl")["model"]
    assert not hasattr(slim, "root_")
    assert hasattr(models.trained("Birch", "cluster").estimator, "root_")
    assert (slim.predict(models.IRIS) == models.trained("Birch", "cluster").estimator.predict(models.IRIS)).all()
