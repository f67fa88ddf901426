"""Measures what INT8 costs models that have learnt something: top-1 before and after, size and speed of the model.

    python -m bench.int8 [--models MobileNet,ResNet18] [--data FOLDER] [--epochs 3] [--json PATH]
    python -m bench.int8 --data FOLDER --checkpoints run1/latest.pth run2/latest.pth

Without ``--data``: scikit-learn's 1,797 real handwritten digits. README.md here says how to read the table.
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
from bench._run import child, end_tidily, run, say

MODELS = ("MobileNet", "ResNet18", "ResNet50")
_HEAD = (
    "model, input",
    "top-1 FP32 %",
    "INT8 %",
    "drop",
    "size MB",
    "INT8/FP32 size",
    "speed, alone",
    "in float",
    "pictures",
)
_DIGITS = "import sys; from MMEdu.demo import digits; from pathlib import Path; digits.write(Path(sys.argv[1]))"


def row(name: str, result: Mapping[str, Any]) -> list[str]:
    """One model's line of the table."""
    if "fp32" not in result:
        told = str(result.get("refused", "")).splitlines()[0] if "refused" in result else reason(result)
        return [name, *[MISSING] * (len(_HEAD) - 2), told]
    before, after = result["fp32"], result["int8"]
    return [
        f"{result['backbone']}, {result['side']}",
        f"{before['top-1']:.2f}",
        f"{after['top-1']:.2f}",
        f"{before['top-1'] - after['top-1']:+.2f}",
        f"{before['size'] / 1e6:.1f} → {after['size'] / 1e6:.1f}",
        f"{after['size'] / before['size']:.2f}",
        f"{after['per_s'] / before['per_s']:.2f}",
        str(len(result["in_float"])),
        str(before["pictures"]),
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="INT8 beside FP32 on pictures that the model has learnt from.")
    parser.add_argument("--models", default=",".join(MODELS), help=f"any classifiers; default {','.join(MODELS)}")
    parser.add_argument("--data", type=Path, help="ImageNet-style folder with training_set and val_set")
    parser.add_argument("--checkpoints", type=Path, nargs="*", default=[], help="trained on it, in place of training")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--image-size", type=int, default=64, help="side of the network's input in pixels")
    parser.add_argument("--max-drop", type=float, default=1.0, help="points of top-1 that it may cost")
    parser.add_argument("--full-range", action="store_true", help="weights of 8 bits in place of 7")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/int8-<date>.json)")
    arguments = parser.parse_args()
    if arguments.checkpoints and arguments.data is None:
        parser.error("--checkpoints needs the --data that they were trained on")
    return arguments


def _all(arguments: argparse.Namespace, work: Path) -> dict[str, dict[str, Any]]:
    data = arguments.data
    if data is None:
        data = work / "digits"
        run(["-c", _DIGITS, str(data)], work)
    names = [str(file) for file in arguments.checkpoints] or arguments.models.split(",")
    return {name: _one(name, data, arguments, work) for name in names}


def _one(name: str, data: Path, arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    say(f"{name} …")
    chosen = ("lr", "image_size", "max_drop", "full_range")
    options = {option: getattr(arguments, option) for option in chosen}
    options["digits"] = arguments.data is None
    if arguments.checkpoints:
        options["checkpoint"] = str(Path(name).resolve())
    fields = {"data": str(data.resolve()), "epochs": arguments.epochs, "options": options}
    result = child("int8", work, backbone=name, **fields)
    say(" | ".join(row(name, result)))
    return result


def main() -> int:
    """Runs the bench; 1 where a measure failed or INT8 was refused."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        results = _all(arguments, work)
    print(describe(machine), markdown(_HEAD, [row(*item) for item in results.items()]), sep="\n\n")
    options = {name: str(value) for name, value in vars(arguments).items()}
    report = {"machine": machine, "options": options, "results": results}
    say(f"written: {save(report, 'int8', arguments.json)}")
    return int(any("fp32" not in result for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
