"""The text files of a data set: any usual encoding and line end is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from BaseDT.dataset.textfiles import read_lines
from BaseDT.errors import DatasetInvalid


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "数据 集"
    folder.mkdir()
    return folder / "类 别.txt"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reads_every_usual_encoding_and_line_end(file: Path, encoding: str, end: str) -> None:
    file.write_bytes(f"石头{end}剪刀{end}布".encode(encoding))
    assert read_lines(file) == ["石头", "剪刀", "布"]


def test_strips_trailing_spaces_and_keeps_blank_lines_so_that_line_numbers_hold(file: Path) -> None:
    file.write_text(" cat \t\n\n  \ndog\n", encoding="utf-8")
    assert read_lines(file) == [" cat", "", "", "dog", ""]


def test_does_not_split_at_characters_that_may_stand_in_a_file_name(file: Path) -> None:
    file.write_text("a\u2028b.png 0\nc\x0bd.png 1", encoding="utf-8")
    assert len(read_lines(file)) == 2


def test_bytes_that_are_no_text_are_named(file: Path) -> None:
    file.write_bytes(b"\xff\x00\xfe\x01\x80")
    with pytest.raises(DatasetInvalid, match=r"Error Code: -201\. 类 别\.txt is not readable as text") as caught:
        read_lines(file)
    assert "UTF-8" in caught.value.hint


def test_a_folder_in_the_place_of_the_file_is_named(file: Path) -> None:
    file.mkdir()
    with pytest.raises(DatasetInvalid, match=r"类 别\.txt cannot be read"):
        read_lines(file)
