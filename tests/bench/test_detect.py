"""The arithmetic, the tables and the made-up pictures of ``bench.detect``. Nothing here measures time."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from BaseDT.dataset import coco
from BaseDT.image import read
from bench import _child, _detect, _detect_data, _detect_deploy, _detect_report, _report, detect

ROUNDS = [
    {"hub": {"ms": {"ours": 5, "bare": 5}, "ratios": {"ours": 1.0}}, "rate SSD_Lite": {"ms": 20.0, "memory": 150.0}},
    {"hub": {"ms": {"ours": 11, "bare": 10}, "ratios": {"ours": 1.1}}, "rate SSD_Lite": {"ms": 40.0, "memory": 160.0}},
    {"hub": {"error": "Traceback\nit broke"}, "rate SSD_Lite": {"ms": 25.0, "memory": 152.0, "others": 0.5}},
]
MADE = {"SSD_Lite": {"file": "a.onnx", "mb": 12.37, "threshold": 0.3}}


def run(*map50: float, seconds: float = 60.0) -> dict[str, Any]:
    return {"map50": list(map50), "map": [value / 2 for value in map50], "seconds": seconds}


class TestPictures:
    def test_they_are_the_same_every_time_and_a_set_that_the_library_reads(self, tmp_path: Path) -> None:
        first, second = (_detect_data.make(tmp_path / name, 8, 2) for name in ("一", "二 组"))
        for one in sorted(path.relative_to(first) for path in first.rglob("*.*")):
            assert (first / one).read_bytes() == (second / one).read_bytes()
        data = coco.load(first)
        assert data.classes == _detect_data.CLASSES
        assert (len(data.train), len(data.val), data.notes) == (8, 2, ())
        assert all(image.boxes for image in data.train)
        assert read(data.train[0].path).shape == (*_detect_data.SHAPE, 3)

    @pytest.mark.parametrize("label", range(4))
    def test_a_shape_fills_its_box_and_nothing_else(self, label: int) -> None:
        pixels = np.zeros((80, 100, 3), np.uint8)
        _detect_data._draw(pixels, label, (20, 10, 40, 50), [255, 255, 255])
        x, y, width, height = cv2.boundingRect(pixels[:, :, 0])
        assert np.abs(np.array([x, y, x + width, y + height]) - [20, 10, 60, 60]).max() <= 1

    def test_shapes_do_not_overlap(self) -> None:
        _, objects = _detect_data.picture(np.random.default_rng(3), (375, 500))
        covered = np.zeros((375, 500), int)
        for _, (x, y, width, height) in objects:
            covered[y : y + height, x : x + width] += 1
        assert covered.max() == 1


class TestByHand:
    def test_the_preprocessing_is_that_of_training(self, tmp_path: Path) -> None:
        """Otherwise the comparison would be of two different jobs."""
        from MMEdu.models import registry

        picture = next(iter(_detect_data.camera(tmp_path, 1).iterdir()))
        tensor, size = _detect_deploy.tensor_by_hand(picture)
        assert size == (480, 640)
        ours = registry.find("SSD_Lite", "detection").preprocess(read(picture))
        assert np.abs(ours - tensor).max() < 1e-4

    def test_boxes_are_those_above_the_threshold_in_pixels_of_the_picture(self) -> None:
        dets = np.float32([[[0, 160, 320, 400, 0.9], [0, 0, 8, 8, 0.1]]])
        (box,) = _detect_deploy.boxes_by_hand(dets, np.int64([[2, 1]]), (480, 640), 0.5)
        assert box == {"box": [0, 240, 640, 480], "score": pytest.approx(0.9), "label": 2}

    @pytest.mark.parametrize(
        ("scores", "most", "kept"),
        [
            ([[0.9, 0.5, 0.4], [0.8, 0.7, 0.1]], 2, [2, 2]),
            ([[0.9, 0.5, 0.5, 0.5], [0.8]], 2, [1, 1]),
            ([[0.5] * 9], 8, [0]),
            ([[0.5], []], 8, [1, 0]),
        ],
    )
    def test_some_boxes_exceed_the_threshold_and_no_more(
        self, scores: list[list[float]], most: int, kept: list[int]
    ) -> None:
        threshold = _detect_deploy.threshold_for(scores, most)
        assert [sum(score >= threshold for score in of_one) for of_one in scores] == kept


class TestReport:
    def test_medians_over_the_rounds_that_worked_and_the_range_of_the_ratios(self) -> None:
        found = _detect_report.summarise(ROUNDS)
        assert found["hub"]["ratio"] == pytest.approx(1.05)
        assert found["hub"]["range"] == [1.0, 1.1]
        assert found["rate SSD_Lite"] == {"ms": 25.0, "memory": 152.0}

    def test_tables(self) -> None:
        overhead, speed = _detect_report.tables(_detect_report.summarise(ROUNDS), MADE)
        assert overhead.splitlines()[-1].endswith("| 8.0 | 7.5 | 1.05 (1.00–1.10) |")
        assert speed.splitlines()[-1] == "| SSD_Lite | 12.4 | 25.0 | 40.0 | 152 |"

    def test_what_was_not_measured_has_no_table(self) -> None:
        assert _detect_report.tables(_detect_report.summarise([]), {}) == []

    def test_failures_and_a_busy_machine_are_told(self) -> None:
        lines = _detect_report.remarks({"FasterRCNN": {"error": "no\nmemory"}}, ROUNDS)
        assert lines[:2] == ["FasterRCNN, export: memory", "inference, hub: it broke"]
        assert "50%" in lines[2]

    def test_few_images_a_second_are_told_to_a_tenth(self) -> None:
        summary = _report.summarise([{"plain": {"rate": 0.94}, "ours": {"rate": 2.04}}])
        assert "| fasterrcnn | 0.9 | – (–) | 2.0 |" in detect.rates({"fasterrcnn": summary})

    def test_accuracy_of_the_last_and_the_best_epoch(self) -> None:
        results = {"ours": [run(10, 80, 70)], "plain loop": [run(20, 60, 60, seconds=90)]}
        rows = _detect_report.accuracy_table("SSD_Lite", 3, results).splitlines()[2:]
        assert rows[0] == "| ours | 70.0 | 80.0 | 35.0 | 1.0 | 70.0 |"
        assert rows[1] == "| plain loop | 60.0 | 60.0 | 30.0 | 1.5 | 60.0 |"
        assert _detect_report.difference(*results.values()) == "last 10.0, best 20.0 points"

    def test_a_side_that_broke_is_a_row_with_the_reason(self) -> None:
        broken = [{"error": "Traceback\nno memory"}]
        assert "no memory" in _detect_report.accuracy_table("SSD_Lite", 3, {"ours": broken})
        assert _detect_report.difference(broken, [run(1)]) == "–"


class TestWhatIsMeasured:
    def test_the_batch_sizes_are_the_recipes(self) -> None:
        from MMEdu.models import registry

        for case in _detect.CASES:
            assert registry.find(case.backbone, "detection").recipe.batch_size == case.batch
            assert min(case.images) >= case.batch, "an epoch has a whole batch"

    def test_every_measure_is_known_to_the_child(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        called: list[str] = []
        monkeypatch.setattr(detect, "child", lambda kind, *_, **__: called.append(kind) or {"rate": 1.0})
        monkeypatch.setattr(detect, "say", lambda _: None)
        detect.train(_detect.CASES[0], _detect.QUICK, tmp_path, tmp_path, ["plain", "limit", "ours"])
        detect.export(_detect.CASES[0], tmp_path, tmp_path)
        detect.infer(MADE, _detect.QUICK, tmp_path, tmp_path)
        assert set(called) <= _child.MEASURES.keys()
        assert {"detect-plain", "detect-limit", "detect-ours", "detect-make", "detect-hub", "detect-rate"} <= set(
            called
        )

    def test_accuracy_measures_both_sides_with_the_same_passes(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told: list[tuple[str, Any]] = []

        def child(kind: str, *_: object, **fields: Any) -> dict[str, Any]:
            told.append((kind, fields))
            return {"error": "none"} if kind == "machine" else run(50.0)

        monkeypatch.setattr(detect, "child", child)
        monkeypatch.setattr(detect, "say", lambda _: None)
        wanted = {"quick": False, "epochs": None, "seeds": "1,2", "lr": 0.002, "optimizer": "AdamW", "batch_size": 16}
        arguments = Namespace(**wanted, data=tmp_path, reference="same", json=tmp_path / "a.json")
        assert detect.accuracy(arguments, tmp_path) == 0
        first, second = (fields for _, fields in told[1:3])
        assert [kind for kind, _ in told[1:3]] == ["detect-accuracy", "detect-plain-accuracy"]
        assert first == second
        assert first["epochs"] == 60
        assert "ours − plain loop" in capsys.readouterr().out
