"""Every path and name that CONTRIBUTING shows is there: the page is read by those who know nothing yet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PATHS = sorted(
    {
        word
        for word in re.findall(r"`([^`\s]+)`", PAGE)
        if "/" in word and "<" not in word and not word.startswith((".venv", "-"))
    }
)


def test_there_are_paths_to_look_at() -> None:
    assert len(PATHS) > 40


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_the_page_is_there(path: str) -> None:
    assert any((ROOT / base / path).exists() for base in ("", "src")), f"{path} is not there (any more)"


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "src" / "MMEdu").iterdir() if path.is_dir()))
def test_every_room_of_training_is_in_the_tree(room: str) -> None:
    assert room == "__pycache__" or re.search(rf"`(MMEdu/)?{room}`", PAGE), f"{room} is missing in the table of rooms"
