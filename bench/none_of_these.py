"""Measures "none of these": a classifier is asked about classes that it has never seen.

    python -m bench.none_of_these --data FOLDER --foreign 2                LeNet: classes of the folder are left out
    python -m bench.none_of_these --data FOLDER --others FOLDER …          pictures from elsewhere are foreign
    python -m bench.none_of_these --data FOLDER --backbone MobileNet --pretrained --others FOLDER

Pictures of ``test_set`` are asked about, those of ``val_set`` have set temperature and threshold.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._report import describe, markdown, mean_and_error, save
from bench._run import child, end_tidily, say

BINS = 15
SETS = ("training_set", "val_set", "test_set")
FIGURES = ("top1", "ece_before", "ece_after", "temperature", "threshold", "kept_right", "kept_own", "rejected_foreign")
_OTHERS = "elsewhere"


def calibration_error(scores: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error in percent: score less share that is right, over bins of equal width.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3, with their 15 bins.
    """
    of_bin = np.minimum((np.asarray(scores) * BINS).astype(int), BINS - 1)
    gaps = np.bincount(of_bin, np.asarray(right, float) - np.asarray(scores), BINS)
    return float(100 * np.abs(gaps).sum() / len(scores))


def foreign_classes(classes: Sequence[str], count: int, seed: int) -> list[str]:
    """The classes that a seed leaves out: the next ones for the next seed."""
    start = count * (seed - 1)
    return [classes[(start + number) % len(classes)] for number in range(count)]


def figures(
    own: Sequence[tuple[bool, float, bool]], before: Sequence[float], foreign: Sequence[bool]
) -> dict[str, float]:
    """What is told of a run, in percent.

    Args:
        own: Of each own picture: whether the best class is right, its score, whether it is rejected.
        before: The scores of the same pictures without a temperature.
        foreign: Of each foreign picture: whether it is rejected.
    """
    right = [is_right for is_right, _, _ in own]
    scores = [score for _, score, _ in own]
    kept = [not rejected for _, _, rejected in own]
    return {
        "top1": 100 * float(np.mean(right)),
        "ece_before": calibration_error(before, right),
        "ece_after": calibration_error(scores, right),
        "kept_right": 100 * float(np.mean([keeps for keeps, is_right in zip(kept, right, strict=True) if is_right])),
        "kept_own": 100 * float(np.mean(kept)),
        "rejected_foreign": 100 * float(np.mean(foreign)),
    }


def without(data: Path, foreign: Sequence[str], target: Path, pictures: int | None) -> None:
    """Copies an ImageNet-style folder less some classes; its lists are made anew.

    Args:
        data: The folder.
        foreign: The classes that are left out.
        target: Where the copy goes.
        pictures: Training pictures of a class; None copies all.
    """
    for split in SETS:
        for folder in sorted(path for path in (data / split).iterdir() if path.is_dir() and path.name not in foreign):
            (target / split / folder.name).mkdir(parents=True)
            files = sorted(folder.iterdir())
            for file in files[:pictures] if split == SETS[0] else files:
                shutil.copy(file, target / split / folder.name)


def run(arguments: argparse.Namespace, seed: int, work: Path) -> dict[str, Any]:
    """Trains once and asks."""
    from MMEdu import MMClassification
    from MMEdu.engine import checkpoint

    classes = sorted(path.name for path in (arguments.data / "training_set").iterdir() if path.is_dir())
    left_out = foreign_classes(classes, arguments.foreign, seed)
    without(arguments.data, left_out, work / "data", arguments.pictures)
    model = MMClassification(arguments.backbone)
    model.load_dataset(work / "data")
    options = {"pretrained": True} if arguments.pretrained else {"batch_size": arguments.batch_size}
    options |= {"optimizer": arguments.optimizer, "save_best": arguments.save_best}
    model.train(epochs=arguments.epochs, lr=arguments.lr, random_seed=seed, save_fold=work / "model", **options)
    assert model.trained is not None
    assert model.trained.best_file is not None
    content = checkpoint.read(model.trained.best_file)
    found = content["meta"].pop("calibration")
    plain = work / "plain.pth"
    plain.write_bytes(checkpoint.to_bytes(content))

    own: list[tuple[bool, float, bool]] = []
    before: list[float] = []
    for name in sorted(set(classes) - set(left_out)):
        folder = work / "data" / "test_set" / name
        answers = model.inference(checkpoint=model.trained.best_file, image=folder, show=False)
        rejected = model.inference(checkpoint=model.trained.best_file, image=folder, show=False, thr="auto")
        own += [
            (answer["pred_class"] == name, answer["pred_score"], none["pred_label"] == -1)
            for answer, none in zip(answers, rejected, strict=True)
        ]
        before += [answer["pred_score"] for answer in model.inference(checkpoint=plain, image=folder, show=False)]
    places = {name: arguments.data / "test_set" / name for name in left_out}
    places |= {f"{_OTHERS}: {place.name}": place for place in arguments.others}
    foreign = {
        name: [
            answer["pred_label"] == -1
            for answer in model.inference(
                checkpoint=model.trained.best_file, image=place, show=False, thr="auto", save_fold=work / "none"
            )
        ]
        for name, place in places.items()
    }
    told = figures(own, before, [rejected for of_place in foreign.values() for rejected in of_place])
    shares = {name: 100 * float(np.mean(of_place)) for name, of_place in foreign.items()}
    return {"seed": seed, **found, **told, "foreign": shares, "own_pictures": len(own)}


def table(runs: Sequence[Mapping[str, Any]]) -> str:
    """A row for each seed, and the means with their standard errors."""
    head = ("seed", "top-1 %", "ECE before %", "after %", "T", "threshold", "right kept %", "own kept %", "rejected %")
    rows = [[str(run["seed"]), *(f"{run[name]:.2f}" for name in FIGURES)] for run in runs]
    pairs = [mean_and_error([run[name] for run in runs]) for name in FIGURES]
    rows.append(["mean", *(f"{mean:.2f} ± {error:.2f}" for mean, error in pairs)])
    lines = [
        f"seed {run['seed']}, rejected of "
        + ", ".join(f"{name} {share:.0f} %" for name, share in run["foreign"].items())
        for run in runs
    ]
    return "\n\n".join([markdown(head, rows), *lines])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="None of these: foreign pictures that a classifier rejects.")
    parser.add_argument("--data", type=Path, required=True, help="ImageNet-style folder with all three sets")
    parser.add_argument("--foreign", type=int, default=0, help="classes that are left out of the training")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="folders of further foreign pictures")
    parser.add_argument("--backbone", default="LeNet")
    parser.add_argument("--pretrained", action="store_true")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--optimizer", default="SGD")
    parser.add_argument("--save-best", default="auto", help="the metric that chooses the checkpoint")
    parser.add_argument("--pictures", type=int, help="training pictures of a class; without, all")
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/none-<date>.json)")
    arguments = parser.parse_args()
    if not arguments.foreign and not arguments.others:
        parser.error("nothing is foreign: give --foreign or --others")
    return arguments


def main() -> int:
    """Runs the bench."""
    arguments = _arguments()
    end_tidily()
    runs = []
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        machine = child("machine", Path(folder))
        for seed in map(int, arguments.seeds.split(",")):
            runs.append(run(arguments, seed, Path(folder) / str(seed)))
            say(f"seed {seed}: {runs[-1]}")
    print(describe(machine), table(runs), sep="\n\n")
    options = {name: str(value) for name, value in vars(arguments).items()}
    report = {"machine": machine, "options": options, "runs": runs}
    say(f"written: {save(report, 'none', arguments.json)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
