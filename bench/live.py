"""Measures live runs: how old a camera's pictures are when the model has seen them, and what a tracker takes.

    python -m bench.live [--quick] [--seconds 600] [--rate 25] [--work 0.12] [--json PATH]

Prints a Markdown table; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._report import MISSING, describe, markdown, reason, save
from bench._run import child, end_tidily, say

QUICK_SECONDS, SECONDS = 10.0, 600.0


def camera_row(name: str, result: Mapping[str, Any]) -> list[str]:
    """Ages in milliseconds and growth of the memory."""
    if "error" in result:
        return [name, *[MISSING] * 5]
    ages = [f"{result[key] * 1e3:.0f}" for key in ("age_median", "age_99", "age_most")]
    grown = result["memory_grown"]
    return [name, f"{result['rate']:.1f}", *ages, MISSING if grown is None else f"{grown:+.1f}"]


def track_row(name: str, result: Mapping[str, Any]) -> list[str]:
    """Identities that were kept, in percent, and milliseconds a picture."""
    if "error" in result:
        return [name, *[MISSING] * 4]
    idf1 = (f"{100 * result[key]:.1f}" for key in ("idf1_mean", "idf1_least"))
    return [name, *idf1, f"{result['milliseconds']:.2f}", f"{result['milliseconds_99']:.2f}"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Live runs: age of the pictures, memory, tracking.")
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that everything runs")
    parser.add_argument("--seconds", type=float, help=f"how long the camera runs (default: {SECONDS:.0f})")
    parser.add_argument("--rate", type=float, default=25.0, help="pictures a second of the camera")
    parser.add_argument("--work", type=float, default=0.12, help="seconds that the model takes")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/live-<date>.json)")
    arguments = parser.parse_args()
    arguments.seconds = arguments.seconds or (QUICK_SECONDS if arguments.quick else SECONDS)
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    options = {"seconds": arguments.seconds, "rate": arguments.rate, "work": arguments.work}
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        camera = child("live-camera", work, options=options)
        tracks = {
            discs: child("live-track", work, options={"discs": discs, "films": 2 if arguments.quick else 8})
            for discs in (10, 20)
        }
    say("; ".join(reason(result) for result in (camera, *tracks.values()) if "error" in result))
    name = f"{arguments.rate:g} pictures/s, model {arguments.work * 1e3:.0f} ms, {arguments.seconds:.0f} s"
    head = ("camera", "frames/s", "age ms, median", "99 %", "most", "memory MB grown")
    tracking = ("film", "IDF1 %, mean", "least", "ms a picture, median", "99 %")
    rows = [track_row(f"{discs} discs", result) for discs, result in tracks.items()]
    print(describe(machine), markdown(head, [camera_row(name, camera)]), markdown(tracking, rows), sep="\n\n")
    report = {"machine": machine, "options": options, "camera": camera, "tracks": tracks}
    say(f"written: {save(report, 'live', arguments.json)}")
    return int(any("error" in result for result in (camera, *tracks.values())))


if __name__ == "__main__":
    sys.exit(main())
