"""Measures what a few pictures are enough for: with pretrained weights and from scratch, with the defaults of train.

    python -m bench.pretrained --data FOLDER --pictures 5,20,all      top-1, and seconds from the start of the process
    python -m bench.pretrained --data FOLDER --scratch                the same from scratch: the learning curve
    python -m bench.pretrained --data COCO_FOLDER --models SSD_Lite   a detector: mAP50 and mAP

The weights have to be on the machine, or the package index within reach. Every run is a process of its own.
"""

from __future__ import annotations

import argparse
import random
import shutil
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
HEAD = ("model", "pictures a class", "best epoch %", "last epoch %", "single runs", "seconds to the end")


def row(model: str, pictures: str, results: Sequence[Result]) -> list[str]:
    """The line of one model and one number of pictures, over the seeds: mean ± standard error."""
    good = [result for result in results if "best" in result]
    if not good:
        return [model, pictures, MISSING, MISSING, reason(results[-1]), MISSING]
    best = [_plus_minus([result["best"][i] for result in good]) for i in range(len(good[0]["best"]))]
    last = [_plus_minus([result["epochs"][-1][i] for result in good]) for i in range(len(good[0]["best"]))]
    singles = ", ".join(f"{result['best'][0]:.1f}" for result in good)
    seconds = ", ".join(f"{result['total']:.1f}" for result in good)
    return [model, pictures, " / ".join(best), " / ".join(last), singles, seconds]


def _plus_minus(values: Sequence[float]) -> str:
    mean, error = mean_and_error(values)
    return f"{mean:.1f} ± {error:.1f}"


def subset(source: Path, count: int, seed: int, target: Path) -> Path:
    """Copies an ImageNet-style folder with so many training pictures of each class, drawn by the seed."""
    draw = random.Random(seed)
    for folder in sorted(path for path in (source / "training_set").iterdir() if path.is_dir()):
        files = sorted(path for path in folder.iterdir() if path.is_file())
        place = target / "training_set" / folder.name
        place.mkdir(parents=True)
        for file in draw.sample(files, min(count, len(files))):
            shutil.copy(file, place)
    shutil.copytree(source / "val_set", target / "val_set")
    return target


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What few pictures are enough for.")
    parser.add_argument("--data", type=Path, required=True, help="ImageNet-style folder, or a COCO one for detectors")
    parser.add_argument("--models", default="MobileNet,EfficientNet_Lite0")
    parser.add_argument("--pictures", default="all", help="training pictures a class, e.g. 5,20,all")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", default="1,2,3", help="of the draw and of the training")
    parser.add_argument("--scratch", action="store_true", help="without pretrained weights")
    parser.add_argument("--head", action="store_true", help="the last layer alone, freeze='backbone'")
    parser.add_argument("--precision", default="auto", help="auto, float32 or bfloat16")
    parser.add_argument("--image-size", type=int, help="side of the network's input in pixels")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/pretrained-<date>.json)")
    return parser.parse_args()


def _run(arguments: argparse.Namespace, folder: Path, model: str, pictures: str, seed: int) -> Result:
    data, is_detection = arguments.data.resolve(), (arguments.data / "annotations").is_dir()
    if pictures != "all":
        data = subset(data, int(pictures), seed, Path(tempfile.mkdtemp(dir=folder)))
    return child(
        "pretrained-train",
        folder,
        data=str(data),
        backbone=model,
        epochs=arguments.epochs,
        seed=seed,
        options={
            "pretrained": not arguments.scratch,
            "train": {
                **({"freeze": "backbone"} if arguments.head else {}),
                **({"image_size": arguments.image_size} if arguments.image_size else {}),
                "precision": arguments.precision,
            },
            "tool": "MMDetection" if is_detection else "MMClassification",
        },
    )


def main() -> int:
    """Runs the bench; 1 where a run failed."""
    arguments = _arguments()
    results: dict[str, list[Result]] = {}
    rows = []
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        machine = child("machine", folder)
        for pictures in arguments.pictures.split(","):
            for model in arguments.models.split(","):
                runs = [_run(arguments, folder, model, pictures, seed) for seed in map(int, arguments.seeds.split(","))]
                results[f"{model}, {pictures}"] = runs
                rows.append(row(model, pictures, runs))
                say(" | ".join(rows[-1]))
    print(describe(machine), markdown(HEAD, rows), sep="\n\n")
    options = {name: str(value) for name, value in vars(arguments).items()}
    say(f"written: {save({'machine': machine, 'options': options, 'runs': results}, 'pretrained', arguments.json)}")
    return int(any("error" in run for runs in results.values() for run in runs))


if __name__ == "__main__":
    sys.exit(main())
