"""Measures ``BaseNN``: small tables beside a plain PyTorch loop that prints nothing; what iris, digits, diabetes reach.

    python -m bench.nn [--quick] [--rounds 5] [--json PATH]

Ours and the plain loop take turns within a round; ratios are taken there, and their median is the result. Both sides
have one thread, the same network, optimiser, data, batches and number of epochs; ours writes its files, too. Accuracies
are medians over seeds, each with its own division and its own first weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from BaseNN import nn
from bench._report import describe, markdown, save
from bench._run import say
from bench._system import machine
from MMEdu.engine.events import silent

_HEAD = ("what", "median", "range", "goal")
Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Loop:
    """A small table, and how long it is learnt: what both sides do."""

    name: str
    rows: int
    features: int
    batch: int
    epochs: int


LOOPS = (
    Loop("150 × 4, full batch", 150, 4, 150, 2000),
    Loop("150 × 4, batches of 32", 150, 4, 32, 400),
    Loop("1,000 × 20, full batch", 1000, 20, 1000, 1000),
)


def table(loop: Loop) -> Arrays:
    """Made-up numbers, and classes that follow from them."""
    random = np.random.default_rng(0)
    x = random.standard_normal((loop.rows, loop.features)).astype(np.float32)
    return x, (x @ random.standard_normal((loop.features, 3))).argmax(axis=1)


def ours(loop: Loop, data: Arrays, folder: Path) -> float:
    """Seconds of ``train``, its files included."""
    file = folder / "table.npz"
    np.savez(file, data=data[0], label=data[1])
    model = nn("cls", save_fold=folder / "ours")
    model.device = "cpu"
    model.load_npz_data(file, batch_size=loop.batch)
    model.add("linear", size=(loop.features, 10), activation="relu")
    model.add("linear", size=(10, 5), activation="relu")
    model.add("linear", size=(5, 3), activation="softmax")
    model.model  # noqa: B018 - made before the clock runs
    start = time.perf_counter()
    model.train(lr=0.01, epochs=loop.epochs, listener=silent)
    return time.perf_counter() - start


def plain(loop: Loop, data: Arrays) -> float:
    """Seconds of a loop as one writes it, with the loss kept."""
    torch.set_num_threads(1)
    x, y = torch.from_numpy(data[0]), torch.from_numpy(data[1])
    size = loop.features
    layers = torch.nn.Linear(size, 10), torch.nn.ReLU(), torch.nn.Linear(10, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3)
    network = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    criterion = torch.nn.CrossEntropyLoss()
    losses = []
    start = time.perf_counter()
    for _ in range(loop.epochs):
        for rows in [None] if loop.batch >= len(x) else torch.randperm(len(x)).split(loop.batch):
            loss = criterion(network(x if rows is None else x[rows]), y if rows is None else y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
    torch.stack(losses).tolist()
    return time.perf_counter() - start


# --- what is reached --------------------------------------------------------------------------------------------------


def _held_out(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[Arrays, Arrays]:
    """A fifth is held out, of every class alike where there are some."""
    from sklearn.model_selection import train_test_split

    classes = y if y.dtype.kind == "i" else None
    x1, x2, y1, y2 = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=classes)
    return (x1, y1), (x2, y2)


def iris(seed: int, folder: Path) -> tuple[float, float]:
    """The documents' layers: accuracy and seconds."""
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    train, test = _held_out(x, y, seed)
    model = nn("cls", save_fold=folder)
    model.set_seed(seed)
    start = time.perf_counter()
    model.load_dataset(*train)
    model.add("linear", size=(4, 10), activation="relu")
    model.add("linear", size=(10, 5), activation="relu")
    model.add("linear", size=(5, 3), activation="softmax")
    model.train(lr=0.01, epochs=300, listener=silent)
    seconds = time.perf_counter() - start
    return float((model.inference(test[0]).argmax(axis=1) == test[1]).mean()), seconds


def digits(seed: int, folder: Path) -> tuple[float, float]:
    """A small network of convolutions: accuracy and seconds."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    train, test = _held_out((bunch.images[:, None] / 16).astype(np.float32), bunch.target, seed)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "digits.npz", data=train[0], label=train[1])
    model = nn("cls", save_fold=folder)
    model.set_seed(seed)
    start = time.perf_counter()
    model.load_npz_data(folder / "digits.npz", batch_size=32)
    model.add("conv2d", size=(1, 16), kernel_size=3, padding=1, activation="relu")
    model.add("maxpool", kernel_size=2)
    model.add("conv2d", size=(16, 32), kernel_size=3, padding=1, activation="relu")
    model.add("maxpool", kernel_size=2)
    model.add("linear", size=(128, 64), activation="relu")
    model.add("linear", size=(64, 10), activation="softmax")
    model.train(lr=0.003, epochs=20, listener=silent)
    seconds = time.perf_counter() - start
    return float((model.inference(test[0]).argmax(axis=1) == test[1]).mean()), seconds


def diabetes(seed: int, folder: Path) -> tuple[float, float]:
    """R² of ours less that of ridge, with columns of spread 1 for both; seconds of ours."""
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import RidgeCV
    from sklearn.metrics import r2_score

    x, y = load_diabetes(return_X_y=True)
    train, test = _held_out(x / x.std(axis=0), y, seed)
    model = nn("reg", save_fold=folder)
    model.set_seed(seed)
    start = time.perf_counter()
    model.load_dataset(*train)
    model.add("linear", size=(10, 16), activation="relu")
    model.add("linear", size=(16, 1))
    model.train(lr=0.01, epochs=300, loss="MSELoss", listener=silent)
    seconds = time.perf_counter() - start
    ridge = RidgeCV(np.logspace(-3, 3, 13)).fit(*train)
    return r2_score(test[1], model.inference(test[0])) - r2_score(test[1], ridge.predict(test[0])), seconds


REACHED: dict[str, tuple[Callable[[int, Path], tuple[float, float]], str, str]] = {
    "iris": (iris, "≥ 0.96", "≤ 3 s"),
    "digits": (digits, "≥ 0.97", "≤ 20 s"),
    "diabetes, R² less ridge's": (diabetes, "≥ 0", "–"),
}


def _row(name: str, values: Sequence[float], unit: str, goal: str) -> list[str]:
    digits_ = 2 if unit else 3
    shown = f"{median(values):.{digits_}f}{unit}"
    return [name, shown, f"{min(values):.{digits_}f}–{max(values):.{digits_}f}", goal]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Own networks: small tables beside a plain loop; what is reached.")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything runs")
    parser.add_argument("--rounds", type=int, help="how often both sides take turns")
    parser.add_argument("--seeds", type=int, help="how often each network is trained")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/nn-<date>.json)")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 7)
    arguments.seeds = arguments.seeds or (1 if arguments.quick else 9)
    return arguments


def main() -> int:
    """Runs the bench."""
    arguments = _arguments()
    found: dict[str, Any] = {}
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        plain(LOOPS[0], table(LOOPS[0]))  # what is loaded at the first optimiser belongs to nobody
        for loop in LOOPS:
            data = table(loop)
            pairs = [(ours(loop, data, folder), plain(loop, data)) for _ in range(arguments.rounds)]
            found[loop.name] = pairs
            rows.append(_row(f"{loop.name}: ours / plain", [a / b for a, b in pairs], " ×", "≤ 1.3 ×"))
        for title, (measure, good, fast) in REACHED.items():
            results = [measure(seed, folder / f"{measure.__name__}{seed}") for seed in range(arguments.seeds)]
            found[title] = results
            rows.append(_row(title, [result for result, _ in results], "", good))
            rows.append(_row(f"{title}: training", [seconds for _, seconds in results], " s", fast))
            say(f"{title}: done")
    computer = machine({})
    print(describe(computer), markdown(_HEAD, rows), sep="\n\n")
    say(f"written: {save({'machine': computer, 'results': found}, 'nn', arguments.json)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
