"""The arithmetic of the benches, on made-up rounds. Nothing here measures time."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from bench._cases import CASES, VARIANTS, Job

from bench import _data, _ours, _report


def rate(value: float, **more: Any) -> dict[str, Any]:
    return {"rate": value, **more}


# A slow machine in the second round: every rate is a third.
ROUNDS = [
    {
        "plain": rate(20, startup=3.0, memory=900.0, state_size=7),
        "limit fp32": rate(25, state_size=7),
        "limit bf16": rate(60, state_size=7),
        "limit bf16 thresholds": rate(58, state_size=7),
        "ours": rate(54, rate_steps=55, startup=4.0, memory=1200.0, state_size=7),
    },
    {
        "plain": rate(10),
        "limit bf16": rate(20),
        "limit bf16 thresholds": rate(20.5),
        "ours": rate(19, rate_steps=19),
    },
    {
        "plain": rate(21),
        "limit bf16": rate(61),
        "limit bf16 thresholds": rate(59),
        "ours": rate(56, rate_steps=56),
    },
]


class TestSummary:
    def test_the_limit_is_the_variant_with_the_best_median(self) -> None:
        summary = _report.summarise(ROUNDS)
        assert (summary["limit_variant"], summary["limit"]) == ("bf16", 60)

    def test_figures_are_medians_over_the_rounds(self) -> None:
        summary = _report.summarise(ROUNDS)
        assert (summary["plain"], summary["ours"], summary["ours_by_steps"]) == (20, 54, 55)
        assert (summary["startup_plain"], summary["memory_ours"]) == (3.0, 1200.0)

    def test_ratios_are_taken_within_a_round(self) -> None:
        """The median of (0.90, 0.95, 0.918), not 54 / 60; of (2.7, 1.9, 2.67), not 54 / 20."""
        summary = _report.summarise(ROUNDS)
        assert summary["ours/limit"] == pytest.approx(56 / 61)
        assert summary["ours/plain"] == pytest.approx(56 / 21)

    def test_a_variant_measured_once_cannot_be_the_limit_by_one_lucky_figure(self) -> None:
        rounds = [{**ROUNDS[0], "limit lucky": rate(1000)}, *ROUNDS[1:]]
        assert _report.summarise(rounds)["limit_variant"] == "bf16"

    def test_a_failed_measure_costs_its_own_cells_only(self) -> None:
        rounds = [{**single, "ours": {"error": "Traceback\nValueError: broken"}} for single in ROUNDS]
        summary = _report.summarise(rounds)
        assert (summary["ours"], summary["ours/limit"], summary["ours/plain"]) == (None, None, None)
        assert summary["plain"] == 20

    def test_a_round_that_failed_on_one_side_gives_no_ratio(self) -> None:
        rounds = [{**ROUNDS[0], "ours": {"error": "x"}}, *ROUNDS[1:]]
        assert _report.summarise(rounds)["ours/limit"] == pytest.approx((19 / 20 + 56 / 61) / 2)

    def test_nothing_measured_at_all(self) -> None:
        summary = _report.summarise([])
        assert summary.pop("ours/limit_rounds") == []
        assert set(summary.values()) == {None, ""}


class TestContenders:
    def test_the_best_and_what_comes_near_it(self) -> None:
        assert _report.contenders(ROUNDS[0]) == ["bf16", "bf16 thresholds"]

    def test_at_most_two(self) -> None:
        near = {f"limit {name}": rate(100 - place) for place, name in enumerate("abc")}
        assert _report.contenders(near) == ["a", "b"]

    def test_the_slow_are_left_out(self) -> None:
        assert _report.contenders({"limit a": rate(100), "limit b": rate(80)}) == ["a"]

    def test_skipped_and_failed_variants_and_other_measures_do_not_count(self) -> None:
        first = {"limit a": {"skipped": "no bf16"}, "limit b": {"error": "x"}, "limit c": rate(5), "ours": rate(9)}
        assert _report.contenders(first) == ["c"]

    def test_none_when_no_limit_was_measured(self) -> None:
        assert _report.contenders({"ours": rate(9)}) == []


class TestRemarks:
    def test_silent_when_all_is_well(self) -> None:
        assert _report.remarks("resnet18", ROUNDS) == []

    def test_a_failure_is_told_by_its_last_line(self) -> None:
        lines = _report.remarks("lenet", [{"ours": {"error": "Traceback\nValueError: broken"}}])
        assert lines == ["lenet, ours: ValueError: broken"]

    def test_a_log_that_flatters_is_told(self) -> None:
        (line,) = _report.remarks("lenet", [{"ours": rate(100, rate_steps=90)}])
        assert "log says 100" in line
        assert "steps say 90" in line

    def test_a_busy_machine_is_told(self) -> None:
        quiet, busy = rate(1, others=0.02), rate(1, others=0.4)
        assert _report.remarks("lenet", [{"plain": quiet, "ours": rate(1, others=None)}]) == []
        (line,) = _report.remarks("lenet", [{"plain": quiet, "limit a": quiet, "ours": busy}])
        assert "up to 40% of the machine (median 2%)" in line

    def test_different_models_are_told(self) -> None:
        (line,) = _report.remarks("lenet", [{"plain": rate(1, state_size=7), "ours": rate(1, state_size=8)}])
        assert "differ in size" in line


class TestTable:
    def test_one_row_per_case_with_figures_and_ratios(self) -> None:
        head, rule, row = _report.table({"resnet18": _report.summarise(ROUNDS)}).splitlines()
        assert head.count("|") == rule.count("|") == row.count("|") == 11
        assert row == "| resnet18 | 20 | 60 (bf16) | 54 | 92% (90%–95%) | 2.67 | 3.0 | 4.0 | 900 | 1200 |"

    def test_one_round_has_no_range(self) -> None:
        assert "| 90% |" in _report.table({"resnet18": _report.summarise(ROUNDS[:1])})

    def test_missing_figures_are_dashes(self) -> None:
        row = _report.table({"resnet18": _report.summarise([])}).splitlines()[-1]
        assert row == "| resnet18 | – | – (–) | – | – | – | – | – | – | – |"


def test_mean_and_standard_error() -> None:
    mean, error = _report.mean_and_error([1.0, 2.0, 3.0])
    assert (mean, error) == (2.0, pytest.approx(1 / math.sqrt(3)))
    assert math.isnan(_report.mean_and_error([1.0])[1])


def test_the_report_is_json_with_its_date(tmp_path: Path) -> None:
    path = _report.save({"rounds": ROUNDS}, "train", tmp_path / "数据 集" / "结 果.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert (content["bench"], content["schema"], content["rounds"]) == ("train", 1, ROUNDS)
    assert "T" in content["date"]


def line(epoch: int, iteration: int, seconds: float) -> dict[str, Any]:
    return {"mode": "train", "epoch": epoch, "iter": iteration, "time": seconds}


class TestRateOfLog:
    def test_the_first_epoch_is_not_counted(self) -> None:
        log = [{"mode": "env"}, line(1, 10, 9.0), line(2, 10, 0.5), {"mode": "val", "epoch": 2}]
        assert _ours.rate_of_log(log, batch=32, images=320) == 64

    def test_each_line_counts_for_the_iterations_since_the_line_before(self) -> None:
        log = [line(2, 10, 1.0), line(2, 15, 0.4)]
        assert _ours.rate_of_log(log, batch=10, images=150) == pytest.approx(150 / (10 * 1.0 + 5 * 0.4))

    def test_the_last_batch_counts_for_the_images_that_it_holds(self) -> None:
        log = [line(2, 3, 1.0), line(3, 3, 1.0)]
        assert _ours.rate_of_log(log, batch=32, images=70) == pytest.approx(140 / 6)

    def test_a_run_of_one_epoch_counts_whole(self) -> None:
        assert _ours.rate_of_log([line(1, 10, 0.5)], batch=32, images=320) == 64


class TestRatesOfSteps:
    def test_pauses_between_epochs_are_left_out_of_one_and_in_the_other(self) -> None:
        """Three epochs of three steps of ten images, a second each; then five seconds of pause."""
        times = [0, 1, 2, 8, 9, 10, 16, 17, 18]
        assert _ours.rates_of_steps(times, batch=10, images=30) == {"rate_steps": 40 / 4, "rate_wall": 60 / 16}

    @pytest.mark.parametrize("steps", [0, 3, 7])
    def test_steps_that_do_not_fit_the_batches_say_nothing(self, steps: int) -> None:
        assert _ours.rates_of_steps(list(range(steps)), batch=10, images=30) == {}


@pytest.mark.parametrize(("kind", "suffix"), [("digits", ".png"), ("photos", ".jpg")])
def test_generated_pictures_are_the_same_every_time(tmp_path: Path, kind: Any, suffix: str) -> None:
    def digest(name: str) -> list[str]:
        root = _data.make(tmp_path / name, kind, 20)
        files = sorted(root.rglob(f"*{suffix}"))
        assert len(files) == 40
        return [f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]

    first = digest("数据 集")
    assert first == digest("again")
    assert len({entry.split()[1] for entry in first}) == 40


def test_every_kind_of_case_has_variants_with_the_plain_one_first() -> None:
    assert {case.kind for case in CASES} == set(VARIANTS)
    assert all(variants[0] == "fp32" for variants in VARIANTS.values())


def test_a_job_survives_json() -> None:
    job = Job("ours", 1.5, "出 口.json", options={"check": False})
    again = Job(**json.loads(json.dumps(vars(job))))
    assert again == job
    assert (again.option("check", True), again.option("lr", 0.1)) == (False, 0.1)
