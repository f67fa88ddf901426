"""Names that people give become folders that every system can make."""

from __future__ import annotations

from pathlib import Path

import pytest

from BaseDT.errors import ParameterInvalid
from MMEdu.studio.projects.names import cleaned, folder_name


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("石头", "石头"),
        ("a cat", "a cat"),
        ('say "hi"', "say ＂hi＂"),
        ("cat/dog", "cat／dog"),
        ("..\\..\\x", "＼..＼x"),
        ("../x", "／x"),
        ("c:", "c："),
        ("con", "con_"),
        ("LPT1.txt", "LPT1.txt_"),
        ("nul", "nul_"),
        ("training_set", "training_set_"),
        ("...", "_"),
        (" . ", "_"),
        ("dots...", "dots"),
        (".hidden", "hidden"),
        ("👩‍🔬 猫", "👩‍🔬 猫"),
        ("שלום", "שלום"),
    ],
)
def test_a_folder_is_called_as_the_class_as_far_as_systems_allow(tmp_path: Path, name: str, folder: str) -> None:
    assert folder_name(cleaned(name, "")) == folder
    (tmp_path / folder).mkdir()


def test_a_name_of_300_characters_gets_a_short_folder(tmp_path: Path) -> None:
    for sign in ("x", "长", "👩‍🔬"):
        folder = folder_name(cleaned((sign * 300)[:300], ""))
        assert len(folder) <= 60
        assert len(folder.encode()) <= 150
        assert not folder.endswith("\u200d")
        (tmp_path / folder).mkdir()
    with pytest.raises(ParameterInvalid, match="301 characters"):
        cleaned("x" * 301, "")


def test_names_that_differ_in_case_or_spelling_only_get_different_folders() -> None:
    assert folder_name("CAT", ["cat"]) == "CAT 2"
    assert folder_name("cat", ["CAT", "cat 2"]) == "cat 3"
    assert folder_name("Cafe\u0301", ["Caf\u00e9"]) != "Cafe\u0301"
    assert folder_name("a/b", ["a／b"]) == "a／b 2"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\u202egnp.exe", "gnp.exe"),
        ("\u200fשלום\u200f", "שלום"),
        ("a\x00b\x1bc\nd", "abc d"),
        ("\ud800x", "x"),
        ("  two   words ", "two words"),
        ("e\u0301", "\u00e9"),
        ("\u200b", "?"),
    ],
)
def test_a_name_is_shown_on_one_line_without_what_acts_unseen(name: str, shown: str) -> None:
    assert cleaned(name, "?") == shown
