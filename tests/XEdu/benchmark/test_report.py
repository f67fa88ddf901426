"""Figures into tables and JSON; what files tell from outside."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from XEdu.benchmark import files
from XEdu.benchmark.report import Report, Row, as_json, as_markdown

MACHINE: dict[str, str | int] = {"cpu": "Cortex-A35", "cores": 4, "system": "Linux", "python": "3.11.7"}
FLOAT = Row(
    "cats.onnx",
    1,
    13.3,
    "FP32",
    "onnxruntime",
    (1, 3, 224, 224),
    {"top1": 70.94, "top5": 89.99},
    50,
    1.77,
    2.0,
    560,
    600,
    120,
)
SMALL = Row(
    "cats_int8.onnx",
    1,
    3.5,
    "INT8",
    "onnxruntime",
    (1, 3, 224, 224),
    {"top1": 68.3, "top5": 88.44},
    50,
    4.94,
    5.0,
    200,
    210,
    90,
)


def report(*rows: Row) -> Report:
    return Report(MACHINE, "猫狗 (val)", rows, ("something to know",))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_a_row_for_each_measurement() -> None:
    text = as_markdown(report(FLOAT))
    assert "Cortex-A35, 4 cores" in text
    assert "猫狗 (val)" in text
    assert "- something to know" in text
    assert len(lines(text)) == 3
    assert "| cats.onnx | onnxruntime | 1 | FP32 | 13.3 | 1×3×224×224 | 70.94% | 89.99% | 1.8 |" in text


def test_fp32_and_int8_of_the_same_model_stand_side_by_side() -> None:
    text = as_markdown(report(FLOAT, SMALL))
    row = lines(text)[-1]
    assert row == ("| cats | 猫狗 (val) | 1 | 13.3 MB | 3.5 MB | 70.94% | 68.30% | 89.99% | 88.44% | 1.77 | 4.94 |")


@pytest.mark.parametrize(
    "other",
    [
        Row("dogs_int8.onnx", 1, 3.5, "INT8", "onnxruntime"),
        Row("cats_int8.onnx", 2, 3.5, "INT8", "onnxruntime"),
        Row("cats_int8.xml", 1, 3.5, "INT8", "openvino"),
        Row("cats_int8.onnx", 1, 3.5, "INT8", "onnxruntime", error="broken"),
    ],
)
def test_what_cannot_be_compared_is_not(other: Row) -> None:
    assert "MB |" not in as_markdown(report(FLOAT, other)).split("\n", 6)[-1]


@pytest.mark.parametrize(
    ("file", "backbone", "shown"),
    [
        ("/甲/cats_int8.onnx", "ResNet18", True),
        ("/乙/cats_int8.onnx", "ResNet18", False),
        ("/甲/cats_int8.onnx", "MobileNet", False),
    ],
)
def test_only_files_of_one_folder_and_one_backbone_are_a_pair(file: str, backbone: str, shown: bool) -> None:
    """Where names collide the rows are called by their paths; what is paired does not hang on that."""
    whole = replace(FLOAT, model="甲/cats.onnx", file="/甲/cats.onnx", backbone="ResNet18")
    small = replace(SMALL, file=file, backbone=backbone)
    assert ("| 甲/cats | 猫狗 (val) | 1 |" in as_markdown(report(whole, small))) == shown


def test_latencies_of_small_models_have_two_digits() -> None:
    row = lines(as_markdown(report(replace(FLOAT, p50_ms=0.0426, p95_ms=12.345))))[-1]
    assert "| 0.04 | 12.3 |" in row


@pytest.mark.parametrize("name", ["cats_int8.onnx", "cats-INT8.onnx", "cats.int8.onnx", "cats_quant.onnx", "cats.onnx"])
def test_names_of_quantised_files_share_a_stem(name: str) -> None:
    assert Row(name, 1, 1.0).stem == "cats"


def test_what_was_not_measured_is_a_dash_and_null() -> None:
    row = Row("x.onnx", 2, 1.0, error="Error Code: -202. It is no model.")
    text = as_markdown(report(row))
    assert "| x.onnx | – | 2 | – | 1.0 | – | – | – |" in text
    assert "- x.onnx: Error Code: -202." in text
    assert json.loads(as_json(report(row)))["rows"][0]["images_per_s"] is None


def test_a_bar_in_a_name_does_not_break_the_table() -> None:
    assert r"a\|b.onnx" in as_markdown(report(Row("a|b.onnx", 1, 1.0)))


def test_json_is_whole_and_keeps_its_letters() -> None:
    text = as_json(report(FLOAT, SMALL))
    assert "猫狗" in text
    told = json.loads(text)
    assert told["pictures"] == "猫狗 (val)"
    assert [row["size_mb"] for row in told["rows"]] == [13.3, 3.5]
    assert [told["rows"][0][key] for key in ("top1", "top5", "map", "map50")] == [70.94, 89.99, None, None]


def test_chinese_heads_where_the_user_reads_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMEDU_LANG", "zh")
    assert "权重大小 INT8" in as_markdown(report(FLOAT, SMALL))


# --- files ---------------------------------------------------------------------------------------------------------


def write(folder: Path, **sizes: int) -> None:
    for name, size in sizes.items():
        (folder / name.replace("__", ".")).write_bytes(b"x" * size)


@pytest.mark.parametrize("opened", ["m.ncnn.param", "m.ncnn.bin", "n.xml", "n.bin", "o.onnx"])
def test_the_size_is_that_of_all_files_of_a_model(tmp_path: Path, opened: str) -> None:
    write(tmp_path, m__ncnn__param=100, m__ncnn__bin=900, n__xml=100, n__bin=900, o__onnx=300, o__onnx__data=700)
    assert files.size_mb(tmp_path / opened) == pytest.approx(0.001)


def test_a_foreign_quantised_file_is_known_by_its_operators(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"...DequantizeLinear...")
    (tmp_path / "b.onnx").write_bytes(b"...Conv...")
    assert [files.looks_int8(tmp_path / name) for name in ("a.onnx", "b.onnx")] == [True, False]
