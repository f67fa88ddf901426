"""Small files that would cost minutes or gigabytes are refused before they do."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from BaseDT.draw.text import shortened
from BaseDT.errors import CheckpointInvalid, ParameterInvalid, RecipeInvalid
from BaseDT.preprocess import Preprocess
from MMEdu.engine import checkpoint
from MMEdu.models import recipe_file


def test_compressed_members_of_a_checkpoint_are_refused(tmp_path: Path, refused) -> None:
    torch.save({"state_dict": {"a": torch.zeros(1000)}, "meta": {}}, tmp_path / "whole.pth")
    assert checkpoint.read(tmp_path / "whole.pth")["meta"] == {}
    with zipfile.ZipFile(tmp_path / "whole.pth") as whole, zipfile.ZipFile(tmp_path / "小.pth", "w", 8) as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name))
    with refused(CheckpointInvalid, "小.pth"):
        checkpoint.read(tmp_path / "小.pth")


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes")
def test_a_pipe_is_no_checkpoint_and_no_recipe(tmp_path: Path, refused) -> None:
    for name in ("a.pth", "a.toml"):
        os.mkfifo(tmp_path / name)
    with refused(CheckpointInvalid, "a.pth"):
        checkpoint.read(tmp_path / "a.pth")
    with refused(RecipeInvalid, "a.toml"):
        recipe_file.entry_of(str(tmp_path / "a.toml"), "classification")


@pytest.mark.parametrize(
    "values",
    [
        {"size": (100_000, 100_000)},
        {"size": (8, 8), "resize_to": (100_000, 100_000)},
        {"size": (8, 8), "resize": "short_side", "resize_to": 100_000},
        {"size": (8, 10**400)},
    ],
)
def test_a_description_cannot_ask_for_gigabytes(values, refused) -> None:
    with refused(ParameterInvalid, "Preprocess"):
        Preprocess.from_dict(values)
    assert Preprocess(size=(8, 8), resize_to=(4096, 4096)).resize_to == (4096, 4096)


@pytest.mark.parametrize(
    "text", [".".join("a" * 20_000) + " = 1", "[" + ".".join("a" * 500) + "]", "a = " + "[" * 5000, "#" * 200_000]
)
def test_a_recipe_of_keys_within_keys_is_refused(tmp_path: Path, refused, text: str) -> None:
    file = tmp_path / "配 方.toml"
    file.write_text(text, encoding="utf-8")
    with refused(RecipeInvalid):
        recipe_file.entry_of(str(file), "classification")


def test_a_long_name_is_cut_before_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    monkeypatch.setattr("BaseDT.draw.text.text_width", lambda text, _: measured.append(len(text)) or 10 * len(text))
    assert shortened("x" * 100_000, " 0.9", 16, 100).endswith("… 0.9")
    assert max(measured) < 600
