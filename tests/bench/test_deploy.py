"""The arithmetic and the tables of ``bench.deploy``, on made-up rounds. Nothing here measures time."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bench._cases import Job

from bench import _data, _deploy, _deploy_original, _deploy_report, deploy

FILES = {"pth": "a.pth", "FP32": "a.onnx", "INT8": "b.onnx", "openvino": "x.xml", "ncnn": "x.ncnn.param"}


def compared(ours: float, bare: float, ratio: float) -> dict[str, Any]:
    return {"ms": {"ours": ours, "bare": bare}, "ratios": {"ours": ratio, "bare": 1.0}, "others": 0.0}


# In the second round the machine was half as fast.
ROUNDS = [
    {"hub": compared(5, 5, 1.0)},
    {"hub": compared(11, 10, 1.1)},
    {"hub": compared(5.2, 5, 1.04)},
    {"hub": {"error": "Traceback\nit broke"}},
]


class TestSummary:
    def test_medians_over_the_rounds_and_the_range_of_the_ratios(self) -> None:
        found = _deploy_report.summarise(ROUNDS, {})["hub"]
        assert found["ms"] == {"ours": 5.2, "bare": 5}
        assert found["ratios"]["ours"] == 1.04
        assert found["range"]["ours"] == [1.0, 1.1]

    def test_a_comparison_that_always_broke_has_no_row_but_a_remark(self) -> None:
        rounds = [{"hub": {"error": "Traceback\nit broke"}}]
        assert _deploy_report.tables({"MobileNet": _deploy_report.summarise(rounds, {})}) == []
        assert _deploy_report.remarks("MobileNet", {}, rounds) == ["MobileNet, hub: it broke"]

    def test_a_busy_machine_and_a_format_that_failed_are_told(self) -> None:
        rounds = [{"hub": {**compared(1, 1, 1), "others": 0.5}}]
        lines = _deploy_report.remarks("MobileNet", {"failed": {"ncnn": "no pnnx\nmore"}}, rounds)
        assert lines[0] == "MobileNet, ncnn: no pnnx"
        assert "50%" in lines[1]


class TestTables:
    def test_overhead(self) -> None:
        (table,) = _deploy_report.tables({"MobileNet": _deploy_report.summarise(ROUNDS, {})})
        assert table.splitlines()[-1] == ("| MobileNet, Workflow / bare onnxruntime | 5.20 | 5.00 | 1.04 (1.00–1.10) |")

    def test_the_original_stands_in_a_row_of_its_own(self) -> None:
        result = {"ms": {"ours": 4.0, "original": 10.0}, "ratios": {"ours": 0.4, "original": 1.0}}
        (table,) = _deploy_report.tables({"MobileNet": _deploy_report.summarise([{"original": result}], {})})
        assert table.splitlines()[-1] == "| MobileNet, Workflow / original Workflow | 4.00 | 10.00 | 0.40 |"

    def test_int8_beside_fp32(self) -> None:
        whole = {"ms": {"INT8": 4.0, "FP32": 8.0}, "ratios": {"INT8": 0.5, "FP32": 1.0}}
        alone = {"ms": {"INT8": 2.0, "FP32": 5.0}, "ratios": {"INT8": 0.4, "FP32": 1.0}}
        rounds = [{"precision": {**whole, "alone": alone}}]
        summary = _deploy_report.summarise(rounds, {"FP32": 10.0, "INT8": 2.5})
        (table,) = _deploy_report.tables({"ResNet18": summary})
        assert (
            table.splitlines()[-1] == "| ResNet18 | 10.0 | 2.5 | 0.25 | 125.0 | 250.0 | 2.00 | 200.0 | 500.0 | 2.50 |"
        )

    def test_memory(self) -> None:
        result = {"import_s": 0.12, "before_mb": 10.0, "import_mb": 52.0, "process_mb": 121.0, "peak_mb": 125.0}
        (table,) = _deploy_report.tables({"MobileNet": _deploy_report.summarise([{"memory": result}], {})})
        assert table.splitlines()[-1] == "| MobileNet | 0.12 | 10 | 52 | 121 | 125 |"


class TestWhatIsMeasured:
    def test_everything_of_the_first_model(self) -> None:
        jobs = deploy.todo("MobileNet", FILES, deploy.MEASURES, "pictures")
        assert list(jobs) == list(deploy.MEASURES)
        assert list(jobs["runtime"]["options"]["models"]) == ["openvino", "ncnn", "onnxruntime"]
        assert all(job["options"]["pictures"] == "pictures" for job in jobs.values())

    def test_what_could_not_be_exported_is_left_out(self) -> None:
        assert list(deploy.todo("MobileNet", {"pth": "a.pth"}, deploy.MEASURES, "")) == ["torch"]
        assert list(deploy.todo("ResNet50", FILES, deploy.MEASURES, "")) == ["precision"]
        assert deploy.todo("MobileNet", FILES, (), "") == {}

    def test_every_second_round_runs_backwards(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        called: list[str] = []
        monkeypatch.setattr(deploy, "child", lambda kind, *_, **__: called.append(kind) or {"error": "none"})
        monkeypatch.setattr(deploy, "say", lambda _: None)
        jobs = deploy.todo("MobileNet", FILES, ("hub", "torch"), "")
        deploy.measure("MobileNet", jobs, Namespace(rounds=2, block=1, turns=1), tmp_path)
        assert called == ["deploy-hub", "deploy-torch", "deploy-torch", "deploy-hub"]


class TestCompare:
    def job(self, pictures: Path) -> Job:
        return Job("x", 0.0, "", options={"pictures": str(pictures)}, iterations=3, batch=2)

    def test_contenders_take_turns(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_deploy, "_REST", 0)
        _data.camera(tmp_path, 2)
        found = _deploy.compare({"ours": lambda _: (1, 0.5), "bare": lambda _: (1, 0.5)}, self.job(tmp_path))
        assert [len(times) for times in found["blocks"].values()] == [3, 3]
        assert found["ratios"]["bare"] == 1.0

    def test_the_same_program_times_any_python_that_has_a_workflow(self, tmp_path: Path) -> None:
        """Its calls are those of the documents, so ours must run it; a Python without XEdu says what is missing."""
        pictures = _data.camera(tmp_path / "图 片", 1)
        found = _deploy_original.beside_the_original(sys.executable, "no.onnx", str(pictures), 1, 1, tmp_path)
        assert found["error"].startswith("ours: ")
        assert "-102" in found["error"]

    @pytest.mark.parametrize("other", [(2, 0.5), (1, 0.6)])
    def test_contenders_that_disagree_are_no_contenders(self, tmp_path: Path, other: tuple[int, float]) -> None:
        _data.camera(tmp_path, 1)
        with pytest.raises(ValueError, match="disagree"):
            _deploy.compare({"ours": lambda _: (1, 0.5), "bare": lambda _: other}, self.job(tmp_path))


def test_the_hand_written_preprocessing_is_that_of_training(tmp_path: Path) -> None:
    """Otherwise the comparison would be of two different jobs."""
    from BaseDT import image
    from MMEdu.models import registry

    picture = next(iter(_data.camera(tmp_path, 1).iterdir()))
    ours = registry.find("MobileNet", "classification").preprocess(image.read(picture))
    assert np.abs(ours - _deploy.tensor_by_hand(picture)).max() < 1e-4


def test_pictures_of_the_camera_are_the_same_every_time(tmp_path: Path) -> None:
    first, second = (_data.camera(tmp_path / name, 2) for name in ("a", "b"))
    for one, other in zip(sorted(first.iterdir()), sorted(second.iterdir()), strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert cv2.imdecode(np.fromfile(one, np.uint8), cv2.IMREAD_COLOR).shape == (480, 640, 3)
