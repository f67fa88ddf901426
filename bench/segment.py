"""Measures segmenters: training speed, what a short training reaches, export and INT8, the overhead of inference.

    python -m bench.segment [--quick] [--cases fpn_mobilenet,unet] [--measures plain,limit,ours,learned,inference]
                            [--data FOLDER] [--epochs 5] [--rounds N] [--json PATH]

Prints Markdown tables; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import _segment_data as data
from bench._detect import FULL, QUICK, VARIANTS, Effort
from bench._detect_data import camera
from bench._report import LIMIT, MISSING, contenders, describe, markdown, reason, remarks, save, summarise, table
from bench._run import child, end_tidily, say
from bench._segment import CASES, Case

TRAINING = ("plain", "limit", "ours")
MEASURES = (*TRAINING, "learned", "inference")
_LEARNED = (136, 34)  # pictures: a small set of photographs
_FEW = (24, 8)


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
            fields = {"warm": effort.warm, "iterations": effort.counted, "epochs": effort.epochs, "variant": variant}
            fields |= {"backbone": case.backbone, "batch": case.batch}
            results[name] = child(f"segment-{measure}", work, data=str(root), **fields)
            rate = results[name].get("rate")
            figure = f"{rate:.2f} images/s" if rate else reason(results[name])
            say(f"{case.name}, round {number + 1}, {name}: {figure}")
        rounds.append(results)
        if number == 0:
            variants = contenders(results)
    return rounds


def learn(case: Case, root: Path, work: Path, epochs: int) -> dict[str, Any]:
    """A short training, pretrained where the model can be; mIoU trained, exported and as INT8."""
    options = {"pretrained": case.backbone == "FPN_MobileNet"}
    result = child("segment-learned", work, data=str(root), backbone=case.backbone, epochs=epochs, options=options)
    say(f"{case.name}: mIoU {result['miou'][-1]:.1f} %" if result.get("miou") else f"{case.name}: {reason(result)}")
    return result


def infer(learned: dict[str, dict[str, Any]], effort: Effort, work: Path, pictures: Path) -> list[dict[str, Any]]:
    """All rounds of the exported models beside a bare session."""
    rounds: list[dict[str, Any]] = []
    for number in range(effort.rounds):
        results = {}
        for name, one in learned.items():
            if "file" in one:
                options = {"model": one["file"], "pictures": str(pictures)}
                results[name] = child("segment-hub", work, batch=effort.block, iterations=effort.turns, options=options)
                ratios = results[name].get("ratios")
                say(f"inference, round {number + 1}, {name}: {ratios or reason(results[name])}")
        rounds.append(results)
    return rounds


def learned_table(learned: dict[str, dict[str, Any]]) -> str:
    """One row for each model: mIoU after each epoch's worth of training, exported, INT8."""
    head = ("model", "epochs", "mIoU %", "exported %", "INT8 %", "seconds", "processor seconds")
    rows = []
    for name, one in learned.items():
        if not one.get("miou"):
            rows.append([name, *[MISSING] * 5, reason(one)])
            continue
        figures = (one["miou"][-1], one["exported"], one["int8"], one["seconds"], one["processor"])
        rows.append([name, str(len(one["miou"])), *(f"{value:.1f}" for value in figures)])
    return markdown(head, rows)


def overhead_table(rounds: Sequence[dict[str, Any]]) -> str:
    """One row for each model: Workflow beside the bare session, medians of the rounds."""
    rows = []
    for name in dict.fromkeys(name for single in rounds for name in single):
        good = [single[name] for single in rounds if "ratios" in single.get(name, {})]
        if good:
            ms = (median(one["ms"][side] for one in good) for side in ("ours", "bare"))
            ratio = median(one["ratios"]["ours"] for one in good)
            rows.append([name, *(f"{value:.1f}" for value in ms), f"{ratio:.2f}"])
    return markdown(("640×480 JPEG on disk to masks", "ours ms", "bare ms", "ours/bare"), rows)


def measure(arguments: argparse.Namespace, work: Path) -> int:
    """Everything that was asked for; 1 where a measure failed."""
    effort = QUICK if arguments.quick else FULL
    effort = replace(effort, rounds=arguments.rounds or effort.rounds)
    cases = [case for case in CASES if case.name in arguments.cases]
    training = [name for name in arguments.measures if name in TRAINING]
    machine = child("machine", work)
    rounds: dict[str, list[dict[str, Any]]] = {}
    for case in cases if training else ():
        root = data.make(work / case.name, case.images[arguments.quick])
        own = replace(effort, counted=min(effort.counted, case.images[arguments.quick] // case.batch))
        rounds[case.name] = train(case, own, root.resolve(), work, training)
    learned: dict[str, dict[str, Any]] = {}
    inferred: list[dict[str, Any]] = []
    if "learned" in arguments.measures or "inference" in arguments.measures:
        counts = _FEW if arguments.quick or "learned" not in arguments.measures else _LEARNED
        root = arguments.data or data.make(work / "learned", *counts)
        epochs = 1 if "learned" not in arguments.measures else arguments.epochs
        learned = {case.name: learn(case, root.resolve(), work, epochs) for case in cases}
    if "inference" in arguments.measures:
        inferred = infer(learned, effort, work, camera(work / "camera", 10))
    summaries = {name: summarise(of_case) for name, of_case in rounds.items()}
    notes = [line for name, of_case in rounds.items() for line in remarks(name, of_case)]
    shown = [*([table(summaries, digits=1)] if summaries else []), *([learned_table(learned)] if learned else [])]
    shown += [overhead_table(inferred)] if inferred else []
    print(describe(machine), *shown, "\n".join(f"- {line}" for line in notes), sep="\n\n")
    report = {"machine": machine, "options": {"quick": arguments.quick, "effort": vars(effort)}, "summary": summaries}
    report |= {"learned": learned, "inferred": inferred, "remarks": notes, "rounds": rounds}
    say(f"written: {save(report, 'segment', arguments.json)}")
    every = [one for of_case in [*rounds.values(), inferred] for single in of_case for one in single.values()]
    return int(any("error" in one for one in [*every, *learned.values()]))


def _arguments() -> argparse.Namespace:
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(description="Segmenters: training speed, mIoU, export, INT8, inference.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--cases", default=",".join(names), help=f"some of {', '.join(names)}")
    parser.add_argument("--measures", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--data", type=Path, help="folder with masks for what a training reaches, in place of shapes")
    parser.add_argument("--epochs", type=int, default=5, help="of what a training reaches")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/segment-<date>.json)")
    arguments = parser.parse_args()
    arguments.cases, arguments.measures = arguments.cases.split(","), arguments.measures.split(",")
    for given, known in ((arguments.cases, names), (arguments.measures, MEASURES)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        return measure(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
