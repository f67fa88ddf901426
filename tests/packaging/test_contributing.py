"""Every path and name that CONTRIBUTING shows is there: the page is read by those who know nothing yet."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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
DOTTED = sorted(set(re.findall(r"`((?:BaseDT|XEdu|BaseDeploy|MMEdu)(?:\.\w+)+)`", PAGE)))


def names_in(file: Path) -> Iterator[str]:
    """Give what a module binds at its top level: read, not imported, for much of it would load torch."""
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def module_file(dotted: str) -> Path | None:
    """Return the file of a module or package, or None."""
    path = ROOT / "src" / dotted.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def test_there_are_paths_and_names_to_look_at() -> None:
    assert len(PATHS) > 40
    assert len(DOTTED) > 4


@pytest.mark.parametrize("dotted", DOTTED)
def test_a_dotted_name_of_the_page_is_there(dotted: str) -> None:
    parent, _, name = dotted.rpartition(".")
    file = module_file(parent)
    assert module_file(dotted) or (file and name in names_in(file)), f"{dotted} is not there (any more)"


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_the_page_is_there(path: str) -> None:
    assert any((ROOT / base / path).exists() for base in ("", "src")), f"{path} is not there (any more)"


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "src" / "MMEdu").iterdir() if path.is_dir()))
def test_every_room_of_training_is_in_the_tree(room: str) -> None:
    assert room == "__pycache__" or re.search(rf"`(MMEdu/)?{room}`", PAGE), f"{room} is missing in the table of rooms"
