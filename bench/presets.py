"""Measures the tasks that need no training: frames a second, memory, agreement with the original runtime.

    python -m bench.presets --pictures FOLDER [--tasks pose_hand21,det_face] [--tflite FOLDER] [--quick] [--json PATH]

Prints Markdown tables; writes every single figure as JSON. README.md here says how to read them.
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

TASKS = ("pose_hand21", "det_hand", "det_face", "pose_face", "det_body", "pose_body17", "seg_person", "cls_imagenet")
WITH_POINTS = ("pose_hand21", "pose_face", "pose_body")
_SUFFIXES = {".jpg", ".jpeg", ".png"}


def speed_row(name: str, result: Mapping[str, Any]) -> list[str]:
    """Frames a second followed and alone, milliseconds of the networks, CPU time, memory."""
    if "error" in result:
        return [name, *[MISSING] * 6]
    networks = " + ".join(f"{value:.1f}" for value in result["networks_ms"].values())
    return [
        name,
        f"{1e3 / result['followed_ms']:.0f}",
        f"{1e3 / result['alone_ms']:.0f}",
        networks,
        f"{result['followed_cpu_ms']:.1f}",
        f"{100 * result['found']:.0f}",
        f"{result['memory_mb']:.0f}",
    ]


def agreement_row(name: str, result: Mapping[str, Any]) -> list[str]:
    """Pictures, and pixels between the points: median over pictures, and the worst picture's median."""
    if "error" in result or result["pixels_median"] is None:
        return [name, *[MISSING] * 5]
    numbers = (f"{result[key]:.3f}" for key in ("pixels_median", "pixels_most"))
    return [name, str(result["pictures"]), str(result["missed_by_one"]), *numbers, f"{result['score_most']:.1e}"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Tasks that need no training: speed, memory, agreement.")
    parser.add_argument("--pictures", type=Path, required=True, help="real pictures of hands, faces and persons")
    parser.add_argument("--tasks", default=",".join(TASKS), help="which (default: all with pictures)")
    parser.add_argument("--tflite", type=Path, help="the published .tflite files; this Python has ai-edge-litert")
    parser.add_argument("--frames", type=int, default=120, help="pictures of a film")
    parser.add_argument("--quick", action="store_true", help="a few pictures, to see that everything runs")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/presets-<date>.json)")
    return parser.parse_args()


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    pictures = sorted(str(path.resolve()) for path in arguments.pictures.rglob("*") if path.suffix.lower() in _SUFFIXES)
    options = {"pictures": pictures, "frames": 12 if arguments.quick else arguments.frames}
    tasks = [name for name in arguments.tasks.split(",") if name]
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        speeds = {name: child("presets-speed", work, options={**options, "task": name}) for name in tasks}
        agreements: dict[str, dict[str, Any]] = {}
        for name in WITH_POINTS if arguments.tflite else ():
            place = {**options, "task": name, "tflite": str(arguments.tflite.resolve())}
            agreements[name] = child("presets-agreement", work, options=place)
    results = [*speeds.values(), *agreements.values()]
    say("; ".join(reason(result) for result in results if "error" in result))
    head = ("640×480", "frames/s followed", "each alone", "networks ms", "CPU ms followed", "found %", "memory MB")
    print(describe(machine), markdown(head, [speed_row(*row) for row in speeds.items()]), sep="\n\n")
    if agreements:
        head = ("points", "pictures", "seen by one only", "pixels, median", "worst picture", "score")
        print(markdown(head, [agreement_row(*row) for row in agreements.items()]))
    report = {"machine": machine, "options": options, "speed": speeds, "agreement": agreements}
    say(f"written: {save(report, 'presets', arguments.json)}")
    return int(any("error" in result for result in results))


if __name__ == "__main__":
    sys.exit(main())
