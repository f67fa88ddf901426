"""``mmedu benchmark``: a trained model, converted, measured on its own validation set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

QUICK = ("--seconds", "0.05", "--threads", "1")


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained LeNet, converted."""
    from MMEdu import MMClassification

    checkpoint = Path(json.loads(trained.ended.out)["best_checkpoint"])
    out = tmp_path_factory.mktemp("模 型") / "猫狗.onnx"
    return MMClassification("LeNet").convert(checkpoint=checkpoint, out_file=out)


def test_the_accuracy_of_the_file_is_that_of_training(mmedu, model, trained):
    ended = mmedu("benchmark", model, "--images", trained.data, *QUICK, "--json", "出/测.json")
    assert ended.code == 0, ended.err
    (row,) = json.loads(Path("出/测.json").read_text("utf-8"))["rows"]
    assert row["judged"] == 16
    assert row["top1"] == pytest.approx(json.loads(trained.ended.out)["metrics"]["accuracy_top-1"])
    assert row["input"] == [1, 1, 32, 32]


def test_the_table_is_printed_and_written(mmedu, model):
    ended = mmedu("benchmark", model, *QUICK, "--markdown", "测.md")
    assert ended.code == 0, ended.err
    assert "| 猫狗.onnx | onnxruntime | 1 | FP32 |" in ended.out
    assert "generated pictures" in ended.out
    assert "猫狗.onnx, 1 threads" in ended.err, "what is going on does not belong to the table"
    assert Path("测.md").read_text("utf-8") == ended.out


def test_several_models_and_threads(mmedu, model):
    ended = mmedu("benchmark", model, model, "--seconds", "0.05", "--threads", "1, 2")
    assert ended.out.count("| 猫狗.onnx |") == 4


def test_a_model_that_is_broken_fails_the_command_and_not_the_others(mmedu, model):
    Path("坏.onnx").write_bytes(b"x")
    ended = mmedu("benchmark", "坏.onnx", model, *QUICK)
    assert ended.code == 1
    assert "- 坏.onnx: Error Code: -202." in ended.out
    assert "| 猫狗.onnx | onnxruntime |" in ended.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--threads", "two"], "-305"),
        (["--threads", "0"], "-305"),
        (["--seconds", "0"], "-305"),
        (["--images", "没有"], "-101"),
        (["--images", "."], "-201"),
    ],
)
def test_a_mistake_ends_with_its_code(mmedu, model, arguments, code):
    ended = mmedu("benchmark", model, *arguments)
    assert ended.code == 1
    assert ended.err.startswith(f"Error Code: {code}. ")


def test_a_missing_model_is_named(mmedu, model):
    ended = mmedu("benchmark", model.with_name("猫狗2.onnx"), *QUICK)
    assert ended.code == 1
    assert ended.err.startswith("Error Code: -102. ")
