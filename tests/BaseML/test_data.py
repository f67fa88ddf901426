"""``load_dataset`` and ``load_tab_data``: files, arrays, lists, frames; which columns; what is held out; mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris

from BaseDT.errors import (
    DatasetInvalid,
    DatasetNotFound,
    DatasetNotLoaded,
    InputMismatch,
    NothingLoaded,
    ParameterInvalid,
    ParameterUnknown,
)
from BaseML import Classification, Cluster, DimentionReduction, Regression

NAMES = ("萼长", "萼宽", "瓣长", "瓣宽", "品种")
SPECIES = ("山鸢尾", "变色鸢尾", "维吉尼亚鸢尾")


class Frame:
    """As much of a frame as is asked for."""

    def __init__(self, columns, values) -> None:
        self.columns, self._values = list(columns), values

    def __len__(self) -> int:
        return len(self._values)

    def to_numpy(self):
        return np.array(self._values, object)


class Series:
    """Likewise of one of its columns."""

    def __init__(self, name, values) -> None:
        self.name, self._values = name, values

    def __len__(self) -> int:
        return len(self._values)

    def to_numpy(self):
        return np.array(self._values, object)


def rows(words: bool = False) -> list[list[object]]:
    x, y = load_iris(return_X_y=True)
    return [[*map(float, row), SPECIES[label] if words else int(label)] for row, label in zip(x, y, strict=True)]


@pytest.fixture
def table(tmp_path: Path):
    def write(values=None, *, names=NAMES, mark=",", encoding="utf-8", comma=False) -> Path:
        lines = [mark.join(map(str, line)) for line in (values or rows())]
        if comma:
            lines = [line.replace(".", ",") for line in lines]
        file = tmp_path / "数据 集" / "鸢尾 花.csv"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes("\n".join([mark.join(names), *lines] if names else lines).encode(encoding))
        return file

    return write


@pytest.mark.parametrize(
    "options",
    [{}, {"names": None}, {"encoding": "gbk"}, {"mark": ";", "comma": True}, {"mark": "\t"}, {"encoding": "utf-8-sig"}],
)
def test_the_documents_iris_program_runs_on_every_kind_of_table(table, options) -> None:
    model = Classification("KNN")
    file = table(**options)
    model.load_dataset(file, type="csv", x_column=[0, 1, 2, 3], y_column=[4])
    model.train()
    assert model.inference([[5.1, 3.5, 1.4, 0.2]]).tolist() == [0]
    assert model.valid()[0] >= 0.9
    assert (model.x_train.shape, model.y_train.shape, model.x_test.shape) == ((120, 4), (120,), (30, 4))


def test_labels_of_words_are_answered_in_words(table) -> None:
    model = Classification("CART")
    model.load_dataset(table(rows(words=True)))
    model.train()
    assert model.inference([[5.1, 3.5, 1.4, 0.2]]).tolist() == ["山鸢尾"]
    assert set(model.y_test) == set(SPECIES)
    assert model.classes == tuple(sorted(SPECIES))
    assert model.valid()[0] == pytest.approx(np.mean(model.inference() == model.y_test))


def test_columns_are_chosen_by_name_and_the_last_is_the_label_by_default(table) -> None:
    model = Classification("CART")
    model.load_dataset(table(), x_column=["瓣长", "瓣宽"], y_column="品种")
    assert np.array_equal(np.unique(model.y_train), [0, 1, 2])
    assert model.x_train.shape[1] == 2
    model.load_dataset(table())
    assert model.x_train.shape[1] == 4
    model.load_dataset(table(), x_column=["瓣长", "瓣宽"])
    assert set(model.y_train) == {0, 1, 2}
    assert model.x_train.shape[1] == 2
    other = Regression()
    other.load_dataset(table(), y_column=["萼宽"])
    assert other.x_train.shape[1] == 4


def test_a_table_whose_last_column_is_learned_from_asks_for_its_labels(table, capsys) -> None:
    model = Classification("CART")
    model.load_dataset(table(), x_column=[0, -1])
    assert "there are no labels. Name theirs: y_column=[...]" in capsys.readouterr().err
    with pytest.raises(DatasetNotLoaded) as caught:
        model.train()
    assert "y_column=[" in caught.value.hint
    Cluster().load_dataset(table(), x_column=[0, -1])
    assert "labels" not in capsys.readouterr().err


@pytest.mark.parametrize("form", [None, "pandas"])
def test_a_frame_is_read_by_its_names(form) -> None:
    x = Frame(NAMES[:4], [line[:4] for line in rows()])
    model = Classification("CART")
    model.load_dataset(x, Series("品种", [line[4] for line in rows()]), type=form)
    model.train()
    straight = model.inference(Frame(NAMES[:4], [[5.1, 3.5, 1.4, 0.2], [6.5, 3.0, 5.5, 2.0]]))
    turned = model.inference(Frame((*NAMES[3::-1], "更多"), [[0.2, 1.4, 3.5, 5.1, 9], [2.0, 5.5, 3.0, 6.5, 9]]))
    assert straight.tolist() == turned.tolist() == [0, 2]
    with pytest.raises(InputMismatch):
        model.inference(Frame(("萼长",), [[5.1]]))


def test_labels_may_be_a_column_of_the_array() -> None:
    model = Classification("CART")
    model.load_dataset(np.array(rows()), type="numpy", y_column=[4])
    assert model.x_train.shape == (120, 4)
    model.load_dataset(rows(), type="list", x_column=[0, 1], y_column=[-1])
    assert model.x_train.shape == (120, 2)
    assert set(model.y_train) == {0, 1, 2}


def test_a_fifth_of_every_class_is_held_out_always_the_same() -> None:
    x, y = load_iris(return_X_y=True)
    first, second = Classification("KNN"), Classification("KNN")
    first.load_dataset(x, y)
    second.load_dataset(x, y, shuffle=False)
    assert np.bincount(first.y_test).tolist() == [10, 10, 10]
    assert sorted(map(tuple, first.x_test)) == sorted(map(tuple, second.x_test))
    assert second.y_train.tolist() == sorted(second.y_train.tolist())
    assert first.get_test_data()[0] is first.x_test
    first.load_dataset(x, y, split=False)
    assert (len(first.x_train), len(first.x_test)) == (150, 0)


def test_groups_and_directions_hold_nothing_out_and_keep_what_is_beside(table) -> None:
    cities = [["北京", 116.4, 39.9], ["上海", 121.5, 31.2], ["广州", 113.3, 23.1], ["天津", 117.2, 39.1]]
    model = Cluster("Kmeans", N_CLUSTERS=2)
    model.load_dataset(table(cities, names=("城市", "经度", "纬度")), type="csv", x_column=[1, 2], y_column=[0])
    model.train()
    assert len(model.x_test) == 0
    assert set(model.y_train) == {"北京", "上海", "广州", "天津"}
    groups = dict(zip(model.y_train, model.inference(), strict=True))
    assert groups["北京"] == groups["天津"] != groups["广州"]
    reduction = DimentionReduction("PCA")
    reduction.load_dataset(*load_iris(return_X_y=True))
    assert reduction.fit_transform().shape == (150, 2)


def test_load_tab_data_returns_four_parts(table) -> None:
    file = table()
    x, y, x_val, y_val = Classification("KNN").load_tab_data(file)
    assert (x.shape, y.dtype, x_val, y_val) == ((150, 4), np.float64, None, None)
    model = Regression("LinearRegression")
    x, y, x_val, y_val = model.load_tab_data(file, train_val_ratio=0.8, y_type="long")
    assert (x.shape, y.dtype, x_val.shape, y_val.shape) == ((120, 4), np.int64, (30, 4), (30,))
    assert model.x_train is x
    again = model.load_tab_data(file, train_val_ratio=0.8, random_seed=7)[2]
    assert not np.array_equal(again, x_val)
    x, y, x_val, y_val = model.load_tab_data(file, train_val_ratio=0.8, shuffle=False)
    assert x_val.tolist() == [line[:4] for line in rows()[120:]]


def test_the_rows_that_a_regression_holds_out_are_those_of_scikit_learn(table) -> None:
    from sklearn.model_selection import train_test_split

    x, y = load_iris(return_X_y=True)
    ours = Regression().load_tab_data(table(), train_val_ratio=0.8)
    theirs = train_test_split(x, y, test_size=0.2, random_state=42)
    assert np.array_equal(ours[0], theirs[0])
    assert np.array_equal(ours[2], theirs[1])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda r: r[2].__setitem__(1, ""), DatasetInvalid, ":4: column 1 '萼宽' is missing"),
        (lambda r: r[2].__setitem__(1, "高"), DatasetInvalid, ":4: column 1 '萼宽' is no number"),
        (lambda r: r[2].__setitem__(1, "inf"), DatasetInvalid, "not finite"),
        (lambda r: r[2].__setitem__(4, ""), DatasetInvalid, "label is missing"),
        (lambda r: r[2].__setitem__(4, 0.5), DatasetInvalid, "0.5 is no whole number"),
        (lambda r: r[2].pop(), DatasetInvalid, ":4 has 4 columns"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(table, change, error, said) -> None:
    values = rows()
    change(values)
    with pytest.raises(error, match=said):
        Classification("KNN").load_dataset(table(values))


@pytest.mark.parametrize(
    "options",
    [{"x_column": [7]}, {"x_column": ["高"]}, {"y_column": [0, 1]}, {"x_column": [4], "y_column": [4]},
     {"type": "xlsx"}, {"shuffle": 1}, {"scale": "yes"}, {"split": 0}, {"show": None}]
)  # fmt: skip
def test_arguments_that_cannot_be_are_refused(table, options) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        Classification("KNN").load_dataset(table(), **options)
    assert caught.value.hint


def test_other_mistakes_are_named(table, tmp_path: Path) -> None:
    model = Classification("KNN")
    table()
    with pytest.raises(DatasetNotFound, match=r"鸢尾"):
        model.load_dataset(tmp_path / "数据 集" / "鸢尾.csv")
    with pytest.raises(ParameterUnknown, match="x_column"):
        model.load_dataset(table(), x_colum=[0])
    with pytest.raises(ParameterInvalid, match="3 rows, but y has 2"):
        model.load_dataset([[1], [2], [3]], [0, 1])
    with pytest.raises(ParameterInvalid, match="csv"):
        model.load_dataset([[1]], [0], type="csv")
    with pytest.raises(DatasetInvalid, match="Classification"):
        Regression().load_dataset(table(rows(words=True)))
    with pytest.raises(DatasetInvalid, match="Classification"):
        Regression().load_dataset([[1], [2]], ["大", "小"])
    with pytest.raises(DatasetInvalid, match="one column"):
        model.load_dataset(table([[1], [2]], names=None))
    with pytest.raises(NothingLoaded, match="scal"):
        model.reverse_scale([[1]])
    with pytest.raises(ParameterInvalid, match="train_val_ratio"):
        model.load_tab_data(table(), train_val_ratio=0)
    with pytest.raises(ParameterInvalid, match="y_type"):
        model.load_tab_data(table(), y_type="double")


def test_show_prints_the_first_rows_with_their_names(table, capsys) -> None:
    Classification("KNN").load_dataset(table(), show=True)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 7
    assert all(name in printed[1] for name in NAMES[:4])


def test_a_failed_load_leaves_the_data_that_were_there(table) -> None:
    model = Classification("KNN")
    model.load_dataset(table())
    with pytest.raises(DatasetInvalid):
        model.load_dataset([[np.nan]], [0])
    assert model.x_train.shape == (120, 4)


def test_the_scale_is_that_of_the_training_rows_and_goes_back() -> None:
    x = np.array([[0.0, 5], [10, 5], [5, 5], [20, 5], [15, 5]])
    model = Cluster("Kmeans", N_CLUSTERS=2)
    model.load_dataset(x, scale=True)
    model.train()
    assert model.model.cluster_centers_.max() <= 1
    assert sorted(model.reverse_scale(model.model.cluster_centers_)[:, 0].tolist()) == [5, 17.5]
    assert np.array_equal(model.reverse_scale(model.x_train), model.x_train)
    with pytest.raises(InputMismatch):
        model.reverse_scale([[1, 2, 3]])


def test_other_columns_of_a_frame_may_hold_words() -> None:
    frame = Frame(("名", "长", "宽", "类"), [["甲", 1, 2, "红"], ["乙", 2, 3, "蓝"]] * 6)
    model = Classification("CART")
    model.load_dataset(frame, x_column=["长", "宽"], y_column=["类"], split=False)
    model.train()
    assert model.inference(Frame(("宽", "长"), [[2, 1]])).tolist() == ["红"]
    model.load_dataset(frame, Frame(("无", "类"), [[0, "红"], [0, "蓝"]] * 6), x_column=[1, 2], y_column=["类"])
    assert set(model.y_train) == {"红", "蓝"}


def test_a_column_that_counts_the_rows_is_left_out_or_named(table, capsys) -> None:
    indexed = [[number, *line] for number, line in enumerate(rows())]
    model = Classification("CART")
    model.load_dataset(table(indexed, names=("", *NAMES)))
    assert model.x_train.shape == (120, 4)
    assert "left out" in capsys.readouterr().err
    model.load_dataset(table([[line[0] + 1, *line[1:]] for line in indexed], names=("Id", *NAMES)))
    assert model.x_train.shape == (120, 5)
    assert "column 0 'Id' counts the rows" in capsys.readouterr().err
    model.load_dataset(table())
    assert not capsys.readouterr().err


def test_fractions_are_not_cut_off(table) -> None:
    file = table([line[:4] for line in rows()], names=NAMES[:4])
    with pytest.raises(ParameterInvalid, match="float"):
        Regression().load_tab_data(file, y_type="long")


def test_groups_are_scored_by_a_table_that_has_more_columns(table) -> None:
    model = Cluster("Kmeans", N_CLUSTERS=3)
    model.load_dataset(load_iris().data)
    model.train()
    assert model.valid(table())[0] == pytest.approx(0.5528, abs=1e-3)
    assert model.valid(table(names=None))[0] == pytest.approx(0.5528, abs=1e-3)
