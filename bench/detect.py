"""Measures detectors: training speed, the overhead of inference, and mAP beside a plain loop; interleaved, medians.

    python -m bench.detect [--quick] [--cases ssd_lite,fasterrcnn] [--measures plain,limit,ours,inference] [--json PATH]
    python -m bench.detect --accuracy [--data FOLDER] [--epochs 60] [--seeds 1]

Prints Markdown tables; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _detect_data as data
from bench import _detect_report as told
from bench._detect import CASES, FULL, QUICK, VARIANTS, Case, Effort
from bench._report import LIMIT, contenders, describe, reason, remarks, save, summarise, table
from bench._run import child, end_tidily, say

MEASURES = ("plain", "limit", "ours", "inference")
_VAL = 16


def train(case: Case, effort: Effort, root: Path, work: Path, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """All rounds of one case. Every second round runs backwards, so that a drift of the machine favours nobody."""
    rounds: list[dict[str, Any]] = []
    variants: Sequence[str] = VARIANTS
    for number in range(effort.rounds):
        names = ["plain", *(f"{LIMIT}{variant}" for variant in variants), "ours"]
        names = [name for name in names if name.split()[0] in wanted]
        results = {}
        for name in names[:: -1 if number % 2 else 1]:
            measure, _, variant = name.partition(" ")
            results[name] = child(
                f"detect-{measure}",
                work,
                data=str(root),
                backbone=case.backbone,
                batch=case.batch,
                warm=effort.warm,
                iterations=effort.counted,
                epochs=effort.epochs,
                variant=variant,
            )
            rate = results[name].get("rate")
            say(
                f"{case.name}, round {number + 1}, {name}: "
                + (f"{rate:.2f} images/s" if rate else reason(results[name]))
            )
        rounds.append(results)
        if number == 0:
            variants = contenders(results)
    return rounds


def export(case: Case, work: Path, pictures: Path) -> dict[str, Any]:
    """Train for a moment and export."""
    say(f"{case.name}: training for a moment, exporting …")
    few = work / "few"
    root = few if few.exists() else data.make(few, 16, 4)
    made = child(
        "detect-make", work, data=str(root), backbone=case.backbone, batch=4, options={"pictures": str(pictures)}
    )
    if "error" in made:
        say(f"{case.name}: {reason(made)}")
    return made


def infer(made: dict[str, dict[str, Any]], effort: Effort, work: Path, pictures: Path) -> list[dict[str, Any]]:
    """All rounds of the exported models: the overhead of SSD_Lite, the speed of each."""
    jobs: dict[str, tuple[str, str]] = {}
    for name, one in made.items():
        if "file" in one:
            jobs |= {"hub": ("detect-hub", name)} if name == "SSD_Lite" else {}
            jobs[f"{told.RATE}{name}"] = ("detect-rate", name)
    rounds: list[dict[str, Any]] = []
    for number in range(effort.rounds):
        results = {}
        for key in list(jobs)[:: -1 if number % 2 else 1]:
            measure, name = jobs[key]
            options = {"model": made[name]["file"], "threshold": made[name]["threshold"], "pictures": str(pictures)}
            options["seconds"] = effort.seconds
            results[key] = child(measure, work, batch=effort.block, iterations=effort.turns, options=options)
            figures = results[key].get("ratios") or results[key].get("ms")
            say(f"inference, round {number + 1}, {key}: {reason(results[key]) if figures is None else figures}")
        rounds.append(results)
    return rounds


def speed(arguments: argparse.Namespace, work: Path) -> int:
    """Training and inference; 1 where a measure failed."""
    effort = QUICK if arguments.quick else FULL
    effort = replace(effort, rounds=arguments.rounds or effort.rounds)
    cases = [case for case in CASES if case.name in arguments.cases]
    training = [name for name in arguments.measures if name != "inference"]
    machine = child("machine", work)
    rounds: dict[str, list[dict[str, Any]]] = {}
    for case in cases if training else ():
        root = arguments.data or data.make(work / case.name, case.images[arguments.quick], _VAL)
        own = replace(effort, counted=min(effort.counted, case.images[arguments.quick] // case.batch))
        rounds[case.name] = train(case, own, root.resolve(), work, training)
    made: dict[str, dict[str, Any]] = {}
    inferred: list[dict[str, Any]] = []
    if "inference" in arguments.measures:
        pictures = data.camera(work / "camera", 10)
        made = {case.backbone: export(case, work, pictures) for case in cases}
        inferred = infer(made, effort, work, pictures)
    summaries = {name: summarise(of_case) for name, of_case in rounds.items()}
    summary = told.summarise(inferred)
    notes = [line for name, of_case in rounds.items() for line in remarks(name, of_case)]
    notes += told.remarks(made, inferred)
    shown = [*([rates(summaries)] if summaries else []), *told.tables(summary, made)]
    print(describe(machine), *shown, "\n".join(f"- {line}" for line in notes), sep="\n\n")
    report = {"machine": machine, "options": {"quick": arguments.quick, "effort": vars(effort)}, "summary": summaries}
    report |= {"inference": summary, "remarks": notes, "rounds": rounds, "made": made, "inferred": inferred}
    say(f"written: {save(report, 'detect', arguments.json)}")
    every = [one for of_case in [*rounds.values(), inferred] for single in of_case for one in single.values()]
    return int(any("error" in one for one in [*every, *made.values()]))


def rates(summaries: dict[str, dict[str, Any]]) -> str:
    """The table of ``bench.train`` with images/s to a tenth: a detector makes few of them."""
    return table(summaries, digits=1)


def accuracy(arguments: argparse.Namespace, work: Path) -> int:
    """Ours and the plain loop with the same number of image passes; 1 where a run failed."""
    root = arguments.data or data.make(work / "shapes", *((32, 8) if arguments.quick else (160, 40)))
    epochs = arguments.epochs or (2 if arguments.quick else 60)
    sides = {"ours": "detect-accuracy", "plain loop": "detect-plain-accuracy"}
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    machine = child("machine", work)
    options = {"lr": arguments.lr, "optimizer": arguments.optimizer, "reference": arguments.reference}
    for seed in map(int, arguments.seeds.split(",")):
        for name, measure in sides.items():
            fields = {"backbone": "SSD_Lite", "batch": arguments.batch_size, "epochs": epochs, "seed": seed}
            result = child(measure, work, data=str(root.resolve()), options=options, **fields)
            results[name].append(result)
            say(
                f"seed {seed}, {name}: "
                + (f"mAP50 {result['map50'][-1]:.1f} %" if result.get("map50") else reason(result))
            )
    print(describe(machine), told.accuracy_table("SSD_Lite", epochs, results), sep="\n\n")
    print(f"\nDifference in mAP50 (ours − plain loop): {told.difference(*results.values())}")
    report = {"machine": machine, "options": {**options, "epochs": epochs, "data": str(root)}, "runs": results}
    say(f"written: {save(report, 'detect-accuracy', arguments.json)}")
    return int(any("error" in result for of_side in results.values() for result in of_side))


def _arguments() -> argparse.Namespace:
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(description="Detectors: training speed, inference, mAP beside a plain loop.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--cases", default=",".join(names), help=f"some of {', '.join(names)}")
    parser.add_argument("--measures", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--data", type=Path, help="folder in COCO's layout in place of generated shapes")
    parser.add_argument("--accuracy", action="store_true", help="mAP of SSD_Lite beside the plain loop, nothing else")
    parser.add_argument("--epochs", type=int, help="of --accuracy; default: 60")
    parser.add_argument("--lr", type=float, default=0.001, help="of --accuracy, for both sides")
    parser.add_argument("--optimizer", choices=("AdamW", "SGD"), default="AdamW", help="likewise")
    parser.add_argument("--batch-size", type=int, default=16, help="likewise")
    parser.add_argument("--seeds", default="1", help="the runs of --accuracy; 0 would mean a random one")
    parser.add_argument(
        "--reference", choices=("same", "torchvision"), default="same", help="the plain loop's network in --accuracy"
    )
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/detect-<date>.json)")
    arguments = parser.parse_args()
    arguments.cases, arguments.measures = arguments.cases.split(","), arguments.measures.split(",")
    for given, known in ((arguments.cases, names), (arguments.measures, MEASURES)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    if arguments.data and not (arguments.data / "annotations" / "train.json").is_file():
        parser.error(f"{arguments.data} has no annotations/train.json")
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        return (accuracy if arguments.accuracy else speed)(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
