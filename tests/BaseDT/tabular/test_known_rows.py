"""Rows for a model that knows its columns by name: all of them are there, or none, and nothing between is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from BaseDT.errors import InputMismatch
from BaseDT.tabular.known_rows import KnownRows

KNOWN = KnownRows(2, ("长", "宽"))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "数据 集" / "新.csv"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "rows"), [("宽,名,长\n1,3,2\n", [[2, 1]]), ("a,b\n1,2\n", [[1, 2]]), ("1,2\n3,4\n", [[1, 2], [3, 4]])]
)
def test_columns_are_found_by_name_or_by_place(tmp_path: Path, text: str, rows: list[list[float]]) -> None:
    assert KNOWN.rows_of_file(written(tmp_path, text)).tolist() == rows


@pytest.mark.parametrize("text", ["长,寛\n1,2\n", "长,x,y\n1,2,3\n", "长\n1\n2\n"])
def test_a_column_that_is_missing_beside_known_ones_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputMismatch, match="no column '宽'") as caught:
        KNOWN.rows_of_file(written(tmp_path, text))
    assert caught.value.hint
