"""Every picture is drawn, shows what the model says, and is refused where it would show nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn import datasets
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.manifold import LocallyLinearEmbedding
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from BaseDT import image
from BaseDT.errors import InputMismatch, MethodUnsupported, NothingLoaded, ParameterInvalid, XEduError
from BaseDT.language import use_language
from BaseML import Classification
from BaseML.algorithms.kind import AlgorithmKind, Family
from BaseML.looking import answering, asking, clusters, columns, fits, learned, regions, scoring, trees
from BaseML.looking.plots import metricplot, plot
from BaseML.trained import Scaling, TrainedModel

IRIS, LABELS = datasets.load_iris(return_X_y=True)
PETALS = IRIS[:, 2:]
X, Y = datasets.load_diabetes(return_X_y=True)
FLOWERS = ("山鸢尾", "$变色$", "_virginica")
NAMES = ("花瓣 长度", "petal\nwidth")

Drawn = Callable[..., Any]


def trained(
    name: str, family: Family, estimator: Any, x: Any, y: Any = None, *, scale: bool = False, **known: Any
) -> TrainedModel:
    """Train an estimator and say what is known of it."""
    scaling = Scaling(x.min(axis=0), x.max(axis=0)) if scale else None
    seen = (x - scaling.least) / (scaling.most - scaling.least) if scaling else x
    estimator.fit(seen, *([] if y is None else [y]))
    kind = AlgorithmKind(name, family, "", ("", ""), predicts_new=known.pop("predicts_new", True))
    return TrainedModel(kind, estimator, known.pop("features", ()), known.pop("classes", ()), x.shape, x[:1], scaling)


def flowers(name: str, estimator: Any, x: Any = PETALS, **known: Any) -> TrainedModel:
    return trained(name, "classification", estimator, x, LABELS, classes=FLOWERS, **known)


def quiet(call: Drawn, model: TrainedModel, *data: Any, **more: Any) -> Any:
    return call(model, *data, show=False, **more)


PICTURES: dict[str, Callable[[], tuple[Drawn, TrainedModel, tuple[Any, ...]]]] = {
    "regions": lambda: (plot, flowers("KNN", KNeighborsClassifier(), features=NAMES), (PETALS, LABELS)),
    "regions, no labels": lambda: (plot, flowers("SVM", SVC(), scale=True), (PETALS,)),
    "a tree": lambda: (plot, flowers("CART", DecisionTreeClassifier(), IRIS, scale=True), (IRIS,)),
    "a tree of numbers": lambda: (plot, trained("CART", "regression", DecisionTreeRegressor(), X, Y), (X, Y)),
    "bells": lambda: (plot, flowers("NaiveBayes", GaussianNB(), IRIS, scale=True), (IRIS, LABELS)),
    "importances": lambda: (plot, flowers("RandomForest", RandomForestClassifier(5), IRIS), (IRIS, LABELS)),
    "a line": lambda: (plot, trained("Ridge", "regression", Ridge(), X[:, :1], Y, scale=True), (X[:, 0], Y)),
    "a plane": lambda: (plot, trained("KNN", "regression", KNeighborsRegressor(), X[:, :2], Y), (X[:, :2], Y)),
    "weights": lambda: (plot, trained("Ridge", "regression", Ridge(), X, Y), (X, Y)),
    "shuffled": lambda: (plot, trained("KNN", "regression", KNeighborsRegressor(), X, Y), (X, Y)),
    "groups": lambda: (plot, trained("Kmeans", "cluster", KMeans(3, n_init=1), PETALS), (PETALS,)),
    "groups of four columns": lambda: (plot, trained("Kmeans", "cluster", KMeans(9, n_init=1), IRIS), (IRIS,)),
    "groups of one column": lambda: (
        plot,
        trained("Kmeans", "cluster", KMeans(3, n_init=1), IRIS[:, :1]),
        (IRIS[:, 0],),
    ),
    "a map": lambda: (plot, trained("PCA", "reduction", PCA(3), IRIS, classes=FLOWERS), (IRIS, LABELS)),
    "a map of numbers": lambda: (plot, trained("PCA", "reduction", PCA(2), X, scale=True), (X, Y)),
    "a map of one column": lambda: (
        plot,
        trained("LDA", "reduction", LinearDiscriminantAnalysis(n_components=1), IRIS, LABELS),
        (IRIS, LABELS),
    ),
    "a map that keeps neighbours": lambda: (plot, trained("LLE", "reduction", LocallyLinearEmbedding(), IRIS), (IRIS,)),
    "confusion": lambda: (metricplot, flowers("KNN", KNeighborsClassifier(), IRIS), (IRIS, LABELS)),
    "confusion and regions": lambda: (metricplot, flowers("KNN", KNeighborsClassifier()), (PETALS, LABELS)),
    "residuals": lambda: (metricplot, trained("Ridge", "regression", Ridge(), X, Y), (X, Y)),
    "silhouettes": lambda: (metricplot, trained("Kmeans", "cluster", KMeans(3, n_init=1), IRIS), (IRIS,)),
    "what is kept": lambda: (metricplot, trained("PCA", "reduction", PCA(4), IRIS), (IRIS,)),
}


@pytest.mark.parametrize(("place", "name"), list(enumerate(PICTURES)))
def test_it_is_drawn_and_written(place: int, name: str, tmp_path: Path):
    draw, model, data = PICTURES[name]()
    file = tmp_path / "数据 集" / "图 片.png"
    with use_language("zh" if place % 2 else "en"):
        picture = quiet(draw, model, *data, save=file)
    assert picture.dtype == np.uint8
    assert (picture.ndim, picture.shape[2]) == (3, 3)
    assert 300 < picture.shape[0] < 2200
    assert 500 < picture.shape[1] < 4000
    assert (picture.min(axis=2) < 250).mean() > 0.02  # not blank
    assert np.array_equal(image.read(file), picture)


def axes() -> Any:
    return Figure().add_subplot()


def test_without_a_screen_the_way_to_a_file_is_said(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("MMEDU_HEADLESS", "1")
    model = Classification("CART")
    model.load_dataset([[0, 1], [1, 0], [2, 2], [3, 1]] * 3, [0, 0, 1, 1] * 3, split=False)
    model.train()
    model.plot(show=False)
    model.plot(save=tmp_path / "x.png")
    assert "no screen" not in capsys.readouterr().err
    model.plot()
    assert "plot(save='picture.png') writes the picture" in capsys.readouterr().err
    model.metricplot()
    assert "metricplot(save=" in capsys.readouterr().err


def test_a_loaded_model_says_which_rows_its_pictures_need(tmp_path: Path):
    model = Classification("CART")
    model.load_dataset([[0, 1], [1, 0], [2, 2], [3, 1]] * 3, [0, 0, 1, 1] * 3, split=False)
    model.train()
    model.save(tmp_path / "x.pkl")
    model = Classification("CART")
    model.load(tmp_path / "x.pkl")
    for call in (model.plot, model.metricplot, model.inference):
        with pytest.raises(NothingLoaded) as caught:
            call()
        assert f"Give some: {call.__name__}(" in caught.value.hint


def test_regions_are_what_the_model_answers_there_in_the_units_of_the_data():
    model = flowers("SVM", SVC(), scale=True)
    classes, bounds, here = answering.classes_of(model), regions.bounds_of(PETALS), axes()
    regions.paint(here, regions.Panel("", answering.answer_of(model), side=40), classes, bounds)
    painted = np.asarray(here.images[0].get_array())
    left, right, low, high = bounds
    for row, column in ((0, 0), (39, 39), (20, 20), (5, 33)):
        place = [left + (column + 0.5) / 40 * (right - left), low + (row + 0.5) / 40 * (high - low)]
        at_scale = (np.array([place]) - model.scaling.least) / (model.scaling.most - model.scaling.least)
        label = int(model.estimator.predict(at_scale)[0])
        from matplotlib.colors import to_rgb

        expected = 1 - 0.22 * (1 - np.array(to_rgb(("#0072B2", "#D55E00", "#009E73")[label])))
        assert np.allclose(painted[row, column] / 255, expected, atol=0.002)


def test_a_ring_marks_each_point_that_is_answered_otherwise():
    model = flowers("KNN", KNeighborsClassifier())
    wrong = int((model.estimator.predict(PETALS) != LABELS).sum())
    assert wrong > 0
    figure = Figure()
    here = figure.add_subplot()
    regions._panel(here, learned.panel_of(model, "KNN"), PETALS, LABELS, answering.classes_of(model))
    rings = [each for each in here.collections if each.get_label() == "answered otherwise"]
    assert [len(each.get_offsets()) for each in rings] == [wrong]
    assert here.get_title(loc="left") == f"KNN   {150 - wrong} of 150 right"


def test_support_vectors_are_marked_where_they_are_in_the_data():
    model = flowers("SVM", SVC(), scale=True)
    here = axes()
    panel = learned.panel_of(model, "SVM")
    assert panel.more is not None
    panel.more(here)
    marked = {tuple(np.round(each, 6)) for each in here.collections[0].get_offsets().tolist()}
    assert marked == {tuple(np.round(each, 6)) for each in PETALS[model.estimator.support_].tolist()}


def test_the_questions_of_a_tree_are_those_it_asks_in_the_units_of_the_data():
    model = flowers("CART", DecisionTreeClassifier(random_state=0), IRIS, scale=True)
    tree = model.estimator.tree_
    asks = trees._questions(model, tree, range(tree.node_count))
    for row, scaled in zip(IRIS[::10], model.scaled(IRIS)[::10], strict=True):
        node = 0
        while tree.children_left[node] >= 0:
            column, limit = asks[node].split(" ≤ ")
            yes = row[int(column[1:]) - 1] <= float(limit) + 1e-9
            node = int(tree.children_left[node] if yes else tree.children_right[node])
        assert node == model.estimator.apply([scaled])[0]


@pytest.mark.parametrize("most", [None, 40])  # grown depth first, or best first: nodes are numbered otherwise
def test_a_wide_tree_is_cut_and_counts_what_it_does_not_show(most: int | None):
    grown = DecisionTreeRegressor(random_state=0, max_leaf_nodes=most)
    model = trained("CART", "regression", grown, X, Y)
    root, wide, _ = trees.laid_out(model.estimator.tree_)
    assert wide <= trees.MOST_LEAVES

    def asked(node: trees.Node) -> int:
        return node.cut + (1 if node.children else 0) + sum(map(asked, node.children))

    assert asked(root) == model.estimator.tree_.n_leaves - 1


@pytest.mark.parametrize("scale", [True, False])
def test_the_formula_of_a_line_is_that_of_the_data(scale: bool):
    x = np.linspace(10, 50, 30)[:, None]
    model = trained("LinearRegression", "regression", LinearRegression(), x, 3 * x[:, 0] - 2, scale=scale)
    across = np.array([0.0, 1.0])
    answered = answering.answer_of(model)(across[:, None])
    assert fits._formula(model, across, answered)[0] == "y = 3 x - 2"
    curve = make_pipeline(PolynomialFeatures(2), LinearRegression())
    model = trained("Polynomial", "regression", curve, x, -(x[:, 0] ** 2) + 4 * x[:, 0], scale=scale)
    across = np.linspace(10, 50, 50)
    terms = fits._formula(model, across, answering.answer_of(model)(across[:, None]))[0].split(" x")
    assert terms[:2] == ["y = - 1", "² + 4"]
    other = trained("KNN", "regression", KNeighborsRegressor(), x, x[:, 0])
    assert fits._formula(other, across, across)[0] == "what it answers"


def test_a_column_that_says_nothing_costs_nothing_when_it_is_shuffled():
    random = np.random.default_rng(1)
    x = random.normal(size=(200, 2))
    y = (x[:, 0] > 0).astype(int)
    model = trained("CART", "classification", DecisionTreeClassifier(max_depth=1), x, y)
    telling, silent = columns._losses(model, x, y)
    assert telling > 0.3
    assert silent == 0


def test_a_view_of_many_columns_keeps_the_distances_it_can():
    flat = np.random.default_rng(0).normal(size=(40, 2)) @ np.array([[1.0, 2, 3], [0, 1, -1]]) + 5
    view, share = clusters.projected(flat)
    assert share == pytest.approx(1)
    assert np.linalg.norm(view[3] - view[9]) == pytest.approx(np.linalg.norm(flat[3] - flat[9]))


def test_labels_may_be_given_by_name_and_a_new_one_is_a_class_too():
    model = flowers("KNN", KNeighborsClassifier())
    _, labels = asking.checked(model, PETALS, np.array([FLOWERS[label] for label in LABELS]))
    assert labels is not None
    assert labels.tolist() == LABELS.tolist()
    _, labels = asking.checked(model, PETALS[:2], np.array([FLOWERS[0], "rose"]))
    assert answering.classes_of(model, labels).names[3:] == ("3",)


REFUSED: dict[str, tuple[type[XEduError], int, str, Callable[[], Any]]] = {
    "KNN of four columns": (
        XEduError,
        -306,
        "draws 2 columns; this model was trained on 4",
        lambda: quiet(plot, flowers("KNN", KNeighborsClassifier(), IRIS), IRIS, LABELS),
    ),
    "SVM of three columns": (
        XEduError,
        -306,
        "trained on 3",
        lambda: quiet(plot, flowers("SVM", SVC(), IRIS[:, :3]), IRIS[:, :3]),
    ),
    "other columns": (
        InputMismatch,
        -309,
        "have 4 columns; the model was trained on 2",
        lambda: quiet(plot, flowers("KNN", KNeighborsClassifier()), IRIS, LABELS),
    ),
    "no number": (
        ParameterInvalid,
        -305,
        "no numbers",
        lambda: quiet(plot, flowers("KNN", KNeighborsClassifier()), [[1, float("nan")]], [0]),
    ),
    "text": (
        ParameterInvalid,
        -305,
        "no numbers",
        lambda: quiet(plot, flowers("KNN", KNeighborsClassifier()), [["a", "b"]], [0]),
    ),
    "no rows": (
        ParameterInvalid,
        -305,
        "no rows",
        lambda: quiet(metricplot, flowers("KNN", KNeighborsClassifier()), np.zeros((0, 2)), []),
    ),
    "too few labels": (
        ParameterInvalid,
        -305,
        "X has 150 rows, y_true 3",
        lambda: quiet(plot, flowers("KNN", KNeighborsClassifier()), PETALS, [0, 1, 2]),
    ),
    "nothing to compare with": (
        ParameterInvalid,
        -305,
        "no labels",
        lambda: quiet(metricplot, flowers("KNN", KNeighborsClassifier()), PETALS),
    ),
    "rows that it never grouped": (
        MethodUnsupported,
        -405,
        "150 rows that it was trained on, not these 5",
        lambda: quiet(
            plot,
            trained("Agglomerative clustering", "cluster", AgglomerativeClustering(2), IRIS, predicts_new=False),
            IRIS[:5],
        ),
    ),
    "one group": (
        MethodUnsupported,
        -405,
        "nothing to compare",
        lambda: quiet(metricplot, trained("Kmeans", "cluster", KMeans(1, n_init=1), IRIS), IRIS),
    ),
    "no variance known": (
        MethodUnsupported,
        -405,
        "does not say",
        lambda: quiet(metricplot, trained("LLE", "reduction", LocallyLinearEmbedding(), IRIS), IRIS),
    ),
    "nothing to shuffle against": (
        MethodUnsupported,
        -405,
        "no y_true",
        lambda: quiet(plot, trained("KNN", "regression", KNeighborsRegressor(), X, Y), X),
    ),
    "show is no flag": (
        ParameterInvalid,
        -305,
        "show",
        lambda: plot(flowers("KNN", KNeighborsClassifier()), PETALS, show="yes"),  # type: ignore[arg-type]
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_shown_is_refused_in_both_languages(name: str):
    kind, code, found, provoke = REFUSED[name]
    with pytest.raises(kind) as caught:
        provoke()
    assert caught.value.code == code
    assert found in caught.value.message
    assert caught.value.hint
    with use_language("zh"), pytest.raises(kind) as again:
        provoke()
    assert again.value.message != caught.value.message
    assert any("一" <= letter <= "鿿" for letter in again.value.hint)


def test_pictures_of_different_height_lie_side_by_side():
    low, high = np.zeros((10, 5, 3), np.uint8), np.zeros((31, 7, 3), np.uint8)
    assert scoring.beside(low, high).shape == (31, 12, 3)
