"""Measures BaseNN's diffusion model on real handwritten digits: how long it learns, how many of its pictures are some.

    python -m bench.drawing [--epochs 25] [--pictures 100] [--seed 1] [--json PATH]

A picture counts as recognised where a network like LeNet, which never saw a drawn one, is surer than 90 % that it is
the digit that was meant. How many held-out real digits it recognises so, and of how many pictures of noise it is as
sure, is measured beside. Processor seconds tell what a busy machine hides.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from BaseDT import image
from BaseNN import nn
from bench._report import describe, markdown, save
from bench._run import say
from bench._system import machine
from MMEdu.demo.digits import originals
from MMEdu.engine.events import silent

_HEAD = ("what", "figure", "goal")
_SURE = 0.9
_BATCH = 64


def digits() -> tuple[np.ndarray, np.ndarray]:
    """All digits, (N, 1, 28, 28) from 0 to 1, and which they are."""
    rows = list(originals())
    pictures = np.stack([pixels for _, _, _, pixels in rows])[:, None].astype(np.float32) / 255
    return pictures, np.array([digit for _, digit, _, _ in rows])


def judge(x: np.ndarray, y: np.ndarray, folder: Path) -> nn:
    """A network like LeNet that has learnt real digits."""
    model = nn("cls", save_fold=folder)
    model.set_seed(0)
    model.load_dataset(x, y)
    model.add("conv2d", size=(1, 6), kernel_size=5, padding=2, activation="tanh")
    model.add("avgpool", kernel_size=2)
    model.add("conv2d", size=(6, 16), kernel_size=5, activation="tanh")
    model.add("avgpool", kernel_size=2)
    model.add("linear", size=120, activation="tanh")
    model.add("linear", size=84, activation="tanh")
    model.add("linear", size=10, activation="softmax")
    model.train(lr=0.002, epochs=15, batch_num=-(-len(x) // 32), listener=silent)
    return model


def recognised(judging: nn, pictures: np.ndarray, labels: np.ndarray | None = None) -> float:
    """The share of pictures of which the judge is sure, and right where it is known what they show."""
    shares = judging.inference(data=pictures.astype(np.float32))
    right = True if labels is None else shares.argmax(axis=1) == labels
    return float(((shares.max(axis=1) > _SURE) & right).mean())


def learnt(x: np.ndarray, y: np.ndarray, epochs: int, folder: Path, seed: int) -> tuple[nn, float, float, float]:
    """A model that draws; seconds of the clock and of the processors that it learnt, and its last loss."""
    torch.manual_seed(seed)
    model = nn("cls", save_fold=folder)
    model.load_dataset(x, y)
    model.add("diffusion_model", img_size=28)
    clock, busy = time.perf_counter(), time.process_time()
    log = model.train(epochs=epochs, batch_num=-(-len(x) // _BATCH), listener=silent)
    loss = float(np.mean([line["loss"] for line in log[-20:]]))
    return model, time.perf_counter() - clock, time.process_time() - busy, loss


def main() -> int:
    """Runs the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sheet", help="also write the drawn pictures to this file")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    x, y = digits()
    held_out = np.random.default_rng(0).random(len(x)) < 0.2
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        judging = judge(x[~held_out], y[~held_out], Path(name) / "judge")
        model, clock, busy, loss = learnt(x, y, arguments.epochs, Path(name) / "painter", arguments.seed)
        say(f"learnt in {clock:.0f} s, loss {loss:.4f}")
        torch.manual_seed(arguments.seed)
        begun = time.perf_counter()
        model.inference(num=10)
        ten = time.perf_counter() - begun
        drawn = model.inference(num=arguments.pictures, return_all_timesteps=False)
    meant = np.arange(arguments.pictures) % 10
    noise = np.random.default_rng(0).random(drawn.shape)
    found: dict[str, Any] = {
        "recognised": recognised(judging, drawn, meant),
        "held out": recognised(judging, x[held_out], y[held_out]),
        "noise": recognised(judging, noise),
        "seconds": clock,
        "processor seconds": busy,
        "ten pictures": ten,
        "loss": loss,
    }
    if arguments.sheet:
        columns = max(n for n in range(1, 21) if arguments.pictures % n == 0)
        image.write(arguments.sheet, model.show(drawn, size=(arguments.pictures // columns, columns)))
    rows = [
        ["drawn pictures that are recognised", f"{found['recognised']:.0%}", "≥ 90 %"],
        ["held-out digits that are recognised so", f"{found['held out']:.0%}", ""],
        ["pictures of noise that are recognised so", f"{found['noise']:.0%}", ""],
        ["training", f"{clock:.0f} s", "≤ 300 s"],
        ["training, of all processors", f"{busy:.0f} s", ""],
        ["ten pictures with all steps", f"{ten:.1f} s", ""],
    ]
    computer = machine({})
    print(describe(computer), markdown(_HEAD, rows), sep="\n\n")
    say(f"written: {save({'machine': computer, 'results': found}, 'drawing', arguments.json)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
