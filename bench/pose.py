"""Measures models of keypoints: training speed, what deployment costs, parity and INT8; interleaved, medians.

    python -m bench.pose [--quick] [--cases simple_baseline,simcc] [--measures plain,limit,ours,inference] [--json PATH]

Prints Markdown tables; writes every single figure as JSON. README.md here says how to read them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._detect import VARIANTS
from bench._report import LIMIT, contenders, describe, markdown, reason, remarks, save, summarise
from bench._report import table as rates
from bench._run import child, end_tidily, say

MEASURES = ("plain", "limit", "ours", "inference")
CASES = {"simple_baseline": "SimpleBaseline_MobileNet", "simcc": "SimCC_MobileNet"}
_BATCH = 16


@dataclass(frozen=True)
class Effort:
    """How long a run lasts.

    Attributes:
        rounds: How often everything is measured, interleaved.
        train: Training pictures.
        val: Validation pictures.
        epochs: Of ours; the first one (decoding, warming up) is not counted.
        warm: Iterations of the plain loop and of the limit that are not counted.
        counted: Iterations that are.
        learned: Epochs of the model that is deployed.
        turns: How often the contenders of the inference take turns within a round.
        block: Pictures of a turn.
    """

    rounds: int
    train: int
    val: int
    epochs: int
    warm: int
    counted: int
    learned: int
    turns: int
    block: int


FULL = Effort(rounds=3, train=320, val=60, epochs=3, warm=3, counted=15, learned=12, turns=12, block=25)
QUICK = Effort(rounds=1, train=64, val=8, epochs=2, warm=1, counted=3, learned=1, turns=2, block=5)


def train(backbone: str, effort: Effort, root: Path, work: Path, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """All rounds of one model. Every second round runs backwards, so that a drift of the machine favours nobody."""
    rounds: list[dict[str, Any]] = []
    variants: Sequence[str] = VARIANTS
    for number in range(effort.rounds):
        names = ["plain", *(f"{LIMIT}{variant}" for variant in variants), "ours"]
        names = [name for name in names if name.split()[0] in wanted]
        results = {}
        for name in names[:: -1 if number % 2 else 1]:
            measure, _, variant = name.partition(" ")
            results[name] = child(
                f"pose-{measure}",
                work,
                data=str(root),
                backbone=backbone,
                batch=_BATCH,
                warm=effort.warm,
                iterations=effort.counted,
                epochs=effort.epochs,
                variant=variant,
            )
            rate = results[name].get("rate")
            told = f"{rate:.2f} images/s" if rate else reason(results[name])
            say(f"{backbone}, round {number + 1}, {name}: {told}")
        rounds.append(results)
        if number == 0:
            variants = contenders(results)
    return rounds


def deploy(effort: Effort, root: Path, work: Path) -> dict[str, Any]:
    """Train for a while, export, quantise; then ours beside a bare session, in turns."""
    backbone = CASES["simple_baseline"]
    say(f"{backbone}: training, exporting, quantising …")
    made = child("pose-make", work, data=str(root), backbone=backbone, batch=_BATCH, epochs=effort.learned)
    if "error" in made:
        say(f"{backbone}: {reason(made)}")
        return {"made": made, "rounds": []}
    options = {"model": made["file"], "pictures": str(root / "images" / "valid")}
    rounds = []
    for number in range(effort.rounds):
        rounds.append(child("pose-hub", work, batch=effort.block, iterations=effort.turns, options=options))
        say(f"inference, round {number + 1}: {rounds[-1].get('ratios') or reason(rounds[-1])}")
    return {"made": made, "rounds": rounds}


def deployed_table(deployed: dict[str, Any]) -> str:
    """What deployment costs beside a bare session, how good the model is, and how far its files are apart."""
    made = deployed["made"]
    rounds = [one for one in deployed["rounds"] if "ratios" in one]
    if not rounds:
        return f"no figures of deployment: {reason(made)}"
    ours, bare = (median(one["ms"][name] for one in rounds) for name in ("ours", "bare"))
    ratio = median(one["ratios"]["ours"] for one in rounds)
    head = ("deployment", "ours ms", "bare ms", "ours/bare", "PCK", "trained to ONNX, px")
    row = (CASES["simple_baseline"], f"{ours:.2f}", f"{bare:.2f}", f"{ratio:.2f}", f"{made['pck']:.3f}")
    shown = markdown(head, [(*row, f"{made['pixels']:.3f}")])
    return f"{shown}\n\nINT8: {made['quantised']}"


def speed(arguments: argparse.Namespace, work: Path) -> int:
    """Training and inference; 1 where a measure failed."""
    effort = QUICK if arguments.quick else FULL
    effort = replace(effort, rounds=arguments.rounds or effort.rounds)
    machine = child("machine", work)
    root = work / "figures"
    child("pose-data", work, data=str(root), batch=effort.train, options={"val": effort.val})
    training = [name for name in arguments.measures if name != "inference"]
    rounds = {name: train(CASES[name], effort, root, work, training) for name in arguments.cases if training}
    deployed = deploy(effort, root, work) if "inference" in arguments.measures else None
    summaries = {name: summarise(of_case) for name, of_case in rounds.items()}
    notes = [line for name, of_case in rounds.items() for line in remarks(name, of_case)]
    shown = [*([rates(summaries, digits=1)] if summaries else []), *([deployed_table(deployed)] if deployed else [])]
    print(describe(machine), *shown, "\n".join(f"- {line}" for line in notes), sep="\n\n")
    report = {"machine": machine, "options": {"quick": arguments.quick, "effort": vars(effort)}, "summary": summaries}
    report |= {"remarks": notes, "rounds": rounds, "deployed": deployed}
    say(f"written: {save(report, 'pose', arguments.json)}")
    every = [one for of_case in rounds.values() for single in of_case for one in single.values()]
    every += [] if deployed is None else [deployed["made"], *deployed["rounds"]]
    return int(any("error" in one for one in every))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Models of keypoints: training speed, inference, parity, INT8.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--cases", default=",".join(CASES), help=f"some of {', '.join(CASES)}")
    parser.add_argument("--measures", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/pose-<date>.json)")
    arguments = parser.parse_args()
    arguments.cases, arguments.measures = arguments.cases.split(","), arguments.measures.split(",")
    for given, known in ((arguments.cases, CASES), (arguments.measures, MEASURES)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        return speed(arguments, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
