"""From single rounds of ``bench.detect`` to medians and tables. Pure functions; no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from bench._report import BUSY, MISSING, markdown, mean_and_error, reason

Result = Mapping[str, Any]
Round = Mapping[str, Result]
RATE = "rate "


def summarise(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians over the rounds of the inference: the overhead, and the speed of each model."""
    found: dict[str, Any] = {}
    if hubs := [single["hub"] for single in rounds if "ratios" in single.get("hub", {})]:
        ratios = [one["ratios"]["ours"] for one in hubs]
        ms = {name: median(one["ms"][name] for one in hubs) for name in ("ours", "bare")}
        found["hub"] = {"ms": ms, "ratio": median(ratios), "range": [min(ratios), max(ratios)]}
    names = dict.fromkeys(name for single in rounds for name in single if name.startswith(RATE))
    for name in names:
        if good := [single[name] for single in rounds if "ms" in single.get(name, {})]:
            found[name] = {key: median(one[key] for one in good) for key in ("ms", "memory")}
    return found


def tables(summary: Mapping[str, Any], made: Mapping[str, Result]) -> list[str]:
    """The overhead, and pictures per second of each model; what was not measured is left out."""
    found = []
    if hub := summary.get("hub"):
        low, high = hub["range"]
        ratio = f"{hub['ratio']:.2f}" + (f" ({low:.2f}–{high:.2f})" if low != high else "")
        row = ("SSD_Lite, Workflow / bare onnxruntime", f"{hub['ms']['ours']:.1f}", f"{hub['ms']['bare']:.1f}", ratio)
        found.append(markdown(("640×480 JPEG on disk to boxes", "ours ms", "bare ms", "ours/bare"), [row]))
    rows = []
    for name, one in summary.items():
        if name.startswith(RATE):
            backbone = name.removeprefix(RATE)
            figures = (f"{one['ms']:.1f}", f"{1e3 / one['ms']:.1f}", f"{one['memory']:.0f}")
            rows.append((backbone, f"{made[backbone]['mb']:.1f}", *figures))
    if rows:
        found.append(markdown(("Workflow, ONNX FP32", "file MB", "ms", "pictures/s", "peak memory MB"), rows))
    return found


def remarks(made: Mapping[str, Result], rounds: Sequence[Round]) -> list[str]:
    """What a reader must know: what failed, and how busy the machine was."""
    lines = [f"{name}, export: {reason(one)}" for name, one in made.items() if "error" in one]
    results = [(name, result) for single in rounds for name, result in single.items()]
    lines += [f"inference, {name}: {reason(result)}" for name, result in results if "error" in result]
    shares = [result["others"] for _, result in results if result.get("others") is not None]
    if max(shares, default=0.0) > BUSY:
        lines.append(f"inference: other processes took up to {max(shares):.0%} of the machine: measure again")
    return lines


def accuracy_table(backbone: str, epochs: int, results: Mapping[str, Sequence[Result]]) -> str:
    """One row for each side: mAP50 of the last and the best epoch, mAP of the last, minutes; means over the seeds."""
    head = (f"{backbone}, {epochs} epochs", "mAP50 last %", "mAP50 best %", "mAP last %", "minutes", "single runs")
    return markdown(head, [_row(name, of_side) for name, of_side in results.items()])


def _row(name: str, results: Sequence[Result]) -> list[str]:
    good = [result for result in results if result.get("map50")]
    if not good:
        return [name, *[MISSING] * 4, reason(results[-1])]
    last, best = [one["map50"][-1] for one in good], [max(one["map50"]) for one in good]
    minutes = median(one["seconds"] for one in good) / 60
    singles = ", ".join(f"{value:.1f}" for value in last)
    return [name, _mean(last), _mean(best), _mean([one["map"][-1] for one in good]), f"{minutes:.1f}", singles]


def _mean(values: Sequence[float]) -> str:
    mean, error = mean_and_error(values)
    return f"{mean:.1f}" if len(values) < 2 else f"{mean:.1f} ± {error:.1f}"


def difference(ours: Sequence[Result], plain: Sequence[Result]) -> str:
    """mAP50 of ours less that of the plain loop, of the last and of the best epoch, seed by seed."""
    pairs = [(a["map50"], b["map50"]) for a, b in zip(ours, plain, strict=True) if a.get("map50") and b.get("map50")]
    if not pairs:
        return MISSING
    last, best = _mean([a[-1] - b[-1] for a, b in pairs]), _mean([max(a) - max(b) for a, b in pairs])
    return f"last {last}, best {best} points"
