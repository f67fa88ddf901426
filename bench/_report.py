"""From single results to medians, ratios, a Markdown table and a JSON file. Pure functions; no torch.

A *round* is a dictionary ``measure → result``: ``plain``, ``ours``, and ``limit <variant>`` for each variant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

Round = Mapping[str, Mapping[str, Any]]
LIMIT = "limit "
MISSING = "–"
BUSY = 0.1
"""Share of the machine in other hands above which a reader is told."""


def contenders(first: Round, within: float = 0.88, most: int = 2) -> list[str]:
    """The variants of the limit worth measuring again: the best of the first round and whatever comes near it."""
    rates = {name: result["rate"] for name, result in first.items() if name.startswith(LIMIT) and "rate" in result}
    best = max(rates.values(), default=0.0)
    near = [name for name in sorted(rates, key=rates.__getitem__, reverse=True) if rates[name] >= within * best]
    return [name.removeprefix(LIMIT) for name in near[:most]]


def summarise(rounds: Sequence[Round]) -> dict[str, Any]:
    """Medians over the rounds; ratios are taken within a round first, for machines are not the same every minute."""
    best = _best_variant(rounds)
    limit = f"{LIMIT}{best}"
    return {
        "plain": _median(rounds, "plain", "rate"),
        "limit": _median(rounds, limit, "rate"),
        "limit_variant": best,
        "ours": _median(rounds, "ours", "rate"),
        "ours_by_steps": _median(rounds, "ours", "rate_steps"),
        "ours/limit": _ratio(rounds, "ours", limit),
        "ours/limit_rounds": _ratios(rounds, "ours", limit),
        "ours/plain": _ratio(rounds, "ours", "plain"),
        "startup_plain": _median(rounds, "plain", "startup"),
        "startup_ours": _median(rounds, "ours", "startup"),
        "memory_plain": _median(rounds, "plain", "memory"),
        "memory_ours": _median(rounds, "ours", "memory"),
    }


def _best_variant(rounds: Sequence[Round]) -> str:
    """The variant with the highest median, among those that were measured most often."""
    counts: dict[str, list[float]] = {}
    for name, result in _results(rounds):
        if name.startswith(LIMIT) and "rate" in result:
            counts.setdefault(name, []).append(result["rate"])
    most = max((len(rates) for rates in counts.values()), default=0)
    whole = {name: median(rates) for name, rates in counts.items() if len(rates) == most}
    return max(whole, key=whole.__getitem__).removeprefix(LIMIT) if whole else ""


def _results(rounds: Sequence[Round]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((name, result) for single in rounds for name, result in single.items())


def _median(rounds: Sequence[Round], measure: str, key: str) -> float | None:
    values = [result[key] for name, result in _results(rounds) if name == measure and key in result]
    return median(values) if values else None


def _ratios(rounds: Sequence[Round], above: str, below: str) -> list[float]:
    both = [(single.get(above, {}), single.get(below, {})) for single in rounds]
    return [a["rate"] / b["rate"] for a, b in both if "rate" in a and "rate" in b]


def _ratio(rounds: Sequence[Round], above: str, below: str) -> float | None:
    ratios = _ratios(rounds, above, below)
    return median(ratios) if ratios else None


def remarks(case: str, rounds: Sequence[Round]) -> list[str]:
    """What a reader must know about a case's figures: failures, a doubtful log, a busy machine, different models."""
    lines = [f"{case}, {name}: {reason(result)}" for name, result in _results(rounds) if "error" in result]
    logged, seen = _median(rounds, "ours", "rate"), _median(rounds, "ours", "rate_steps")
    if logged and seen and abs(logged / seen - 1) > 0.05:
        lines.append(f"{case}: our log says {logged:.0f} images/s, the optimiser's steps say {seen:.0f}")
    shares = [result["others"] for _, result in _results(rounds) if result.get("others") is not None]
    if max(shares, default=0.0) > BUSY:
        lines.append(
            f"{case}: other processes took up to {max(shares):.0%} of the machine (median {median(shares):.0%});"
            " small models suffer most: measure again when it is quiet"
        )
    sizes = {name.split()[0]: result["state_size"] for name, result in _results(rounds) if result.get("state_size")}
    if len(set(sizes.values())) > 1:
        lines.append(f"{case}: the models differ in size: {sizes}")
    return lines


def reason(result: Mapping[str, Any]) -> str:
    """Why a measure gave no figure, in one line (the JSON has the whole story)."""
    return str(result.get("error") or result.get("skipped") or "no figure").splitlines()[-1]


def table(summaries: Mapping[str, Mapping[str, Any]], digits: int = 0) -> str:
    """One Markdown row per case; images/s with so many digits."""
    form = f".{digits}f"
    head = ("case", "plain img/s", "limit img/s (variant)", "ours img/s", "ours/limit", "ours/plain")
    head += ("start plain s", "start ours s", "memory plain MB", "memory ours MB")
    rows = [
        (
            case,
            _cell(s["plain"], form),
            f"{_cell(s['limit'], form)} ({s['limit_variant'] or MISSING})",
            _cell(s["ours"], form),
            _with_range(s["ours/limit"], s["ours/limit_rounds"]),
            _cell(s["ours/plain"], ".2f"),
            *(_cell(s[key], ".1f") for key in ("startup_plain", "startup_ours")),
            *(_cell(s[key], ".0f") for key in ("memory_plain", "memory_ours")),
        )
        for case, s in summaries.items()
    ]
    return markdown(head, rows)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, figures to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def _cell(value: float | None, form: str) -> str:
    return MISSING if value is None else format(value, form)


def _with_range(value: float | None, rounds: Sequence[float]) -> str:
    """A ratio with the lowest and the highest round, so that a reader sees what the median is worth."""
    if value is None or len(rounds) < 2:
        return _cell(value, ".0%")
    return f"{value:.0%} ({min(rounds):.0%}–{max(rounds):.0%})"


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean, and its standard error (nan for a single value)."""
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return fmean(values), error


def describe(machine: Mapping[str, Any]) -> str:
    """The machine in one line."""
    if "error" in machine:
        return f"machine unknown: {machine['error'].splitlines()[-1]}"
    bf16 = "native bf16" if machine["bf16_native"] else "no native bf16"
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {bf16}, torch {machine['torch']}"
        f" ({machine['torch_threads']} threads), Python {machine['python']}, {machine['system']}"
    )


def save(report: Mapping[str, Any], name: str, path: Path | None) -> Path:
    """Writes the report as JSON: to ``path``, or to ``bench/results/<name>-<date>.json``."""
    now = datetime.now().astimezone()
    if path is None:
        path = Path(__file__).parent / "results" / f"{name}-{now:%Y%m%d_%H%M%S}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"schema": 1, "bench": name, "date": now.isoformat(timespec="seconds"), **report}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
