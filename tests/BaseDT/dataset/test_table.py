"""Tables are divided by class, written beside their source, and every cell that is no number is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from BaseDT.dataset import split_tab_dataset
from BaseDT.errors import DatasetInvalid, DatasetNotFound, ParameterInvalid, ParameterUnknown, PathExists

Refused = Callable[..., Any]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Thirty rows: the number of the row, its tenfold, and one of three classes."""
    file = tmp_path / "数据 集" / "鸢 尾.csv"
    file.parent.mkdir()
    rows = "".join(f"{row},{row * 10}.5,{row // 10}\n" for row in range(30))
    file.write_text(f"长,宽,类别\n{rows}", encoding="utf-8")
    return file


def split(file: Any, *args: Any, **options: Any) -> Any:
    return split_tab_dataset(file, *args, **options)


def test_every_class_is_divided_in_the_ratio(table: Path) -> None:
    train_x, train_y, val_x, val_y = split(table, [0, 1], 2)
    assert (train_x.shape, train_y.shape, val_x.shape, val_y.shape) == ((24, 2), (24, 1), (6, 2), (6, 1))
    assert np.unique(val_y, return_counts=True)[1].tolist() == [2, 2, 2]
    rows = np.sort(np.concatenate([train_x[:, 0], val_x[:, 0]]))
    assert rows.tolist() == list(range(30))
    assert (train_y[:, 0] == train_x[:, 0] // 10).all()
    assert (train_x[:, 1] == train_x[:, 0] * 10 + 0.5).all()


def test_writes_both_parts_with_the_names_of_the_columns(table: Path) -> None:
    train_x, train_y, val_x, val_y = split(table, range(2), 2, train_val_ratio=0.8)
    for part, x, y in (("train", train_x, train_y), ("val", val_x, val_y)):
        file = table.with_name(f"鸢 尾_{part}.csv")
        assert file.read_text(encoding="utf-8").splitlines()[0] == "长,宽,类别"
        written = np.loadtxt(file, delimiter=",", skiprows=1, encoding="utf-8")
        assert (written == np.hstack([x, y])).all()


def test_the_seed_decides_and_rows_are_shuffled(table: Path) -> None:
    first = split(table, [0], 2)[0]
    assert (first == split(table, [0], 2)[0]).all()
    assert (first != split(table, [0], 2, random_seed=1, overwrite=True)[0]).any()
    assert first[:, 0].tolist() != sorted(first[:, 0])


def test_the_last_column_is_the_label_by_default_and_columns_may_be_numbers(table: Path) -> None:
    train_x, train_y, _, _ = split(table, 0)
    assert train_x.shape == (24, 1)
    assert set(train_y[:, 0]) == {0, 1, 2}


def test_labels_that_are_no_classes_are_divided_at_random(table: Path) -> None:
    train_x, _, val_x, _ = split(table, 0, 1, 0.7)
    assert (len(train_x), len(val_x)) == (21, 9)


def test_normalising_uses_the_training_part_alone(table: Path) -> None:
    train_x, train_y, val_x, _ = split(table, 0, 2, random_seed=0)
    assert not {0.0, 29.0} <= set(train_x[:, 0]), "a seed whose training part lacks an extreme"
    scaled, labels, scaled_val, _, scaler = split(table, 0, 2, normalize=True, random_seed=0, overwrite=True)
    low, high = train_x.min(), train_x.max()
    np.testing.assert_allclose(scaled, (train_x - low) / (high - low))
    np.testing.assert_allclose(scaled_val, (val_x - low) / (high - low))
    np.testing.assert_allclose(scaler.inverse_transform(scaled_val), val_x, atol=1e-9)
    assert (labels == train_y).all()
    written = np.loadtxt(table.with_name("鸢 尾_train.csv"), delimiter=",", skiprows=1, encoding="utf-8")
    assert (written[:, :1] == scaled).all()


def test_a_column_of_equal_values_becomes_0(tmp_path: Path) -> None:
    file = tmp_path / "表.csv"
    file.write_text("a,b\n" + "5,0\n5,1\n" * 5, encoding="utf-8")
    assert set(split(file, 0, 1, normalize=True)[0][:, 0]) == {0}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("长;宽\r\n1;0\r\n2;1\r\n", "gbk"),
        ("长\t宽\n1\t0\n2\t1\n", "utf-8-sig"),
        ("长 宽\n\n 1   0\n2  1", "utf-8"),
        ("1,0\n2,1\n", "utf-8"),
        ('"长, 米",宽\n"1","0"\n2 , 1\n', "utf-8"),
        ("长,宽\n1,0\n,\n2,1e0\n", "utf-16"),
    ],
)
def test_reads_the_usual_tables(tmp_path: Path, text: str, encoding: str) -> None:
    file = tmp_path / "表 格.txt"
    file.write_bytes(text.encode(encoding))
    train_x, train_y, val_x, val_y = split(file, 0, 1, 0.5)
    assert sorted([*train_x[0], *val_x[0]]) == [1, 2]
    assert sorted([*train_y[0], *val_y[0]]) == [0, 1]
    assert (tmp_path / "表 格_train.txt").is_file()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,b\n", "too few rows to divide: 0"),
        ("a,b\n1,2\n", "too few rows to divide: 1"),
        ("a,b\n1,2\n1,2,3\n", r"表\.csv:3: 3 columns, but 2 in the first line"),
        ("a,b\n1,猫\n2,3\n", r"表\.csv:2: column 1 \('b'\) holds no number: '猫'"),
        ("a,b\n\n1,2\n,3\n", r"表\.csv:4: column 0 \('a'\) holds no number: ''"),
        ("a,b\n1,2\nnan,3\n", r"表\.csv:3: column 0"),
        ('a,b\n1,"2\n3,4\n', r"表\.csv:3: column 1"),
        ("a,b\n1,2\n" + "9" * 200_000 + ",2\n", r"表\.csv:3: field larger than field limit"),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, refused: Refused, text: str, message: str) -> None:
    file = tmp_path / "表.csv"
    file.write_text(text, encoding="utf-8")
    with refused(DatasetInvalid, message):
        split(file, 0, 1)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data_column": 3}, r"data_column=3: there is no column 3"),
        ({"data_column": [-4]}, "there is no column -4"),
        ({"data_column": range(0, 4)}, "there is no column 3"),
        ({"data_column": "高"}, "data_column: there is no column '高'"),
        ({"data_column": b"a"}, "data_column=b'a' names no columns"),
        ({"data_column": np.array(3.0)}, "names no columns"),
        ({"data_column": [np.array([1, 2])]}, "there is no column"),
        ({"data_column": [0.5]}, "there is no column 0.5"),
        ({"data_column": []}, "names no column, or one twice"),
        ({"data_column": [0, -3]}, "names no column, or one twice"),
        ({"data_column": [0, 2]}, "Column 2 is in data_column and in label_column"),
        ({"label_column": None}, "label_column=None names no columns"),
        ({"train_val_ratio": 1}, "leaves nothing"),
        ({"train_val_ratio": 80}, "leaves nothing"),
        ({"train_val_ratio": "0.8"}, "must be a number"),
        ({"normalize": 42}, "normalize=42 cannot be used"),
        ({"random_seed": 0.5}, "must be a whole number"),
        ({"column_name": ["a"]}, "does not fit the 3 columns"),
        ({"column_name": "abc"}, "does not fit"),
        ({"path": 5}, "path=5 cannot be used"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(
    table: Path, refused: Refused, options: dict[str, Any], message: str
) -> None:
    with refused(ParameterInvalid, message):
        split_tab_dataset(**({"path": table, "data_column": [0, 1], "label_column": 2} | options))


def test_no_such_keyword(table: Path, refused: Refused) -> None:
    with refused(ParameterUnknown, "ratio"):
        split(table, 0, 2, train_ratio=0.8)


def test_no_such_file(table: Path, refused: Refused) -> None:
    with refused(DatasetNotFound, "No such table") as caught:
        split(table.with_name("鸢尾.csv"), 0, 2)
    assert "Did you mean '鸢 尾.csv'?" in caught.value.hint
    with refused(DatasetNotFound):
        split(table.parent, 0, 2)


def test_columns_are_chosen_by_the_names_of_the_first_line(tmp_path: Path, refused: Refused) -> None:
    file = tmp_path / "体 检.csv"
    rows = "".join(f"{150 + i},{40 + i},{i % 2},{i}\n" for i in range(10))
    file.write_text(f"身高,体重,类别,编号\n{rows}", encoding="utf-8")
    by_name = split(file, data_column=["身高", "体重"], label_column="类别")
    by_number = split(file, [0, 1], 2)
    assert all(np.array_equal(*pair) for pair in zip(by_name, by_number, strict=True))
    assert (tmp_path / "体 检_train.csv").read_text(encoding="utf-8").startswith("身高,体重,类别\n")
    with refused(ParameterInvalid, "label_column: there is no column '类型'") as caught:
        split(file, [0, 1], "类型")
    assert "身高, 体重, 类别, 编号" in caught.value.hint
    file.write_text(f"身高,身高,类别,编号\n{rows}", encoding="utf-8")
    with refused(ParameterInvalid, "several columns have the name '身高'"):
        split(file, "身高", "类别")


def test_columns_can_be_named(table: Path) -> None:
    split(table, [0], 2, column_name=["x", "y"])
    assert table.with_name("鸢 尾_val.csv").read_text(encoding="utf-8").startswith("x,y\n")


def test_a_script_may_run_twice_but_other_files_are_not_overwritten(table: Path, refused: Refused) -> None:
    split(table, 0, 2)
    split(table, 0, 2)
    before = table.with_name("鸢 尾_train.csv").read_bytes()
    with refused(PathExists, "The file is there already: .*鸢 尾_train"):
        split(table, 0, 2, 0.5)
    assert table.with_name("鸢 尾_train.csv").read_bytes() == before
    split(table, 0, 2, 0.5, overwrite=True)
    assert table.with_name("鸢 尾_train.csv").read_bytes() != before
