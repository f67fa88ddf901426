"""Measures ``XEdu.teach``: seconds to the first answer, later answers beside Workflow's, training, memory.

    python -m bench.teach [--quick] [--model FILE] [--rounds 3] [--json PATH]

Prints a Markdown table; writes every single figure as JSON. README.md here says how to read it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._data import camera
from bench._report import MISSING, describe, markdown, reason, save
from bench._run import child, end_tidily, run, say
from bench._teach import CLASSES, START

_HEAD = ("what", "median", "range", "goal")
Round = Mapping[str, Mapping[str, Any]]


def pictures(root: Path, count: int) -> Path:
    """Writes JPEGs of 640×480, ``count`` a class."""
    files = sorted(camera(root / "all", count * len(CLASSES)).iterdir())
    for number, file in enumerate(files):
        target = root / CLASSES[number % len(CLASSES)]
        target.mkdir(exist_ok=True)
        file.rename(target / file.name)
    return root


def one_round(model: str, data: Path, arguments: argparse.Namespace, work: Path) -> dict[str, dict[str, Any]]:
    """Everything once, each in a process of its own."""
    picture = next(iter(sorted((data / CLASSES[0]).iterdir())))
    place = {"model": model, "data": str(data), "picture": str(picture), "saved": str(work / "saved.onnx")}
    said = run(["-c", START], work, {**place, "classes": CLASSES})
    try:
        start = dict(json.loads(said.splitlines()[-1]))
    except (ValueError, IndexError):
        start = {"error": said or "the process died without a word"}
    look = {"model": model, "pictures": str(data / CLASSES[0])}
    answers = child(
        "teach-answers", work, data=str(data), batch=arguments.block, iterations=arguments.turns, options=look
    )
    train = child("teach-train", work, options={"model": model, "images": arguments.images})
    return {"start": start, "answers": answers, "train": train}


def rows(rounds: Sequence[Round]) -> list[list[str]]:
    """The table's rows: medians over the rounds, with the lowest and the highest."""
    found = {
        "start to first answer, 3 classes": ([_figure(r, "start", "first_s") for r in rounds], "s", "≤ 6 s"),
        "peak memory, `save` and `accuracy` too": ([_figure(r, "start", "peak_mb") for r in rounds], "MB", "≤ 200 MB"),
        "`save`": ([_figure(r, "start", "save_s") for r in rounds], "s", MISSING),
        "later answer": ([_figure(r, "answers", "ms", "ours") for r in rounds], "ms", MISSING),
        "later answer / Workflow's": ([_figure(r, "answers", "ratios", "ours") for r in rounds], "×", "≤ 1.15 ×"),
        "`train()`, 10 classes": ([_figure(r, "train", "train_s") for r in rounds], "s", "≤ 1 s"),
        "`train()`, 10 classes, of all cores": ([_figure(r, "train", "train_cpu_s") for r in rounds], "s", MISSING),
        "`accuracy()`, 10 classes": ([_figure(r, "train", "accuracy_s") for r in rounds], "s", MISSING),
    }
    return [
        _row(name, [value for value in values if value is not None], unit, goal)
        for name, (values, unit, goal) in found.items()
    ]


def _row(name: str, values: Sequence[float], unit: str, goal: str) -> list[str]:
    if not values:
        return [name, MISSING, MISSING, goal]
    digits = 0 if unit == "MB" else 2
    return [name, f"{median(values):.{digits}f} {unit}", f"{min(values):.{digits}f}–{max(values):.{digits}f}", goal]


def _figure(results: Round, *keys: str) -> float | None:
    found: Any = results
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Learning without torch: first answer, later answers, training, memory."
    )
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument(
        "--model", type=Path, help="an ONNX file with features in place of a MobileNet of fresh weights"
    )
    parser.add_argument("--rounds", type=int, help="how often everything is measured")
    parser.add_argument("--turns", type=int, help="how often learner and Workflow take turns within a round")
    parser.add_argument("--block", type=int, help="pictures of a turn")
    parser.add_argument("--images", type=int, help="pictures of each of the ten classes that are trained")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/teach-<date>.json)")
    arguments = parser.parse_args()
    defaults = (1, 2, 10, 10) if arguments.quick else (3, 12, 25, 100)
    for name, value in zip(("rounds", "turns", "block", "images"), defaults, strict=True):
        setattr(arguments, name, getattr(arguments, name) or value)
    return arguments


def main() -> int:
    """Runs the bench; 1 where a measure failed."""
    arguments = _arguments()
    end_tidily()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        machine = child("machine", work)
        data = pictures(work / "data", 20)
        made = (
            {"file": str(arguments.model.resolve())}
            if arguments.model
            else child("teach-make", work, backbone="MobileNet")
        )
        if "error" in made:
            say(reason(made))
            return 1
        rounds = []
        for number in range(arguments.rounds):
            rounds.append(one_round(made["file"], data, arguments, work))
            for name, result in rounds[-1].items():
                say(f"round {number + 1}, {name}: {reason(result) if 'error' in result else 'done'}")
    print(describe(machine), markdown(_HEAD, rows(rounds)), sep="\n\n")
    options = {name: str(value) for name, value in vars(arguments).items()}
    say(f"written: {save({'machine': machine, 'options': options, 'rounds': rounds}, 'teach', arguments.json)}")
    return int(any("error" in result for results in rounds for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
