"""The table of ``bench.int8``, on made-up results, and one real measure. Nothing here measures time."""

from __future__ import annotations

from pathlib import Path

from bench._cases import Job

from bench import _data, _int8, int8

RESULT = {
    "backbone": "MobileNet",
    "side": 64,
    "fp32": {"size": 8_900_000, "top-1": 95.0, "per_s": 100.0, "pictures": 219},
    "int8": {"size": 2_580_000, "top-1": 94.5, "per_s": 210.0, "pictures": 219},
    "in_float": ["Conv_0", "Gemm_9"],
}


def test_a_row_has_accuracy_size_and_speed() -> None:
    cells = int8.row("MobileNet", RESULT)
    assert cells == ["MobileNet, 64", "95.00", "94.50", "+0.50", "8.9 → 2.6", "0.29", "2.10", "2", "219"]
    assert len(cells) == len(int8._HEAD)


def test_a_refusal_and_a_failure_are_told_in_the_row() -> None:
    for result in ({"refused": "Error Code: -808. INT8 reaches 10 %\nmore"}, {"error": "Traceback\nit broke"}):
        cells = int8.row("VGG", result)
        assert len(cells) == len(int8._HEAD)
        assert cells[-1] in ("Error Code: -808. INT8 reaches 10 %", "it broke")


def test_a_model_is_trained_and_quantised_then_quantised_from_its_checkpoint(tmp_path: Path) -> None:
    data = _data.make(tmp_path / "数据 集", "digits", 40)
    options = {"lr": 0.01, "image_size": 32, "max_drop": 100.0, "full_range": False}
    first = _int8.measure(Job("int8", 0.0, "", str(tmp_path / "一"), str(data), "LeNet", options=options))
    assert first["backbone"] == "LeNet"
    assert first["int8"]["size"] < first["fp32"]["size"]
    assert Path(first["checkpoint"]).is_file()
    options["checkpoint"] = first["checkpoint"]
    again = _int8.measure(Job("int8", 0.0, "", str(tmp_path / "二"), str(data), "LeNet", options=options))
    assert again["fp32"]["top-1"] == first["fp32"]["top-1"]
