"""Measures a busy computer: training and ncnn alone, beside a busy loop on one core, and beside one on each.

    python -m bench.busy [--quick] [--measures train,ncnn] [--rounds 3] [--json PATH]

Prints a Markdown table; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._data import make
from bench._report import MISSING, describe, markdown, reason, save
from bench._run import child, end_tidily, say

Results = Mapping[str, Sequence[Mapping[str, Any]]]
LOOP = "while True: pass"
BEFORE, AFTER = "before", "after"
SPINNING = {"GOMP_SPINCOUNT": "300000"}  # what GNU OpenMP does by itself


def loads(cores: int) -> dict[str, int]:
    """How many busy loops run, by the name that the table shows."""
    return {"alone": 0, "one loop": 1, "a loop per core": cores}


def fair_share(alone: float, loops: int, cores: int) -> float:
    """Seconds of a step that gets its fair share of the cores: each loop takes as much as all of its threads do."""
    return alone * (1 + loops / cores)


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep so many other programs running."""
    others = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(loops)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def measure(
    name: str, variants: Mapping[str, Mapping[str, Any]], rounds: int, cores: int
) -> dict[str, dict[str, list[Any]]]:
    """Results by load and variant; all of them once in a round, every second round backwards."""
    found: dict[str, dict[str, list[Any]]] = {load: {variant: [] for variant in variants} for load in loads(cores)}
    for number in range(rounds):
        for load, loops in loads(cores).items():
            for variant in list(variants)[:: -1 if number % 2 else 1]:
                with busy(loops):
                    result = child(**variants[variant])
                found[load][variant].append(result)
                shown = f"{result['seconds'] * 1e3:.1f} ms" if "seconds" in result else reason(result)
                say(f"{name}, {load}, {variant}, round {number + 1}: {shown}")
    return found


def rows(name: str, found: Mapping[str, Results], cores: int) -> list[list[str]]:
    """A row for each load: milliseconds of each variant, and the share of the fair share that each has."""
    alone = min((s for v in found["alone"] if (s := _seconds(found["alone"][v]))), default=None)
    lines = []
    for load, loops in loads(cores).items():
        cells = []
        for results in found[load].values():
            seconds = _seconds(results)
            if seconds is None or alone is None:
                cells += [MISSING, MISSING]
            else:
                cells += [f"{seconds * 1e3:.1f}", f"{fair_share(alone, loops, cores) / seconds:.0%}"]
        lines.append([f"{name}, {load}", *cells])
    return lines


def _seconds(results: Sequence[Mapping[str, Any]]) -> float | None:
    values = [result["seconds"] for result in results if "seconds" in result]
    return median(values) if values else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Training and ncnn beside busy programs.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--measures", default="train,ncnn", help="some of train, ncnn")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/busy-<date>.json)")
    arguments = parser.parse_args()
    arguments.measures = arguments.measures.split(",")
    if unknown := set(arguments.measures) - {"train", "ncnn"}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: train, ncnn")
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 3)
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments, cores = _arguments(), os.cpu_count() or 1
    end_tidily()
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    seconds = 3.0 if arguments.quick else 12.0
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        if "train" in arguments.measures:
            for images in (60, 2_000):
                shared = {"measure": "busy-train", "folder": work, "batch": 32 if images < 100 else 64}
                shared["data"] = str(make(work / f"digits-{images}", "digits", images))
                variants = {
                    name: {**shared, "options": {"fixed": name == BEFORE, "seconds": seconds}}
                    for name in (BEFORE, AFTER)
                }
                found[f"LeNet, {images} pictures"] = measure(f"LeNet, {images}", variants, arguments.rounds, cores)
        if "ncnn" in arguments.measures:
            data = make(work / "photos", "photos", 16)
            options = {"formats": ["ncnn"]}
            made = child("deploy-make", work, data=str(data), backbone="MobileNet", options=options)
            model = made.get("files", {}).get("ncnn")
            shared = {"measure": "busy-ncnn", "folder": work, "options": {"model": model, "seconds": seconds}}
            variants = {BEFORE: {**shared, "environment": SPINNING}, AFTER: shared}
            found["MobileNet, ncnn"] = measure("ncnn", variants, arguments.rounds, cores)
    head = ("case", f"{BEFORE} ms", "of the fair share", f"{AFTER} ms", "of the fair share")
    table = markdown(head, [row for name, of_case in found.items() for row in rows(name, of_case, cores)])
    print(describe(machine), table, sep="\n\n")
    report = {"machine": machine, "options": {"rounds": arguments.rounds, "seconds": seconds}, "cases": found}
    say(f"written: {save(report, 'busy', arguments.json)}")
    return int(
        any("error" in single for case in found.values() for of in case.values() for v in of.values() for single in v)
    )


if __name__ == "__main__":
    sys.exit(main())
