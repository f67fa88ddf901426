"""Measures training: ours, a plain PyTorch loop and the compute limit, interleaved, medians of several rounds.

    python -m bench.train [--quick] [--cases lenet-64,resnet18] [--rounds 3] [--json PATH]

Prints a Markdown table; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._cases import CASES, FULL, QUICK, VARIANTS, Case, Effort, Kind
from bench._data import make
from bench._report import LIMIT, contenders, describe, reason, remarks, save, summarise, table
from bench._run import child, end_tidily, say


def measure(case: Case, effort: Effort, data: Path, work: Path, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """All rounds of one case. Every second round runs backwards, so that a drift of the machine favours nobody."""
    rounds: list[dict[str, Any]] = []
    variants: Sequence[str] = VARIANTS[case.kind]
    for number in range(effort.rounds):
        names = ["plain", *(f"{LIMIT}{variant}" for variant in variants), "ours"]
        names = [name for name in names if name.split()[0] in wanted]
        results = {}
        for name in names[:: -1 if number % 2 else 1]:
            results[name] = _one(name, case, effort, data, work)
            rate = results[name].get("rate")
            say(
                f"{case.name}, round {number + 1}, {name}: "
                + (f"{rate:.0f} images/s" if rate else reason(results[name]))
            )
        rounds.append(results)
        if number == 0:
            variants = contenders(results)
    return rounds


def _one(name: str, case: Case, effort: Effort, data: Path, work: Path) -> dict[str, Any]:
    measure_name, _, variant = name.partition(" ")
    iterations = effort.limit if measure_name == "limit" else effort.plain
    return child(
        measure_name,
        work,
        data=str(data),
        backbone=case.backbone,
        batch=case.batch,
        warm=effort.warm,
        iterations=iterations,
        epochs=effort.epochs,
        variant=variant,
    )


def _arguments() -> argparse.Namespace:
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(description="Training speed: ours, plain loop, compute limit.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--cases", default=",".join(names), help=f"some of {', '.join(names)}")
    parser.add_argument("--measures", default="plain,limit,ours", help="some of plain, limit, ours")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--digits-data", type=Path, help="ImageNet-style folder for LeNet in place of generated PNGs")
    parser.add_argument("--photos-data", type=Path, help="the same for MobileNet and ResNet18, in place of JPEGs")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/train-<date>.json)")
    arguments = parser.parse_args()
    arguments.cases = arguments.cases.split(",")
    arguments.measures = arguments.measures.split(",")
    for given, known in ((arguments.cases, names), (arguments.measures, ["plain", "limit", "ours"])):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    efforts = dict(QUICK if arguments.quick else FULL)
    if arguments.rounds:
        efforts = {kind: Effort(**{**vars(effort), "rounds": arguments.rounds}) for kind, effort in efforts.items()}
    cases = [case for case in CASES if case.name in arguments.cases]
    given: dict[Kind, Path | None] = {"digits": arguments.digits_data, "photos": arguments.photos_data}
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        data = {
            kind: (given[kind] or make(work / kind, kind, efforts[kind].images)).resolve()
            for kind in dict.fromkeys(case.kind for case in cases)
        }
        rounds = {
            case.name: measure(case, efforts[case.kind], data[case.kind], work, arguments.measures) for case in cases
        }
    summaries = {name: summarise(of_case) for name, of_case in rounds.items()}
    notes = [line for name, of_case in rounds.items() for line in remarks(name, of_case)]
    print(describe(machine), table(summaries), "\n".join(f"- {line}" for line in notes), sep="\n\n")
    options = {"quick": arguments.quick, "efforts": {kind: vars(effort) for kind, effort in efforts.items()}}
    report = {"machine": machine, "options": options, "summary": summaries, "remarks": notes, "rounds": rounds}
    say(f"written: {save(report, 'train', arguments.json)}")
    return int(
        any("error" in result for of_case in rounds.values() for single in of_case for result in single.values())
    )


if __name__ == "__main__":
    sys.exit(main())
