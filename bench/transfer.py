"""Measures transfer: seconds to an accuracy, head alone against the whole network; and what an epoch of the head costs.

    python -m bench.transfer [--quick] [--checkpoint FILE.pth] [--data FOLDER] [--json PATH]

Prints Markdown tables; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _transfer_data
from bench._report import MISSING, describe, markdown, reason, save
from bench._run import child, end_tidily, say

Result = Mapping[str, Any]
_FULL = {"images": 2000, "epochs": 20, "full_epochs": 8, "base_images": 1200, "base_epochs": 6}
_QUICK = {"images": 96, "epochs": 4, "full_epochs": 2, "base_images": 64, "base_epochs": 1}
SIDES: dict[str, dict[str, Any]] = {"frozen": {"freeze": "backbone"}, "full": {}}


def seconds_to(result: Result, target: float) -> float | None:
    """When the accuracy was reached first; None where it never was."""
    reached = (end for end, value in zip(result["ends"], result["accuracy"], strict=True) if value >= target)
    return next(reached, None)


def later_epoch(result: Result) -> float | None:
    """Median seconds of an epoch after the first, with its validation and its files."""
    times = [after - before for before, after in zip(result["ends"], result["ends"][1:], strict=False)]
    return median(times) if times else None


def common_target(results: Sequence[Result]) -> float:
    """The best accuracy that every side reached, less a point: what is asked of all of them."""
    best = [max(result["accuracy"]) for result in results if "accuracy" in result]
    return min(best) - 1.0 if best else 0.0


def table(results: Mapping[str, Result], target: float) -> str:
    """A row for each side."""
    head = ("from a checkpoint", f"s to {target:.1f} %", "best %", "s to the first step", "s an epoch after the first")
    return markdown((*head, "s in total"), [_row(name, result, target) for name, result in results.items()])


def _row(name: str, result: Result, target: float) -> list[str]:
    if "error" in result:
        return [name, reason(result), *[MISSING] * 4]
    figures = (seconds_to(result, target), max(result["accuracy"]), result["first_step"], later_epoch(result))
    cells = [MISSING if value is None else f"{value:.2f}" for value in (*figures, result["total"])]
    return [f"{name} ({result['precision']}, {len(result['ends'])} epochs)", *cells]


def pass_line(frozen: Result, inference: Result) -> str:
    """The pass over the features beside inference of the same pictures, both in float32."""
    if "error" in frozen or "error" in inference:
        return f"feature pass: {reason(frozen if 'error' in frozen else inference)}"
    ratio = frozen["first_step"] / inference["seconds"]
    return (
        f"feature pass of {inference['images']} pictures in float32, with all that comes before the first step:"
        f" {frozen['first_step']:.1f} s; fast_inference of them: {inference['seconds']:.1f} s; ratio {ratio:.2f}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Transfer: the head alone against the whole network.")
    parser.add_argument("--quick", action="store_true", help="few pictures and epochs, to see that everything runs")
    parser.add_argument("--backbone", default="MobileNet")
    parser.add_argument(
        "--checkpoint", type=Path, help="weights to start from, of the same input size; without, some are trained"
    )
    parser.add_argument("--data", type=Path, help="ImageNet-style folder to transfer to, in place of generated JPEGs")
    parser.add_argument("--images", type=int, help="generated training pictures")
    parser.add_argument("--epochs", type=int, help="epochs of the head")
    parser.add_argument("--full-epochs", type=int, help="epochs of the whole network")
    parser.add_argument("--base-images", type=int, help="generated pictures to train the checkpoint on")
    parser.add_argument("--base-epochs", type=int, help="epochs of that")
    parser.add_argument("--image-size", type=int, help="side of the network's input in pixels")
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--target", type=float, help="accuracy in percent (default: what both sides reach, less 1)")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/transfer-<date>.json)")
    arguments = parser.parse_args()
    for name, value in (_QUICK if arguments.quick else _FULL).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    return arguments


def _start(arguments: argparse.Namespace, work: Path) -> Result:
    """Trains the model to start from, unless one was given."""
    if arguments.checkpoint is not None:
        return {"checkpoint": str(arguments.checkpoint.resolve())}
    data = _transfer_data.make(work / "base", _transfer_data.BASE, arguments.base_images, 80, seed=0)
    options = {"lr": 0.001, "image_size": arguments.image_size}
    made = {"backbone": arguments.backbone, "batch": arguments.batch_size, "options": options}
    return child("transfer-base", work, data=str(data), epochs=arguments.base_epochs, **made)


def measure(arguments: argparse.Namespace, work: Path) -> dict[str, Result]:
    """All measures; ``base`` alone where it failed."""
    base = _start(arguments, work)
    say(f"to start from: {base.get('epochs') or base.get('checkpoint') or reason(base)}")
    if "error" in base:
        return {"base": base}
    data = arguments.data or _transfer_data.make(
        work / "new", _transfer_data.NEW, arguments.images, 120, seed=9_000_000
    )
    common = {"data": str(data.resolve()), "backbone": arguments.backbone, "batch": arguments.batch_size}
    start = {"checkpoint": base["checkpoint"], "lr": arguments.lr, "image_size": arguments.image_size}
    results: dict[str, Result] = {"base": base}
    for name, given in {**SIDES, "pass": {"freeze": "backbone", "precision": "float32", "views": 1}}.items():
        epochs = {"frozen": arguments.epochs, "full": arguments.full_epochs, "pass": 1}[name]
        results[name] = child("transfer-train", work, epochs=epochs, options={**start, **given}, **common)
        say(f"{name}: " + (reason(results[name]) if "error" in results[name] else f"{results[name]['total']:.1f} s"))
    results["inference"] = child("transfer-inference", work, options=start, **common)
    return results


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        machine = child("machine", Path(folder))
        results = measure(arguments, Path(folder))
    sides = {name: results[name] for name in SIDES if name in results}
    if sides:
        target = common_target(list(sides.values())) if arguments.target is None else arguments.target
        line = pass_line(results["pass"], results["inference"])
        print(describe(machine), table(sides, target), line, sep="\n\n")
    options = {name: str(value) for name, value in vars(arguments).items()}
    path = save({"machine": machine, "options": options, "results": results}, "transfer", arguments.json)
    say(f"written: {path}")
    return int(any("error" in result for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
