"""Measures start-up: seconds for ``import MMEdu``, and from process start to the end of the first training iteration.

    python -m bench.start [--runs 5] [--json PATH]

Every figure is a median over fresh processes; the first process of each kind warms the disk cache and is not counted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._data import make
from bench._report import MISSING, describe, markdown, reason, save
from bench._run import child, end_tidily, run, say

Measure = Callable[[], dict[str, Any]]
# Bare: a child process of ours would already have imported half of the standard library.
IMPORT = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
PARTS = ("process", "import", "load_dataset", "train")


def measures(work: Path, small: int, large: int) -> dict[str, Measure]:
    """What is measured, by the name that the table shows."""
    few, many = make(work / "few", "digits", small), make(work / "many", "digits", large)

    def start(measure: str, data: Path, **fields: Any) -> Measure:
        return lambda: child(measure, work, data=str(data), backbone="LeNet", batch=64, **fields)

    return {
        "import MMEdu": lambda: _import("import MMEdu", work),
        "from MMEdu import MMClassification": lambda: _import("from MMEdu import MMClassification", work),
        f"LeNet, {small} images": start("ours-startup", few),
        f"LeNet, {large} images, check=True": start("ours-startup", many, options={"check": True}),
        f"LeNet, {large} images, check=False": start("ours-startup", many, options={"check": False}),
        f"plain loop, LeNet, {large} images": start("plain", many, warm=1, iterations=1),
    }


def _import(statement: str, work: Path) -> dict[str, Any]:
    said = run(["-c", IMPORT.format(statement)], work)
    try:
        return {"startup": float(said)}
    except ValueError:
        return {"error": said}


def _row(name: str, results: list[dict[str, Any]]) -> list[str]:
    good = [result for result in results if "startup" in result]
    if not good:
        return [name, MISSING, MISSING, reason(results[-1])]
    seconds = [result["startup"] for result in good]
    parts = [
        f"{part} {median(result['parts'][part] for result in good):.2f}"
        for part in PARTS
        if part in good[0].get("parts", {})
    ]
    return [name, f"{median(seconds):.2f}", f"{min(seconds):.2f}–{max(seconds):.2f}", ", ".join(parts) or MISSING]


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    parser = argparse.ArgumentParser(description="Start-up times.")
    parser.add_argument("--runs", type=int, default=5, help="counted processes of each kind")
    parser.add_argument("--small", type=int, default=500, help="pictures of the small set")
    parser.add_argument("--large", type=int, default=10_000, help="pictures of the large set")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/start-<date>.json)")
    arguments = parser.parse_args()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        todo = measures(work, arguments.small, arguments.large)
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in todo}
        for number in range(arguments.runs + 1):
            for name, measure in todo.items():
                result = measure()
                say(f"run {number}, {name}: {result['startup']:.2f} s" if "startup" in result else reason(result))
                if number:
                    results[name].append(result)
    rows = [_row(name, of_one) for name, of_one in results.items()]
    print(describe(machine), markdown(("what", "median s", "range s", "of which"), rows), sep="\n\n")
    say(f"written: {save({'machine': machine, 'runs': results}, 'start', arguments.json)}")
    return int(any("error" in result for of_one in results.values() for result in of_one))


if __name__ == "__main__":
    sys.exit(main())
