"""The text files of a data set: any usual encoding and line end is read; writing is whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from BaseDT.dataset.textfiles import read_lines, write_text
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


def test_writes_utf8_with_plain_line_ends_and_the_usual_permissions(file: Path) -> None:
    usual = file.with_name("usual")
    usual.touch()
    write_text(file, "石头\n剪刀\n")
    assert file.read_bytes() == "石头\n剪刀\n".encode()
    assert file.stat().st_mode == usual.stat().st_mode


def test_a_full_disk_leaves_the_old_file_and_no_other(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("old", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(file, "new")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in file.parent.iterdir()] == [(file.name, "old")]
