"""``valid`` and the pictures on other data: which column is the label, which label is which class, what stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.metrics import r2_score, roc_auc_score

from BaseDT.errors import DatasetInvalid, DatasetNotLoaded, InputMismatch
from BaseML import Classification, Cluster, DimentionReduction, Regression

X, Y = load_iris(return_X_y=True)
NAMES = ("长", "宽", "瓣长", "瓣宽")
WORDS = np.array(["山", "变", "维"])[Y]


def written(path: Path, columns, names=()) -> str:
    path.parent.mkdir(exist_ok=True)
    lines = [",".join(names)] if names else []
    path.write_text("\n".join([*lines, *(",".join(map(str, row)) for row in zip(*columns, strict=True))]), "utf-8")
    return str(path)


def learned(model, *data, **options):
    model.load_dataset(*data, **options)
    model.train()
    return model


def test_the_label_of_a_table_is_the_column_that_was_learned(tmp_path: Path) -> None:
    table = written(tmp_path / "数据 集" / "花.csv", X.T, NAMES)
    model = learned(Regression(), table, x_column=["长"], y_column=["瓣长"])
    score, answers = model.valid(table)
    assert score == pytest.approx(r2_score(X[:, 2], answers))
    model.save(tmp_path / "m.pkl")
    again = Regression()
    again.load(tmp_path / "m.pkl")
    assert again.valid(table)[0] == pytest.approx(score)


def test_labels_of_a_table_without_names_are_found_by_their_number(tmp_path: Path) -> None:
    table = written(tmp_path / "a.csv", [WORDS, *X.T])
    model = learned(Classification("CART"), table, x_column=[1, 2, 3, 4], y_column=[0])
    assert model.valid(table)[0] > 0.95
    held_out = model.x_test
    assert len(held_out) == 30
    assert model.x_test is held_out


def test_a_table_without_the_label_is_refused_and_says_what_is_wanted(tmp_path: Path) -> None:
    table = written(tmp_path / "a.csv", X.T, NAMES)
    model = learned(Regression(), table, x_column=["长"], y_column=["瓣长"])
    other = written(tmp_path / "b.csv", X.T, ("长", "宽", "x", "y"))
    with pytest.raises(DatasetNotLoaded, match="瓣长"):
        model.valid(other)
    fewer = learned(Regression(), X[:, :1], X[:, 1])
    assert fewer.valid(written(tmp_path / "c.csv", X[:, :2].T))[0] == pytest.approx(
        fewer.valid(x=X[:, :1], y=X[:, 1])[0]
    )


def test_what_stands_where_one_column_has_another_name_is_not_guessed(tmp_path: Path) -> None:
    model = learned(Classification("CART"), written(tmp_path / "a.csv", [*X.T, WORDS], (*NAMES, "类")))
    renamed = written(tmp_path / "b.csv", [*X.T, WORDS], ("长", "宽", "瓣长", "瓣寛", "类"))
    with pytest.raises(InputMismatch, match=r"no column '瓣宽'; there are '瓣寛'"):
        model.valid(renamed)


def test_a_table_does_not_replace_the_rows_that_were_held_out(tmp_path: Path) -> None:
    model = learned(Classification("KNN"), X, WORDS)
    before = model.valid()[0], len(model.x_test)
    model.valid(written(tmp_path / "a.csv", [*X[:60].T, WORDS[:60]], (*NAMES, "类")))
    assert (model.valid()[0], len(model.x_test)) == before


@pytest.mark.parametrize("name", ["Kmeans", "Birch", "Spectral clustering", "Agglomerative clustering"])
def test_groups_stand_in_the_order_of_the_rows(name: str) -> None:
    model = learned(Cluster(name, N_CLUSTERS=2), X[np.r_[0:20, 50:70]])
    groups = model.inference(verbose=False)
    assert len(set(groups[:20])) == len(set(groups[20:])) == 1


def test_fewer_numbers_stand_in_the_order_of_the_rows() -> None:
    model = learned(DimentionReduction("PCA"), X)
    assert np.array_equal(model.inference(), model.inference(X))
    assert np.array_equal(model.fit_transform(), model.inference(X))


@pytest.mark.parametrize("classes", [3, 5])
def test_the_area_of_a_machine_that_compares_pairs_is_that_of_one_against_the_rest(classes: int) -> None:
    x, y = load_digits(n_class=classes, return_X_y=True)
    x, y = x[:200] + np.random.default_rng(0).normal(0, 9, (200, 64)), y[:200]
    scores = [
        learned(Classification("SVM", para={"decision_function_shape": shape}), x, y).valid(metrics="auc")[0]
        for shape in ("ovr", "ovo")
    ]
    assert scores[0] == scores[1] > 0.7
    model = learned(Classification("SVM"), x, y)
    shares = model.model.decision_function(model.x_test)
    each = [roc_auc_score(model.y_test == label, shares[:, label]) for label in range(classes)]
    counts = np.bincount(model.y_test)
    assert model.valid(metrics="auc")[0] == pytest.approx(np.average(each, weights=counts))


@pytest.mark.parametrize("metrics", ["acc", "f1", "auc"])
def test_numbers_are_no_names_of_classes_and_words_no_numbers(metrics: str) -> None:
    words, numbers = learned(Classification("KNN"), X, WORDS), learned(Classification("KNN"), X, Y)
    for model, other in ((words, Y), (numbers, WORDS)):
        with pytest.raises(DatasetInvalid, match="is a class of the model"):
            model.valid(x=X, y=other, metrics=metrics)
        with pytest.raises(DatasetInvalid, match="is a class of the model"):
            model.metricplot(X, other, show=False)
        with pytest.raises(DatasetInvalid, match="is a class of the model"):
            model.plot(X, other, show=False)
    assert words.valid(x=X, y=WORDS, metrics=metrics)[0] > 0.9
    assert numbers.valid(x=X, y=Y.astype(str), metrics=metrics)[0] > 0.9


def test_some_labels_that_the_model_does_not_know_are_said(capsys) -> None:
    model = learned(Classification("KNN"), X, WORDS)
    other = WORDS.copy()
    other[0] = "玫"
    score, _ = model.valid(x=X, y=other)
    assert "labels that are none of the model's classes ('玫'): 1." in capsys.readouterr().err
    assert 0.9 < score < 1
    model.metricplot(X, other, show=False)
    assert "'玫'" in capsys.readouterr().err
