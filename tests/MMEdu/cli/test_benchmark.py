"""``mmedu benchmark``: a trained model, converted, measured on its own validation set."""

from __future__ import annotations

import json
import shutil
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
    ended = mmedu("benchmark", model, "--images", trained.data, *QUICK, "--json")
    assert ended.code == 0, ended.err
    (row,) = json.loads(ended.out)["rows"]
    assert row["judged"] == 16
    assert row["top1"] == pytest.approx(json.loads(trained.ended.out)["metrics"]["accuracy_top-1"])
    assert row["input"] == [1, 1, 32, 32]


def test_the_table_is_printed_and_written(mmedu, model):
    ended = mmedu("benchmark", model, *QUICK, "--out", "测.md", "--out", "出/测.json")
    assert ended.code == 0, ended.err
    assert "| 猫狗.onnx | onnxruntime | 1 | FP32 |" in ended.out
    assert "generated pictures" in ended.out
    assert "猫狗.onnx, 1 thread …" in ended.err, "what is going on does not belong to the table"
    assert Path("测.md").read_text("utf-8") == ended.out
    assert [row["model"] for row in json.loads(Path("出/测.json").read_text("utf-8"))["rows"]] == ["猫狗.onnx"]


def test_json_is_a_flag_and_what_follows_it_is_a_model(mmedu, model):
    """It took the next word for its file: the model was overwritten."""
    shutil.copy(model, "一.onnx")
    before = Path("一.onnx").read_bytes()
    ended = mmedu("benchmark", *QUICK, "--json", "一.onnx", model)
    assert ended.code == 0, ended.err
    assert [row["model"] for row in json.loads(ended.out)["rows"]] == ["一.onnx", "猫狗.onnx"]
    assert Path("一.onnx").read_bytes() == before


@pytest.mark.parametrize(
    ("out", "code"),
    [
        ("猫.onnx", "-305"),
        ("猫.ncnn.json", "-305"),
        ("猫.ncnn.param", "-305"),
        ("报告.txt", "-305"),
        ("报告", "-305"),
        ("夹.md", "-104"),
        ("报告.txt/测.md", "-104"),
    ],
)
def test_a_file_that_cannot_become_the_report_is_refused_before_anything_is_measured(mmedu, out, code, monkeypatch):
    for name in ("猫.onnx", "猫.ncnn.param", "猫.ncnn.bin", "猫.ncnn.json", "报告.txt"):
        Path(name).write_text("mine", encoding="utf-8")
    Path("夹.md").mkdir()
    monkeypatch.setattr("XEdu.benchmark.conduct._child", lambda *_: pytest.fail("it measured"))
    ended = mmedu("benchmark", "猫.onnx", "猫.ncnn.bin", *QUICK, "--out", out)
    assert ended.code == 1
    assert ended.err.startswith(f"Error Code: {code}. ")
    assert {path.read_text("utf-8") for path in Path().iterdir() if path.is_file()} == {"mine"}


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
