"""``--classes``: names for a file of weights that has none, in every command that takes one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from MMEdu.models import registry


@pytest.fixture
def plain(mmedu) -> Path:
    """A state_dict of a LeNet for two classes, beside a text with their names; the working directory is theirs."""
    torch.manual_seed(1)
    file = Path("权 重.pth")
    torch.save(registry.find("LeNet", "classification").build(2).state_dict(), file)
    Path("名 字.txt").write_text("汪\n喵", encoding="utf-8")
    return file


def test_infer(mmedu, plain, trained):
    picture = next((trained.data / "test_set" / "猫").iterdir())
    ended = mmedu("infer", plain, picture, "--no-show")
    assert ended.code == 1
    assert "--classes classes.txt" in ended.err
    ended = mmedu("infer", plain, picture, "--no-show", "--classes", "名 字.txt", "--json")
    assert json.loads(ended.out)["results"][0]["pred_class"] in "汪喵"


def test_map(mmedu, plain, trained):
    pictures = trained.data / "test_set" / "猫"
    told = mmedu("map", plain, pictures, "--json")
    assert json.loads(told.out)["classes"] == ["0", "1"]
    assert "--classes" in told.err
    told = mmedu("map", plain, pictures, "--json", "--classes", trained.data)
    assert json.loads(told.out)["classes"] == ["狗", "猫"]


@pytest.mark.parametrize("option", ["--classes", "--class-path"])
def test_convert(mmedu, plain, option):
    ended = mmedu("convert", plain, "a")
    assert ended.code == 1
    assert "--classes classes.txt" in ended.err
    assert mmedu("convert", plain, "a", option, "名 字.txt").code == 0


def test_quantize(mmedu, plain, trained):
    asked = ("quantize", plain, "--data", trained.data, "--max-drop", "100", "--out-file", "a")
    ended = mmedu(*asked)
    assert ended.code == 1
    assert "--classes classes.txt" in ended.err
    ended = mmedu(*asked, "--classes", trained.data)
    assert ended.code == 0, ended.err
    ended = mmedu("quantize", "a.onnx", "--data", trained.data, "--classes", "名 字.txt")
    assert ended.code == 1
    assert "-305" in ended.err
