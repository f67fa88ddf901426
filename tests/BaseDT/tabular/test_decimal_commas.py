"""Decimal commas between commas are told, and tables of whole numbers are left in peace."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.datasets import load_digits, load_iris

from BaseDT.errors import DatasetInvalid
from BaseDT.tabular import decimal_commas
from BaseDT.tabular.reading import read_table
from BaseML import Classification
from BaseNN.data.tables import read_file

X, Y = load_iris(return_X_y=True)
COMMAS = [",".join(f"{value:.1f}".replace(".", ",") for value in row) for row in X]


def written(folder: Path, lines: list[str]) -> Path:
    path = folder / "数据 集" / "花.csv"
    path.parent.mkdir()
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("label", ["", ",setosa", ",0"])
def test_numbers_and_their_fractions_in_turn_are_told(tmp_path: Path, label: str) -> None:
    (note,) = decimal_commas.notes(read_table(written(tmp_path, [line + label for line in COMMAS])))
    assert "'5,1' is read as two columns" in note


def test_who_learns_from_such_a_table_is_told(tmp_path: Path, capsys) -> None:
    path = written(tmp_path, [f"{line},{label}" for line, label in zip(COMMAS, Y, strict=True)])
    Classification("KNN").load_dataset(path)
    assert "'5,1' is read as two columns" in capsys.readouterr().err
    for task in ("cls", "reg"):
        assert "'5,1' is read as two columns" in read_file(path, task).notes[0]


@pytest.mark.parametrize("mark", [",", ";"])
def test_other_tables_are_left_in_peace(tmp_path: Path, mark: str) -> None:
    digits = [mark.join(f"{value:.0f}" for value in row) for row in load_digits().data[:50]]
    bits = [mark.join(f"{row:04b}") for row in range(16)]
    points = [mark.join(map(str, row)) for row in X]
    for place, lines in enumerate((digits, bits, points)):
        (folder := tmp_path / str(place)).mkdir()
        assert not decimal_commas.notes(read_table(written(folder, lines)))


def test_a_line_of_names_that_is_shorter_hints_at_the_commas(tmp_path: Path) -> None:
    lines = ["a,b,c,d", *COMMAS]
    with pytest.raises(DatasetInvalid) as caught:
        read_table(written(tmp_path, lines))
    assert "decimal commas" in caught.value.hint
    (folder := tmp_path / "二").mkdir()
    with pytest.raises(DatasetInvalid) as caught:
        read_table(written(folder, ["a,b", "1.5,2", "1.5,2,3", "2.5,1"]))
    assert "decimal" not in caught.value.hint
