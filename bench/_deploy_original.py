"""The program that times ``Workflow`` of whichever XEdu a Python has, ours or the original: the call is the same.

Started by ``deploy.py`` as ``python -c``, with the path of a model, the number of turns and of pictures in each, and
the paths of pictures. Nothing of the bench is in it: the original's environment has other versions of everything.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench._run import run

PROGRAM = """
import contextlib, io, json, statistics, sys, time, warnings
warnings.simplefilter("ignore")
model, turns, block, *pictures = sys.argv[1:]
turns, block = int(turns), int(block)
times = []
with contextlib.redirect_stdout(io.StringIO()):  # the original prints every result: not held against it
    from XEdu.hub import Workflow
    workflow = Workflow(task="mmedu", checkpoint=model)
    for turn in range(-1, turns):
        began = time.perf_counter()
        for number in range(block):
            workflow.inference(data=pictures[number % len(pictures)], show=False)
        times.append((time.perf_counter() - began) / block)
print(json.dumps(statistics.median(times[1:]) * 1e3))
"""
"""Prints the milliseconds that a picture takes."""


def beside_the_original(original: str, model: str, pictures: str, turns: int, block: int, work: Path) -> dict[str, Any]:
    """Time ours, then the original, each in a process of its own; shaped as ``_deploy.compare`` shapes it."""
    files = sorted(str(path) for path in Path(pictures).iterdir() if path.is_file())
    found: dict[str, float] = {}
    for name, python in (("ours", sys.executable), ("original", original)):
        said = run(["-c", PROGRAM, model, str(turns), str(block), *files], work, python=python)
        try:
            found[name] = float(json.loads(said.splitlines()[-1]))
        except (ValueError, IndexError, TypeError):
            return {"error": f"{name}: {said.strip() or 'the process died without a word'}"}
    return {"ms": found, "ratios": {"ours": found["ours"] / found["original"], "original": 1.0}}
