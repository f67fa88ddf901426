"""The text files of a data set: any usual encoding and line end is read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from BaseDT.dataset.textfiles import read_lines, read_text
from BaseDT.errors import DatasetInvalid

CHINESE = (
    "猫",
    "猫\n",
    "猫\r\n",
    "鹿\n猫",
    "母猫\n",
    "猫 cat\n",
    "猫/001.jpg 0\n猫/002.jpg 0\n",
    "小鞋",
    "鸭\n鞋\n树\n",
)
CHINESE += ("心\n", "联通", "楼\n路\n", "名称,得分\n猫,1\n")
NOT_CHINESE = ("café\n", "thé\nété\n", "Äpfel\nÖl\n", "нож\nложка\n", "γάτα\n", "חתול\n", "قط\nكلب\nفأر\n", "ä\nö\nü\n")
NOT_CHINESE += ("а\nб\nв\n", "90°\n45°\n", "£5\n", "猫", "猫é\n", "é/猫.jpg 0\n", "été 0\n", "")


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


@pytest.mark.parametrize("text", CHINESE)
def test_few_chinese_characters_in_gbk_are_not_letters_with_accents(file: Path, text: str) -> None:
    file.write_bytes(text.encode("gbk"))
    assert read_text(file) == text


@pytest.mark.parametrize("text", NOT_CHINESE)
def test_other_languages_in_utf8_stay_what_they_are(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8"))
    assert read_text(file) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "gb18030", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", ["猫\ncat\n", "cat\ndog\n"])
def test_marks_and_zeros_tell_the_encoding(file: Path, encoding: str, text: str) -> None:
    marked = "\ufeff" if encoding == "gb18030" else ""
    file.write_bytes((marked + text).encode(encoding))
    assert read_text(file) == text


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, b""])
def test_a_file_of_nothing_but_its_mark_is_empty(file: Path, mark: bytes) -> None:
    file.write_bytes(mark)
    assert read_text(file) == ""


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("cat猫", "gbk"),
        ("貓", "big5"),
        ("貓 狗", "big5"),
        ("café", "utf-8"),
        ("è", "utf-8"),
        ("猫", "gbk"),
        ("он", "utf-8"),
    ],
)
def test_names_that_should_be_there_decide_between_readings(file: Path, name: str, encoding: str) -> None:
    file.write_bytes(f"{name}\n".encode(encoding))
    assert read_lines(file, ["dog", name]) == [name, ""]


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
