"""What ``train``, ``inference`` and ``valid`` say and do beyond the common contract: settings, scores, warnings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

from BaseDT.errors import (
    DatasetInvalid,
    DatasetNotLoaded,
    DependencyMissing,
    InputMismatch,
    MemoryExhausted,
    MethodUnsupported,
    MetricUnsupported,
    ParameterInvalid,
    ParameterUnknown,
    TaskMismatch,
)
from BaseML import Classification, Cluster, DimensionReduction, DimentionReduction, Regression, baseml

IRIS = load_iris(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)


def trained(model, data=IRIS, **options):
    model.load_dataset(*data, **options)
    model.train()
    return model


# Training


def test_lr_and_epochs_reach_those_that_have_them_and_only_where_they_are_written(capsys) -> None:
    network = Classification("MLP", n_hidden=(4,), para={"max_iter": 7})
    network.load_dataset(*IRIS)
    network.train()
    assert network.para["max_iter"] == 7
    network.train(epochs=9, lr=0.5)
    assert (network.para["max_iter"], network.para["learning_rate_init"]) == (9, 0.5)
    boosted = Classification("AdaBoost", n_estimators=3)
    boosted.load_dataset(*IRIS)
    boosted.train()
    assert boosted.para["learning_rate"] == 1.0
    boosted.train(lr=0.3)
    assert boosted.para["learning_rate"] == 0.3
    capsys.readouterr()
    neighbours = Classification("KNN")
    neighbours.load_dataset(*IRIS)
    neighbours.train(epochs=10)
    assert "KNN has no epochs" in capsys.readouterr().err


def test_documented_arguments_reach_the_estimator_and_para_wins() -> None:
    assert Classification("KNN", n_neighbors=3).para["n_neighbors"] == 3
    assert Classification("SVM", n_neighbors=3).algorithm == "SVM"
    assert Classification("MLP", n_hidden=[8, 4]).para["hidden_layer_sizes"] == [8, 4]
    assert Regression("Polynomial", degree=3).para["degree"] == 3
    assert Cluster("Birch", N_CLUSTERS=4).para["n_clusters"] == 4
    assert DimentionReduction("PCA", n_components=3).para["n_components"] == 3
    assert Classification("RandomForest", n_estimators=9, para={"n_estimators": 4}).para["n_estimators"] == 4
    assert DimensionReduction is DimentionReduction


def test_validate_holds_rows_out_and_prints_the_score(capsys) -> None:
    model = Classification("KNN")
    model.load_dataset(*IRIS)
    model.train(validate=True, val_size=0.25)
    assert (len(model.x_train), len(model.x_val), model.input_shape) == (120, 30, (90, 4))
    assert "Validation accuracy: " in capsys.readouterr().out
    model.train(validate=True)
    assert len(model.x_train) == 120


def test_a_linear_regression_leaves_its_weights_in_the_scale_of_the_data() -> None:
    x = np.random.default_rng(0).uniform(0, [1, 1000], (40, 2))
    y = 3 * x[:, 0] - 0.02 * x[:, 1] + 7
    for scale in (False, True):
        model = trained(Regression("LinearRegression"), (x, y), scale=scale)
        assert model.coef == pytest.approx([3, -0.02])
        assert model.intercept == pytest.approx(7)


def test_several_numbers_are_estimated_at_once() -> None:
    x = np.arange(20.0)[:, None]
    model = trained(Regression("Ridge", para={"alpha": 1e-6}), (x, np.hstack([2 * x, -x])))
    assert model.inference([[3]]) == pytest.approx(np.array([[6, -3]]), abs=1e-3)


@pytest.mark.parametrize(
    ("options", "error"),
    [({"validate": 1}, ParameterInvalid), ({"val_size": 0}, ParameterInvalid), ({"val_size": 1}, ParameterInvalid),
     ({"lr": 0}, ParameterInvalid), ({"lr": "x"}, ParameterInvalid), ({"epochs": 0}, ParameterInvalid),
     ({"epochs": 1.5}, ParameterInvalid), ({"epoch": 3}, ParameterUnknown)]
)  # fmt: skip
def test_arguments_of_train_that_cannot_be_are_refused(options, error) -> None:
    model = Classification("KNN")
    model.load_dataset(*IRIS)
    with pytest.raises(error):
        model.train(**options)


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [
        (Classification("KNN", n_neighbors=9), ([[1], [2], [3]], [0, 1, 0]), "at most 3"),
        (Cluster("Kmeans", N_CLUSTERS=4), ([[1], [2], [3]],), "at most 3"),
        (DimentionReduction("PCA", n_components=5), IRIS, "1 to 4"),
        (DimentionReduction("LDA", n_components=3), IRIS, "1 to 2"),
        (DimentionReduction("LLE", n_components=4, para={"n_neighbors": 200}), IRIS, "at most 149"),
    ],
)
def test_more_than_the_data_have_is_refused(model, data, said) -> None:
    model.load_dataset(*data, split=False)
    with pytest.raises(ParameterInvalid) as caught:
        model.train()
    assert said in caught.value.hint


def test_lda_of_two_classes_finds_one_direction_where_nobody_asked_for_two() -> None:
    model = trained(DimentionReduction("LDA"), (IRIS[0][:100], IRIS[1][:100]))
    assert model.inference().shape == (100, 1)
    with pytest.raises(DatasetNotLoaded, match="labels"):
        trained(DimentionReduction("LDA"), (IRIS[0],))


def test_one_class_and_labels_of_another_length_are_refused() -> None:
    with pytest.raises(DatasetNotLoaded, match="one class, 3"):
        trained(Classification("KNN"), ([[1], [2], [3]], [3, 3, 3]))
    model = Classification("KNN")
    model.load_dataset(*IRIS)
    model.y_train = model.y_train[:-1]
    with pytest.raises(DatasetNotLoaded, match="119"):
        model.train()
    model.y_train = np.linspace(0, 1, 120)
    with pytest.raises(DatasetInvalid, match="whole number"):
        model.train()


def test_baseml_itself_and_unknown_algorithms_are_refused() -> None:
    with pytest.raises(MethodUnsupported, match="baseml"):
        baseml()
    with pytest.raises(ParameterInvalid, match="RandomForest"):
        Classification("RandomForrest")
    with pytest.raises(ParameterInvalid, match="Kmeans"):
        Cluster("KNN")
    with pytest.raises(ParameterUnknown, match="para"):
        Classification("KNN", params={})


# Answers


def test_labels_from_one_stay_as_they_are() -> None:
    model = trained(Classification("CART"), (IRIS[0], IRIS[1] + 1))
    assert set(model.inference()) == {1, 2, 3}


@pytest.mark.parametrize("form", [list, tuple, np.asarray])
def test_float_labels_of_whole_numbers_are_classes(form) -> None:
    model = trained(Classification("CART"), (form(IRIS[0].tolist()), form([float(label) for label in IRIS[1]])))
    assert model.inference().dtype == np.int64


def test_more_columns_than_in_training_are_refused_with_a_row_that_fits() -> None:
    model = trained(Classification("KNN"))
    with pytest.raises(InputMismatch, match="5 columns, but the model was trained with 4") as caught:
        model.inference([[1, 2, 3, 4, 5]])
    assert caught.value.hint.startswith("A row that fits: [[")


def test_names_of_columns_out_of_a_file_are_cut_where_a_hint_shows_them(tmp_path: Path) -> None:
    model = trained(Classification("KNN"))
    model._features = ("n" * 1_000_000, "第\n一", "c", "d")
    model.train()
    model.save(tmp_path / "x.pkl")
    back = Classification("KNN")
    back.load(tmp_path / "x.pkl")
    with pytest.raises(InputMismatch) as caught:
        back.inference([[1, 2, 3, 4, 5]])
    assert len(caught.value.hint) < 200
    assert "\n" not in caught.value.hint


def test_grouping_prints_its_groups_unless_told_not_to(capsys) -> None:
    model = trained(Cluster("Kmeans", N_CLUSTERS=2), ([[0.0], [1], [10], [11]],), scale=True)
    capsys.readouterr()
    model.inference()
    told = capsys.readouterr().out.splitlines()
    assert {line.partition(": ")[2] for line in told} == {"2 rows, centre [0.5]", "2 rows, centre [10.5]"}
    model.inference(verbose=False)
    assert not capsys.readouterr().out


# Scores


@pytest.mark.parametrize("name", ["accuracy", "acc", "ACC", "precision", "recall", "f1", "auc"])
def test_scores_of_classes(name) -> None:
    score, answers = trained(Classification("NaiveBayes")).valid(metrics=name)
    assert 0.85 <= score <= 1
    assert len(answers) == 30


@pytest.mark.parametrize("model", [Classification("SVM"), Classification("KNN"), Classification("CART")])
def test_the_area_under_the_curve_is_that_of_scikit_learn(model) -> None:
    from sklearn.metrics import roc_auc_score

    for data in ((IRIS[0], IRIS[1] > 0), IRIS):
        trained(model, data)
        scored = getattr(model.model, "predict_proba", getattr(model.model, "decision_function", None))(model.x_test)
        if scored.ndim == 2 and scored.shape[1] == 2:
            scored = scored[:, 1]
        expected = (
            roc_auc_score(model.y_test, scored)
            if scored.ndim == 1
            else np.mean([roc_auc_score(model.y_test == label, scored[:, label]) for label in range(3)])
        )
        assert model.valid(metrics="auc")[0] == pytest.approx(expected)


def test_scores_of_numbers_and_groups(tmp_path: Path) -> None:
    model = trained(Regression("Ridge"), DIABETES)
    for name in ("r2", "mse", "mae"):
        assert np.isfinite(model.valid(metrics=name)[0])
    assert model.valid()[0] == model.valid(metrics="r2")[0]
    groups = trained(Cluster("Agglomerative clustering", N_CLUSTERS=3), (IRIS[0],))
    assert groups.valid()[0] == pytest.approx(0.554, abs=0.01)
    for name in ("silhouette_score", "calinski_harabasz_score", "davies_bouldin_score"):
        assert np.isfinite(groups.valid(metrics=name)[0])


def test_a_table_is_scored_by_the_names_of_its_columns(tmp_path: Path) -> None:
    file = tmp_path / "数据 集" / "验 证.csv"
    file.parent.mkdir()
    lines = [f"{row[0]},{label},{row[1]},{row[2]},{row[3]}" for row, label in zip(*IRIS, strict=True)]
    file.write_text("a,类,b,c,d\n" + "\n".join(lines), encoding="gbk")
    model = Classification("CART")
    model.load_dataset(file, x_column=["d", "c", "b", "a"], y_column=["类"])
    model.train()
    moved = tmp_path / "移动.csv"
    lines = [",".join(map(str, [*row, label])) for row, label in zip(*IRIS, strict=True)]
    moved.write_text("a,b,c,d,类\n" + "\n".join(lines), encoding="utf-8")
    assert model.valid(str(moved))[0] > 0.95
    assert len(model.x_test) == 30


@pytest.mark.parametrize(
    ("model", "metrics", "data"),
    [(Classification("KNN"), "r2", IRIS), (Classification("KNN"), "acuracy", IRIS),
     (Regression(), "accuracy", DIABETES), (Classification("KNN"), 5, IRIS), (Cluster("Kmeans"), "acc", (IRIS[0],)),
     (DimentionReduction(), None, IRIS)]
)  # fmt: skip
def test_scores_of_another_family_are_refused(model, metrics, data) -> None:
    trained(model, data)
    with pytest.raises(MetricUnsupported) as caught:
        model.valid(metrics=metrics)
    assert caught.value.hint


def test_several_scores_at_once_are_asked_for_one_by_one() -> None:
    with pytest.raises(MetricUnsupported) as caught:
        trained(Classification("KNN")).valid(metrics=["acc", "f1"])
    assert "one at a time" in caught.value.hint


def test_a_row_of_another_length_is_named() -> None:
    with pytest.raises(InputMismatch, match=r"data\[1\] has 3 values, and other rows have 4"):
        trained(Classification("KNN")).inference([[1, 2, 3, 4], [1, 2, 3], [1, 2, 3, 4]])


def test_a_condition_is_no_noun_in_chinese(monkeypatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    with pytest.raises(ParameterInvalid) as caught:
        trained(Cluster("Kmeans", N_CLUSTERS=500))
    assert caught.value.hint.startswith("N_CLUSTERS 应当不超过 150")


def test_nothing_to_score_with_is_named() -> None:
    model = trained(Classification("KNN"), split=False)
    for given in ({}, {"x": IRIS[0]}, {"x": [], "y": []}, {"x": IRIS[0], "y": IRIS[1][:3]}):
        with pytest.raises(DatasetNotLoaded):
            model.valid(**given)
    with pytest.raises(DatasetNotLoaded, match="r2"):
        trained(Regression(), DIABETES).valid(x=DIABETES[0][:1], y=DIABETES[1][:1])
    with pytest.raises(DatasetNotLoaded, match="groups"):
        trained(Cluster("Kmeans", N_CLUSTERS=1), (IRIS[0],)).valid()


# Warnings


def test_columns_of_very_different_spread_are_named_where_distances_count(capsys) -> None:
    x = IRIS[0] * [1, 1000, 1, 1]
    for model, is_told in ((Classification("KNN"), True), (Classification("CART"), False)):
        trained(model, (x, IRIS[1]))
        assert ("scale=True" in capsys.readouterr().err) is is_told
    trained(Classification("KNN"), (x, IRIS[1]), scale=True)
    assert not capsys.readouterr().err


def test_a_column_that_does_not_decide_alone_is_not_told_and_a_network_measures_no_distances(capsys) -> None:
    rng = np.random.default_rng(0)
    narrow = rng.normal(size=(60, 5)) * [30, 25, 20, 14, 0.5]  # one column says little, none decides alone
    for model in (Classification("KNN"), Cluster("Kmeans"), Classification("MLP"), DimentionReduction("PCA")):
        trained(model, (narrow, np.arange(60) % 2))
        assert "scale=True) brings" not in capsys.readouterr().err
    for model in (Classification("MLP"), Regression("MLP"), DimentionReduction("PCA")):
        trained(model, (narrow * [1000, 1, 1, 1, 1], np.arange(60) % 2))
        said = capsys.readouterr().err
        assert "scale=True) brings" in said
        assert "distances" not in said


@pytest.mark.parametrize(("algorithm", "number"), [("PCA", 0), ("LDA", 0), ("LLE", 0), ("PCA", -1)])
def test_fewer_numbers_are_at_least_one(algorithm: str, number: int) -> None:
    with pytest.raises(ParameterInvalid):
        trained(DimentionReduction(algorithm, n_components=number))


def test_a_power_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterInvalid):
        trained(Regression("Polynomial", degree=0), DIABETES)


def test_an_average_over_classes_is_called_so_and_names_the_classes_it_hides(capsys) -> None:
    model = trained(Classification("CART", para={"max_depth": 1}), (IRIS[0], np.array(["a", "b", "c"])[IRIS[1]]))
    for name in ("f1", "precision", "recall"):
        capsys.readouterr()
        model.valid(metrics=name)
        told = capsys.readouterr()
        assert "weighted over classes" in told.out
        assert f"their own {name} is 0: 'c'." in told.err
    model.valid()
    told = capsys.readouterr()
    assert "weighted" not in told.out
    assert not told.err


def test_scaling_mends_what_the_warning_is_about() -> None:
    noise = np.random.default_rng(1).uniform(0, 1e5, (150, 1))
    data = (np.hstack([IRIS[0], noise]), IRIS[1])
    plain, scaled = (trained(Classification("KNN"), data, scale=scale).valid()[0] for scale in (False, True))
    assert plain < 0.6 < 0.9 < scaled


def test_a_classifier_that_learned_nothing_is_told(capsys) -> None:
    rng = np.random.default_rng(0)
    model = trained(Classification("SVM"), (rng.normal(size=(50, 2)), np.arange(50) % 5 > 0))
    capsys.readouterr()
    model.valid()
    said = capsys.readouterr().err
    assert "Whoever always answered 1 would be right in 80 %" in said
    assert "All answers are the same" in said


def test_numbers_in_place_of_classes_are_told(capsys) -> None:
    trained(Classification("CART"), (IRIS[0], np.arange(150)))
    assert "use Regression" in capsys.readouterr().err


def test_equal_rows_and_estimates_no_better_than_the_mean_are_told(capsys) -> None:
    trained(Classification("CART"), (np.ones((20, 2)), np.arange(20) % 2))
    assert "All rows are alike" in capsys.readouterr().err
    rng = np.random.default_rng(0)
    trained(Regression("CART"), (rng.normal(size=(50, 2)), rng.normal(size=50))).valid()
    assert "the mean of all numbers" in capsys.readouterr().err


def test_a_network_that_did_not_come_to_rest_is_told_in_the_users_language(capsys, monkeypatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    model = Classification("MLP")
    model.load_dataset(*IRIS)
    model.train(epochs=2)
    said = capsys.readouterr().err
    assert "尚未收敛" in said
    assert "epochs" in said


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [
        (Cluster("Kmeans", N_CLUSTERS=3), ([[0.0]] * 5 + [[1.0]] * 5,), "fewer different rows than groups"),
        (Cluster("Birch", N_CLUSTERS=3), ([[0.0, 0.1], [0.1, 0], [0, 0], [9, 9]],), "threshold"),
        (Cluster("Spectral clustering", N_CLUSTERS=2, para={"affinity": "nearest_neighbors", "n_neighbors": 2}),
         ([[0.0], [0.1], [0.2], [9], [9.1], [9.2]],), "islands"),
    ],
)  # fmt: skip
def test_what_scikit_learn_warns_of_is_said_in_plain_words(capsys, model, data, said) -> None:
    trained(model, data)
    assert said in capsys.readouterr().err


def test_without_scikit_learn_the_command_is_named(monkeypatch) -> None:
    monkeypatch.setattr("BaseML.requirements.find_spec", lambda _: None)
    with pytest.raises(DependencyMissing, match=r"mmedu\[ml\]"):
        Classification("KNN")


def test_a_network_that_begins_dead_begins_anew_unless_its_start_was_chosen() -> None:
    alive = trained(Classification("MLP", n_hidden=(4, 6, 4, 2)), scale=False)
    assert alive.para["random_state"] > 0
    assert alive.valid()[0] > 0.9
    dead = Classification("MLP", n_hidden=(4, 6, 4, 2), para={"random_state": 100})
    trained(dead)
    assert dead.para["random_state"] == 100


@pytest.mark.parametrize(
    ("para", "said"),
    [({"n_neighbors": 0}, "整数，范围 [1, 无穷大)"), ({"weights": "near"}, "以下文字之一"), ({"p": "x"}, "小数，范围")],
)
def test_what_a_parameter_must_be_is_said_in_chinese(monkeypatch, para, said) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    with pytest.raises(ParameterInvalid) as caught:
        Classification("KNN", para=para)
    assert said in caught.value.hint


@pytest.mark.parametrize(
    ("model", "y", "said"),
    [
        (lambda: Cluster("Kmeans", N_CLUSTERS=500), (), "N_CLUSTERS=500"),
        (lambda: Cluster("Kmeans", para={"n_clusters": 500}), (), "n_clusters=500"),
        (lambda: Cluster("Kmeans", N_CLUSTERS=-1), (), "N_CLUSTERS=-1"),
        (lambda: Cluster("Kmeans", para={"n_clusters": -1}), (), "n_clusters=-1"),
        (lambda: Classification("MLP", n_hidden=("a",)), IRIS[1], "n_hidden="),
        (lambda: Classification("MLP", n_hidden=(4, 0)), IRIS[1], "n_hidden=(4, 0)"),
        (lambda: Classification("MLP", n_hidden=((4, 2), 3)), IRIS[1], "n_hidden=((4, 2), 3)"),
    ],
)
def test_an_error_names_a_parameter_as_the_user_wrote_it(model, y, said) -> None:
    def train() -> None:
        made = model()
        made.load_dataset(IRIS[0], y)
        made.train()

    with pytest.raises(ParameterInvalid) as caught:
        train()
    assert caught.value.message.startswith(said)
    assert caught.value.hint.startswith(said.partition("=")[0])


@pytest.mark.parametrize("name", ["SVM", "AdaBoost"])
def test_several_numbers_are_refused_by_who_estimates_one(name) -> None:
    with pytest.raises(ParameterInvalid, match="estimates one number a row, and y has 2") as caught:
        trained(Regression(name), (IRIS[0], IRIS[0][:, :2]))
    assert "y_column=[...]" in caught.value.hint


def test_what_is_learned_by_heart_is_said_before_it_is_learned(capsys) -> None:
    model = Regression("Polynomial", degree=5)
    model.load_dataset(DIABETES[0][:60, :4], DIABETES[1][:60])
    capsys.readouterr()
    model.train()
    assert "makes 125 terms of 4 columns, and there are 48 rows" in capsys.readouterr().err
    trained(Regression("Polynomial", degree=2), DIABETES)
    assert "by heart" not in capsys.readouterr().err


def test_lda_keeps_variance_between_the_classes(capsys) -> None:
    trained(DimentionReduction("LDA"))
    assert "Share of the variance between the classes: [" in capsys.readouterr().out
    trained(DimentionReduction("PCA"))
    assert "Share of the variance: [" in capsys.readouterr().out


def test_a_model_of_another_family_is_named_in_the_users_language(tmp_path: Path, monkeypatch) -> None:
    trained(Classification("KNN")).save(tmp_path / "x.pkl")
    monkeypatch.setenv("MMEDU_LANG", "zh")
    with pytest.raises(TaskMismatch, match="文件中是分类模型 KNN"):
        Regression().load(tmp_path / "x.pkl")


def test_a_class_for_nearly_every_row_is_said_in_plain_words(capsys) -> None:
    model = Classification("KNN")
    model.load_dataset(IRIS[0][:60], range(60), split=False)
    model.train()
    assert "nearly every row has a class of its own" in capsys.readouterr().err


def test_a_polynomial_that_fits_into_no_memory_is_refused_before_it_is_tried() -> None:
    with pytest.raises(MemoryExhausted, match="columns of 10"):
        trained(Regression("Polynomial", degree=20), DIABETES)
    with pytest.raises(MemoryExhausted):
        trained(Regression("Polynomial", degree=2**31), (np.ones((3, 2000)), [1, 2, 3]))
