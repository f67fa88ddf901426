"""Tables as schools have them: marks, encodings, names or none, gaps, decimal commas; mistakes name their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from BaseDT.errors import DatasetInvalid, DatasetNotFound, ParameterInvalid
from BaseDT.tabular.reading import read_table
from BaseDT.tabular.table import Table


@pytest.fixture
def read(tmp_path: Path):
    folder = tmp_path / "数据 集"
    folder.mkdir()

    def reader(text: str | bytes, encoding: str = "utf-8", **options: bool) -> Table:
        file = folder / "表 格.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_table(file, **options)

    return reader


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "，"])
def test_marks_and_encodings_lead_to_the_same_table(read, mark, encoding) -> None:
    table = read(mark.join("长宽类") + "\r\n" + mark.join(["5.1", "3.5", "猫"]) + "\r\n", encoding)
    assert table.names == ("长", "宽", "类")
    assert table.numbers([0, 1]).tolist() == [[5.1, 3.5]]
    assert table.labels(2).classes == ("猫",)
    assert table.lines == (2,)


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("a,b\n1,2\n", ("a", "b"), 1),
        ("1,2\n3,4\n", (), 2),
        ("0,1,2\n5.1,3.5,0\n", ("0", "1", "2"), 1),
        ("120,2,setosa,versicolor\n6.4,2.8,5.6,0\n5,2,3,1\n", ("120", "2", "setosa", "versicolor"), 2),
        ("5.1,3.5,setosa\n4.9,3,virginica\n", (), 2),
        ("颜色,形状\n红,圆\n红,长\n", ("颜色", "形状"), 2),
        ("红,圆\n黄,长\n红,圆\n", (), 3),
        ("x\n1\n2\n", ("x",), 2),
        ("1\n2\n", (), 2),
        ("1,2,3\n", (), 1),
        ("a,b,\n1,2,\n", ("a", "b"), 1),
        ("sep=;\na;b\n1;2\n", ("a", "b"), 1),
        ("# a b\n1.0 2.0\n", ("a", "b"), 1),
        ("#a,b\n1,2\n", ("a", "b"), 1),
        ("a|b\n1|2\n", ("a", "b"), 1),
        ("\n\na,b\n\n1,2\n", ("a", "b"), 1),
    ],
)
def test_a_first_line_of_names_is_known(read, text, names, rows) -> None:
    table = read(text)
    assert (table.names_of(range(table.width)), table.rows) == (names, rows)


def test_the_caller_may_know_better_about_the_first_line(read) -> None:
    assert read("1,2\n3,4\n", header=True).rows == 1
    assert read("a,b\n1,2\n", header=False).rows == 2


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5,1;3,5\n4,9;3\n", [[5.1, 3.5], [4.9, 3.0]]),
        ("5,1\t3,5\n4,9\t3\n", [[5.1, 3.5], [4.9, 3.0]]),
        ('a,b\n"1,5",2\n"12,5",3\n', [[1.5, 2.0], [12.5, 3.0]]),
        ('a,b\n"1,234",2\n"12,345.5",3\n', [[1234.0, 2.0], [12345.5, 3.0]]),
        ("１．５，－２\n", [[1.5, -2.0]]),
        ("1e3 -.5\n+2 \u22121\n", [[1000.0, -0.5], [2.0, -1.0]]),
    ],
)
def test_numbers_are_read_as_they_are_written(read, text, numbers) -> None:
    table = read(text)
    assert table.numbers(range(table.width)).tolist() == numbers


@pytest.mark.parametrize(
    ("cell", "found"),
    [("", "missing"), ("NA", "missing"), ("缺失", "missing"), ("高", "no number"), ("inf", "not finite"),
     ("1e999", "not finite"), ("1_000", "no number"), ("nan", "missing")],
)  # fmt: skip
def test_a_cell_that_is_no_number_is_named_with_its_line_and_column(read, cell, found) -> None:
    table = read(f"a,b,c\n1,2,0\n3,{cell},1\n5,{cell},0\n7,8,1\n9,9,1\n")
    with pytest.raises(DatasetInvalid, match=r"表 格\.csv:3: column 1 'b' .*So are 1 more") as caught:
        table.numbers([0, 1])
    assert found in caught.value.message
    assert caught.value.hint


def test_a_line_of_another_width_is_named(read) -> None:
    with pytest.raises(DatasetInvalid, match=r":3 has 2 columns, but most lines have 3"):
        read("a,b,c\n1,2,0\n2,3\n3,4,1\n")


def test_lines_are_counted_as_an_editor_counts_them(read) -> None:
    assert read('名,数\r\n"两\r\n行",1\r\n三,2\r\n').lines == (3, 4)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"a,b\n", b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1", b"\x89PNG\r\n\x1a\n\xff\xfe"]
)
def test_what_is_no_table_is_refused(read, data) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        read(data)
    assert caught.value.hint


def test_a_missing_file_offers_the_nearest_and_a_folder_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text("1,2\n", encoding="utf-8")
    with pytest.raises(DatasetNotFound, match=r"iris\.csv"):
        read_table(tmp_path / "irs.csv")
    with pytest.raises(DatasetInvalid, match="folder"):
        read_table(tmp_path)


def test_columns_are_chosen_by_number_and_name(read) -> None:
    table = read("萼长,萼宽,类\n1,2,0\n")
    assert table.select("x_column", ["萼宽", 0, -1]) == [1, 0, 2]
    assert table.select("y_column", "类") == [2]
    assert table.select("x_column", np.arange(2)) == [0, 1]


@pytest.mark.parametrize("columns", [[], [0, 0], [0, -3], 3, "高", None, b"a", [1.5], [True], np.array(1.0)])
def test_columns_that_are_not_there_are_refused_with_those_that_are(read, columns) -> None:
    table = read("萼长,萼宽,类\n1,2,0\n")
    with pytest.raises(ParameterInvalid) as caught:
        table.select("x_column", columns)
    assert "萼长" in caught.value.hint


def test_a_quotation_mark_that_is_never_closed_ends_with_an_error_of_ours(read) -> None:
    with pytest.raises(DatasetInvalid):
        read('a,b\n"1,2\n' + "3,4\n" * 50_000)
