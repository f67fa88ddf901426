"""Starts the processes that run the cases, and ends those that hang; collects what they found."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.case import Finding

_TESTS = Path(__file__).resolve().parents[1]
_START = 120.0
"""Seconds for a process to begin: it imports torch, some targets train."""


@dataclass
class Result:
    """What a run found.

    Attributes:
        cases: How many, by target.
        findings: The first one of each place and kind.
        repeated: How often each place was found.
        noise: What libraries wrote to the screen by themselves, by its first words.
    """

    cases: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[Finding, bytes]] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)
    noise: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, finding: Finding, thrown: bytes = b"") -> bool:
        """Keep a finding if it is the first of its kind and place; returns whether it is."""
        kind = f"{finding.target} {finding.what.partition(':')[0]} {finding.place}"
        self.repeated[kind] += 1
        if self.repeated[kind] == 1:
            self.findings.append((finding, thrown))
        return self.repeated[kind] == 1


@dataclass(frozen=True)
class Limits:
    """How long one case may take, and how much memory it may ask for beyond what the process has."""

    seconds: float = 30.0
    megabytes: int = 2048


def run(
    target: str,
    seed: int,
    result: Result,
    *,
    seconds: float,
    first: int = 0,
    cases: int | None = None,
    limits: Limits = Limits(),
    tell: Callable[[str], None] = lambda text: None,
) -> int:
    """Run a target for some time, or for a number of cases; returns the number of the next case.

    Args:
        target: Its name.
        seed: Of the run.
        result: What is found is added to it.
        seconds: How long.
        first: Number of the first case.
        cases: How many at most.
        limits: Of one case.
        tell: Called with a line for each new finding.
    """
    end, number = time.monotonic() + seconds, first
    last = None if cases is None else first + cases
    while time.monotonic() < end and (last is None or number < last):
        number = _one_process(target, seed, number, last, end, result, limits, tell)
    return number


def _one_process(
    target: str, seed: int, first: int, last: int | None, end: float, result: Result, limits: Limits,
    tell: Callable[[str], None],
) -> int:  # fmt: skip
    command = [sys.executable, "-X", "faulthandler", "-m", "fuzz.worker", target, str(seed), str(first)]
    paths = os.pathsep.join(filter(None, (str(_TESTS), os.environ.get("PYTHONPATH", ""))))
    environment = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "MMEDU_HEADLESS": "1", **os.environ}
    environment.update(PYTHONPATH=paths, MMEDU_OFFLINE="1", MMEDU_LANG="en")
    child = subprocess.Popen(
        [*command, str(limits.megabytes), str(round(limits.seconds))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child, lines), daemon=True).start()
    number, patience = first, _START
    try:
        while True:
            try:
                line = lines.get(timeout=patience)
            except queue.Empty:
                _new(result, tell, Finding(target, seed, number, f"Hang: more than {patience:.0f} s"))
                return number + 1
            if line is None:
                error = child.stderr.read()[:4000].decode("utf-8", "replace") if child.stderr else ""
                what = "Hang" if error.startswith("Timeout (") else f"Death: exit code {child.wait()}"
                _new(result, tell, Finding(target, seed, number, what, _place(error), error))
                return number + 1
            # It ends itself, and tells where it was.
            patience = limits.seconds + 10 if number > first else 4 * limits.seconds + 10
            if "finding" in line:
                _new(result, tell, Finding(**line["finding"]), bytes.fromhex(line["thrown"]))
            elif "noise" in line:
                key = f"{target}: {re.sub('[^A-Za-z ]+', '', line['noise'])[:30]}"
                times, text = result.noise.get(key, (0, f"case {line['number']}: {line['noise']}"))
                result.noise[key] = times + 1, text
            else:
                number = line["begun"]
                if (last is not None and number >= last) or time.monotonic() > end:
                    return int(number)
                result.cases[target] += 1
    finally:
        child.kill()
        child.communicate()


def _new(result: Result, tell: Callable[[str], None], finding: Finding, thrown: bytes = b"") -> None:
    if result.add(finding, thrown):
        tell(f"{finding.target} seed {finding.seed} case {finding.number}: {finding.what} ({finding.place})")


def _place(trace: str) -> str:
    """Return the innermost line of the product in what ``faulthandler`` wrote of a process."""
    current = trace.partition("(most recent call first)")[2]
    found = re.search(r'[/\\]src[/\\][^"]*?([^/\\"]+)", line \d+ in (\S+)', current)
    return f"{found[1]}:{found[2]}" if found else ""


def _listen(child: subprocess.Popen[bytes], lines: queue.Queue[dict[str, Any] | None]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        lines.put(json.loads(line))
    lines.put(None)
