"""``mmedu convert`` and ``mmedu quantize``: the file itself knows its model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def checkpoint(trained) -> Path:
    return Path(json.loads(trained.ended.out)["best_checkpoint"])


def test_convert_says_where_the_model_lies(mmedu, checkpoint):
    ended = mmedu("convert", checkpoint, "出 口/猫")
    assert ended.code == 0, ended.err
    assert "Converted: " in ended.out
    assert {item.name for item in Path("出 口").iterdir()} == {"猫.onnx", "猫.py"}


def test_a_folder_is_no_name_for_a_file(mmedu, checkpoint, trained):
    """The path of the command line lost its slash: ``新 夹/`` became ``新 夹.onnx``."""
    for command in (("convert", checkpoint, "新 夹/"), ("quantize", checkpoint, "--out-file", "新 夹/")):
        ended = mmedu(*command, *(("--data", trained.data) if command[0] == "quantize" else ()))
        assert ended.code == 1
        assert ended.err.startswith("Error Code: -104. ")
        assert list(Path().iterdir()) == []


def test_convert_in_json(mmedu, checkpoint):
    ended = mmedu("convert", checkpoint, "m", "--backend", "openvino", "--dynamic", "--json")
    assert json.loads(ended.out) == {"model": "m.xml"}
    assert "Converted: " in ended.err


def test_convert_with_features_for_teaching(mmedu, checkpoint):
    ended = mmedu("convert", checkpoint, "m", "--features")
    assert ended.code == 0, ended.err
    assert "features: True" in mmedu("info", "m.onnx").out
    refused = mmedu("convert", checkpoint, "n", "--features", "--backend", "NCNN")
    assert refused.err.startswith("Error Code: -305. ")
    assert "--backend ONNX, or leave --features out" in refused.err


def test_quantize_a_checkpoint_and_a_file(mmedu, checkpoint, trained):
    mmedu("convert", checkpoint, "m")
    for source in (checkpoint, "m.onnx"):
        ended = mmedu("quantize", source, "--data", trained.data, "--out-file", "q", "--json")
        told = json.loads(ended.out)
        assert told["model"] == "q.onnx"
        assert told["int8"]["size"] < told["fp32"]["size"]
        assert told["left_in_float"] == []
        assert told["calibration"] == "minmax"


def test_what_a_board_without_our_library_needs(mmedu, checkpoint, trained):
    ended = mmedu("quantize", checkpoint, "--data", trained.data, "--out-file", "夹/q", "--standalone")
    assert ended.code == 0, ended.err
    assert {"q.onnx", "q.py", "q_standalone.py", "BaseData.py"} == {item.name for item in Path("夹").iterdir()}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("convert", "no.pth"), "Error Code: -102"),
        (("quantize", "no.onnx", "--data", "."), "Error Code: -"),
        (("quantize", "no.onnx", "--data", "nowhere"), "Error Code: -102"),
    ],
)
def test_a_mistake_ends_with_its_code(mmedu, command, words):
    ended = mmedu(*command)
    assert ended.code == 1
    assert words in ended.err
    assert "Traceback" not in ended.err
