"""Measures that accuracy is not paid for speed, on a folder of the user's: top-1 on ``val_set``, means over seeds.

    python -m bench.accuracy --data FOLDER              LeNet: ours and the plain loop, same hyperparameters
    python -m bench.accuracy --data FOLDER --cache      ResNet18: ours with its cache and ours decoding afresh
    … --cache --pretrained --backbone MobileNet         the same, from pretrained weights

Both sides see the same seeds; the standard errors say how much of a difference is chance.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._report import MISSING, describe, markdown, mean_and_error, reason, save
from bench._run import child, end_tidily, say

Result = Mapping[str, Any]
# side → (measure, environment of its process)
SPEED = {"ours": ("ours-accuracy", {}), "plain loop": ("plain-accuracy", {})}
CACHE = {"cache": ("ours-accuracy", {}), "decoding afresh": ("ours-accuracy", {"MMEDU_CACHE": "0"})}


def row(name: str, results: Sequence[Result]) -> list[str]:
    """One side's line: mean ± standard error of the last epoch, of the best one, of the loss, and the single values."""
    good = [result for result in results if "epochs" in result]
    if not good:
        return [name, MISSING, MISSING, MISSING, reason(results[-1])]
    last, best = [result["epochs"][-1] for result in good], [max(result["epochs"]) for result in good]
    losses = [result["val_loss"] for result in good]
    singles = ", ".join(f"{value:.1f}" for value in last)
    return [name, _plus_minus(last), _plus_minus(best), _plus_minus(losses, 4), singles]


def difference(first: Sequence[Result], second: Sequence[Result]) -> str:
    """Top-1 of the last epoch, the first side minus the second, seed by seed; then the same of the loss."""
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if "epochs" in a and "epochs" in b]
    if not pairs:
        return MISSING
    points = _plus_minus([a["epochs"][-1] - b["epochs"][-1] for a, b in pairs])
    return f"{points} points, loss {_plus_minus([a['val_loss'] - b['val_loss'] for a, b in pairs], 4)}"


def _plus_minus(values: Sequence[float], digits: int = 2) -> str:
    mean, error = mean_and_error(values)
    return f"{mean:.{digits}f} ± {error:.{digits}f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Accuracy: ours beside the plain loop, or the cache beside none.")
    parser.add_argument("--data", type=Path, required=True, help="ImageNet-style folder with training_set and val_set")
    parser.add_argument("--cache", action="store_true", help="compare the cache with decoding afresh")
    parser.add_argument("--pretrained", action="store_true", help="start from pretrained weights")
    parser.add_argument("--backbone", help="default: LeNet; with --cache ResNet18")
    parser.add_argument("--image-size", type=int, help="side of the network's input in pixels")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--batch-size", type=int, help="default: 64 for LeNet, otherwise 32")
    parser.add_argument("--seeds", default="1,2,3", help="the runs; 0 would mean a random one")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/accuracy-<date>.json)")
    arguments = parser.parse_args()
    arguments.backbone = arguments.backbone or ("ResNet18" if arguments.cache else "LeNet")
    arguments.batch_size = arguments.batch_size or (64 if arguments.backbone == "LeNet" else 32)
    if not (arguments.data / "training_set").is_dir() or not (arguments.data / "val_set").is_dir():
        parser.error(f"{arguments.data} has no training_set and val_set")
    return arguments


def main() -> int:
    """Runs the bench; 1 where a run failed."""
    arguments = _arguments()
    sides = CACHE if arguments.cache else SPEED
    results: dict[str, list[Result]] = {name: [] for name in sides}
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        machine = child("machine", Path(folder))
        for seed in map(int, arguments.seeds.split(",")):
            for name, (measure, environment) in sides.items():
                result = child(
                    measure,
                    Path(folder),
                    environment=environment,
                    data=str(arguments.data.resolve()),
                    backbone=arguments.backbone,
                    batch=arguments.batch_size,
                    epochs=arguments.epochs,
                    seed=seed,
                    options={
                        "lr": arguments.lr,
                        "image_size": arguments.image_size,
                        "pretrained": arguments.pretrained,
                    },
                )
                results[name].append(result)
                say(
                    f"seed {seed}, {name}: "
                    + (f"{result['epochs'][-1]:.2f} %" if "epochs" in result else reason(result))
                )
    head = (
        f"{arguments.backbone}, {arguments.epochs} epochs",
        "last epoch %",
        "best epoch %",
        "validation loss",
        "single runs",
    )
    print(describe(machine), markdown(head, [row(name, of_side) for name, of_side in results.items()]), sep="\n\n")
    print(f"\nDifference ({' − '.join(results)}, last epoch): {difference(*results.values())}")
    options = {name: str(value) for name, value in vars(arguments).items()}
    report = {"machine": machine, "options": options, "runs": results}
    say(f"written: {save(report, 'accuracy', arguments.json)}")
    return int(any("error" in result for of_side in results.values() for result in of_side))


if __name__ == "__main__":
    sys.exit(main())
