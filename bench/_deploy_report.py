"""From single rounds of ``bench.deploy`` to medians, ratios and tables. Pure functions; no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bench._report import BUSY, MISSING, markdown, reason

Rounds = list[dict[str, dict[str, Any]]]
# Comparison → what stands beside ours, and how the row is called.
_OURS = {
    "hub": ("bare", "Workflow / bare onnxruntime"),
    "torch": ("bare", "fast_inference / bare torch"),
    "original": ("original", "Workflow / original Workflow"),
}
_MEMORY = ("import_s", "import_mb", "process_mb", "peak_mb", "before_mb")


def summarise(rounds: Rounds, sizes: Mapping[str, float]) -> dict[str, Any]:
    """Medians over the rounds of one model, by comparison; ratios are taken within a turn of a round."""
    found: dict[str, Any] = {"sizes": dict(sizes)}
    for name in dict.fromkeys(name for single in rounds for name in single):
        results = [single[name] for single in rounds if name in single and "error" not in single[name]]
        if not results:
            continue
        if name == "memory":
            found[name] = {key: median(result[key] for result in results) for key in _MEMORY}
            continue
        found[name] = _compared(results)
        if alone := [result["alone"] for result in results if "alone" in result]:
            found[name]["alone"] = _compared(alone)
    return found


def _compared(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = list(results[0]["ms"])
    ratios = {name: [result["ratios"][name] for result in results] for name in names}
    return {
        "ms": {name: median(result["ms"][name] for result in results) for name in names},
        "ratios": {name: median(of_one) for name, of_one in ratios.items()},
        "range": {name: [min(of_one), max(of_one)] for name, of_one in ratios.items()},
    }


def tables(summary: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One Markdown table for each question that was asked."""
    found = [_overhead(summary), _precision(summary), _runtimes(summary), _memory(summary)]
    return [table for table in found if table]


def _overhead(summary: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (f"{name}, {label}", _ms(s[kind], "ours"), _ms(s[kind], other), _ratio(s[kind], "ours"))
        for kind, (other, label) in _OURS.items()
        for name, s in summary.items()
        if kind in s
    ]
    return markdown(("640×480 JPEG on disk to answer", "ours ms", "other ms", "ours/other"), rows) if rows else ""


def _precision(summary: Mapping[str, Mapping[str, Any]]) -> str:
    head = ("model", "FP32 MB", "INT8 MB", "INT8/FP32 size", "FP32 img/s", "INT8 img/s", "INT8/FP32 speed")
    head += ("model alone FP32 /s", "INT8 /s", "INT8/FP32 speed")
    rows = []
    for name, s in summary.items():
        if "precision" not in s:
            continue
        whole, small = s["sizes"]["FP32"], s["sizes"]["INT8"]
        sizes = (f"{whole:.1f}", f"{small:.1f}", f"{small / whole:.2f}")
        rows.append((name, *sizes, *_speeds(s["precision"]), *_speeds(s["precision"]["alone"])))
    return markdown(head, rows) if rows else ""


def _speeds(comparison: Mapping[str, Any]) -> tuple[str, str, str]:
    """Images/s of FP32 and INT8, and how many times as fast INT8 is."""
    float32, int8 = (1e3 / comparison["ms"][name] for name in ("FP32", "INT8"))
    low, high = comparison["range"]["INT8"]
    speed = f"{1 / comparison['ratios']['INT8']:.2f}"
    return f"{float32:.1f}", f"{int8:.1f}", speed if low == high else f"{speed} ({1 / high:.2f}–{1 / low:.2f})"


def _runtimes(summary: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (f"{name}, {runtime}", f"{ms:.1f}", f"{1e3 / ms:.1f}", _ratio(s["runtime"], runtime))
        for name, s in summary.items()
        if "runtime" in s
        for runtime, ms in s["runtime"]["ms"].items()
    ]
    return markdown(("model, runtime", "ms", "img/s", "time/onnxruntime"), rows) if rows else ""


def _memory(summary: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (
            name,
            f"{s['memory']['import_s']:.2f}",
            *(f"{s['memory'][key]:.0f}" for key in ("before_mb", "import_mb", "process_mb", "peak_mb")),
        )
        for name, s in summary.items()
        if "memory" in s
    ]
    head = ("model", "import XEdu.hub s", "Python itself MB", "after the import MB", "after one picture MB", "peak MB")
    return markdown(head, rows) if rows else ""


def remarks(name: str, made: Mapping[str, Any], rounds: Sequence[Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """What a reader must know: what failed, and how busy the machine was."""
    lines = [f"{name}: {reason(made)}"] if "error" in made else []
    lines += [f"{name}, {kind}: {error.splitlines()[0]}" for kind, error in made.get("failed", {}).items()]
    results = [(kind, result) for single in rounds for kind, result in single.items()]
    lines += [f"{name}, {kind}: {reason(result)}" for kind, result in results if "error" in result]
    shares = [result["others"] for _, result in results if result.get("others") is not None]
    if max(shares, default=0.0) > BUSY:
        lines.append(f"{name}: other processes took up to {max(shares):.0%} of the machine: measure again")
    return lines


def _ms(comparison: Mapping[str, Any], key: str) -> str:
    return f"{comparison['ms'][key]:.2f}" if key in comparison["ms"] else MISSING


def _ratio(comparison: Mapping[str, Any], key: str) -> str:
    low, high = comparison["range"][key]
    value = f"{comparison['ratios'][key]:.2f}"
    return value if low == high else f"{value} ({low:.2f}–{high:.2f})"
