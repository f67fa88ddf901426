"""Measures BaseML beside scikit-learn called directly: training and answers over 100,000 × 20 numbers; imports.

    python -m bench.ml [--rounds 5] [--quick] [--json PATH]

Both sides have the same parameters and the same rows; they take turns, and go first in turn. A ratio is taken within a
round; the table has the median, the least and the most. Imports are medians over fresh processes.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

from BaseDT import terminal
from BaseML import Classification, Cluster, DimentionReduction, Regression
from bench._report import describe, markdown, save
from bench._run import run, say
from bench._system import machine

IMPORT = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
IMPORTS = ("import BaseML", "from BaseML import Classification", "from BaseML import Classification; Classification()")
ROWS, COLUMNS = 100_000, 20
LEAST_SECONDS = 0.2
"""A shorter measure is repeated until it has taken so long."""


@dataclass(frozen=True)
class Case:
    """An algorithm, with as many rows as it can bear."""

    make: Callable[[], Any]
    rows: int = ROWS
    asked: int = ROWS


def cases() -> dict[str, Case]:
    """What is measured, by the name that the table shows."""
    return {
        "KNN": Case(lambda: Classification("KNN"), asked=500),
        "SVM": Case(lambda: Classification("SVM"), rows=4000, asked=4000),
        "NaiveBayes": Case(lambda: Classification("NaiveBayes")),
        "CART": Case(lambda: Classification("CART", para={"max_depth": 8})),
        "AdaBoost": Case(lambda: Classification("AdaBoost", n_estimators=5)),
        "MLP": Case(lambda: Classification("MLP", n_hidden=(8,), para={"max_iter": 5})),
        "RandomForest": Case(lambda: Classification("RandomForest", n_estimators=5, para={"max_depth": 8})),
        "LinearRegression": Case(lambda: Regression("LinearRegression")),
        "Polynomial": Case(lambda: Regression("Polynomial"), rows=20_000),
        "Lasso": Case(lambda: Regression("Lasso")),
        "Ridge": Case(lambda: Regression("Ridge")),
        "Kmeans": Case(lambda: Cluster("Kmeans", para={"max_iter": 10, "n_init": 1})),
        "Birch": Case(lambda: Cluster("Birch"), rows=3000),
        "PCA": Case(lambda: DimentionReduction("PCA")),
        "LDA": Case(lambda: DimentionReduction("LDA")),
    }


def rows_for(family: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Return numbers that something can be learned of, always the same."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, COLUMNS))
    told = x @ random.normal(size=COLUMNS) + random.normal(size=ROWS)
    return x, told if family == "regression" else np.digitize(told, [-3, 3]).astype(np.int64)


def measure(case: Case) -> dict[str, dict[str, float]]:
    """Return the seconds of both sides, of training and of answering."""
    from sklearn.base import clone

    ours = case.make()
    x, y = rows_for(ours.family)
    ours.load_dataset(x[: case.rows], y[: case.rows], split=False, shuffle=False)
    theirs = clone(ours.model)
    learned = (ours.x_train, ours.y_train) if ours.family in ("classification", "regression") else (ours.x_train,)
    if ours.algorithm == "LDA":
        learned = (ours.x_train, ours.y_train)
    options = {"validate": False}
    asked = x[: case.asked]
    silent = {"verbose": False} if ours.family == "cluster" else {}
    answer = "transform" if ours.family == "reduction" else "predict"
    train = _both(lambda: ours.train(**options), lambda: clone(theirs).fit(*learned))
    theirs.fit(*learned)
    infer = _both(lambda: ours.inference(asked, **silent), lambda: getattr(theirs, answer)(asked))
    return {"train": train, "infer": infer}


def _both(ours: Callable[[], object], theirs: Callable[[], object]) -> dict[str, float]:
    """Return the seconds of either, by turns until both have taken long enough; the least of each."""
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    turn = 0
    while turn < 3 or (min(map(sum, seconds.values())) < LEAST_SECONDS and turn < 200):
        sides = (("ours", ours), ("theirs", theirs))
        for name, call in sides if turn % 2 else sides[::-1]:
            began = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - began)
        turn += 1
    return {name: min(taken) for name, taken in seconds.items()}


def row(name: str, rounds: Sequence[Mapping[str, Mapping[str, float]]]) -> list[str]:
    """Return a row of the table: milliseconds of ours, and the ratio, of training and of answers."""
    cells = [name]
    for part in ("train", "infer"):
        ratios = [single[part]["ours"] / single[part]["theirs"] for single in rounds]
        cells += [
            f"{1000 * median(single[part]['ours'] for single in rounds):.1f}",
            f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
        ]
    return cells


def imports(rounds: int) -> dict[str, list[float]]:
    """Return the seconds that imports take in fresh processes; the first of each warms the disk."""
    with TemporaryDirectory() as folder:
        return {
            statement: [float(run(["-c", IMPORT.format(statement)], Path(folder))) for _ in range(rounds + 1)][1:]
            for statement in IMPORTS
        }


def main() -> int:
    """Runs the bench."""
    parser = argparse.ArgumentParser(description="BaseML beside scikit-learn.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one round, few algorithms: that everything runs")
    parser.add_argument("--cases", default="", help="names parted by commas")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/ml-<date>.json)")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else arguments.rounds
    chosen = arguments.cases or ("NaiveBayes,LinearRegression,PCA" if arguments.quick else "")
    measured = {name: case for name, case in cases().items() if not chosen or name in chosen.split(",")}
    terminal.write_line = terminal.note = lambda *_: None  # what a run says is not measured
    warnings.simplefilter("ignore")
    found: dict[str, list[Any]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, case in measured.items():
            found[name].append(measure(case))
    seconds = imports(rounds)
    computer = machine({})
    head = ("algorithm", "training ms", "ours/scikit-learn", "answers ms", "ours/scikit-learn")
    print(describe(computer), markdown(head, [row(name, runs) for name, runs in found.items()]), sep="\n\n")
    lines = [[statement, f"{median(taken):.3f}"] for statement, taken in seconds.items()]
    print(f"\n{markdown(('import', 'seconds'), lines)}")
    report = {"machine": computer, "cases": found, "imports": seconds}
    say(f"written: {save(report, 'ml', arguments.json)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
