"""Measures NMS and RoIAlign without compiled operators: ours, and RoIAlign beside torchvision's own form.

    python -m bench.operators [--rounds 5] [--json PATH]

Milliseconds of the processor, the least of several runs within a round, the median over the rounds; the two forms of
RoIAlign take turns.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from bench._report import describe, markdown, save
from bench._run import say
from bench._system import machine
from MMEdu.models import operators
from MMEdu.models.torchvision_bridge import torchvision

RUNS = 5


def _boxes(count: int, span: float, size: float) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    low = torch.rand(count, 2, generator=random) * span
    return torch.cat((low, low + torch.rand(count, 2, generator=random) * size), 1)


def cases() -> dict[str, Callable[[], object]]:
    """What is measured, by the name that the table shows."""
    many, scores = _boxes(2000, 1000, 100), torch.rand(2000, generator=torch.Generator().manual_seed(1))
    rois = torch.cat((torch.arange(64.0)[:, None] % 2, _boxes(64, 50, 40)), 1)
    features = torch.randn(2, 64, 50, 50, generator=torch.Generator().manual_seed(2)).requires_grad_()
    torchvision()  # its own form is in its module from here on
    form = sys.modules["torchvision.ops.roi_align"]._roi_align
    pure = getattr(form, "__wrapped__", form)
    return {
        "NMS, 2,000 boxes": lambda: operators.nms(many, scores, 0.5),
        "RoIAlign, 64 boxes, there and back": lambda: (
            operators.roi_align(features, rois, 0.5, 7, 7, 2, True).sum().backward()
        ),
        "the same, torchvision's own form": lambda: pure(features, rois, 0.5, 7, 7, 2, True).sum().backward(),
    }


def _least(run: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> int:
    """Runs the bench."""
    parser = argparse.ArgumentParser(description="Operators of detectors.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: bench/results/operators-<date>.json)")
    arguments = parser.parse_args()
    measured = cases()
    found: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(arguments.rounds):
        for name, run in measured.items():
            found[name].append(_least(run))
    rows = [[name, f"{1000 * median(seconds):.1f}"] for name, seconds in found.items()]
    computer = machine({})
    print(describe(computer), markdown(("operator", "ms of the processor"), rows), sep="\n\n")
    say(f"written: {save({'machine': computer, 'seconds': found}, 'operators', arguments.json)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
